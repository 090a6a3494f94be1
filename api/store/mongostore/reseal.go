package mongostore

import (
	"context"
	"slices"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo/options"

	"naober/api/app"
	"naober/api/store/record"
	"naober/api/store/vault"
	"naober/matching/care"
)

// reseal seals every document with a stale box anew, and tells how many it met.
func (s *Store) reseal(ctx context.Context, stale vault.Stale) (int, error) {
	met := 0
	for _, kind := range []func(context.Context, vault.Stale) (int, error){
		documents[care.PersonID](s, record.Persons()).reseal,
		documents[care.PersonID](s, record.Helpers()).reseal,
		documents[care.OfferID](s, record.Offers()).reseal,
		documents[care.RequestID](s, record.Requests()).reseal,
		documents[care.SlotID](s, record.Histories()).reseal,
		documents[care.MessageID](s, record.Messages()).reseal,
		documents[care.FeedbackID](s, record.Feedbacks()).reseal,
		documents[care.ReportID](s, record.Reports()).reseal,
		documents[care.ReferralID](s, record.Referrals()).reseal,
		documents[app.SessionID](s, record.Sessions()).reseal,
	} {
		n, err := kind(ctx, stale)
		if met += n; err != nil {
			return met, err
		}
	}
	return met, nil
}

func (c collection[K, T, R]) reseal(ctx context.Context, stale vault.Stale) (int, error) {
	how := options.Find().SetSort(ascending("_id")).SetLimit(pageSize).
		SetProjection(bson.D{{Key: "boxes.owner", Value: 1}, {Key: "boxes.number", Value: 1}})
	met := 0
	for after := ""; ; {
		cursor, err := c.coll.Find(ctx, byIDAfter(after), how)
		if err != nil {
			return met, failure("read", c.codec.Kind, err)
		}
		var page []struct {
			ID    string       `bson:"_id"`
			Boxes []record.Box `bson:"boxes"`
		}
		if err := cursor.All(ctx, &page); err != nil {
			return met, failure("read", c.codec.Kind, err)
		}
		for _, d := range page {
			if slices.ContainsFunc(d.Boxes, stale) {
				met++
				if err := c.resealOne(ctx, d.ID, stale); err != nil {
					return met, err
				}
			}
			after = d.ID
		}
		if len(page) < pageSize {
			return met, nil
		}
	}
}

// resealOne writes a document as it is, with new boxes. Nobody who looks at it sees a change: its
// ver stays.
func (c collection[K, T, R]) resealOne(ctx context.Context, id string, stale vault.Stale) error {
	for try := range maxTries {
		if err := wait(ctx, try); err != nil {
			return err
		}
		doc, err := c.load(ctx, id)
		if care.IsKind(err, care.NotFound) {
			return nil
		}
		if err != nil || !slices.ContainsFunc(doc.Boxes, stale) {
			return err
		}
		told, err := c.stored(ctx, doc)
		if err != nil {
			return err
		}
		next := doc
		if err := c.put(ctx, &next, told.Value, nil); err != nil {
			return err
		}
		next.Rev++
		if _, lost, err := c.replace(ctx, doc.Rev, next); !lost {
			return err
		}
	}
	return care.E(care.Unavailable, "document_busy", "others keep changing this document")
}
