package mongostore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"

	"naober/api/port"
	"naober/api/store/record"
	"naober/matching/care"
)

// feedRows is the port of the one order of all events. A row's number is its _id, so two movers can
// never give one number twice.
type feedRows struct{ store *Store }

// row is a stored port.Row: record.FeedRecord with the number as _id.
type row struct {
	ID    int64              `bson:"_id"`
	Kind  string             `bson:"kind"`
	Doc   string             `bson:"doc"`
	Event record.EventRecord `bson:"event"`
	At    time.Time          `bson:"at"`
}

func (f feedRows) rows() *mongo.Collection { return f.store.db.Collection(feedName) }

// Append implements port.Feed. Rows go in order and the first that fails stops the rest, so the
// numbers stay dense also where the answer is lost half way.
func (f feedRows) Append(ctx context.Context, rows []port.Row) error {
	if len(rows) == 0 {
		return nil
	}
	batch := make([]any, len(rows))
	for i, r := range rows {
		batch[i] = row(record.ToRow(r))
	}
	_, err := f.rows().InsertMany(ctx, batch, options.InsertMany().SetOrdered(true))
	if mongo.IsDuplicateKeyError(err) {
		return care.E(care.Conflict, "feed_moved", "another mover has given out these numbers")
	}
	return failure("append to", feedName, err)
}

// Read implements port.Feed.
func (f feedRows) Read(ctx context.Context, after int64, limit int) ([]port.Row, error) {
	newer := bson.D{{Key: "_id", Value: bson.D{{Key: "$gt", Value: after}}}}
	cursor, err := f.rows().Find(ctx, newer, options.Find().SetSort(ascending("_id")).SetLimit(bounded(limit)))
	if err != nil {
		return nil, failure("read", feedName, err)
	}
	var found []row
	if err := cursor.All(ctx, &found); err != nil {
		return nil, failure("read", feedName, err)
	}
	rows := make([]port.Row, len(found))
	for i, r := range found {
		rows[i] = record.FromRow(record.FeedRecord(r))
	}
	return rows, nil
}

// Has implements port.Feed.
func (f feedRows) Has(ctx context.Context, doc port.DocRef, seq int64) (bool, error) {
	event := bson.D{{Key: "doc", Value: doc.ID}, {Key: "kind", Value: doc.Kind}, {Key: "event.seq", Value: seq}}
	_, found, err := f.number(ctx, event, 1)
	return found, err
}

// Bounds implements port.Feed. The last row is never trimmed, so the last number stays known.
func (f feedRows) Bounds(ctx context.Context) (first, last int64, err error) {
	first, found, err := f.number(ctx, bson.D{}, 1)
	if err != nil || !found {
		return 0, 0, err
	}
	last, _, err = f.number(ctx, bson.D{}, -1)
	return first, last, err
}

// Trim implements port.Feed. It cuts below the first row that is young enough: where movers' clocks
// differ, a hole in the middle would be a lost event to whoever reads on.
func (f feedRows) Trim(ctx context.Context, before time.Time) error {
	young := bson.D{{Key: "at", Value: bson.D{{Key: "$gte", Value: before}}}}
	cut, found, err := f.number(ctx, young, 1)
	if err == nil && !found {
		cut, found, err = f.number(ctx, bson.D{}, -1)
	}
	if err != nil || !found {
		return err
	}
	_, err = f.rows().DeleteMany(ctx, bson.D{{Key: "_id", Value: bson.D{{Key: "$lt", Value: cut}}}})
	return failure("trim", feedName, err)
}

// number reads the lowest (order 1) or highest (order -1) number among the rows that match.
func (f feedRows) number(ctx context.Context, filter bson.D, order int) (n int64, found bool, _ error) {
	var only struct {
		ID int64 `bson:"_id"`
	}
	how := options.FindOne().SetSort(bson.D{{Key: "_id", Value: order}}).SetProjection(ascending("_id"))
	err := f.rows().FindOne(ctx, filter, how).Decode(&only)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return 0, false, nil
	}
	return only.ID, err == nil, failure("read", feedName, err)
}

// Pending implements port.Feed: the documents whose events wait longest, of all kinds together. The
// mover asks several times a second, so all kinds are asked in one call.
func (f feedRows) Pending(ctx context.Context, limit int) ([]port.Pending, error) {
	cursor, err := f.store.db.Collection(eventKinds()[0]).Aggregate(ctx, pendingOf(eventKinds(), bounded(limit)))
	if err != nil {
		return nil, failure("read", "pending", err)
	}
	var docs []struct {
		ID     string               `bson:"_id"`
		Kind   string               `bson:"kind"`
		Events []record.EventRecord `bson:"events"`
	}
	if err := cursor.All(ctx, &docs); err != nil {
		return nil, failure("read", "pending", err)
	}
	pending := make([]port.Pending, len(docs))
	for i, d := range docs {
		pending[i] = port.Pending{Doc: port.DocRef{Kind: d.Kind, ID: d.ID}, Events: numbered(d.Events)}
	}
	return pending, nil
}

// pendingOf looks through each kind along its partial index and reads nothing but the events.
func pendingOf(kinds []string, limit int64) mongo.Pipeline {
	order, cut := bson.D{{Key: "$sort", Value: ascending("pending", "_id")}}, bson.D{{Key: "$limit", Value: limit}}
	var all mongo.Pipeline
	for i, kind := range kinds {
		shown := append(ascending("pending", "events"), bson.E{Key: "kind", Value: bson.D{{Key: "$literal", Value: kind}}})
		one := mongo.Pipeline{
			{{Key: "$match", Value: bson.D{{Key: "pending", Value: bson.D{{Key: "$gt", Value: time.Time{}}}}}}},
			order, cut, {{Key: "$project", Value: shown}},
		}
		if i == 0 {
			all = one
			continue
		}
		all = append(all, bson.D{{Key: "$unionWith", Value: bson.D{{Key: "coll", Value: kind}, {Key: "pipeline", Value: one}}}})
	}
	return append(all, order, cut)
}

func numbered(events []record.EventRecord) []port.Numbered {
	list := make([]port.Numbered, len(events))
	for i, e := range events {
		list[i] = record.FromEvent(e)
	}
	return list
}

// Drain implements port.Feed in one update: events, rev, and the mark that events wait.
func (f feedRows) Drain(ctx context.Context, doc port.DocRef, seq int64) error {
	if !slices.Contains(eventKinds(), doc.Kind) {
		return fmt.Errorf("mongostore: %q is no kind of document with events", doc.Kind)
	}
	holds := append(byID(doc.ID), bson.E{Key: "events.seq", Value: bson.D{{Key: "$lte", Value: seq}}})
	_, err := f.store.db.Collection(doc.Kind).UpdateOne(ctx, holds, drained(seq))
	return failure("drain", doc.Kind, err)
}

// drained is an update with expressions: only those can take the mark away where no event is left.
func drained(seq int64) mongo.Pipeline {
	newer := bson.D{{Key: "$gt", Value: bson.A{"$$this.seq", seq}}}
	rest := bson.D{{Key: "$filter", Value: bson.D{{Key: "input", Value: "$events"}, {Key: "cond", Value: newer}}}}
	none := bson.D{{Key: "$eq", Value: bson.A{"$events", bson.A{}}}}
	mark := bson.D{{Key: "$cond", Value: bson.A{none, "$$REMOVE", "$pending"}}}
	return mongo.Pipeline{
		{{Key: "$set", Value: bson.D{
			{Key: "events", Value: rest},
			{Key: "rev", Value: bson.D{{Key: "$add", Value: bson.A{"$rev", int64(1)}}}},
		}}},
		{{Key: "$set", Value: bson.D{{Key: "pending", Value: mark}}}},
	}
}
