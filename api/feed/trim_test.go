package feed

import (
	"context"
	"testing"
	"time"

	"naober/api/port"
	"naober/api/port/porttest"
)

func TestTrim(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	day := 24 * time.Hour
	for _, row := range []struct {
		name    string
		cursors map[string]int64 // of the stored consumers one and two
		pending time.Duration    // age of an event that was not moved; zero for none
		want    int64            // first row that is left
	}{
		{"rows older than seven days that all have read", map[string]int64{"one": 10, "two": 10}, 0, 3},
		{"nothing that one of them has not read", map[string]int64{"one": 10, "two": 1}, 0, 2},
		{"nothing at all before a consumer has begun", map[string]int64{"one": 10}, 0, 1},
		{"as much as ever while a younger event waits", map[string]int64{"one": 10, "two": 10}, 7*day - 1, 3},
		{"nothing while an event as old waits to be moved", map[string]int64{"one": 10, "two": 10}, 7 * day, 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			f, leases := porttest.NewFeed(), porttest.NewDocuments[string, Lease]()
			for i := range int64(10) { // one row a day, the last one today
				f.Rows = append(f.Rows, port.Row{ID: i + 1, Doc: docNamed("a"), Seq: i + 1, At: noon.Add(-time.Duration(9-i) * day)})
			}
			f.Last = 10
			for name, cursor := range row.cursors {
				leases.Insert(ctx, LoopOf(name), Lease{Name: LoopOf(name), Cursor: cursor}, nil, port.Write{})
			}
			if row.pending > 0 {
				f.Note(docNamed("b"), 1, noon.Add(-row.pending))
			}
			trimmer := Trimmer{Feed: f, Leases: leases, Now: stillNoon, Log: quietLog(),
				Consumers: []Consumer{{Name: "one", Stored: true}, {Name: "local"}, {Name: "two", Stored: true}}}
			if err := trimmer.Trim(ctx); err != nil {
				t.Fatal(err)
			}
			if first, last, _ := f.Bounds(ctx); first != row.want || last != 10 {
				t.Fatalf("rows %d to %d are left, want from %d", first, last, row.want)
			}
		})
	}
}
