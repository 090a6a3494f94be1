package app

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"time"

	"naober/api/port"
	"naober/matching/care"
)

// judgingTime is how long an intent may be in work before somebody else takes it over.
const judgingTime = 15 * time.Second

// intent is one change that an account asks for under its nonce.
type intent struct {
	name    string // permanent name of the command
	args    any    // what the client sent; only its hash is kept
	subject string // id of the document concerned; empty for one that is made
}

// once runs act at most once for the caller's nonce and answers every repetition with the first
// verdict: the same subject, or the same refusal. The same nonce with other arguments is refused.
//
// act must write the nonce it is given into the document it changes, in the same write; m finds it
// there. Without m a repetition after a crash runs act again, which must then come out the same.
func (a *App) once(ctx context.Context, c Caller, in intent, act func(subject string, w port.Write) error, m *marks) (string, error) {
	if c.Nonce == "" {
		return "", care.E(care.Invalid, "idempotency_key_missing", "a change needs an Idempotency-Key")
	}
	row, tookOver, err := a.enter(ctx, c, in)
	if err != nil {
		return "", err
	}
	if row.State != Judging {
		return row.Subject, row.refusal()
	}
	w := port.Write{Nonce: care.Nonce(row.Key), IfVer: c.IfVer}
	var verdict error
	if tookOver && m != nil {
		verdict = a.resume(ctx, row, w, act, m)
	} else {
		verdict = act(row.Subject, w)
	}
	if temporary(verdict) {
		a.leaveForRetry(ctx, row)
		return "", verdict
	}
	return a.judge(ctx, row, verdict)
}

// resume goes on where an earlier process stopped, or is frozen. What stands in the document is the
// verdict. A new refusal goes into the row before it is fenced, so that whoever resumes after
// another crash takes the fence for what it is and not for an effect.
func (a *App) resume(ctx context.Context, row LedgerRow, w port.Write, act func(subject string, w port.Write) error, m *marks) error {
	refused := row.refused()
	if refused == nil {
		met, err := m.met(ctx, row.Subject, w.Nonce)
		if err != nil || met {
			return err
		}
		verdict := act(row.Subject, w)
		if verdict == nil || temporary(verdict) {
			return verdict
		}
		if err := a.note(ctx, row, verdict); err != nil {
			return err
		}
		first, err := m.fence(ctx, row.Subject, w.Nonce)
		if err != nil || !first {
			return err // not first: the other process was faster after all
		}
		return verdict
	}
	if _, err := m.fence(ctx, row.Subject, w.Nonce); err != nil {
		return err
	}
	return refused
}

// enter inserts the ledger row, or reads the one that stands and takes it over where its process
// has been silent for too long.
func (a *App) enter(ctx context.Context, c Caller, in intent) (LedgerRow, bool, error) {
	now := a.clock()
	hash, err := a.argsHash(in)
	if err != nil {
		return LedgerRow{}, false, err
	}
	run := a.process + "." + newID(now)
	row := LedgerRow{Key: ledgerKey(c), Name: in.name, ArgsHash: hash, Subject: in.subject, State: Judging, By: run, Since: now}
	if row.Subject == "" {
		row.Subject = cmp.Or(c.Subject, newID(now))
	}
	stored, err := a.Stores.Ledger.Insert(ctx, row.Key, row, nil, port.Write{})
	if err == nil {
		return stored.Value, false, nil
	}
	if care.CodeOf(err) != "id_taken" {
		a.leaveForRetry(ctx, row) // it may stand there all the same
		return LedgerRow{}, false, err
	}
	stored, err = a.Stores.Ledger.Update(ctx, row.Key, port.Write{}, func(old LedgerRow) (LedgerRow, []care.Event, error) {
		switch {
		case old.Name != in.name || !hmac.Equal(old.ArgsHash, hash):
			return old, nil, care.E(care.Invalid, "key_reused", "this Idempotency-Key was used for something else")
		case old.State != Judging:
			return old, nil, nil
		case now.Sub(old.Since) < judgingTime:
			return old, nil, beingWorkedOn()
		}
		old.By, old.Since = run, now
		return old, nil, nil
	})
	if err != nil && temporary(err) && care.CodeOf(err) != inProgress {
		a.leaveForRetry(ctx, row)
	}
	return stored.Value, true, err
}

// begun reports whether the caller's intent on this subject has a ledger row already.
func (a *App) begun(ctx context.Context, c Caller, name, subject string) (bool, error) {
	row, err := a.Stores.Ledger.Get(ctx, ledgerKey(c))
	if care.IsKind(err, care.NotFound) {
		return false, nil
	}
	return row.Value.Name == name && row.Value.Subject == subject, err
}

// note writes a refusal into the row before it is final.
func (a *App) note(ctx context.Context, row LedgerRow, verdict error) error {
	var refused *care.Error
	if !errors.As(verdict, &refused) {
		return verdict
	}
	_, err := a.Stores.Ledger.Update(ctx, row.Key, port.Write{}, func(old LedgerRow) (LedgerRow, []care.Event, error) {
		if old.By != row.By || old.State != Judging {
			return old, nil, beingWorkedOn()
		}
		old.Code, old.Kind = refused.Code, refused.Kind
		return old, nil, nil
	})
	return err
}

// judge stores the verdict. Where another process took the row over meanwhile, its verdict counts.
func (a *App) judge(ctx context.Context, row LedgerRow, verdict error) (string, error) {
	now := a.clock()
	stored, err := a.Stores.Ledger.Update(ctx, row.Key, port.Write{}, func(old LedgerRow) (LedgerRow, []care.Event, error) {
		if old.By != row.By || old.State != Judging {
			return old, nil, nil
		}
		old.State, old.At, old.Code, old.Kind = Applied, now, "", 0
		var refused *care.Error
		if errors.As(verdict, &refused) {
			old.State, old.Code, old.Kind = Rejected, refused.Code, refused.Kind
		}
		return old, nil, nil
	})
	switch {
	case err != nil:
		a.leaveForRetry(ctx, row)
		return "", err
	case stored.Value.By != row.By && stored.Value.State == Judging:
		return "", beingWorkedOn()
	case stored.Value.By != row.By:
		return stored.Value.Subject, stored.Value.refusal()
	}
	return stored.Value.Subject, verdict
}

// leaveForRetry lets the resend take the row over at once. Failing here costs the caller a wait.
func (a *App) leaveForRetry(ctx context.Context, row LedgerRow) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	_, err := a.Stores.Ledger.Update(ctx, row.Key, port.Write{}, func(old LedgerRow) (LedgerRow, []care.Event, error) {
		if old.By == row.By && old.State == Judging {
			old.Since = time.Time{}
		}
		return old, nil, nil
	})
	if err != nil && !care.IsKind(err, care.NotFound) {
		a.Log.Warn("ledger row left in judgement", "command", row.Name, "error", care.CodeOf(err))
	}
}

func (r LedgerRow) refusal() error {
	if r.State != Rejected {
		return nil
	}
	return r.refused()
}

// refused is the refusal that stands in the row, final or not yet.
func (r LedgerRow) refused() error {
	if r.Code == "" {
		return nil
	}
	return care.E(r.Kind, r.Code, "this was refused before")
}

// inProgress is the code for "come back in a moment".
const inProgress = "in_progress"

func beingWorkedOn() error {
	return care.E(care.Unavailable, inProgress, "the same request is being worked on")
}

// temporary reports whether the same intent may still succeed: the store was away, the deadline
// passed, or something failed that is no verdict at all.
func temporary(err error) bool {
	var e *care.Error
	return err != nil && (!errors.As(err, &e) || e.Kind == care.Unavailable)
}

func ledgerKey(c Caller) LedgerKey { return LedgerKey(string(c.Person) + "/" + string(c.Nonce)) }

func (a *App) argsHash(in intent) ([]byte, error) {
	raw, err := json.Marshal(in.args)
	if err != nil {
		return nil, err
	}
	mac := hmac.New(sha256.New, a.Secret)
	mac.Write([]byte("args\x00" + in.name + "\x00"))
	mac.Write(raw)
	return mac.Sum(nil), nil
}

// change runs an intent that changes one document: the command of most verbs.
func change[K ~string, T any](ctx context.Context, a *App, c Caller, name string, args any, docs port.Documents[K, T], id K, f port.Change[T]) error {
	in := intent{name: name, args: []any{id, args}, subject: string(id)}
	act := func(_ string, w port.Write) error {
		_, err := docs.Update(ctx, id, w, f)
		return err
	}
	_, err := a.once(ctx, c, in, act, marksOf(docs))
	return err
}

// create runs an intent that makes one document. Its id comes from the ledger row, so that a
// resend after a crash makes the same document. What make refuses is a verdict like any other: a
// resend after a change of rights or state still gets the first answer.
func create[K ~string, T any](ctx context.Context, a *App, c Caller, name string, args any, docs port.Documents[K, T], make func(id K) (T, []care.Event, error)) (K, error) {
	act := func(subject string, w port.Write) error {
		value, events, err := make(K(subject))
		if err != nil {
			return err
		}
		w.IfVer = 0
		_, err = docs.Insert(ctx, K(subject), value, events, w)
		return err
	}
	subject, err := a.once(ctx, c, intent{name: name, args: args}, act, marksOf(docs))
	return K(subject), err
}
