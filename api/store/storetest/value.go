package storetest

import (
	"context"
	"fmt"
	"time"

	"naober/api/port"
	"naober/matching/care"
)

func valuePromises() []Promise {
	return []Promise{
		{Name: "every kind comes back as it was", check: everyKind},
		{Name: "times to the millisecond, and zero stays zero", check: exactTimes},
		{Name: "unicode and emoji come back as they were", check: everyLetter},
		{Name: "a request stays under 128 KiB after three years of a daily series", check: threeYears},
	}
}

// everyKind stores, in each kind, a document with every field set and one with none, and changes
// the first: both must come back from Get, Find's shape aside, as they were.
func everyKind(x *trial) {
	roundTrip(x, "person", x.Persons)
	roundTrip(x, "helper", x.Helpers)
	roundTrip(x, "community", x.Communities)
	roundTrip(x, "organization", x.Organizations)
	roundTrip(x, "membership", x.Memberships)
	roundTrip(x, "offer", x.Offers)
	roundTrip(x, "request", x.Requests)
	roundTrip(x, "history", x.Histories)
	roundTrip(x, "message", x.Messages)
	roundTrip(x, "feedback", x.Feedbacks)
	roundTrip(x, "report", x.Reports)
	roundTrip(x, "task", x.Tasks)
	roundTrip(x, "referral", x.Referrals)
	roundTrip(x, "session", x.Sessions)
	roundTrip(x, "flow", x.Flows)
	roundTrip(x, "signing key", x.SigningKeys)
	roundTrip(x, "ledger row", x.Ledger)
	roundTrip(x, "tally", x.Tallies)
	roundTrip(x, "view", x.Views)
	roundTrip(x, "lease", x.Leases)
	roundTrip(x, "parked", x.Parked)
}

// documents is the part of port.Documents that a round trip needs; Communities has it too.
type documents[K ~string, T any] interface {
	Get(ctx context.Context, id K) (port.Stored[T], error)
	Insert(ctx context.Context, id K, value T, events []care.Event, w port.Write) (port.Stored[T], error)
	Update(ctx context.Context, id K, w port.Write, change port.Change[T]) (port.Stored[T], error)
	Each(ctx context.Context, visit func(port.Stored[T]) error) error
}

func roundTrip[K ~string, T any](x *trial, kind string, docs documents[K, T]) {
	x.Helper()
	full, other, empty := named[K](kind, "full"), named[K](kind, "other"), named[K](kind, "empty")
	values := map[K]T{full: filled[T](kind, string(full)), other: filled[T](kind+" 2", string(other)), empty: bare[T](string(empty))}
	for id, value := range values {
		if _, err := docs.Insert(x.ctx, id, value, nil, port.Write{Nonce: nonce(kind, id)}); err != nil {
			x.Errorf("%s: insert: %v", kind, err)
			return
		}
	}
	changed := filled[T](kind+" changed", string(full))
	_, err := docs.Update(x.ctx, full, port.Write{}, func(T) (T, []care.Event, error) { return changed, nil, nil })
	if err != nil {
		x.Errorf("%s: update: %v", kind, err)
		return
	}
	values[full] = changed
	for id, value := range values {
		read, err := docs.Get(x.ctx, id)
		if err != nil {
			x.Errorf("%s: get: %v", kind, err)
			return
		}
		x.same(kind, read.Value, value)
	}
	streamed := 0
	if err := docs.Each(x.ctx, func(s port.Stored[T]) error { streamed++; return nil }); err != nil || streamed != len(values) {
		x.Errorf("%s: each streams %d documents and %v, want %d", kind, streamed, err, len(values))
	}
}

func exactTimes(x *trial) {
	amsterdam, err := care.LoadZone("Europe/Amsterdam")
	x.ok(err)
	for i, at := range []time.Time{
		time.Date(2026, 11, 23, 9, 0, 0, 1e6, time.UTC),
		time.Date(2026, 11, 23, 9, 0, 0, 999e6, time.UTC),
		time.Date(2026, 10, 25, 2, 30, 0, 500e6, amsterdam), // this hour comes twice
		time.Date(1931, 2, 28, 23, 59, 59, 999e6, time.UTC),
		time.UnixMilli(0).UTC(),
		time.Date(2070, 1, 1, 0, 0, 0, 7e6, time.UTC),
		{},
	} {
		r, events, err := newRequest(fmt.Sprint("time ", i), 1)
		x.ok(err)
		r.CreatedAt, r.PublishedAt, r.NextActionAt, r.Slots[0].CancelledAt = at, at, at, at
		events[0].At = at
		_, err = x.Requests.Insert(x.ctx, r.ID, r, events, port.Write{})
		x.ok(err)
		read, err := x.Requests.Get(x.ctx, r.ID)
		x.ok(err)
		for _, got := range []time.Time{read.Value.CreatedAt, read.Value.PublishedAt, read.Value.NextActionAt,
			read.Value.Slots[0].CancelledAt, x.pending(string(r.ID)).Events[0].Event.At} {
			if !got.Equal(at) || got.IsZero() != at.IsZero() {
				x.Errorf("%s came back as %s", at.Format(time.RFC3339Nano), got.Format(time.RFC3339Nano))
			}
			if got.Location() != time.UTC {
				x.Errorf("%s came back in the zone %s, want UTC", at.Format(time.RFC3339Nano), got.Location())
			}
		}
	}
}

func everyLetter(x *trial) {
	for i, words := range []string{
		"Zuster Ĳsbrânt zegt: «één kopje koffie» — graag!",
		"e\u0301 is not é, and both stay what they are",
		"🧑‍🦽 wil naar de 🏥, 👵🏽 gaat mee 🇳🇱",
		"\u202eachterstevoren\u202c שלום مرحبا",
		"$set: {\"a.b\": null} '; DROP TABLE requests; --",
		"line\nbreak\ttab\r\nend \\ \" ' ` % _ \u2028",
		"𝔘𝔫𝔦 \U0010FFFF \uFFFD \uFEFF",
		" leading and trailing ",
	} {
		r, events, err := newRequest(fmt.Sprint("letters ", i), 1)
		x.ok(err)
		r.Words, r.Where.Town, r.Needs.Skills = words, words, []string{words, ""}
		_, err = x.Requests.Insert(x.ctx, r.ID, r, events, port.Write{})
		x.ok(err)
		read, err := x.Requests.Get(x.ctx, r.ID)
		x.ok(err)
		x.same(fmt.Sprintf("%q", words), read.Value, r)
	}
	// What no store keeps safely never reaches one: the rules refuse it.
	for _, words := range []string{"nul \x00 in the middle", "not UTF-8: \xff\xfe"} {
		r, _, err := newRequest("refused", 1)
		x.ok(err)
		r.Words = words
		_, _, err = care.DraftRequest(r, requester(r), monday())
		x.refused(err, care.Invalid, "words_invalid")
	}
}
