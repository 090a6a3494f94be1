package sqlitestore

import (
	"testing"

	"naober/api/port"
	"naober/matching/care"
)

func TestAppend(t *testing.T) {
	row := func(id, seq int64) port.Row {
		return port.Row{ID: id, Doc: port.DocRef{Kind: "requests", ID: "r"}, Seq: seq, At: monday()}
	}
	tests := []struct {
		name string
		rows []port.Row
		last int64
		code string
	}{
		{"goes on where the feed ends", []port.Row{row(2, 2), row(3, 3)}, 3, ""},
		{"refuses a number that would leave a gap", []port.Row{row(3, 2)}, 1, "feed_moved"},
		{"keeps what stands before a gap", []port.Row{row(2, 2), row(4, 3)}, 2, "feed_moved"},
		{"refuses an event that the feed has", []port.Row{row(2, 1)}, 1, "feed_moved"},
		{"takes nothing from nobody", nil, 1, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			feed := fresh(t).Stores().Feed
			if err := feed.Append(t.Context(), []port.Row{row(1, 1)}); err != nil {
				t.Fatal(err)
			}
			err := feed.Append(t.Context(), tt.rows)
			if care.CodeOf(err) != tt.code || (tt.code == "" && err != nil) {
				t.Errorf("got %v, want %q", err, tt.code)
			}
			if _, last, err := feed.Bounds(t.Context()); err != nil || last != tt.last {
				t.Errorf("the feed ends at %d (%v), want %d", last, err, tt.last)
			}
		})
	}
}

func TestDrain(t *testing.T) {
	feed := fresh(t).Stores().Feed
	if err := feed.Drain(t.Context(), port.DocRef{Kind: "requests", ID: "gone"}, 1); err != nil {
		t.Errorf("a document that is gone: %v", err)
	}
	if err := feed.Drain(t.Context(), port.DocRef{Kind: "requests d; --", ID: "r"}, 1); err == nil {
		t.Error("a kind that is none of ours was taken")
	}
}
