package mongostore

import (
	"sync"
	"testing"
	"time"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
)

// later moves the moment at which a request was made by an hour.
func later(r care.Request) (care.Request, []care.Event, error) {
	r.CreatedAt = r.CreatedAt.Add(time.Hour)
	return r, nil, nil
}

// onlyAt is later for a request that was made at a moment.
func onlyAt(at time.Time) port.Change[care.Request] {
	return func(r care.Request) (care.Request, []care.Event, error) {
		if !r.CreatedAt.Equal(at) {
			return r, nil, care.E(care.Conflict, "not_then", "made at another moment")
		}
		return later(r)
	}
}

func TestACallChangesWhatItKnowsWithoutReadingItAgain(t *testing.T) {
	w := twoHandles(t)
	made := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	mine, theirs := w.one.Stores().Requests, w.other.Stores().Requests
	_, err := mine.Insert(t.Context(), "r", care.Request{ID: "r", CreatedAt: made}, nil, port.Write{})
	w.ok(err)
	ctx := app.WithPrelude(t.Context(), "POST /v1/requests/id/close")
	before := w.sent("find")
	_, err = mine.Get(ctx, "r")
	w.ok(err)
	for n := range 3 {
		stored, err := mine.Update(ctx, "r", port.Write{Nonce: care.Nonce([]string{"a", "b", "c"}[n])}, later)
		w.ok(err)
		if want := made.Add(time.Duration(n+1) * time.Hour); !stored.Value.CreatedAt.Equal(want) || stored.Rev != int64(n+2) {
			t.Errorf("change %d leads to %v at rev %d", n, stored.Value.CreatedAt, stored.Rev)
		}
	}
	if sent := w.sent("find") - before; sent != 1 {
		t.Errorf("%d readings, want 1", sent)
	}
	if again, err := mine.Update(ctx, "r", port.Write{Nonce: "c"}, later); err != nil || again.Rev != 4 {
		t.Errorf("the same intent again leads to rev %d, %v", again.Rev, err)
	}

	// What another wrote since is met, whether the change was possible before or is only now.
	_, err = mine.Get(ctx, "r")
	w.ok(err)
	_, err = theirs.Update(t.Context(), "r", port.Write{}, later)
	w.ok(err)
	if stored, err := mine.Update(ctx, "r", port.Write{}, onlyAt(made.Add(4*time.Hour))); err != nil || stored.Rev != 6 {
		t.Errorf("what has become possible leads to rev %d, %v", stored.Rev, err)
	}
	_, err = mine.Get(ctx, "r")
	w.ok(err)
	_, err = theirs.Update(t.Context(), "r", port.Write{}, later)
	w.ok(err)
	if _, err := mine.Update(ctx, "r", port.Write{}, onlyAt(made.Add(5*time.Hour))); care.CodeOf(err) != "not_then" {
		t.Errorf("what is no longer possible: %v", err)
	}
	if _, err := mine.Update(ctx, "r", port.Write{IfVer: 6}, later); !care.IsKind(err, care.Stale) {
		t.Errorf("a version that was passed: %v", err)
	}
	if r, err := theirs.Get(t.Context(), "r"); err != nil || r.Rev != 7 || !r.Value.CreatedAt.Equal(made.Add(6*time.Hour)) {
		t.Errorf("in the end %v at rev %d, %v", r.Value.CreatedAt, r.Rev, err)
	}
}

func TestCallsThatRaceFromWhatTheyKnowLoseNothing(t *testing.T) {
	w := twoHandles(t)
	made := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	_, err := w.one.Stores().Requests.Insert(t.Context(), "r", care.Request{ID: "r", CreatedAt: made}, nil, port.Write{})
	w.ok(err)
	const racers, each = 6, 10
	var group sync.WaitGroup
	for n := range racers {
		requests := []*Store{w.one, w.other}[n%2].Stores().Requests
		group.Go(func() {
			for range each {
				ctx := app.WithPrelude(t.Context(), "POST /v1/requests/id/close")
				_, err := requests.Get(ctx, "r")
				for range 2 {
					if err == nil {
						_, err = requests.Update(ctx, "r", port.Write{}, later)
					}
				}
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	const changes = 2 * racers * each
	if r, err := w.one.Stores().Requests.Get(t.Context(), "r"); err != nil || r.Rev != 1+changes || !r.Value.CreatedAt.Equal(made.Add(changes*time.Hour)) {
		t.Errorf("%v at rev %d after %d changes, %v", r.Value.CreatedAt, r.Rev, changes, err)
	}
}
