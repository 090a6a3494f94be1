package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"naober/api/feed"
	"naober/api/port"
	"naober/matching/care"
)

func moverPromises() []Promise {
	return []Promise{
		{Name: "twenty writers and two movers give each event exactly once", check: manyWriters},
		{Name: "a mover that was overtaken loses nothing", check: overtakenMover},
		{Name: "a dense feed under a failure of the mover at each step", check: failingMover},
		{Name: "a dense feed under a kill of the mover", check: killedMover, Processes: true},
	}
}

// exactlyOnce wants the feed to hold each document's events once, in order, with the codes given.
func (x *trial) exactlyOnce(want map[care.RequestID][]string) {
	x.Helper()
	got, last := map[care.RequestID][]string{}, map[port.DocRef]int64{}
	for _, row := range x.readAll() {
		if row.Seq <= last[row.Doc] {
			x.Errorf("row %d carries event %d of %s after event %d", row.ID, row.Seq, row.Doc.ID, last[row.Doc])
		}
		last[row.Doc] = row.Seq
		if row.Event.Type == care.RequestChanged {
			got[row.Event.Request] = append(got[row.Event.Request], row.Event.Code)
		}
	}
	for id, codes := range want {
		x.same("the events of "+string(id), got[id], codes)
	}
}

func manyWriters(x *trial) {
	const writers, docs, each = 20, 5, 4
	other := x.handle()
	defer other.close()
	var ids []care.RequestID
	for i := range docs {
		ids = append(ids, x.request(fmt.Sprint("writer ", i), 1).Value.ID)
	}
	done := make(chan struct{})
	var movers, hands sync.WaitGroup
	for _, h := range []*trial{x, other} {
		movers.Go(func() { h.moveUntil(done) })
	}
	for w := range writers {
		h := []*trial{x, other}[w%2]
		hands.Go(func() {
			for i := range each {
				code := fmt.Sprintf("%02d.%d", w, i)
				if _, err := h.Requests.Update(h.ctx, ids[(w+i)%docs], port.Write{Nonce: nonce(code)}, say(code, code)); err != nil {
					h.Errorf("writer %s: %v", code, err)
				}
			}
		})
	}
	hands.Wait()
	close(done)
	movers.Wait()
	x.drainAll()
	seen := map[string]int{}
	for _, row := range x.readAll() {
		if row.Event.Type == care.RequestChanged {
			seen[row.Event.Code]++
		}
	}
	for w := range writers {
		for i := range each {
			if n := seen[fmt.Sprintf("%02d.%d", w, i)]; n != 1 {
				x.Errorf("the event %02d.%d stands %d times in the feed", w, i, n)
			}
		}
	}
	x.exactlyOnce(nil)
}

// moveUntil moves without a pause until done, then once more to the end.
func (x *trial) moveUntil(done <-chan struct{}) {
	m := feed.Mover{Feed: x.Feed, Now: monday}
	for {
		n, err := m.Step(x.ctx)
		if err != nil && care.CodeOf(err) != "feed_moved" {
			x.Errorf("mover: %v", err)
			return
		}
		select {
		case <-done:
			if n == 0 && err == nil {
				return
			}
		default:
		}
	}
}

// appendFeed puts something between a mover and its append.
type appendFeed struct {
	port.Feed
	append func(ctx context.Context, rows []port.Row) error
}

func (f appendFeed) Append(ctx context.Context, rows []port.Row) error { return f.append(ctx, rows) }

// overtakenMover holds a mover back before its append. Another event is written, a second mover
// reads it, and only then does the first append: the number that the second is about to use is
// taken by rows that do not hold the new event.
func overtakenMover(x *trial) {
	r := x.request("overtaken", 1).Value
	slow := feed.Mover{Now: monday, Feed: appendFeed{x.Feed, func(ctx context.Context, rows []port.Row) error {
		_, err := x.Requests.Update(ctx, r.ID, port.Write{}, say("Nieuw", "new"))
		x.ok(err)
		fast := feed.Mover{Now: monday, Feed: appendFeed{x.Feed, func(ctx context.Context, more []port.Row) error {
			x.ok(x.Feed.Append(ctx, rows))
			return x.Feed.Append(ctx, more)
		}}}
		_, err = fast.Step(ctx)
		x.refused(err, care.Conflict, "feed_moved")
		return nil
	}}}
	_, err := slow.Step(x.ctx)
	x.ok(err)
	x.drainAll()
	x.exactlyOnce(map[care.RequestID][]string{r.ID: {"new"}})
}

var errKilled = errors.New("killed")

// faultyFeed fails one call of the mover: before it is made, after it was made, or, for an append,
// after half of its rows.
type faultyFeed struct {
	port.Feed
	calls, fail int
	moment      string // before, after, half
}

func (f *faultyFeed) now(moment string) bool { return f.calls == f.fail && f.moment == moment }

func (f *faultyFeed) around(call func() error) error {
	f.calls++
	if f.now("before") {
		return errKilled
	}
	if err := call(); err != nil {
		return err
	}
	if f.now("after") {
		return errKilled
	}
	return nil
}

func (f *faultyFeed) Pending(ctx context.Context, limit int) (p []port.Pending, err error) {
	err = f.around(func() error { p, err = f.Feed.Pending(ctx, limit); return err })
	return p, err
}

func (f *faultyFeed) Has(ctx context.Context, doc port.DocRef, seq int64) (has bool, err error) {
	err = f.around(func() error { has, err = f.Feed.Has(ctx, doc, seq); return err })
	return has, err
}

func (f *faultyFeed) Bounds(ctx context.Context) (first, last int64, err error) {
	err = f.around(func() error { first, last, err = f.Feed.Bounds(ctx); return err })
	return first, last, err
}

func (f *faultyFeed) Append(ctx context.Context, rows []port.Row) error {
	return f.around(func() error {
		if f.now("half") {
			return errors.Join(f.Feed.Append(ctx, rows[:len(rows)/2]), errKilled)
		}
		return f.Feed.Append(ctx, rows)
	})
}

func (f *faultyFeed) Drain(ctx context.Context, doc port.DocRef, seq int64) error {
	return f.around(func() error {
		if f.now("half") {
			return errors.Join(f.Feed.Drain(ctx, doc, seq-1), errKilled)
		}
		return f.Feed.Drain(ctx, doc, seq)
	})
}

// failingMover lets a mover stop at its every step in turn, and another come after it.
func failingMover(x *trial) {
	want := map[care.RequestID][]string{}
	steps := 0
	for _, moment := range []string{"before", "after", "half"} {
		for step := 1; ; step++ {
			for d := range 2 {
				id := named[care.RequestID]("request", fmt.Sprint(moment, step, d))
				x.request(fmt.Sprint(moment, step, d), 1)
				code := fmt.Sprint(moment, step, d)
				_, err := x.Requests.Update(x.ctx, id, port.Write{}, say(code, code))
				x.ok(err)
				want[id] = []string{code}
			}
			f := &faultyFeed{Feed: x.Feed, fail: step, moment: moment}
			m := feed.Mover{Feed: f, Now: monday}
			_, err := m.Step(x.ctx)
			if err != nil && !errors.Is(err, errKilled) {
				x.Fatalf("step %d: %v", step, err)
			}
			x.drainAll()
			if step > f.calls { // the mover came to its end untouched
				break
			}
			steps++
		}
	}
	x.Logf("a mover was stopped at %d points", steps)
	x.exactlyOnce(want)
}

// killedMover lets a child move while this process writes, and kills it, several times.
func killedMover(x *trial) {
	rng := x.seeded()
	want := map[care.RequestID][]string{}
	id := x.request("moved", 1).Value.ID
	for kill := range 3 {
		c := x.child("move", "")
		for i := range 10 + rng.IntN(20) {
			code := fmt.Sprintf("%d.%d", kill, i)
			_, err := x.Requests.Update(x.ctx, id, port.Write{}, say(code, code))
			x.ok(err)
			want[id] = append(want[id], code)
		}
		c.line() // it has moved something
		c.kill()
	}
	x.drainAll()
	x.exactlyOnce(want)
}
