package app

import (
	"context"
	"crypto/hmac"
	"slices"

	"naober/api/port"
	"naober/api/token"
	"naober/matching/care"
)

// prove checks a code. The try is counted and stored before anything is compared, so that
// parallel guesses count one by one. A flow that was used is proven only to whoever used it.
func (a *App) prove(ctx context.Context, r Redemption) (Flow, error) {
	id, code, err := a.flowOf(ctx, r)
	if err != nil {
		return Flow{}, err
	}
	now := a.clock()
	stored, err := a.Stores.Flows.Update(ctx, id, port.Write{Quiet: true}, func(f Flow) (Flow, []care.Event, error) {
		switch {
		case !now.Before(f.ExpiresAt):
			return f, nil, codeInvalid()
		case !f.UsedAt.IsZero() && f.usedUnder(r.Nonce):
			return f, nil, nil
		case !f.UsedAt.IsZero(), f.Attempts >= codeTries:
			return f, nil, codeInvalid()
		}
		f.Attempts++
		return f, nil, nil
	})
	if care.IsKind(err, care.NotFound) {
		return Flow{}, codeInvalid()
	}
	if err != nil {
		return Flow{}, err
	}
	f := stored.Value
	if !hmac.Equal(f.CodeHash, a.codeHash(id, code)) {
		return Flow{}, codeInvalid()
	}
	return f, nil
}

// flowOf reads which flow a redemption is for and its code, within the limits of its address.
func (a *App) flowOf(ctx context.Context, r Redemption) (FlowID, string, error) {
	if err := a.countFrom(ctx, triesAddress, r.Address); err != nil {
		return "", "", err
	}
	if r.Flow == "" {
		return a.paperFlow(ctx, r.Code, r.Address)
	}
	code, err := token.NormalizeCode(r.Code)
	if err != nil {
		return "", "", codeInvalid()
	}
	return r.Flow, code, nil
}

// use spends a flow on one person's session. Of many at once one wins; a repetition under the same
// nonce is the same use.
func (a *App) use(ctx context.Context, f Flow, p care.PersonID, nonce care.Nonce) (SessionID, error) {
	now := a.clock()
	if nonce == "" {
		nonce = fresh[care.Nonce](now)
	}
	session := f.sessionOf(p, nonce)
	_, err := a.Stores.Flows.Update(ctx, f.ID, port.Write{Quiet: true}, func(f Flow) (Flow, []care.Event, error) {
		switch {
		case f.UsedAt.IsZero() && now.Before(f.ExpiresAt):
			f.UsedAt, f.Session = now, session
		case f.Session != session:
			return f, nil, codeInvalid()
		}
		return f, nil, nil
	})
	return session, err
}

// sessionOf is the session that a flow gives a person under a nonce. The flow keeps it when it is
// used: the nonce cannot be read from it, and whoever sends it again is the one who used the code.
func (f Flow) sessionOf(p care.PersonID, nonce care.Nonce) SessionID {
	return care.DeriveID[SessionID](f.CreatedAt, "session", string(f.ID), string(p), string(nonce))
}

// newcomer is the person whom a registration under this flow makes, the same at each try.
func (f Flow) newcomer() care.PersonID {
	return care.DeriveID[care.PersonID](f.CreatedAt, "person", string(f.ID))
}

// names reports whether a flow is of somebody: by their contact, by their registration, or from their hand.
func (f Flow) names(p care.PersonID) bool {
	return slices.Contains(f.Persons, p) || f.IssuedBy == p || f.newcomer() == p
}

// without is a flow that does not name somebody. A code that is nobody's is none.
func (f Flow) without(p care.PersonID) Flow {
	theirs := f.newcomer() == p || slices.Contains(f.Persons, p)
	f.Persons = slices.DeleteFunc(slices.Clone(f.Persons), func(of care.PersonID) bool { return of == p })
	if f.IssuedBy == p {
		f.IssuedBy = ""
	}
	if theirs && len(f.Persons) == 0 {
		f.Contact, f.CodeHash, f.IssuedBy = "", nil, ""
	}
	return f
}

func (f Flow) usedUnder(nonce care.Nonce) bool {
	return nonce != "" && slices.ContainsFunc(append(slices.Clone(f.Persons), f.newcomer()), func(p care.PersonID) bool {
		return f.sessionOf(p, nonce) == f.Session
	})
}

// prolong gives a person whose code was right the time to choose or to fill in a form.
func (a *App) prolong(ctx context.Context, f Flow) error {
	_, err := a.Stores.Flows.Update(ctx, f.ID, port.Write{Quiet: true}, func(f Flow) (Flow, []care.Event, error) {
		if f.UsedAt.IsZero() {
			f.ExpiresAt = f.CreatedAt.Add(provenLife)
		}
		return f, nil, nil
	})
	return err
}
