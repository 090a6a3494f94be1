package feed

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"testing"

	"pgregory.net/rapid"

	"naober/api/port"
	"naober/api/port/porttest"
	"naober/matching/care"
)

// checkFeed holds the promise: dense numbers, every event once, each document in its own order.
func checkFeed(f *porttest.Feed, noted map[port.DocRef]int64) error {
	at := map[port.DocRef]int64{}
	for i, r := range f.Rows {
		if r.ID != int64(i)+1 {
			return fmt.Errorf("row %d carries number %d", i+1, r.ID)
		}
		if at[r.Doc]++; r.Seq != at[r.Doc] {
			return fmt.Errorf("%v: event %d stands where %d belongs", r.Doc, r.Seq, at[r.Doc])
		}
	}
	for doc, n := range noted {
		if at[doc] != n {
			return fmt.Errorf("%v: %d of %d events arrived", doc, at[doc], n)
		}
	}
	if len(f.Waiting) > 0 {
		return fmt.Errorf("%d documents still hold events", len(f.Waiting))
	}
	return nil
}

// finish lets a new mover bring in what is left.
func finish(ctx context.Context, f *porttest.Feed) error {
	f.Before, f.After = nil, nil
	m := &Mover{Feed: f, Now: stillNoon}
	for {
		if moved, err := m.Step(ctx); err != nil || moved == 0 {
			return err
		}
	}
}

// Every call of a step is cut off once before it does anything and once after its effect stands.
func TestMoverKilledAnywhere(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	noted := map[port.DocRef]int64{docNamed("a"): 3, docNamed("b"): 1, docNamed("c"): 2}
	for k, done := 0, false; !done; k++ {
		for _, late := range []bool{false, true} {
			f := porttest.NewFeed()
			for doc, n := range noted {
				for seq := int64(1); seq <= n; seq++ {
					f.Note(doc, seq, noon)
				}
			}
			calls := 0
			kill := func(string) error {
				if calls++; calls > k {
					return errKilled
				}
				return nil
			}
			if f.Before = kill; late {
				f.Before, f.After = nil, kill
			}
			_, err := (&Mover{Feed: f, Now: stillNoon}).Step(ctx)
			if err != nil && !errors.Is(err, errKilled) {
				t.Fatal(err)
			}
			done = err == nil
			if err := finish(ctx, f); err != nil {
				t.Fatal(err)
			}
			if err := checkFeed(f, noted); err != nil {
				t.Fatalf("killed at call %d (after its effect: %v): %v", k+1, late, err)
			}
		}
	}
}

// cutFeed stops before every call, until it is allowed to go on.
type cutFeed struct {
	port.Feed
	gate func(op string) bool
}

func (c cutFeed) cut(op string) error {
	if !c.gate(op) {
		return errKilled
	}
	return nil
}

func (c cutFeed) Bounds(ctx context.Context) (int64, int64, error) {
	if err := c.cut("bounds"); err != nil {
		return 0, 0, err
	}
	return c.Feed.Bounds(ctx)
}

func (c cutFeed) Pending(ctx context.Context, limit int) ([]port.Pending, error) {
	if err := c.cut("pending"); err != nil {
		return nil, err
	}
	return c.Feed.Pending(ctx, limit)
}

func (c cutFeed) Has(ctx context.Context, doc port.DocRef, seq int64) (bool, error) {
	if err := c.cut("has"); err != nil {
		return false, err
	}
	return c.Feed.Has(ctx, doc, seq)
}

func (c cutFeed) Append(ctx context.Context, rows []port.Row) error {
	for i := range rows {
		if err := c.cut("append"); err != nil {
			return err
		}
		if err := c.Feed.Append(ctx, rows[i:i+1]); err != nil {
			return err
		}
	}
	return nil
}

func (c cutFeed) Drain(ctx context.Context, doc port.DocRef, seq int64) error {
	if err := c.cut("drain"); err != nil {
		return err
	}
	return c.Feed.Drain(ctx, doc, seq)
}

// walker is a mover that takes one call at a time, whenever it is told to.
func walker(t *rapid.T, f port.Feed) (next func() (string, bool), kill func()) {
	return iter.Pull(func(yield func(string) bool) {
		for alive := true; alive; {
			m := &Mover{Now: stillNoon, Feed: cutFeed{Feed: f, gate: func(op string) bool {
				alive = alive && yield(op)
				return alive
			}}}
			_, err := m.Step(context.Background())
			if err != nil && !errors.Is(err, errKilled) && care.CodeOf(err) != "feed_moved" {
				t.Errorf("step: %v", err)
				return
			}
		}
	})
}

// Two movers at once, one of them maybe frozen in the middle for as long as it likes or killed,
// while documents go on writing.
func TestMoverTwoInterleaved(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f, noted := porttest.NewFeed(), map[port.DocRef]int64{}
		var next [2]func() (string, bool)
		var kill [2]func()
		for i := range next {
			next[i], kill[i] = walker(t, f)
		}
		defer func() { kill[0](); kill[1]() }()
		for range rapid.IntRange(1, 120).Draw(t, "acts") {
			switch act := rapid.IntRange(0, 9).Draw(t, "act"); {
			case act < 2:
				doc := docNamed(rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "doc"))
				noted[doc]++
				f.Note(doc, noted[doc], noon)
			case act == 9:
				i := rapid.IntRange(0, 1).Draw(t, "killed")
				kill[i]()
				next[i], kill[i] = walker(t, f)
			default:
				next[act%2]()
			}
		}
		if err := finish(context.Background(), f); err != nil {
			t.Fatal(err)
		}
		if err := checkFeed(f, noted); err != nil {
			t.Fatal(err)
		}
	})
}

// A mover that froze with its rows in hand and wakes up after another one brought them in.
func TestMoverFrozenWakesUp(t *testing.T) {
	t.Parallel()
	ctx, f := context.Background(), porttest.NewFeed()
	f.Note(docNamed("a"), 1, noon)
	frozen := &Mover{Now: stillNoon, Feed: cutFeed{Feed: f, gate: func(op string) bool {
		if op == "append" {
			if err := finish(ctx, f); err != nil {
				t.Error(err)
			}
		}
		return true
	}}}
	if _, err := frozen.Step(ctx); care.CodeOf(err) != "feed_moved" {
		t.Fatalf("want feed_moved, got %v", err)
	}
	if err := checkFeed(f, map[port.DocRef]int64{docNamed("a"): 1}); err != nil {
		t.Fatal(err)
	}
}

// A holder of the lease that lost a race for a number goes on; one that lost the lease stops.
func TestMoverRunMeetsAnotherMover(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name  string
		lease func(l Lease) Lease // what happened to the lease meanwhile
		code  string
		moved int
	}{
		{"goes on while it holds the lease", func(l Lease) Lease { return l }, "", 1},
		{"stops where it was replaced", func(l Lease) Lease { l.Number++; return l }, "lease_lost", 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			ctx, f, w := context.Background(), porttest.NewFeed(), newLeaseWorld()
			w.a.Step(ctx)
			f.Note(docNamed("a"), 1, noon)
			raced := false
			m := &Mover{Now: stillNoon, Feed: cutFeed{Feed: f, gate: func(op string) bool {
				if op == "append" && !raced {
					raced = true
					(&Mover{Feed: f, Now: stillNoon}).Step(ctx)
					f.Note(docNamed("b"), 1, noon)
					w.docs.Update(ctx, "work", port.Write{}, func(l Lease) (Lease, []care.Event, error) { return row.lease(l), nil, nil })
				}
				return true
			}}}
			if moved, err := m.run(ctx, w.a); moved != row.moved || care.CodeOf(err) != row.code {
				t.Fatalf("moved %d: %v", moved, err)
			}
		})
	}
}

func TestMoverIsFair(t *testing.T) {
	t.Parallel()
	ctx, f := context.Background(), porttest.NewFeed()
	for seq := range int64(4 * moverBatch) {
		f.Note(docNamed("a"), seq+1, noon)
	}
	f.Note(docNamed("z"), 1, noon)
	moved, err := (&Mover{Feed: f, Now: stillNoon}).Step(ctx)
	if err != nil || moved > moverBatch {
		t.Fatalf("moved %d: %v", moved, err)
	}
	if has, _ := f.Has(ctx, docNamed("z"), 1); !has {
		t.Fatal("a document with one event waited for one with thousands")
	}
	if err := finish(ctx, f); err != nil {
		t.Fatal(err)
	}
	if err := checkFeed(f, map[port.DocRef]int64{docNamed("a"): 4 * moverBatch, docNamed("z"): 1}); err != nil {
		t.Fatal(err)
	}
}

// One document that cannot be drained does not keep the others in.
func TestMoverOneDocumentFails(t *testing.T) {
	t.Parallel()
	ctx, f := context.Background(), porttest.NewFeed()
	f.Note(docNamed("a"), 1, noon)
	f.Note(docNamed("b"), 1, noon)
	broken := true
	f.Before = func(op string) error {
		if op == "drain" && broken {
			broken = false
			return care.E(care.Unavailable, "store_away", "away")
		}
		return nil
	}
	if moved, err := (&Mover{Feed: f, Now: stillNoon}).Step(ctx); moved != 1 || err == nil {
		t.Fatalf("moved %d: %v", moved, err)
	}
	if err := finish(ctx, f); err != nil {
		t.Fatal(err)
	}
	if err := checkFeed(f, map[port.DocRef]int64{docNamed("a"): 1, docNamed("b"): 1}); err != nil {
		t.Fatal(err)
	}
}
