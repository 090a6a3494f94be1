package mongostore

import (
	"context"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"

	"naober/api/app"
	"naober/api/port"
)

// fewest is how many questions one about revisions must save: it costs about two.
const fewest = 3

// expectation is what a call read when it was last made: a copy that belongs to whoever asks.
type expectation struct {
	docs  map[port.DocRef]held
	lists map[listKey][]string
	alone map[string][]string // by kind, the ids that no list tells of
}

// last is what a call of this name used the last time, as far as it may still be used.
func (m *recall) last(name app.CallName) expectation {
	m.mu.Lock()
	defer m.mu.Unlock()
	e := expectation{docs: map[port.DocRef]held{}, lists: map[listKey][]string{}, alone: map[string][]string{}}
	r, ok := m.calls[name]
	if !ok {
		return e
	}
	now := time.Now()
	for of, h := range r.docs {
		if !h.used || !now.Before(h.until) {
			continue
		}
		e.docs[of] = *h
		if !h.listed {
			e.alone[of.Kind] = append(e.alone[of.Kind], of.ID)
		}
	}
	for key, l := range r.lists {
		if l.used {
			e.lists[key] = l.ids
		}
	}
	return e
}

// saves reports whether asking for revisions is cheaper than reading.
func (e expectation) saves() bool {
	saved := len(e.lists)
	for _, ids := range e.alone {
		saved += len(ids)
	}
	return saved >= fewest
}

// revision is a document as it stands, found by one part of the question.
type revision struct {
	Part int    `bson:"part"`
	ID   string `bson:"_id"`
	Rev  int64  `bson:"rev"`
}

// answer is what stands now.
type answer struct {
	docs  map[port.DocRef]int64
	lists map[listKey][]string
}

// part is one search in the question: of documents by their ids, or of what is under a key.
type part struct {
	kind string
	list *listKey
	find mongo.Pipeline
}

// parts always begins with sessions, be there none: the question then has few shapes, and its first
// collection is not for the caller to choose.
func (e expectation) parts() []part {
	all := []part{{kind: "sessions", find: among(e.alone["sessions"])}}
	for kind, ids := range e.alone {
		if kind != "sessions" {
			all = append(all, part{kind: kind, find: among(ids)})
		}
	}
	for key := range e.lists {
		all = append(all, part{kind: key.kind, list: &key, find: mongo.Pipeline{
			{{Key: "$match", Value: byKeyAfter(key.key, key.page.After)}},
			{{Key: "$sort", Value: ascending("_id")}},
			{{Key: "$limit", Value: bounded(key.page.Limit)}},
		}})
	}
	for n := range all {
		all[n].find = append(all[n].find, bson.D{{Key: "$project", Value: bson.D{{Key: "rev", Value: 1}, {Key: "part", Value: bson.D{{Key: "$literal", Value: n}}}}}})
	}
	return all
}

func among(ids []string) mongo.Pipeline {
	return mongo.Pipeline{{{Key: "$match", Value: bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: append([]string{}, ids...)}}}}}}}
}

// revisions asks for all that a call expects, in one question over several collections.
func (s *Store) revisions(ctx context.Context, e expectation) (answer, error) {
	parts := e.parts()
	question := slices.Clone(parts[0].find)
	for _, p := range parts[1:] {
		question = append(question, bson.D{{Key: "$unionWith", Value: bson.D{{Key: "coll", Value: p.kind}, {Key: "pipeline", Value: p.find}}}})
	}
	cursor, err := s.db.Collection(parts[0].kind).Aggregate(ctx, question)
	if err != nil {
		return answer{}, failure("ask revisions of", parts[0].kind, err)
	}
	var found []revision
	if err := cursor.All(ctx, &found); err != nil {
		return answer{}, failure("ask revisions of", parts[0].kind, err)
	}
	now := answer{docs: map[port.DocRef]int64{}, lists: map[listKey][]string{}}
	for _, r := range found {
		p := parts[r.Part]
		of := port.DocRef{Kind: p.kind, ID: r.ID}
		if rev, met := now.docs[of]; met && rev != r.Rev {
			r.Rev = -1 // written while we asked: what it is now is to be read
		}
		now.docs[of] = r.Rev
		if p.list != nil {
			now.lists[*p.list] = append(now.lists[*p.list], r.ID)
		}
	}
	return now, nil
}

// adopt takes over what was expected and still is so.
func (r *reading) adopt(e expectation, now answer) {
	for of, h := range e.docs {
		if rev, there := now.docs[of]; there && rev == h.rev {
			h.used = false
			r.docs[of] = &h
			r.bytes += h.size
		}
	}
	for key, ids := range e.lists {
		if slices.Equal(now.lists[key], ids) {
			r.lists[key] = &heldList{ids: ids}
		}
	}
}
