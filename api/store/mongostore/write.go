package mongostore

import (
	"context"

	"go.mongodb.org/mongo-driver/mongo"

	"naober/api/port"
	"naober/matching/care"
)

// maxTries is how often one change is tried on a document that others keep changing.
const maxTries = 50

// Insert implements port.Documents.
func (c collection[K, T, R]) Insert(ctx context.Context, id K, value T, events []care.Event, w port.Write) (port.Stored[T], error) {
	c.changes(ctx)
	doc := document{ID: string(id), Rev: 1, Ver: 1}
	if err := c.put(ctx, &doc, value, events); err != nil {
		return port.Stored[T]{}, err
	}
	if w.Nonce != "" {
		doc.Nonces = []mark{{Nonce: w.Nonce, At: c.store.now()}}
	}
	for try := range maxTries {
		stored, lost, err := c.insert(ctx, doc, w.Nonce)
		if !lost {
			return stored, err
		}
		if err := wait(ctx, try); err != nil {
			return port.Stored[T]{}, err
		}
	}
	return port.Stored[T]{}, care.E(care.Unavailable, "document_busy", "another document with this id comes and goes")
}

// insert runs one round. lost reports an id that is taken by a document that cannot be read: it is
// not on the majority yet, or housekeeping has just removed it.
func (c collection[K, T, R]) insert(ctx context.Context, doc document, n care.Nonce) (_ port.Stored[T], lost bool, _ error) {
	_, err := c.coll.InsertOne(ctx, doc)
	switch {
	case mongo.IsDuplicateKeyError(err):
		stored, err := c.taken(ctx, doc.ID, n)
		return stored, care.IsKind(err, care.NotFound), err
	case err != nil:
		return port.Stored[T]{}, false, failure("insert into", c.codec.Kind, err)
	}
	c.wrote(doc)
	c.noteBasis(ctx, doc)
	stored, err := c.stored(ctx, doc)
	return stored, false, err
}

// taken answers an insert whose id is there already.
func (c collection[K, T, R]) taken(ctx context.Context, id string, n care.Nonce) (port.Stored[T], error) {
	doc, err := c.load(ctx, id)
	if err != nil {
		return port.Stored[T]{}, err
	}
	if !doc.holds(n) {
		return port.Stored[T]{}, care.E(care.Conflict, "id_taken", "another document has this id")
	}
	return c.stored(ctx, doc)
}

// Update implements port.Documents.
func (c collection[K, T, R]) Update(ctx context.Context, id K, w port.Write, change port.Change[T]) (port.Stored[T], error) {
	c.changes(ctx)
	if stored, done, err := c.fromBasis(ctx, string(id), w, change); done {
		return stored, err
	}
	for try := range maxTries {
		stored, lost, err := c.try(ctx, string(id), w, change)
		if !lost {
			return stored, err
		}
		if err := wait(ctx, try); err != nil {
			return port.Stored[T]{}, err
		}
	}
	return port.Stored[T]{}, care.E(care.Unavailable, "document_busy", "others keep changing this document")
}

// try runs one round of load, change and replace. lost reports that another write came between.
func (c collection[K, T, R]) try(ctx context.Context, id string, w port.Write, change port.Change[T]) (_ port.Stored[T], lost bool, _ error) {
	doc, err := c.load(ctx, id)
	if err != nil {
		return port.Stored[T]{}, false, err
	}
	old, err := c.stored(ctx, doc)
	if err != nil || doc.holds(w.Nonce) {
		return old, false, err
	}
	if w.IfVer != 0 && w.IfVer != doc.Ver {
		return port.Stored[T]{}, false, care.E(care.Stale, "version_mismatch", "the document has changed since it was read")
	}
	value, events, err := change(old.Value)
	if err != nil {
		return port.Stored[T]{}, false, err
	}
	next, err := c.next(ctx, doc, old.Value, value, events, w)
	if err != nil {
		return port.Stored[T]{}, false, err
	}
	if next.Rev == doc.Rev {
		return old, false, nil
	}
	return c.replace(ctx, doc.Rev, next)
}

// next builds the document after a change. Its rev stays where nothing is to be written.
func (c collection[K, T, R]) next(ctx context.Context, doc document, old, value T, events []care.Event, w port.Write) (document, error) {
	same, err := c.same(old, value)
	if err != nil {
		return doc, err
	}
	same = same && len(events) == 0
	if same && w.Nonce == "" {
		return doc, nil
	}
	next := doc
	if err := c.put(ctx, &next, value, events); err != nil {
		return doc, err
	}
	nonces, err := c.store.remember(ctx, doc.Nonces, w.Nonce)
	if err != nil {
		return doc, err
	}
	next.Nonces = nonces
	next.Rev++
	if !same && !w.Quiet {
		next.Ver++
	}
	return next, nil
}

// replace stores the next document where rev is still the one it was made from. State, events and
// nonces go in this one write.
func (c collection[K, T, R]) replace(ctx context.Context, rev int64, next document) (_ port.Stored[T], lost bool, _ error) {
	done, err := c.coll.ReplaceOne(ctx, byRev(next.ID, rev), next)
	if err != nil {
		return port.Stored[T]{}, false, failure("write", c.codec.Kind, err)
	}
	if done.MatchedCount == 0 {
		return port.Stored[T]{}, true, nil
	}
	c.wrote(next)
	c.noteBasis(ctx, next)
	stored, err := c.stored(ctx, next)
	return stored, false, err
}

// wrote tells the mover that events wait.
func (c collection[K, T, R]) wrote(doc document) {
	if len(doc.Events) > 0 {
		c.store.opts.Wrote()
	}
}
