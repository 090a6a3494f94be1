package feed

import (
	"context"
	"errors"
	"slices"
	"testing"

	"naober/api/port"
	"naober/matching/care"
)

// A round takes each loop a step further under its lease, and a loop that cannot have its own keeps none back.
func TestRoundLetsEachLoopTakeAStep(t *testing.T) {
	t.Parallel()
	away := care.E(care.Unavailable, "lease_away", "away")
	for _, row := range []struct {
		name   string
		away   string // the lease that cannot be had
		want   []string
		worked int
	}{
		{"each", "", []string{"stored", "local", "work"}, 7},
		{"all but the one without its lease", LoopOf("stored"), []string{"local", "work"}, 5},
		{"without the mover the works alone", MoverLoop, []string{"work"}, 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			w, acted := newLoopWorld(), []string{}
			handle := func(name string) func(context.Context, port.Row) error {
				return func(context.Context, port.Row) error { acted = append(acted, name); return nil }
			}
			w.Consumers = []Consumer{{Name: "stored", Stored: true, Handle: handle("stored")}, {Name: "local", Handle: handle("local")}}
			w.Works = []Work{{Name: "work", Step: func(context.Context) (int, error) { acted = append(acted, "work"); return 1, nil }}}
			w.feed.Note(docNamed("a"), 1, noon)
			w.feed.Note(docNamed("b"), 1, noon)
			l, err := NewLoops(w.Settings)
			if err != nil {
				t.Fatal(err)
			}
			worked, err := l.Round(t.Context(), func(ctx context.Context, lease string) (*Held, error) {
				if lease == row.away {
					return nil, away
				}
				h := l.leaser.Lease(lease)
				_, err := h.Step(ctx)
				return h, err
			})
			if acted = slices.Compact(acted); !slices.Equal(acted, row.want) {
				t.Errorf("acted %v, want %v", acted, row.want)
			}
			// What counts is each row moved, each that a consumer read, and the work's pass.
			if worked != row.worked || errors.Is(err, away) != (row.away != "") {
				t.Errorf("worked %d, want %d (%v)", worked, row.worked, err)
			}
		})
	}
}
