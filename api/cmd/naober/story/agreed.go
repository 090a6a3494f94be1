package story

import (
	"context"
	"fmt"
	"time"

	"naober/matching/care"
	"naober/mobile-contract/wire"
)

func (s *ride) agreed(ctx context.Context) (string, error) {
	before, err := s.seen(ctx, "driver_second", s.request.ID)
	if err != nil {
		return "", err
	}
	if err := withoutAddress(before); err != nil {
		return "", err
	}
	yes, err := s.answer(ctx, "driver_second", s.request.ID, "accept", wire.Yes{})
	if err != nil {
		return "", err
	}
	if err := same("the second's ask", string(care.Accepted), yes.Ask.State); err != nil {
		return "", err
	}
	if err := s.control.Settle(ctx); err != nil {
		return "", err
	}
	if s.visit, err = s.planned(ctx, "driver_second", s.request.ID); err != nil {
		return "", err
	}
	for _, other := range []string{"driver_near", "driver_third", "desk_worker"} {
		_, err := get[wire.Address](ctx, s.device(other), "/v1/visits/"+s.visit.ID+"/address")
		if err := refusedWith("the address for "+other, err, "visit_not_found", "not_your_visit"); err != nil {
			return "", err
		}
	}
	return s.revealed(ctx)
}

// withoutAddress expects that a helper who has not said yes reads of the village, and no nearer.
func withoutAddress(r wire.Request) error {
	if r.Where == nil || r.For == nil || r.Ride == nil {
		return mismatch("what an asked helper reads", "town, first name and ride", fmt.Sprintf("%+v", r))
	}
	hidden := r.Where.Street == "" && r.Where.PostCode == "" && r.Where.Lat == nil && r.For.LastName == "" && r.Ride.To.Lat == nil
	return holds("the address before a yes", "hidden", hidden)
}

func (s *ride) revealed(ctx context.Context) (string, error) {
	address, err := get[wire.Address](ctx, s.device("driver_second"), "/v1/visits/"+s.visit.ID+"/address")
	if err != nil {
		return "", err
	}
	lines, err := s.views(ctx, "address", s.person("driver_second"), s.request.ID)
	return fmt.Sprintf("%d line in her log, 3 others refused", lines),
		all(err, same("the street he sees", s.resident.Home.Street, address.Place.Street), holds("the reveal", "in her log", lines > 0))
}

// planned expects that a helper holds a planned visit of a request.
func (p *Player) planned(ctx context.Context, part, request string) (wire.Visit, error) {
	r, err := p.seen(ctx, "fixed_worker", request)
	if err != nil {
		return wire.Visit{}, err
	}
	v, ok := visitOf(r, p.person(part))
	if !ok {
		return v, mismatch("the visit of "+part, string(care.VisitSet), "none")
	}
	return v, all(same("the visit of "+part, string(care.VisitSet), v.State), same("the request", string(care.Arranged), r.State), p.owned(ctx, r))
}

func (s *ride) stoodDown(ctx context.Context) (string, error) {
	r, err := s.seen(ctx, "fixed_worker", s.request.ID)
	if err != nil {
		return "", err
	}
	ask, _ := askTo(r, s.person("driver_third"))
	if err := same("the third's ask", string(care.StoodDown), ask.State); err != nil {
		return "", err
	}
	_, err = s.phones.Got(ctx, "driver_third", "ask.stood_down_thanks", s.request.ID)
	return "1 push of thanks", err
}

func (s *ride) done(ctx context.Context) (string, error) {
	return s.carriedOut(ctx, "driver_second", s.request.ID, s.visit)
}

// carriedOut plays a planned visit to its end: the helper starts and finishes it, both sides say how
// it was, and the request closes.
func (p *Player) carriedOut(ctx context.Context, part, request string, v wire.Visit) (string, error) {
	from, until := time.Time(v.From), time.Time(v.Until)
	for _, act := range []struct {
		at    time.Time
		verb  string
		state care.VisitState
	}{{from.Add(-5 * time.Minute), "start", care.VisitBegun}, {until, "finish", care.VisitFinished}} {
		if err := p.control.MoveTo(ctx, act.at); err != nil {
			return "", err
		}
		r, err := post[wire.Request](ctx, p.device(part), "/v1/visits/"+v.ID+"/"+act.verb, nil)
		if err != nil {
			return "", err
		}
		now, _ := visitOf(r, p.person(part))
		if err := same("the visit after "+act.verb, string(act.state), now.State); err != nil {
			return "", err
		}
	}
	for _, side := range []string{part, tablet} {
		if _, err := post[wire.Feedback](ctx, p.device(side), "/v1/visits/"+v.ID+"/feedback", wire.NewFeedback{Good: true, Again: true}); err != nil {
			return "", fmt.Errorf("feedback of %s: %w", side, err)
		}
	}
	if err := p.control.Settle(ctx); err != nil {
		return "", err
	}
	r, err := p.seen(ctx, "fixed_worker", request)
	return "outcome " + r.Outcome, all(err, same("the request's state", string(care.Closed), r.State), same("its outcome", string(care.Fulfilled), r.Outcome))
}
