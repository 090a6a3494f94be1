package sqlitestore

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"naober/api/app"
	"naober/api/store/record"
	"naober/api/store/vault"
	"naober/matching/care"
)

// reseal seals every document with a stale box anew, and tells how many it met.
func (s *Store) reseal(ctx context.Context, stale vault.Stale) (int, error) {
	met := 0
	for _, kind := range []func(context.Context, vault.Stale) (int, error){
		newCollection[care.PersonID](s, record.Persons()).reseal,
		newCollection[care.PersonID](s, record.Helpers()).reseal,
		newCollection[care.OfferID](s, record.Offers()).reseal,
		newCollection[care.RequestID](s, record.Requests()).reseal,
		newCollection[care.SlotID](s, record.Histories()).reseal,
		newCollection[care.MessageID](s, record.Messages()).reseal,
		newCollection[care.FeedbackID](s, record.Feedbacks()).reseal,
		newCollection[care.ReportID](s, record.Reports()).reseal,
		newCollection[care.ReferralID](s, record.Referrals()).reseal,
		newCollection[app.SessionID](s, record.Sessions()).reseal,
	} {
		n, err := kind(ctx, stale)
		if met += n; err != nil {
			return met, err
		}
	}
	return met, nil
}

func (c collection[K, T, R]) reseal(ctx context.Context, stale vault.Stale) (int, error) {
	query := fmt.Sprintf(`SELECT %s FROM %s d WHERE d.id > ? ORDER BY d.id LIMIT ?`, columns, c.table)
	met := 0
	for last := ""; ; {
		rows, err := c.table.list(ctx, c.store.read, query, last, stride)
		if err != nil || len(rows) == 0 {
			return met, err
		}
		for _, r := range rows {
			boxes, err := record.Boxes([]byte(r.state))
			if err == nil && slices.ContainsFunc(boxes, stale) {
				met++
				err = c.resealOne(ctx, K(r.id), stale)
			}
			if err != nil {
				return met, err
			}
		}
		last = rows[len(rows)-1].id
	}
}

// resealOne writes a document as it is, with new boxes. Nobody who looks at it sees a change: its
// ver stays.
func (c collection[K, T, R]) resealOne(ctx context.Context, id K, stale vault.Stale) error {
	for try := range tries {
		if err := pause(ctx, try); err != nil {
			return err
		}
		before, err := c.load(ctx, id)
		if care.IsKind(err, care.NotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		doc := record.Opened[R]{ID: before.id}
		if doc.Boxes, err = record.Boxes([]byte(before.state)); err != nil || !slices.ContainsFunc(doc.Boxes, stale) {
			return err
		}
		if err := json.Unmarshal([]byte(before.state), &doc.Shape); err != nil {
			return err
		}
		opened := []record.Opened[R]{doc}
		if err := c.seal.Open(ctx, opened); err != nil {
			return err
		}
		facts := c.codec.Facts(c.codec.From(opened[0].Shape))
		next := before
		if next.state, err = c.encode(ctx, id, opened[0].Shape); err != nil {
			return err
		}
		next.rev++
		done := false
		err = c.store.writing(ctx, func(tx *transaction) error {
			done, err = c.table.replace(ctx, tx, before.rev, next, facts)
			return err
		})
		if err != nil || done {
			return err
		}
	}
	return care.E(care.Unavailable, "document_busy", "%d others changed the %s first", tries, c.codec.Noun)
}
