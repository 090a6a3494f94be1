package record

import (
	"slices"
	"time"

	"naober/api/port"
)

// keys collects a document's keys. Empty values and repetitions are left out, so that a store can
// hold them as a set.
type keys []port.Key

func (k *keys) add(name, value string) {
	key := port.Key{Name: name, Value: value}
	if value != "" && !slices.Contains(*k, key) {
		*k = append(*k, key)
	}
}

// bulk adds the values of a long list; add alone would compare each with each.
func (k *keys) bulk(name string, values []string) {
	seen := make(map[string]bool, len(values))
	for _, v := range values {
		if v != "" && !seen[v] {
			seen[v] = true
			*k = append(*k, port.Key{Name: name, Value: v})
		}
	}
}

// at is an instant as it is stored: UTC, to the millisecond, which is what BSON keeps.
func at(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

// each translates a list; an empty one becomes nil, as it comes back from a store.
func each[A, B any](in []A, f func(A) B) []B {
	if len(in) == 0 {
		return nil
	}
	out := make([]B, len(in))
	for i, v := range in {
		out[i] = f(v)
	}
	return out
}

// ref translates what may be absent.
func ref[A, B any](in *A, f func(A) B) *B {
	if in == nil {
		return nil
	}
	out := f(*in)
	return &out
}

func toMs(d time.Duration) int64    { return d.Milliseconds() }
func fromMs(ms int64) time.Duration { return time.Duration(ms) * time.Millisecond }
func noFacts[T any](T) Facts        { return Facts{} }
