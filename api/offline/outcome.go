package offline

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// outcomesMost is how many refusals a device shows: the newest.
const outcomesMost = 50

// OutcomeKept is how long a refusal is shown and stored.
const OutcomeKept = 30 * 24 * time.Hour

// keepOutcome writes a refusal down for all devices of the account, made from its row in the ledger; params are
// known to the call alone that refused. Doing it again changes nothing.
func (s *Server) keepOutcome(ctx context.Context, c app.Caller, in Intent, row app.LedgerRow, refused *care.Error) error {
	o := Outcome{Key: row.Key, Account: c.Person, Nonce: c.Nonce, Name: in.Name, Subject: row.Subject, Code: row.Code, At: row.At}
	if refused != nil {
		o.Params = refused.Params
	}
	_, err := s.Stores.Outcomes.Insert(ctx, row.Key, o, nil, quiet)
	if care.CodeOf(err) == "id_taken" {
		return nil
	}
	return err
}

// refusals are what the account's devices show, the newest last.
func (s *Server) refusals(ctx context.Context, p care.PersonID) ([]Outcome, error) {
	var all []Outcome
	err := each(ctx, s.Stores.Outcomes, port.Key{Name: ByAccount, Value: string(p)}, func(o Outcome) error {
		if s.Now().Sub(o.At) < OutcomeKept {
			all = append(all, o)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(all, func(a, b Outcome) int { return a.At.Compare(b.At) })
	return all[max(0, len(all)-outcomesMost):], nil
}

// dismissal is the one mutation that is about what this package keeps.
const dismissal = "outcome.dismiss"

// dismiss takes a refusal off all devices of the account. One that is not there is none of theirs, or was
// dismissed by another device: both are as they should be.
func (s *Server) dismiss(ctx context.Context, c app.Caller, args json.RawMessage) error {
	var which struct {
		Nonce care.Nonce `json:"nonce"`
	}
	d := json.NewDecoder(bytes.NewReader(args))
	d.DisallowUnknownFields()
	if err := d.Decode(&which); err != nil || which.Nonce == "" || len(which.Nonce) > 64 {
		return care.E(care.Invalid, "body_invalid", "args is a nonce")
	}
	key, now := app.KeyOf(app.Caller{Person: c.Person, Nonce: which.Nonce}), s.clock()
	_, err := s.Stores.Outcomes.Update(ctx, key, quiet, func(o Outcome) (Outcome, []care.Event, error) {
		if o.Dismissed.IsZero() {
			o.Dismissed, o.Params = now, nil
		}
		return o, nil, nil
	})
	return absentIsDone(err)
}

// outcomes are the refusals as documents.
func (s *Server) outcomes(ctx context.Context, p care.PersonID) ([]Document, error) {
	all, err := s.refusals(ctx, p)
	docs := make([]Document, 0, len(all))
	for _, o := range all {
		raw, failed := json.Marshal(wire.Outcome{Nonce: string(o.Nonce), Name: o.Name, Subject: o.Subject, Status: string(Rejected),
			Code: o.Code, Params: o.Params, At: wire.Instant(o.At)})
		err = errors.Join(err, failed)
		docs = append(docs, Document{Key: "outcome/" + string(o.Nonce), Value: raw})
	}
	return docs, err
}
