package app

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"naober/api/port"
	"naober/matching/care"
)

// How a yes meets another answer that is still being worked on.
const claimTries = 8 // waits of 10 to 210 ms, then the caller is told to come back

// ClaimGrace is how old a claim may grow before its second half counts as overdue and is looked
// for: longer than any call runs.
const ClaimGrace = 30 * time.Second

// claim reserves something in a helper's book. Where it meets somebody else's unsettled claim it
// waits a little, settles that claim if it is overdue, and tries again. The answer is the claim that
// stands: an earlier try under the same nonce may have chosen another hour.
func (a *App) claim(ctx context.Context, helper care.PersonID, c care.Claim) (care.Claim, error) {
	for try := 1; ; try++ {
		now := a.clock()
		h, err := a.Stores.Helpers.Update(ctx, helper, port.Write{Quiet: true}, func(h care.Helper) (care.Helper, []care.Event, error) {
			return h.Claim(c, now)
		})
		if standing, ok := h.Value.ClaimOf(c.Nonce); err == nil && ok {
			return standing, nil
		}
		if care.CodeOf(err) != "claim_pending" || try == claimTries {
			return c, err
		}
		if err := a.reconcile(ctx, helper, ClaimGrace); err != nil {
			return c, err
		}
		if err := pause(ctx, time.Duration(try)*20*time.Millisecond); err != nil {
			return c, err
		}
	}
}

// pause waits for about d, so that two who met do not meet again.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d/2 + rand.N(d))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return care.E(care.Unavailable, "deadline", "the time for this call is over")
	case <-t.C:
		return nil
	}
}

// reconcile settles a helper's claims whose second half is older than age.
func (a *App) reconcile(ctx context.Context, helper care.PersonID, age time.Duration) error {
	h, err := a.Stores.Helpers.Get(ctx, helper)
	if err != nil {
		return err
	}
	for _, c := range h.Value.StaleClaims(age, a.clock()) {
		if err := a.settleClaim(ctx, helper, c.Request, c.Nonce); err != nil {
			return err
		}
	}
	return nil
}

// settleClaim ends a claim as its request has decided. Where the request knows nothing of it the
// claim is first made void there, so that a process that wakes up later loses its commit, and only
// then freed. A seat that is kept is confirmed. Repeating it changes nothing.
func (a *App) settleClaim(ctx context.Context, helper care.PersonID, request care.RequestID, nonce care.Nonce) error {
	now := a.clock()
	verdict, visit := care.VerdictFreed, care.VisitID("")
	r, err := a.Stores.Requests.Get(ctx, request)
	switch {
	case err == nil:
		if verdict, visit = r.Value.VerdictOf(nonce); verdict == care.VerdictUnknown {
			r, err = a.Stores.Requests.Update(ctx, request, port.Write{Quiet: true}, func(r care.Request) (care.Request, []care.Event, error) {
				return r.VoidClaim(nonce, now)
			})
			if err != nil {
				return err
			}
			verdict, visit = r.Value.VerdictOf(nonce)
		}
	case !care.IsKind(err, care.NotFound):
		return err
	}
	_, err = a.Stores.Helpers.Update(ctx, helper, port.Write{Quiet: verdict == care.VerdictFreed}, func(h care.Helper) (care.Helper, []care.Event, error) {
		return h.Settle(nonce, verdict, visit, now)
	})
	if err != nil || verdict != care.VerdictKept || visit == "" {
		return err
	}
	a.refresh(ctx, helper)
	return a.confirm(ctx, request, visit)
}

// confirm plans a visit whose helper's claim is firm. It reads pause and blocks once more: whoever
// may no longer help gives the visit back, and so does who joined somebody they are kept apart from.
func (a *App) confirm(ctx context.Context, request care.RequestID, visit care.VisitID) error {
	r, err := a.Stores.Requests.Get(ctx, request)
	if err != nil {
		return err
	}
	v, err := r.Value.Visit(visit)
	if err != nil || v.State != care.VisitAgreed {
		return nil // settled or compacted meanwhile
	}
	h, err := a.Stores.Helpers.Get(ctx, v.Helper)
	if err != nil {
		return err
	}
	now := a.clock()
	if h.Value.MayServe(r.Value.Community, r.Value.For, now) != nil {
		return a.giveBack(ctx, request, v.Helper, notAvailable)
	}
	if err := a.partPassengers(ctx, h.Value); err != nil {
		return err
	}
	if v.PersonalYes || !h.Value.Holds(visit, r.Value.Community, r.Value.For, now) {
		return nil
	}
	_, err = a.Stores.Requests.Update(ctx, request, port.Write{}, func(r care.Request) (care.Request, []care.Event, error) {
		return r.ConfirmVisit(visit, care.Actor{Party: care.Server}, now)
	})
	if care.CodeOf(err) == "visit_state" {
		return nil
	}
	return err
}

// notAvailable is why a helper fell away, be it a pause, a block or a lost approval: the resident and
// the helper read one code for all of them.
const notAvailable = "helper_unavailable"

// giveBack stands down a helper's open questions of a request and returns their upcoming visits.
func (a *App) giveBack(ctx context.Context, request care.RequestID, helper care.PersonID, reason string) error {
	now := a.clock()
	_, err := a.Stores.Requests.Update(ctx, request, port.Write{}, func(r care.Request) (care.Request, []care.Event, error) {
		next, events, err := r.StandDownHelper(helper, reason, now)
		if err != nil {
			return r, nil, err
		}
		next, more, err := next.ReturnVisits(helper, reason, now)
		if err != nil {
			return r, nil, err
		}
		return next, append(events, more...), nil
	})
	return err
}

// release frees the hours of a visit that will not take place or is over.
func (a *App) release(ctx context.Context, helper care.PersonID, visit care.VisitID) error {
	now := a.clock()
	_, err := a.Stores.Helpers.Update(ctx, helper, port.Write{}, func(h care.Helper) (care.Helper, []care.Event, error) {
		return h.Release(visit, now)
	})
	if care.IsKind(err, care.NotFound) {
		return nil
	}
	if err == nil {
		a.refresh(ctx, helper)
	}
	return err
}

// refusal reports whether an error is a verdict of the rules, not a failure of the machine.
func refusal(err error) bool {
	var e *care.Error
	return errors.As(err, &e) && e.Kind != care.Unavailable
}
