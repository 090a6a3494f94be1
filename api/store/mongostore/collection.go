package mongostore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"

	"naober/api/app"
	"naober/api/port"
	"naober/api/store/record"
	"naober/matching/care"
)

const (
	// pageSize bounds what one reading holds: 1,000 documents, port.Page.
	pageSize = 1000
	// streamSize is how many documents Each holds at a time: 25 MiB of the largest requests.
	streamSize = 200
)

// collection is the port of one kind of document.
type collection[K ~string, T, R any] struct {
	store *Store
	coll  *mongo.Collection
	codec record.Codec[T, R]
	seal  record.Sealer[T, R]
}

func documents[K ~string, T, R any](s *Store, codec record.Codec[T, R]) collection[K, T, R] {
	return collection[K, T, R]{store: s, coll: s.db.Collection(codec.Kind), codec: codec, seal: record.NewSealer(codec, s.vault)}
}

// Get implements port.Documents.
func (c collection[K, T, R]) Get(ctx context.Context, id K) (port.Stored[T], error) {
	in := c.reading(ctx)
	if told, ok := in.doc(c.ref(string(id))); ok {
		return told.(port.Stored[T]), nil
	}
	doc, err := c.load(ctx, string(id))
	if err != nil {
		return port.Stored[T]{}, err
	}
	told, err := c.stored(ctx, doc)
	if err == nil {
		in.keep(c.ref(doc.ID), told, doc)
		c.noteBasis(ctx, doc)
	}
	return told, err
}

// Find implements port.Documents.
func (c collection[K, T, R]) Find(ctx context.Context, key port.Key, page port.Page) ([]port.Stored[T], error) {
	in, under := c.reading(ctx), listKey{c.codec.Kind, key, page}
	if held, ok := in.list(under); ok {
		told := make([]port.Stored[T], len(held))
		for i, value := range held {
			told[i] = value.(port.Stored[T])
		}
		return told, nil
	}
	docs, err := c.fetch(ctx, byKeyAfter(key, page.After), ascending("_id"), page.Limit)
	if err != nil {
		return nil, err
	}
	told, err := c.all(ctx, docs)
	if err == nil && in != nil {
		for i, doc := range docs {
			in.keep(c.ref(doc.ID), told[i], doc)
		}
		in.keepList(under, docs)
	}
	return told, err
}

func (c collection[K, T, R]) ref(id string) port.DocRef {
	return port.DocRef{Kind: c.codec.Kind, ID: id}
}

// reading is what the call has read of this kind and others; nil where nothing is remembered.
func (c collection[K, T, R]) reading(ctx context.Context) *reading {
	switch {
	case prelude(c.codec.Kind) && app.MomentOf(ctx) == nil:
		return c.store.reading(ctx, app.PreludeOf(ctx))
	case remembered(c.codec.Kind):
		return c.store.reading(ctx, app.MomentOf(ctx))
	}
	return nil
}

// changes drops what the call remembers of this kind, before it writes there itself, and ends its
// prelude: what is read after a change is to see what others have changed since.
func (c collection[K, T, R]) changes(ctx context.Context) {
	if began := c.store.begun(app.MomentOf(ctx)); began != nil {
		began.drop(c.codec.Kind)
	}
	if began := c.store.begun(app.PreludeOf(ctx)); began != nil && !inward(c.codec.Kind) {
		began.end()
	}
}

// Due implements port.Documents.
func (c collection[K, T, R]) Due(ctx context.Context, now time.Time, limit int) ([]port.Stored[T], error) {
	return c.list(ctx, byDueUntil(now), ascending("due", "_id"), limit)
}

// Each implements port.Documents. It asks for the next page only after all of one was visited, so a
// slow visitor meets neither a cursor's idle time nor the end of a session.
func (c collection[K, T, R]) Each(ctx context.Context, visit func(port.Stored[T]) error) error {
	after := ""
	for {
		page, err := c.list(ctx, byIDAfter(after), ascending("_id"), streamSize)
		if err != nil {
			return err
		}
		for _, d := range page {
			if err := ctx.Err(); err != nil {
				return failure("read", c.codec.Kind, err)
			}
			if err := visit(d); err != nil {
				return err
			}
			after = d.ID
		}
		if len(page) < streamSize {
			return nil
		}
	}
}

// load reads one document.
func (c collection[K, T, R]) load(ctx context.Context, id string) (document, error) {
	var doc document
	err := c.coll.FindOne(ctx, byID(id)).Decode(&doc)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return doc, care.E(care.NotFound, c.codec.Noun+"_not_found", "there is no such %s", c.codec.Noun)
	}
	return doc, failure("read", c.codec.Kind, err)
}

// list reads at most limit documents, all of which it holds.
func (c collection[K, T, R]) list(ctx context.Context, filter, order bson.D, limit int) ([]port.Stored[T], error) {
	docs, err := c.fetch(ctx, filter, order, limit)
	if err != nil {
		return nil, err
	}
	return c.all(ctx, docs)
}

// fetch is list before it is translated.
func (c collection[K, T, R]) fetch(ctx context.Context, filter, order bson.D, limit int) ([]document, error) {
	how := options.Find().SetLimit(bounded(limit)).SetBatchSize(int32(streamSize))
	if order != nil {
		how.SetSort(order)
	}
	cursor, err := c.coll.Find(ctx, filter, how)
	if err != nil {
		return nil, failure("read", c.codec.Kind, err)
	}
	var docs []document
	return docs, failure("read", c.codec.Kind, cursor.All(ctx, &docs))
}

// bounded keeps a limit between 1 and pageSize: the server takes 0 for "all" and a negative limit
// for something else again.
func bounded(limit int) int64 { return int64(min(max(limit, 1), pageSize)) }

// stored translates a document to what the ports speak.
func (c collection[K, T, R]) stored(ctx context.Context, doc document) (port.Stored[T], error) {
	all, err := c.all(ctx, []document{doc})
	if err != nil {
		return port.Stored[T]{}, err
	}
	return all[0], nil
}

// all translates documents, with one reading of keys for them all.
func (c collection[K, T, R]) all(ctx context.Context, docs []document) ([]port.Stored[T], error) {
	shapes := make([]record.Opened[R], len(docs))
	for i, doc := range docs {
		shapes[i].ID, shapes[i].Boxes = doc.ID, doc.Boxes
		if err := bson.Unmarshal(doc.State, &shapes[i].Shape); err != nil {
			return nil, fmt.Errorf("mongostore: %s %s cannot be read: %w", c.codec.Kind, doc.ID, err)
		}
	}
	if err := c.seal.Open(ctx, shapes); err != nil {
		return nil, err
	}
	list := make([]port.Stored[T], len(docs))
	for i, doc := range docs {
		list[i] = port.Stored[T]{ID: doc.ID, Value: c.codec.From(shapes[i].Shape), Rev: doc.Rev, Ver: doc.Ver}
	}
	return list, nil
}

// same compares what would be stored before it is sealed: no two seals are equal. Records hold no
// maps, so equal states are equal bytes.
func (c collection[K, T, R]) same(old, next T) (bool, error) {
	before, err := bson.Marshal(c.codec.To(old))
	if err != nil {
		return false, err
	}
	after, err := bson.Marshal(c.codec.To(next))
	return bytes.Equal(before, after), err
}

// put writes a value, its personal fields sealed, and what it is found by, into a document.
func (c collection[K, T, R]) put(ctx context.Context, doc *document, value T, events []care.Event) error {
	if len(events) > 0 && !c.codec.Events {
		return fmt.Errorf("mongostore: %s put no events into the feed", c.codec.Kind)
	}
	shape, boxes, err := c.seal.Seal(ctx, doc.ID, c.codec.To(value))
	if err != nil {
		return err
	}
	state, err := bson.Marshal(shape)
	if err != nil {
		return fmt.Errorf("mongostore: %s %s cannot be written: %w", c.codec.Kind, doc.ID, err)
	}
	doc.State, doc.Boxes = state, boxes
	doc.find(c.codec.Facts(value))
	doc.emit(events, c.store.now())
	return nil
}
