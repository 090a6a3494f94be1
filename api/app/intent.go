package app

import (
	"context"
	"slices"
	"strconv"

	"naober/api/port"
	"naober/matching/care"
)

// What follows is for intents that devices send, which have a number besides their nonce. It is not reachable
// from outside: api/offline asks it about the caller's own.

// KeyOf is under which row the caller's intent stands in the ledger.
func KeyOf(c Caller) LedgerKey { return ledgerKey(c) }

// Refusal reports whether an error is a verdict: the same intent would be refused again.
func Refusal(err error) bool { return refusal(err) && !care.IsKind(err, care.Limited) }

// SentKey finds what an account sent under a number of a writer.
func SentKey(account care.PersonID, s Sent) string {
	return string(account) + "/" + s.Writer + "/" + strconv.FormatInt(s.Number, 10)
}

// SentAs reports whether the intent was sent under this number.
func (r LedgerRow) SentAs(s Sent) bool { return slices.Contains(r.Sent, s) }

// Judged finds the row of the caller's intent, with a verdict or without; care.NotFound where there is none.
func (a *App) Judged(ctx context.Context, c Caller) (LedgerRow, error) {
	row, err := a.Stores.Ledger.Get(ctx, ledgerKey(c))
	return row.Value, err
}

// JudgedAs reports whether the ledger knows an intent of the caller that was sent under this number.
func (a *App) JudgedAs(ctx context.Context, c Caller, s Sent) (bool, error) {
	found, err := a.Stores.Ledger.Find(ctx, port.Key{Name: BySent, Value: SentKey(c.Person, s)}, port.Page{Limit: 1})
	return len(found) > 0, err
}

// NoteSent notes under which number the caller's intent was sent, and gives back its row. first tells that nobody
// had noted it: of calls that judge the same at once it is so for one. A command that keeps no row of its own, for
// doing it again comes out the same, has one from here on.
func (a *App) NoteSent(ctx context.Context, c Caller, name string, s Sent) (noted LedgerRow, first bool, err error) {
	note := func(row LedgerRow) (LedgerRow, []care.Event, error) {
		if first = !row.SentAs(s); first {
			row.Sent = append(slices.Clone(row.Sent), s)
		}
		return row, nil, nil
	}
	row, err := a.Stores.Ledger.Update(ctx, ledgerKey(c), port.Write{Quiet: true}, note)
	if !care.IsKind(err, care.NotFound) {
		return row.Value, first, err
	}
	now := a.clock()
	own := LedgerRow{Key: ledgerKey(c), Name: name, State: Applied, By: a.process, Since: now, At: now, Sent: []Sent{s}}
	first = true
	row, err = a.Stores.Ledger.Insert(ctx, own.Key, own, nil, port.Write{Quiet: true})
	if care.CodeOf(err) == "id_taken" {
		row, err = a.Stores.Ledger.Update(ctx, own.Key, port.Write{Quiet: true}, note)
	}
	return row.Value, first, err
}

// RejectIntent writes down that the caller's intent is refused, where a command refused it before it came to the
// ledger, or where it is given up. A verdict that stands is left as it is, and so is an intent that another
// process is at work on: care.Unavailable.
//
// Where a process stopped in the middle, what it had come to counts: an intent that stands in its document was
// applied, whatever is said of it now.
func (a *App) RejectIntent(ctx context.Context, c Caller, name string, refused *care.Error) error {
	now := a.clock()
	row := LedgerRow{Key: ledgerKey(c), Name: name, State: Rejected, Code: refused.Code, Kind: refused.Kind, By: a.process, Since: now, At: now}
	_, err := a.Stores.Ledger.Insert(ctx, row.Key, row, nil, port.Write{Quiet: true})
	if care.CodeOf(err) != "id_taken" {
		return err
	}
	run := a.process + "." + newID(now)
	stored, err := a.Stores.Ledger.Update(ctx, row.Key, port.Write{}, func(old LedgerRow) (LedgerRow, []care.Event, error) {
		switch {
		case old.State != Judging:
			return old, nil, nil
		case now.Sub(old.Since) < judgingTime:
			return old, nil, beingWorkedOn()
		}
		old.By, old.Since = run, now
		return old, nil, nil
	})
	if err != nil || stored.Value.State != Judging {
		return err
	}
	return a.rejectStopped(ctx, stored.Value, refused)
}

// rejectStopped refuses what another process stopped in, unless it stands somewhere.
func (a *App) rejectStopped(ctx context.Context, row LedgerRow, refused *care.Error) error {
	nonce := care.Nonce(row.Key)
	for _, m := range a.everyMarks() {
		met, err := m.met(ctx, row.Subject, nonce)
		if err != nil {
			return err
		}
		if met {
			_, err := a.judge(ctx, row, nil)
			return err
		}
	}
	if err := a.note(ctx, row, refused); err != nil {
		return err
	}
	for _, m := range a.everyMarks() {
		if _, err := m.fence(ctx, row.Subject, nonce); err != nil {
			return err
		}
	}
	if _, err := a.judge(ctx, row, refused); !refusal(err) {
		return err
	}
	return nil
}

// everyMarks looks at the documents of every kind that an intent can change. Ids are one's own across all kinds,
// but for a person and their book.
func (a *App) everyMarks() []*marks {
	s := a.Stores
	return []*marks{marksOf(s.Requests), marksOf(s.Helpers), marksOf(s.Persons), marksOf(s.Memberships), marksOf(s.Offers), marksOf(s.Messages),
		marksOf(s.Feedbacks), marksOf(s.Reports), marksOf(s.Referrals), marksOf(s.Tasks), marksOf(s.Communities)}
}
