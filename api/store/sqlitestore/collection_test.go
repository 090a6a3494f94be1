package sqlitestore

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
)

func TestInstantsAreKeptToTheMillisecond(t *testing.T) {
	s := fresh(t)
	fine := time.Date(2026, 10, 25, 2, 30, 0, 123_456_789, time.FixedZone("CEST", 2*3600))
	want := time.Date(2026, 10, 25, 0, 30, 0, 123_000_000, time.UTC)
	in := care.Request{ID: "r", NextActionAt: fine, CreatedAt: fine}
	told := must[port.Stored[care.Request]](t)(s.Stores().Requests.Insert(t.Context(), "r", in, nil, port.Write{}))
	read := must[port.Stored[care.Request]](t)(s.Stores().Requests.Get(t.Context(), "r"))
	for name, got := range map[string]time.Time{"answered": told.Value.CreatedAt, "read": read.Value.CreatedAt} {
		if got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	early := must[[]port.Stored[care.Request]](t)(s.Stores().Requests.Due(t.Context(), want.Add(-time.Millisecond), 10))
	due := must[[]port.Stored[care.Request]](t)(s.Stores().Requests.Due(t.Context(), want, 10))
	if len(early) != 0 || len(due) != 1 {
		t.Errorf("due: %d a millisecond before, %d at the moment", len(early), len(due))
	}
}

func TestWroteIsCalledWhereEventsWait(t *testing.T) {
	called := 0
	s := opened(t, filepath.Join(t.TempDir(), "naober.db"), Options{Wrote: func() { called++ }})
	requests := s.Stores().Requests
	event := care.Event{Type: care.RequestDrafted}
	insert, update := must[port.Stored[care.Request]](t), must[port.Stored[care.Request]](t)
	insert(requests.Insert(t.Context(), "silent", care.Request{ID: "silent"}, nil, port.Write{}))
	if called != 0 {
		t.Error("called without events")
	}
	insert(requests.Insert(t.Context(), "told", care.Request{ID: "told"}, []care.Event{event}, port.Write{}))
	if called != 1 {
		t.Errorf("called %d times after an insert", called)
	}
	update(requests.Update(t.Context(), "silent", port.Write{}, func(r care.Request) (care.Request, []care.Event, error) {
		return r, []care.Event{event}, nil
	}))
	if called != 2 {
		t.Errorf("called %d times after an update", called)
	}
}

func TestEventsOfAKindWithoutAreRefused(t *testing.T) {
	_, err := fresh(t).Stores().Tallies.Insert(t.Context(), "x", app.Tally{}, []care.Event{{}}, port.Write{})
	if err == nil {
		t.Error("an event was stored where the mover never looks")
	}
}

func TestEachStopsWhereItsContextEnds(t *testing.T) {
	tallies := fresh(t).Stores().Tallies
	for i := range 3 {
		must[port.Stored[app.Tally]](t)(tallies.Insert(t.Context(), fmt.Sprint(i), app.Tally{}, nil, port.Write{}))
	}
	ctx, cancel := context.WithCancel(t.Context())
	seen := 0
	err := tallies.Each(ctx, func(port.Stored[app.Tally]) error {
		seen++
		cancel()
		return nil
	})
	if seen != 1 || !care.IsKind(err, care.Unavailable) {
		t.Errorf("%d seen, %v", seen, err)
	}
}

func TestExpire(t *testing.T) {
	path := filepath.Join(t.TempDir(), "naober.db")
	s := opened(t, path, Options{})
	stores := s.Stores()
	for i := range 5 {
		key := fmt.Sprint("attempts-of-", i)
		must[port.Stored[app.Tally]](t)(stores.Tallies.Insert(t.Context(), key, app.Tally{Key: key, Until: monday().Add(time.Duration(i) * time.Hour)}, nil, port.Write{}))
	}
	view := app.View{ID: "v", Whose: "p", At: monday().AddDate(-5, 0, 0)}
	must[port.Stored[app.View]](t)(stores.Views.Insert(t.Context(), "v", view, nil, port.Write{}))
	expire := func(now time.Time, limit int) int { return must[int](t)(s.Expire(t.Context(), now, limit)) }

	if got := expire(monday().Add(-time.Millisecond), 10); got != 0 {
		t.Errorf("%d went a millisecond early", got)
	}
	if got := expire(monday().Add(3*time.Hour), 2); got != 2 {
		t.Errorf("%d went, want the limit", got)
	}
	if got := expire(monday().Add(3*time.Hour), 10); got != 3 {
		t.Errorf("%d went, want the rest of what is over: two tallies and the view", got)
	}
	left := must[[]port.Stored[app.View]](t)(stores.Views.Find(t.Context(), port.Key{Name: app.ByPerson, Value: "p"}, port.Page{Limit: 10}))
	keys := must[[]port.Key](t)(table("views").keys(t.Context(), s.read, "v"))
	if len(left) != 0 || len(keys) != 0 {
		t.Errorf("after the view went: %d found, keys %v", len(left), keys)
	}
	if _, err := stores.Tallies.Get(t.Context(), "attempts-of-4"); err != nil {
		t.Errorf("what is not over: %v", err)
	}
	if _, err := s.write.ExecContext(t.Context(), `PRAGMA wal_checkpoint(TRUNCATE)`); err != nil {
		t.Fatal(err)
	}
	raw := must[[]byte](t)(os.ReadFile(path))
	if bytes.Contains(raw, []byte("attempts-of-0")) || !bytes.Contains(raw, []byte("attempts-of-4")) {
		t.Error("a removed row can still be read in the file")
	}
}

func TestNear(t *testing.T) {
	s := fresh(t)
	for id, p := range map[care.CommunityID]care.Point{
		"assen": {Lat: 52.9928, Lon: 6.5642}, "emmen": {Lat: 52.7792, Lon: 6.9069}, "grolloo": {Lat: 52.9273, Lon: 6.6801},
		"twin-a": {Lat: -10, Lon: 179.9}, "twin-b": {Lat: -10, Lon: 179.9},
	} {
		must[port.Stored[care.Community]](t)(s.Stores().Communities.Insert(t.Context(), id, care.Community{ID: id, Point: p}, nil, port.Write{}))
	}
	tests := []struct {
		name  string
		from  care.Point
		limit int
		want  string
	}{
		{"lists the nearest first", care.Point{Lat: 52.93, Lon: 6.68}, 3, "grolloo assen emmen"},
		{"stops at the limit", care.Point{Lat: 52.78, Lon: 6.9}, 1, "emmen"},
		{"orders the equally near by id, across the date line", care.Point{Lat: -10, Lon: -179.9}, 2, "twin-a twin-b"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			near := must[[]port.Stored[care.Community]](t)(s.Stores().Communities.Near(t.Context(), tt.from, tt.limit))
			var got []string
			for _, c := range near {
				got = append(got, string(c.Value.ID))
			}
			if strings.Join(got, " ") != tt.want {
				t.Errorf("got %v", got)
			}
		})
	}
	// Assen to Emmen, station to station as the crow flies; a sphere is within half a percent.
	if got := metres(care.Point{Lat: 52.9928, Lon: 6.5642}, care.Point{Lat: 52.7792, Lon: 6.9069}); got < 32_900 || got > 33_300 {
		t.Errorf("Assen to Emmen is %.0f m", got)
	}
}

// TestPlans holds that reading by a key and looking for expired documents never walk a table; for
// what is due and pending the queries name their index and fail without it.
func TestPlans(t *testing.T) {
	s := fresh(t)
	rows := must[[]string](t)(plan(t, s, `SELECT `+columns+` FROM doc_keys k JOIN requests d ON d.id = k.id
		WHERE k.kind = 'requests' AND k.name = 'for' AND k.value = 'p' AND k.id > '' ORDER BY k.id LIMIT 10`))
	if slices.ContainsFunc(rows, func(s string) bool { return strings.Contains(s, "SCAN") || strings.Contains(s, "TEMP B-TREE") }) {
		t.Errorf("by key: %v", rows)
	}
}

func plan(t *testing.T, s *Store, query string) ([]string, error) {
	rows, err := s.read.QueryContext(t.Context(), `EXPLAIN QUERY PLAN `+query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			return nil, err
		}
		all = append(all, detail)
	}
	return all, rows.Err()
}

// TestKinds holds that the lists of this package say what the codecs say.
func TestKinds(t *testing.T) {
	s := fresh(t)
	stores := reflect.ValueOf(s.Stores())
	for i := range stores.NumField() {
		c, ok := stores.Field(i).Interface().(interface{ kind() (table, bool) })
		if !ok {
			continue // the feed
		}
		kind, events := c.kind()
		if _, _, err := kind.load(t.Context(), s.read, "x"); err != nil {
			t.Errorf("%s has no table: %v", kind, err)
		}
		if slices.Contains(eventful(), kind) != events {
			t.Errorf("%s: events are %t by its codec", kind, events)
		}
	}
}

func (c collection[K, T, R]) kind() (table, bool) { return c.table, c.codec.Events }
