package feed

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"naober/api/port"
	"naober/api/port/porttest"
	"naober/matching/care"
)

// readerWorld is a feed with one stored consumer, its lease and its parked rows.
type readerWorld struct {
	t      *testing.T
	feed   *porttest.Feed
	leases *porttest.Documents[string, Lease]
	parked *porttest.Documents[string, Parked]
	now    time.Time
	fails  map[port.DocRef]error // what Handle answers for a document
	got    []string              // what was handed over: "doc/seq"
	calls  int
	starts int // of a process
	held   *Held
	*reader
}

func newReaderWorld(t *testing.T, rows ...string) *readerWorld {
	w := &readerWorld{t: t, feed: porttest.NewFeed(), leases: porttest.NewDocuments[string, Lease](), parked: parkedDocs(),
		now: noon, fails: map[port.DocRef]error{}}
	w.write(rows...)
	w.restart()
	return w
}

// write appends one event of each document named.
func (w *readerWorld) write(docs ...string) {
	for _, id := range docs {
		seq := int64(1)
		for _, r := range w.feed.Rows {
			if r.Doc == docNamed(id) {
				seq = r.Seq + 1
			}
		}
		w.feed.Note(docNamed(id), seq, w.now)
		if _, err := (&Mover{Feed: w.feed, Now: func() time.Time { return w.now }}).Step(context.Background()); err != nil {
			w.t.Fatal(err)
		}
	}
}

// restart is a new process that takes the lease over after the old one was killed.
func (w *readerWorld) restart() {
	if _, taken := w.leases.Rows[LoopOf("c")]; taken {
		w.leases.Update(context.Background(), LoopOf("c"), port.Write{}, func(l Lease) (Lease, []care.Event, error) {
			l.Holder = ""
			return l, nil, nil
		})
	}
	m := porttest.NewHandTime()
	w.starts++
	w.held = (&Leaser{Docs: w.leases, Holder: fmt.Sprint("process ", w.starts), Term: LeaseTerm, Time: m, Log: quietLog()}).Lease(LoopOf("c"))
	if held, err := w.held.Step(context.Background()); !held || err != nil {
		w.t.Fatalf("lease not taken: %v", err)
	}
	s := Settings{Feed: w.feed, Parked: w.parked, Now: func() time.Time { return w.now }, Log: quietLog(), Time: porttest.BriskTime{HandTime: m}}
	w.reader = s.newReader(Consumer{Name: "c", Stored: true, Handle: w.handle})
}

func (w *readerWorld) handle(_ context.Context, row port.Row) error {
	w.calls++
	if err := w.fails[row.Doc]; err != nil {
		return err
	}
	w.got = append(w.got, fmt.Sprintf("%s/%d", row.Doc.ID, row.Seq))
	return nil
}

func (w *readerWorld) run() error {
	for {
		if n, err := w.step(context.Background(), w.held); n == 0 || err != nil {
			return err
		}
	}
}

func (w *readerWorld) expect(want ...string) {
	w.t.Helper()
	if !slices.Equal(w.got, want) {
		w.t.Fatalf("handed over %v, want %v", w.got, want)
	}
}

var errBroken = care.E(care.Conflict, "broken", "broken for the test")

func TestConsumerParksAndContinues(t *testing.T) {
	t.Parallel()
	w := newReaderWorld(t, "a", "b", "a", "c", "a")
	var told []string
	w.OnParked = func(_ context.Context, row port.Row, code string) { told = append(told, row.Doc.ID+" "+code) }
	w.fails[docNamed("a")] = errBroken
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	w.expect("b/1", "c/1")
	if w.calls != quickTries+2 {
		t.Fatalf("%d calls: the later rows of a parked document must not be tried", w.calls)
	}
	if got := w.counts(); got.Parked != 3 || got.Cursor != 5 || got.Lag != 0 || w.leases.Rows[LoopOf("c")].Value.Cursor != 5 {
		t.Fatalf("counts %+v", got)
	}
	if !slices.Equal(told, []string{"a broken"}) {
		t.Fatalf("the owner was told %v", told)
	}
	if _, ok := w.parked.Rows["c/requests/a/00000000000000000001"]; !ok {
		t.Fatalf("parked under other ids: %v", w.parked.Sorted())
	}
	if n, err := w.retry(context.Background()); n != 0 || err != nil || w.calls != quickTries+2 {
		t.Fatalf("retried %d before its time: %v", n, err)
	}
	delete(w.fails, docNamed("a"))
	w.now = w.now.Add(parkedFirst)
	if n, err := w.retry(context.Background()); n != 3 || err != nil {
		t.Fatalf("retried %d: %v", n, err)
	}
	w.write("a")
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	w.expect("b/1", "c/1", "a/1", "a/2", "a/3", "a/4")
	if w.counts().Parked != 0 {
		t.Fatal("nothing waits any more")
	}
}

func TestConsumerRetriesLaterAndLater(t *testing.T) {
	t.Parallel()
	w := newReaderWorld(t, "a", "a")
	w.fails[docNamed("a")] = errBroken
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	for try, want := range []time.Duration{2 * parkedFirst, 4 * parkedFirst, 8 * parkedFirst} {
		head := w.lot.waiting[docNamed("a")][0]
		w.now = head.RetryAt
		w.restart() // what waits and how long is known to the store alone
		if n, err := w.retry(context.Background()); n != 0 || err != nil {
			t.Fatal(n, err)
		}
		if got := w.lot.waiting[docNamed("a")][0]; got.RetryAt.Sub(w.now) != want || got.Row.Seq != 1 {
			t.Fatalf("retry %d: event %d waits for %v, want %v", try+1, got.Row.Seq, got.RetryAt.Sub(w.now), want)
		}
	}
	if got := BackOff(60, parkedFirst, parkedLast); got != parkedLast {
		t.Fatalf("the longest wait is %v", got)
	}
}

func TestConsumerKilled(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name string
		kill func(w *readerWorld) // makes the run stop as a killed process does
		want []string             // after a new process took over and everything works again
	}{
		{"before the cursor is saved: the rows come again", func(w *readerWorld) {
			w.leases.Fail = func(string) error { return errKilled }
		}, []string{"a/1", "b/1", "a/2", "a/1", "b/1", "a/2"}},
		{"before the row is parked: it comes again", func(w *readerWorld) {
			w.fails[docNamed("b")] = errBroken
			w.parked.Fail = func(op string) error { return map[string]error{"insert": errKilled}[op] }
		}, []string{"a/1", "b/1", "a/2"}},
		{"after the row was parked: it waits once and others go on", func(w *readerWorld) {
			w.fails[docNamed("b")] = errBroken
			w.OnParked = func(context.Context, port.Row, string) { w.leases.Fail = func(string) error { return errKilled } }
		}, []string{"a/1", "a/2", "a/2", "b/1"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := newReaderWorld(t, "a", "b", "a")
			row.kill(w)
			if err := w.run(); !errors.Is(err, errKilled) {
				t.Fatalf("not killed: %v", err)
			}
			w.leases.Fail, w.parked.Fail, w.fails = nil, nil, map[port.DocRef]error{}
			w.restart()
			if err := w.run(); err != nil {
				t.Fatal(err)
			}
			if w.lot.size() != len(w.parked.Rows) {
				t.Fatalf("%d rows wait, %d in the store", w.lot.size(), len(w.parked.Rows))
			}
			w.now = w.now.Add(parkedLast)
			if _, err := w.retry(context.Background()); err != nil {
				t.Fatal(err)
			}
			w.expect(row.want...)
			if left := w.lot.size(); left != 0 {
				t.Fatalf("%d rows still wait", left)
			}
		})
	}
}

// A row that was parked, handed over and read again after a kill waits for nothing any more.
func TestConsumerReadsASettledRowAgain(t *testing.T) {
	t.Parallel()
	w := newReaderWorld(t, "a")
	w.fails[docNamed("a")] = errBroken
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	delete(w.fails, docNamed("a"))
	w.now = w.now.Add(parkedFirst)
	if n, err := w.retry(context.Background()); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	w.held.SaveCursor(context.Background(), 0)
	w.restart()
	w.fails[docNamed("a")] = errBroken
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	w.expect("a/1")
	if w.lot.size() != 0 || w.cursor != 1 {
		t.Fatalf("%d rows wait, cursor %d", w.lot.size(), w.cursor)
	}
}

// Between two times of holding the lease another process read on.
func TestConsumerBeginsWhereTheLastHolderStopped(t *testing.T) {
	t.Parallel()
	w := newReaderWorld(t, "a", "b", "c")
	l, err := NewLoops(Settings{Log: quietLog(), Now: stillNoon, Time: w.time, Hold: NewHold(time.Now, w.time)})
	if err != nil {
		t.Fatal(err)
	}
	for _, cursor := range []int64{1, 2} {
		w.held.SaveCursor(context.Background(), cursor)
		if _, err := l.consume(w.reader, w.held)(context.Background()); err != nil {
			t.Fatal(err)
		}
		w.got = append(w.got, "|")
	}
	w.expect("b/1", "c/1", "|", "c/1", "|")
}

func TestConsumerSurvivesAPanic(t *testing.T) {
	t.Parallel()
	w := newReaderWorld(t, "a", "b")
	handle := w.Handle
	w.Handle = func(ctx context.Context, row port.Row) error {
		if row.Doc.ID == "a" {
			var none *port.Row
			return handle(ctx, *none)
		}
		return handle(ctx, row)
	}
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	w.expect("b/1")
	if got := w.lot.waiting[docNamed("a")]; len(got) != 1 || got[0].Code != "panic" {
		t.Fatalf("parked: %+v", got)
	}
	if got := w.counts(); got.Failed != quickTries {
		t.Fatalf("failed %d times", got.Failed)
	}
}

func TestConsumerShutdownParksNothing(t *testing.T) {
	t.Parallel()
	w := newReaderWorld(t, "a", "b")
	ctx, cancel := context.WithCancel(context.Background())
	handle := w.Handle
	w.Handle = func(ctx context.Context, row port.Row) error {
		if row.Doc.ID == "b" {
			cancel()
			return errBroken
		}
		return handle(ctx, row)
	}
	if n, err := w.step(ctx, w.held); n != 1 || err == nil {
		t.Fatalf("read %d: %v", n, err)
	}
	if len(w.parked.Rows) != 0 || w.leases.Rows[LoopOf("c")].Value.Cursor != 1 {
		t.Fatalf("parked %d, cursor %d", len(w.parked.Rows), w.leases.Rows[LoopOf("c")].Value.Cursor)
	}
}

func TestConsumerOldHolderParksNothing(t *testing.T) {
	t.Parallel()
	w := newReaderWorld(t, "a")
	old, oldHeld := w.reader, w.held
	w.restart()
	w.fails[docNamed("a")] = errBroken
	if _, err := old.step(context.Background(), oldHeld); care.CodeOf(err) != "lease_lost" {
		t.Fatalf("want lease_lost, got %v", err)
	}
	if len(w.parked.Rows) != 0 {
		t.Fatal("the old holder parked a row")
	}
}

func TestConsumerStopsWhenEverythingFails(t *testing.T) {
	t.Parallel()
	w := newReaderWorld(t, "a", "b")
	w.lot.waiting = map[port.DocRef][]Parked{docNamed("z"): make([]Parked, parkedMost)}
	w.seen, w.begun = map[port.DocRef]int64{}, true
	w.fails[docNamed("a")] = errBroken
	if err := w.run(); care.CodeOf(err) != "parked_full" {
		t.Fatalf("want parked_full, got %v", err)
	}
	delete(w.fails, docNamed("a"))
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	w.expect("a/1", "b/1")
}

func TestConsumerSkipsWhatIsNotNewer(t *testing.T) {
	t.Parallel()
	w := newReaderWorld(t, "a", "b")
	w.feed.Rows[1].Doc = docNamed("a") // the same event under a second number, as a broken mover would
	w.feed.Rows[1].Seq = 1
	w.write("a")
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	w.expect("a/1", "a/2")
}

func TestConsumerRowsMissing(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name    string
		cursor  int64
		stored  bool
		want    []string
		rebuilt int // calls of Rebuild
	}{
		{"a stored consumer just before the first row reads on", 3, true, []string{"d/1", "e/1"}, 0},
		{"a stored consumer below it starts at the first row", 2, true, []string{"d/1", "e/1"}, 1},
		{"a local consumer below it rebuilds and goes on at the end", 2, false, nil, 1},
		{"a stored consumer beyond a restored feed reads what is there", 9, true, []string{"d/1", "e/1"}, 1},
		{"a local consumer beyond it rebuilds", 9, false, nil, 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := newReaderWorld(t, "a", "b", "c", "d", "e")
			w.feed.Rows = w.feed.Rows[3:]
			rebuilt := 0
			w.Stored, w.From = row.stored, row.cursor
			w.Rebuild = func(context.Context) error { rebuilt++; return nil }
			if row.stored {
				w.held.SaveCursor(context.Background(), row.cursor)
			} else {
				w.held, w.lot.docs = nil, nil
			}
			for range 3 {
				if err := w.run(); err != nil {
					t.Fatal(err)
				}
			}
			w.expect(row.want...)
			if rebuilt != row.rebuilt || w.counts().Rebuilt != int64(row.rebuilt) || w.cursor != 5 {
				t.Fatalf("rebuilt %d times, cursor %d", rebuilt, w.cursor)
			}
		})
	}
}

// What is written while a local consumer rebuilds comes again as a row.
func TestConsumerLocalBeginsWithARebuild(t *testing.T) {
	t.Parallel()
	w := newReaderWorld(t, "a", "b")
	w.Stored, w.From, w.held, w.lot.docs = false, -1, nil, nil
	w.Rebuild = func(context.Context) error { w.write("c"); return nil }
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	w.expect("c/1")
	w.fails[docNamed("d")] = errBroken
	w.write("d", "e")
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	delete(w.fails, docNamed("d"))
	w.now = w.now.Add(parkedFirst)
	if n, err := w.retry(context.Background()); n != 1 || err != nil || len(w.parked.Rows) != 0 {
		t.Fatalf("retried %d, %d in the store: %v", n, len(w.parked.Rows), err)
	}
	w.expect("c/1", "e/1", "d/1")
}
