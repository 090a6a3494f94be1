package app

import (
	"context"
	"fmt"
	"testing"
	"time"

	"naober/api/feed"
	"naober/api/port"
	"naober/api/port/porttest"
	"naober/matching/care"
)

// clockWorld is an app whose requests and helpers fall due, without anything around it.
type clockWorld struct {
	*App
	now       time.Time
	hand      *porttest.HandTime
	requests  *porttest.Documents[care.RequestID, care.Request]
	helpers   *porttest.Documents[care.PersonID, care.Helper]
	histories *porttest.Documents[care.SlotID, care.History]
	feed      *porttest.Feed
	leases    *porttest.Documents[string, feed.Lease]
}

func newClockWorld() *clockWorld {
	w := &clockWorld{now: noon, hand: porttest.NewHandTime(), feed: porttest.NewFeed(), leases: porttest.NewDocuments[string, feed.Lease](),
		requests: porttest.NewDocuments[care.RequestID, care.Request](), helpers: porttest.NewDocuments[care.PersonID, care.Helper](),
		histories: porttest.NewDocuments[care.SlotID, care.History]()}
	w.requests.DueAt = func(r care.Request) time.Time {
		if r.Phase == care.Ended {
			return time.Time{}
		}
		return r.NextActionAt
	}
	w.helpers.DueAt = func(h care.Helper) time.Time {
		if len(h.Claims) == 0 {
			return time.Time{}
		}
		return h.Claims[0].Since.Add(ClaimGrace)
	}
	w.App = &App{index: newIndex(), Settings: Settings{Log: quietLog(), Now: func() time.Time { return w.now }, Stores: Stores{
		Requests: w.requests, Helpers: w.helpers, Histories: w.histories, Feed: w.feed, Leases: w.leases, Parked: parkedDocs(), Audits: &memoryAudits{}}}}
	return w
}

// live stores a request that is due now: its promise has lapsed.
func (w *clockWorld) live(id string, due time.Time) {
	r := care.Request{ID: care.RequestID(id), Phase: care.Live, Stage: care.StageVillage, Urgency: care.Ordinary,
		PromiseAt: due, NextActionAt: due, Slots: []care.Slot{{ID: "s", Start: noon.AddDate(0, 0, 9), End: noon.AddDate(0, 0, 10), Seats: 1}}}
	w.requests.Insert(context.Background(), r.ID, r, nil, port.Write{})
}

// broken stores a request whose series cannot be laid out: its tick fails for ever.
func (w *clockWorld) broken(id string, due time.Time) {
	r := care.Request{ID: care.RequestID(id), Phase: care.Live, NextActionAt: due, Series: &care.Series{Rule: "nonsense", Start: "never"}}
	w.requests.Insert(context.Background(), r.ID, r, nil, port.Write{})
}

func TestClockworkTicksWhatIsDue(t *testing.T) {
	t.Parallel()
	w := newClockWorld()
	w.live("late", noon.Add(-time.Hour))
	w.live("exact", noon)
	w.live("early", noon.Add(time.Millisecond))
	c := w.NewClockwork(w.hand)
	if n, err := c.Step(context.Background()); n != 2 || err != nil {
		t.Fatalf("acted on %d: %v", n, err)
	}
	for id, want := range map[string]care.Stage{"late": care.StageGuarantor, "exact": care.StageGuarantor, "early": care.StageVillage} {
		if got := w.requests.Rows[id].Value.Stage; got != want {
			t.Errorf("%s stands at %q, want %q", id, got, want)
		}
	}
	if n, err := c.Step(context.Background()); n != 0 || err != nil {
		t.Fatalf("acted on %d again: %v", n, err)
	}
}

// More failing requests than a batch holds stand in front of one that works.
func TestClockworkFailuresStarveNobody(t *testing.T) {
	t.Parallel()
	w := newClockWorld()
	for i := range clockBatch + 50 {
		w.broken(fmt.Sprintf("broken%03d", i), noon.Add(-time.Hour))
	}
	w.live("fine", noon)
	c := w.NewClockwork(w.hand)
	for step := 0; w.requests.Rows["fine"].Value.Stage != care.StageGuarantor; step++ {
		if step == 3 {
			t.Fatal("requests that fail keep one waiting that would work")
		}
		if _, err := c.Step(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestClockworkLeavesOutWhatFailed(t *testing.T) {
	t.Parallel()
	w := newClockWorld()
	w.broken("x", noon)
	c := w.NewClockwork(w.hand)
	tries := func() int64 {
		if n, err := c.Step(context.Background()); n != 0 || err != nil {
			t.Fatalf("acted on %d: %v", n, err)
		}
		return c.failed.Load()
	}
	for _, row := range []struct {
		passes time.Duration
		want   int64
	}{{0, 1}, {clockFirst - 1, 1}, {1, 2}, {2*clockFirst - 1, 2}, {1, 3}, {clockLast, 4}} {
		w.hand.Advance(row.passes)
		if got := tries(); got != row.want {
			t.Fatalf("after %v tried %d times, want %d", row.passes, got, row.want)
		}
	}
}

// A claim whose second half never came is freed, and its request will not accept it any more.
func TestClockworkSettlesOldClaims(t *testing.T) {
	t.Parallel()
	w := newClockWorld()
	w.live("r", noon.AddDate(0, 0, 1))
	claim := care.Claim{Nonce: "n", Purpose: care.ForSeat, Request: "r", Since: noon}
	w.helpers.Insert(context.Background(), "h", care.Helper{Person: "h", Claims: []care.Claim{claim}}, nil, port.Write{})
	c := w.NewClockwork(w.hand)
	w.now = noon.Add(ClaimGrace - time.Millisecond)
	if n, err := c.Step(context.Background()); n != 0 || err != nil {
		t.Fatalf("acted on %d before the time: %v", n, err)
	}
	w.now = noon.Add(ClaimGrace)
	if n, err := c.Step(context.Background()); n != 1 || err != nil {
		t.Fatalf("acted on %d: %v", n, err)
	}
	if left := w.helpers.Rows["h"].Value.Claims; len(left) != 0 {
		t.Fatalf("the claim stands: %+v", left)
	}
	if v, _ := w.requests.Rows["r"].Value.VerdictOf("n"); v != care.VerdictFreed {
		t.Fatalf("the request says %q", v)
	}
}

// What was settled long ago leaves a series when its clock ticks; the tick stands where that fails.
func TestClockworkCompactsASeries(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name       string
		fail       func(string) error
		left, kept int
		failed     int64
	}{
		{"to the history", nil, 13, 7, 0},
		{"not while the history is away", func(string) error { return errKilled }, 20, 0, 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := newClockWorld()
			r := settledSeries(20)
			w.now = noon.Add(-time.Minute) // today's slot can still be filled
			r.NextActionAt = w.now
			r.SeriesUntil = noon.AddDate(0, 0, 42)
			r.Series = &care.Series{Rule: "FREQ=DAILY", Start: "2026-02-20T13:00", Duration: time.Hour, Zone: "Europe/Amsterdam"}
			w.requests.Insert(context.Background(), r.ID, r, nil, port.Write{})
			w.histories.Fail = row.fail
			c := w.NewClockwork(w.hand)
			if n, err := c.Step(context.Background()); n != 1 || err != nil || c.failed.Load() != row.failed {
				t.Fatalf("acted on %d, %d failed: %v", n, c.failed.Load(), err)
			}
			if left, kept := len(w.requests.Rows["r"].Value.Slots), len(w.histories.Rows); left != row.left || kept != row.kept {
				t.Fatalf("%d slots left, %d in the history", left, kept)
			}
		})
	}
}
