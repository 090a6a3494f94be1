package app

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"naober/api/port"
	"naober/matching/care"
)

// settledSeries is a daily series of which the first days were cancelled long ago.
func settledSeries(days int) care.Request {
	r := care.Request{ID: "r", Phase: care.Live, NextActionAt: noon, Series: &care.Series{}}
	for i := range days {
		start := noon.AddDate(0, 0, i-10)
		id := care.SlotID(fmt.Sprintf("s%02d", i))
		s := care.Slot{ID: id, Start: start, End: start.Add(time.Hour), Seats: 1}
		if start.Before(noon) {
			s.CancelledAt = start.Add(-time.Hour)
			r.Asks = append(r.Asks, care.Ask{ID: care.AskID("a" + string(id)), Slot: id, State: care.StoodDown})
		}
		r.Slots = append(r.Slots, s)
	}
	return r
}

// Whatever write the process is killed at, no slot is lost: it stands in the request, in the
// history, or in both until the next time.
func TestCompactKilledAnywhere(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for k, done := 0, false; !done; k++ {
		w := newClockWorld()
		w.requests.Insert(ctx, "r", settledSeries(20), nil, port.Write{})
		calls := 0
		kill := func(string) error {
			if calls++; calls > k {
				return errKilled
			}
			return nil
		}
		w.requests.Fail, w.histories.Fail = kill, kill
		err := w.compact(ctx, "r")
		if done = err == nil; !done && !errors.Is(err, errKilled) {
			t.Fatal(err)
		}
		for _, s := range settledSeries(20).Slots {
			_, there := w.requests.Rows["r"].Value.Slot(s.ID)
			if _, kept := w.histories.Rows[string(s.ID)]; there != nil && !kept {
				t.Fatalf("killed at call %d: slot %s is lost", k+1, s.ID)
			}
		}
		w.requests.Fail, w.histories.Fail = nil, nil
		if err := w.compact(ctx, "r"); err != nil {
			t.Fatal(err)
		}
		if left, kept := len(w.requests.Rows["r"].Value.Slots), len(w.histories.Rows); left != 13 || kept != 7 {
			t.Fatalf("killed at call %d: %d slots left, %d in the history", k+1, left, kept)
		}
		if h := w.histories.Rows["s00"].Value; len(h.Slots) != 1 || len(h.Asks) != 1 || h.Asks[0].Slot != "s00" {
			t.Fatalf("history of a slot: %+v", h)
		}
	}
}

// A word about a settled visit that arrives between the two writes is not lost with the slot.
func TestCompactMeetsAnotherWrite(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := newClockWorld()
	w.requests.Insert(ctx, "r", settledSeries(20), nil, port.Write{})
	w.histories.Fail = func(string) error {
		w.histories.Fail = nil
		_, err := w.requests.Update(ctx, "r", port.Write{}, func(r care.Request) (care.Request, []care.Event, error) {
			r.Asks[0].State = care.Lapsed
			return r, nil, nil
		})
		return err
	}
	if err := w.compact(ctx, "r"); care.CodeOf(err) != "settled_changed" {
		t.Fatalf("want settled_changed, got %v", err)
	}
	if err := w.compact(ctx, "r"); err != nil {
		t.Fatal(err)
	}
	if got := w.histories.Rows["s00"].Value.Asks[0].State; got != care.Lapsed {
		t.Fatalf("the history keeps the older word: %q", got)
	}
}
