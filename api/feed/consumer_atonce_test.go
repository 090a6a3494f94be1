package feed

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"naober/api/port"
)

// together lets a reader hand over rows of so many documents at once. What is noted while they are at it is
// noted one after the other.
func (w *readerWorld) together(n int) {
	var mu sync.Mutex
	handle := w.handle
	w.AtOnce, w.Handle = n, func(ctx context.Context, row port.Row) error {
		mu.Lock()
		defer mu.Unlock()
		return handle(ctx, row)
	}
}

func TestConsumerHandsDocumentsOverAtOnce(t *testing.T) {
	t.Parallel()
	w := newReaderWorld(t, "a", "b", "a")
	w.together(2)
	handle, b := w.Handle, make(chan struct{})
	w.Handle = func(ctx context.Context, row port.Row) error {
		if row.Doc.ID == "b" {
			defer close(b)
			return handle(ctx, row)
		}
		select {
		case <-b: // or the first row would wait for the second for ever
		case <-ctx.Done():
			return ctx.Err()
		}
		return handle(ctx, row)
	}
	if n, err := w.step(context.Background(), w.held); n != 3 || err != nil {
		t.Fatalf("read %d: %v", n, err)
	}
	w.expect("b/1", "a/1", "a/2")
}

func TestConsumerAtOnceKeepsEachDocumentsOrder(t *testing.T) {
	t.Parallel()
	var docs, want []string
	for i := range 120 {
		docs = append(docs, string(rune('a'+i*i%7)))
	}
	w := newReaderWorld(t, docs...)
	w.together(4)
	w.fails[docNamed("b")] = errBroken
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	last := map[string]int64{}
	for _, row := range w.feed.Rows {
		if row.Doc.ID != "b" {
			want = append(want, row.Doc.ID+"/"+string(rune('0'+row.Seq%10)))
		}
		last[row.Doc.ID] = row.Seq
	}
	if len(w.got) != len(want) || w.counts().Parked != last["b"] || w.counts().Cursor != 120 {
		t.Fatalf("handed over %d of %d, %+v", len(w.got), len(want), w.counts())
	}
	for doc := range last {
		of := func(all []string) []string {
			return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return s[:1] != doc })
		}
		var seqs []string
		for _, got := range of(w.got) {
			seqs = append(seqs, doc+"/"+got[len(got)-1:])
		}
		if !slices.Equal(seqs, of(want)) {
			t.Errorf("of %s: %v", doc, of(w.got))
		}
	}
}

// What stays behind a row that could be neither handed over nor parked comes again, also where it was taken.
func TestConsumerAtOnceLeavesTheCursorBeforeWhatIsMissing(t *testing.T) {
	t.Parallel()
	w := newReaderWorld(t, "a", "b", "c")
	w.together(3)
	w.fails[docNamed("b")] = errBroken
	w.parked.Fail = func(op string) error { return map[string]error{"insert": errKilled}[op] }
	if err := w.run(); !errors.Is(err, errKilled) {
		t.Fatalf("not killed: %v", err)
	}
	if cursor := w.leases.Rows[LoopOf("c")].Value.Cursor; cursor > 1 {
		t.Fatalf("cursor %d lies behind the row that is missing", cursor)
	}
	w.parked.Fail = nil
	delete(w.fails, docNamed("b"))
	w.restart()
	w.together(3)
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	for _, row := range []string{"a/1", "b/1", "c/1"} {
		if !slices.Contains(w.got, row) {
			t.Errorf("%s was never handed over: %v", row, w.got)
		}
	}
	if w.counts().Cursor != 3 {
		t.Fatalf("cursor %d", w.counts().Cursor)
	}
}
