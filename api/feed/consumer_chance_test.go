package feed

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"time"

	"naober/api/port"
	"naober/matching/care"
)

// lossy stores parked rows of which the answer gets lost: the caller gets an error, and the row stands.
type lossy struct {
	port.Documents[string, Parked]
	lost func() bool
}

func (l lossy) Insert(ctx context.Context, id string, p Parked, events []care.Event, w port.Write) (port.Stored[Parked], error) {
	stored, err := l.Documents.Insert(ctx, id, p, events, w)
	if err == nil && l.lost() {
		return port.Stored[Parked]{}, errKilled
	}
	return stored, err
}

// A row whose parking was not answered may wait in the store: it is not handed over before what came
// earlier is known to have been, nor once more behind a later one.
func TestConsumerParksOnceThoughTheAnswerIsLost(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name   string
		stored bool // though it was not answered
	}{{"and the row stands", true}, {"and the row does not stand", false}} {
		for _, atOnce := range []int{1, 3} {
			t.Run(fmt.Sprint(row.name, ", at once ", atOnce), func(t *testing.T) {
				t.Parallel()
				w := newReaderWorld(t, "a", "b", "a")
				w.together(atOnce)
				var told []string
				w.OnParked = func(_ context.Context, row port.Row, code string) {
					told = append(told, fmt.Sprint(row.Doc.ID, "/", row.Seq, " ", code))
				}
				w.fails[docNamed("a")] = errBroken
				if w.lot.docs = (lossy{w.parked, func() bool { return true }}); !row.stored {
					w.parked.Fail = func(op string) error { return map[string]error{"insert": errKilled}[op] }
				}
				if err := w.run(); !errors.Is(err, errKilled) {
					t.Fatalf("not lost: %v", err)
				}
				w.lot.docs, w.parked.Fail = w.parked, nil
				delete(w.fails, docNamed("a"))
				if err := w.run(); err != nil {
					t.Fatal(err)
				}
				w.expect("b/1")
				if got := w.counts(); got.Parked != 2 || got.Cursor != 3 || len(told) != 1 || told[0] != "a/1 broken" {
					t.Fatalf("%+v, the owner was told %v", got, told)
				}
				w.now = w.now.Add(parkedFirst)
				if n, err := w.retry(context.Background()); n != 2 || err != nil {
					t.Fatal(n, err)
				}
				w.write("a")
				if err := w.run(); err != nil {
					t.Fatal(err)
				}
				w.expect("b/1", "a/1", "a/2", "a/3")
			})
		}
	}
}

// chanceWorld is a feed whose consumer fails, panics, is shut down and loses answers by chance, and what a
// document's last row was that it took.
type chanceWorld struct {
	*readerWorld
	seed uint64

	mu      sync.Mutex // for all below, while documents are handed over at once
	rnd     *rand.Rand
	last    map[port.DocRef]int64
	before  map[port.DocRef]int64 // the last ones when the process began: what lies before may come again
	running map[port.DocRef]bool
	bad     int // so many failures are left
	stop    context.CancelFunc
}

func newChanceWorld(t *testing.T, seed uint64) *chanceWorld {
	c := &chanceWorld{seed: seed, rnd: rand.New(rand.NewPCG(seed, 1)), last: map[port.DocRef]int64{}, running: map[port.DocRef]bool{}}
	var docs []string
	for range 5 + c.rnd.IntN(60) {
		docs = append(docs, string(rune('a'+c.rnd.IntN(6))))
	}
	c.readerWorld, c.bad = newReaderWorld(t, docs...), c.rnd.IntN(40)
	c.begin()
	return c
}

// begin is a process of which every fifth parking is not carried out, and another fifth not answered.
func (c *chanceWorld) begin() {
	c.AtOnce, c.Handle, c.before = 1+c.rnd.IntN(5), c.hand, maps.Clone(c.last)
	parkings := 0
	c.lot.docs = lossy{c.parked, func() bool {
		parkings++
		return parkings%5 == 2
	}}
	c.parked.Fail = func(op string) error {
		if op == "insert" && parkings%5 == 4 {
			parkings++
			return errKilled
		}
		return nil
	}
}

// hand holds that of each document one row is handed over at a time, none before the one before it, and none
// twice by one process.
func (c *chanceWorld) hand(_ context.Context, row port.Row) error {
	c.mu.Lock()
	if c.running[row.Doc] {
		c.t.Errorf("seed %d: two rows of %s at once", c.seed, row.Doc.ID)
	}
	c.running[row.Doc] = true
	chance := c.rnd.IntN(100)
	c.mu.Unlock()
	for range chance % 7 {
		runtime.Gosched()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.running[row.Doc] = false
	if chance < 3 {
		c.stop()
	}
	if chance >= 50 && c.bad > 0 {
		if c.bad--; chance > 90 {
			panic("by chance")
		}
		return errBroken
	}
	if last := c.last[row.Doc]; row.Seq > last+1 || row.Seq <= last && row.Seq > c.before[row.Doc] {
		c.t.Errorf("seed %d: %s/%d handed over after %d", c.seed, row.Doc.ID, row.Seq, last)
	}
	c.last[row.Doc] = max(c.last[row.Doc], row.Seq)
	return nil
}

// pass lets the process take a step, now and then after an hour and with what waits, and holds that the
// cursor lies behind no row that is neither handed over nor parked.
func (c *chanceWorld) pass(round int) (idle bool) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	c.stop = cancel
	n, err := c.step(ctx, c.held)
	for _, row := range c.feed.Rows {
		if _, waits := c.parked.Rows[parkedID("c", row)]; row.ID <= c.counts().Cursor && !waits && row.Seq > c.last[row.Doc] {
			c.t.Fatalf("seed %d: the cursor passed %s/%d", c.seed, row.Doc.ID, row.Seq)
		}
	}
	if ctx.Err() != nil && c.rnd.IntN(2) == 0 {
		c.restart()
		c.begin()
	}
	if round%3 == 2 && c.begun {
		c.now = c.now.Add(time.Hour)
		c.stop = func() {}
		if _, err := c.retry(context.Background()); err != nil {
			c.t.Fatalf("seed %d: %v", c.seed, err)
		}
	}
	return n == 0 && err == nil && c.begun && c.lot.size() == 0
}

// Whatever fails, every row is handed over, and each document's in order.
func TestConsumerByChance(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		c := newChanceWorld(t, seed)
		for round := 0; !c.pass(round); round++ {
			if round == 300 {
				t.Fatalf("seed %d: the cursor stays at %d, %d wait", seed, c.counts().Cursor, c.lot.size())
			}
		}
		for _, row := range c.feed.Rows {
			if row.Seq > c.last[row.Doc] {
				t.Errorf("seed %d: %s/%d was never handed over", seed, row.Doc.ID, row.Seq)
			}
		}
		if t.Failed() {
			return
		}
	}
}
