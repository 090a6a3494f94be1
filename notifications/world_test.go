package notifications

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"naober/matching/care"
)

// Ids are ULIDs, because fcm refuses anything else in a payload.
const (
	ride    = care.RequestID("01KB2QJ5Z8M3V7T9R1C4X6W0A1")
	theAsk  = care.AskID("01KB2QJ5Z8M3V7T9R1C4X6W0A2")
	visit   = care.VisitID("01KB2QJ5Z8M3V7T9R1C4X6W0A3")
	anna    = care.PersonID("01KB2QJ5Z8M3V7T9R1C4X6W0P1") // for whom it is
	berend  = care.PersonID("01KB2QJ5Z8M3V7T9R1C4X6W0P2") // who helps
	corrie  = care.PersonID("01KB2QJ5Z8M3V7T9R1C4X6W0P3") // who asked for her
	wia     = care.PersonID("01KB2QJ5Z8M3V7T9R1C4X6W0P4") // the fixed worker
	village = care.CommunityID("01KB2QJ5Z8M3V7T9R1C4X6W0C1")
)

var errKilled = errors.New("killed")

// world is store, directory and push service in one: what a relay sees of the outside. With killAt
// it is a process that dies at its n-th call, before or after the call took effect.
type world struct {
	mu      sync.Mutex
	now     time.Time
	docs    map[string]Delivery
	facts   Facts
	quiet   care.Quiet
	devices map[care.PersonID][]Device
	sides   []care.PersonID
	owners  []care.PersonID
	mods    []care.PersonID
	answer  func(Message) error // of the push service; nil takes everything
	looks   func(care.PersonID) error

	pushed      []Message
	undelivered int
	forgotten   []Device

	calls, killAt   int
	killAfter, dead bool
}

// newWorld is a Tuesday noon on which Berend is asked and everybody has a phone.
func newWorld(t *testing.T) *world {
	w := &world{now: at(t, "2026-03-10 12:00"), docs: map[string]Delivery{}, quiet: care.DefaultQuiet("Europe/Amsterdam"),
		devices: map[care.PersonID][]Device{}, sides: []care.PersonID{anna}, owners: []care.PersonID{wia}}
	for _, p := range []care.PersonID{anna, berend, corrie, wia} {
		w.devices[p] = []Device{{ID: "phone of " + string(p), Token: "token-" + string(p)}}
	}
	w.facts = Facts{Urgency: care.Ordinary,
		Ask:   care.Ask{ID: theAsk, Helper: berend, State: care.Asked, AskFrom: w.now, LapsesAt: w.now.Add(8 * time.Hour)},
		Visit: care.Visit{ID: visit, Helper: berend, State: care.VisitSet, At: care.Interval{From: w.now.Add(48 * time.Hour), Until: w.now.Add(49 * time.Hour)}}}
	return w
}

func at(t *testing.T, local string) time.Time {
	t.Helper()
	zone, err := care.LoadZone("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	when, err := time.ParseInLocation("2006-01-02 15:04", local, zone)
	if err != nil {
		t.Fatal(err)
	}
	return when
}

func (w *world) relay() *Relay {
	return NewRelay(w, w, w, func() time.Time { w.mu.Lock(); defer w.mu.Unlock(); return w.now }, slog.New(slog.NewTextHandler(io.Discard, nil)))
}

func (w *world) call(act func()) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls++
	hit := w.calls == w.killAt
	if w.dead || hit && !w.killAfter {
		w.dead = true
		return errKilled
	}
	if act(); hit {
		w.dead = true
	}
	if w.dead {
		return errKilled
	}
	return nil
}

func (w *world) Add(_ context.Context, d Delivery) error {
	return w.call(func() {
		if _, there := w.docs[d.ID]; !there {
			w.docs[d.ID] = d
		}
	})
}

func (w *world) Get(_ context.Context, id string) (d Delivery, err error) {
	killed := w.call(func() {
		var there bool
		if d, there = w.docs[id]; !there {
			err = care.E(care.NotFound, "delivery_not_found", "there is none")
		}
	})
	return d, errors.Join(killed, err)
}

func (w *world) Due(_ context.Context, now time.Time, limit int) (due []Delivery, err error) {
	err = w.call(func() {
		for _, d := range w.docs {
			if !d.Final() && !d.DueAt.After(now) {
				due = append(due, d)
			}
		}
		slices.SortFunc(due, func(a, b Delivery) int { return a.DueAt.Compare(b.DueAt) })
		due = due[:min(len(due), limit)]
	})
	return due, err
}

func (w *world) Change(ctx context.Context, id string, change func(Delivery) (Delivery, error)) (d Delivery, err error) {
	killed := w.call(func() {
		if err = ctx.Err(); err != nil {
			return
		}
		old, there := w.docs[id]
		if !there {
			err = care.E(care.NotFound, "delivery_not_found", "there is none")
			return
		}
		if _, err = change(old); err != nil { // it may run more than once
			return
		}
		if d, err = change(old); err == nil {
			w.docs[id] = d
		}
	})
	return d, errors.Join(killed, err)
}

func (w *world) Requesters(context.Context, care.RequestID) ([]care.PersonID, error) {
	return w.sides, w.call(func() {})
}

func (w *world) Owners(context.Context, care.RequestID) ([]care.PersonID, error) {
	return w.owners, w.call(func() {})
}

func (w *world) Moderators(context.Context, care.CommunityID) ([]care.PersonID, error) {
	return w.mods, w.call(func() {})
}

func (w *world) Receivers(context.Context, care.OrganizationID) ([]care.PersonID, error) {
	return w.mods, w.call(func() {})
}

func (w *world) Reach(_ context.Context, p care.PersonID) (reach Reach, err error) {
	killed := w.call(func() {
		if w.looks != nil {
			err = w.looks(p)
		}
		reach = Reach{Quiet: w.quiet, Devices: slices.Clone(w.devices[p])}
	})
	return reach, errors.Join(killed, err)
}

func (w *world) Facts(context.Context, care.RequestID, care.AskID, care.VisitID) (f Facts, err error) {
	return w.facts, w.call(func() {})
}

func (w *world) Forget(_ context.Context, gone Device) error {
	return w.call(func() {
		w.forgotten = append(w.forgotten, gone)
		for p, devices := range w.devices {
			w.devices[p] = slices.DeleteFunc(devices, func(d Device) bool { return d == gone })
		}
	})
}

func (w *world) Undelivered(context.Context, care.RequestID, care.AskID) error {
	return w.call(func() { w.undelivered++ })
}

func (w *world) Push(_ context.Context, m Message) (err error) {
	killed := w.call(func() {
		if w.answer != nil {
			err = w.answer(m)
		}
		if err == nil {
			w.pushed = append(w.pushed, m)
		}
	})
	return errors.Join(killed, err)
}

// made is the fact that Berend was asked; happened is any other about the same ride.
func (w *world) made() care.Event { return w.happened(care.AskMade) }

func (w *world) happened(t care.EventType) care.Event {
	return care.Event{Type: t, At: w.now, Community: village, Request: ride, Ask: theAsk, Visit: visit, Helper: berend, Person: anna}
}

func (w *world) handle(t *testing.T, e care.Event) {
	t.Helper()
	if err := w.relay().Handle(t.Context(), "requests/"+string(ride)+"/"+string(e.Type), e); err != nil {
		t.Fatal(err)
	}
}

// run steps until nothing is due, as the loop does, and then lets the time pass to the next due
// moment, for at most so long.
func (w *world) run(t *testing.T, most time.Duration) {
	t.Helper()
	r, until := w.relay(), w.now.Add(most)
	for range 10_000 {
		if n, err := r.Step(t.Context()); err != nil {
			t.Fatal(err)
		} else if n > 0 {
			continue
		}
		next := time.Time{}
		for _, d := range w.docs {
			if !d.Final() && (next.IsZero() || d.DueAt.Before(next)) {
				next = d.DueAt
			}
		}
		if next.IsZero() || next.After(until) {
			w.now = until
			return
		}
		w.now = next
	}
	t.Fatal("it never comes to rest")
}

// sent are the keys that a person's devices took, in order.
func (w *world) sent(p care.PersonID) []string {
	var keys []string
	for _, m := range w.pushed {
		if slices.ContainsFunc(w.devices[p], func(d Device) bool { return d.Token == m.Token }) {
			keys = append(keys, m.Key)
		}
	}
	return keys
}

func (w *world) question() Delivery { return w.docs[questionID(theAsk)] }

func (w *world) of(t *testing.T, p care.PersonID, key string) Delivery {
	t.Helper()
	for _, d := range w.docs {
		if d.Person == p && d.Key == key {
			return d
		}
	}
	t.Fatalf("nothing was written with key %s", key)
	return Delivery{}
}

// newest is the key of what was written last for a person.
func (w *world) newest(p care.PersonID) string {
	var last Delivery
	for _, d := range w.docs {
		if d.Person == p && !d.CreatedAt.Before(last.CreatedAt) {
			last = d
		}
	}
	return last.Key
}
