package index

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"
	"unsafe"
)

// monday is the first quarter of a week in UTC.
const monday = Quarter(2_000 * Week)

// drawVolunteer makes one in a world of whole metres, some on the very same spot and many at the
// very same distance.
func drawVolunteer(r *rand.Rand, id uint32) Volunteer {
	v := Volunteer{ID: id, At: Point{X: float32(r.IntN(60) * 100), Y: float32(r.IntN(60) * 100)}, Reach: float32(r.IntN(40) * 100),
		Traits: Traits(r.Uint64()|r.Uint64()) & 0xff}
	if r.IntN(3) == 0 { // a town
		v.At = Point{X: 1000 + float32(r.IntN(5)), Y: 1000}
	}
	for range r.IntN(4) {
		from := r.IntN(Week)
		v.Weekly = append(v.Weekly, Hours{From: uint16(from), To: uint16((from + 1 + r.IntN(200)) % (Week + 1))})
	}
	for range r.IntN(4) {
		v.Busy = append(v.Busy, drawSpan(r, 20))
	}
	if r.IntN(5) == 0 {
		v.Free = append(v.Free, drawSpan(r, 60), drawSpan(r, 60))
	}
	if r.IntN(5) == 0 {
		v.Valid = append(v.Valid, Validity{Traits: Traits(1 << r.IntN(8)), Span: drawSpan(r, 2*Week)}, Validity{Traits: 1, Span: drawSpan(r, Week)})
	}
	v.Way, v.Done, v.Limit = Way(r.IntN(int(ways))), uint8(r.IntN(6)), uint8(r.IntN(6))
	if r.IntN(3) > 0 {
		v.Asked = monday - Quarter(r.IntN(3000))
	}
	return v
}

func drawSpan(r *rand.Rand, most int) Span {
	from := monday + Quarter(r.IntN(2*Week))
	return Span{From: from, To: from + Quarter(r.IntN(most))}
}

func drawQuery(r *rand.Rand) Query {
	q := Query{At: Point{X: float32(r.IntN(6000)), Y: float32(r.IntN(6000))}, K: 1 + r.IntN(12)}
	if r.IntN(2) == 0 {
		q.Within = float32(r.IntN(3000))
	}
	if r.IntN(2) == 0 {
		q.Need = Traits(1 << r.IntN(8))
	}
	if r.IntN(3) == 0 {
		q.AnyOf = Traits(r.IntN(256))
	}
	q.Willing = r.IntN(2) == 0
	for range r.IntN(4) {
		q.Except = append(q.Except, uint32(r.IntN(300)))
	}
	if r.IntN(3) > 0 {
		q.Span = drawSpan(r, 12)
		// An hour is touched twice in the night in which clocks go back, and one not at all in the
		// other.
		shift := Quarter(r.IntN(3)-1) * 4
		at := monday + Quarter(r.IntN(Week))
		q.Hours = Local(q.Span, func(t Quarter) uint16 {
			if t >= at {
				t += shift
			}
			return uint16((t - monday + 4*Week) % Week)
		})
	}
	return q
}

// brute is what Nearest must find, volunteer by volunteer.
func brute(all map[uint32]Volunteer, q *Query) []Hit {
	var hits []Hit
	for _, v := range all {
		h := Hit{ID: v.ID, Square: apart(v.At, q.At)}
		if q.Fits(v) && (q.Within == 0 || h.Square <= q.Within*q.Within) {
			hits = append(hits, h)
		}
	}
	slices.SortFunc(hits, func(a, b Hit) int { return cmp.Or(cmp.Compare(a.Square, b.Square), cmp.Compare(a.ID, b.ID)) })
	return hits[:min(len(hits), q.K)]
}

func judge(t *testing.T, w World, all map[uint32]Volunteer, r *rand.Rand, f *Finder, what string) (hits int) {
	t.Helper()
	q := drawQuery(r)
	got, want := f.Nearest(w, &q), brute(all, &q)
	if !slices.Equal(got, want) {
		t.Fatalf("%s: %+v\nfound %v\nwant  %v", what, q, got, want)
	}
	hits = len(got)
	q.Within, q.K, q.Willing = 0, 1<<30, true
	reach := map[uint32]bool{}
	f.Reaching(w, &q, func(id uint32) bool {
		reach[id] = true
		return true
	})
	if want := brute(all, &q); len(want) != len(reach) || slices.ContainsFunc(want, func(h Hit) bool { return !reach[h.ID] }) {
		t.Fatalf("%s: %+v\nreached by %v\nwant %v", what, q, reach, want)
	}
	return hits
}

func TestNearestIsWhatLookingAtEverybodyFinds(t *testing.T) {
	hits := 0
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 1))
		all, list := map[uint32]Volunteer{}, []Volunteer(nil)
		for id := range uint32(r.IntN(400)) {
			list = append(list, drawVolunteer(r, id))
			all[id] = list[id]
		}
		w, f := Build(list), &Finder{}
		if w.Len() != len(all) {
			t.Fatalf("seed %d: %d of %d", seed, w.Len(), len(all))
		}
		for range 40 {
			hits += judge(t, w, all, r, f, fmt.Sprint("seed ", seed))
		}
	}
	if hits < 2500 {
		t.Errorf("only %d were found at all", hits)
	}
}

func TestChangesMakeAnotherWorldAndLeaveThisOne(t *testing.T) {
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(seed, 2))
		all, w, f := map[uint32]Volunteer{}, World{}, &Finder{}
		var old World
		var then map[uint32]Volunteer
		for i := range 900 {
			id := uint32(r.IntN(300))
			if r.IntN(4) == 0 {
				w = w.Without(id)
				delete(all, id)
			} else {
				v := drawVolunteer(r, id)
				w = w.With(v)
				all[id] = v
			}
			if w.Len() != len(all) {
				t.Fatalf("seed %d: %d of %d", seed, w.Len(), len(all))
			}
			if i%20 == 0 {
				judge(t, w, all, r, f, fmt.Sprint("seed ", seed, " change ", i))
			}
			if i == 400 {
				old, then = w, map[uint32]Volunteer{}
				for id, v := range all {
					then[id] = v
				}
			}
		}
		for range 20 {
			judge(t, old, then, r, f, fmt.Sprint("seed ", seed, ", the world before"))
		}
		for id := range all {
			w = w.Without(id)
		}
		if w.Len() != 0 || len(f.Nearest(w, &Query{K: 5})) != 0 {
			t.Fatalf("seed %d: %d are left", seed, w.Len())
		}
	}
}

func TestVolunteerIsReadBack(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	w := World{}
	for id := range uint32(200) {
		w = w.With(drawVolunteer(r, id))
	}
	v := Volunteer{ID: 7, At: Point{X: 5, Y: 6}, Reach: 100, Traits: 1<<63 | 5, Weekly: []Hours{{From: 10, To: 20}, {From: 660, To: 672}},
		Busy: []Span{{From: 9, To: 12}}, Free: []Span{{From: 30, To: 40}}, Valid: []Validity{{Traits: 4, Span: Span{From: 1, To: 99}}},
		Way: ByCar, Asked: 77, Done: 2, Limit: 255}
	w = w.With(v)
	if got, ok := w.Volunteer(7); !ok || fmt.Sprint(got) != fmt.Sprint(v) {
		t.Errorf("%+v\nwant %+v", got, v)
	}
	if _, ok := w.Without(7).Volunteer(7); ok {
		t.Error("who was taken out is still there")
	}
	if _, ok := (World{}).Volunteer(1 << 31); ok {
		t.Error("an empty world has somebody")
	}
}

func TestTheLastOfOneIDCounts(t *testing.T) {
	w := Build([]Volunteer{{ID: 1, At: Point{X: 1}}, {ID: 2, At: Point{X: 9}}, {ID: 1, At: Point{X: 5}}})
	got := (&Finder{}).Nearest(w, &Query{K: 9})
	if want := []Hit{{ID: 1, Square: 25}, {ID: 2, Square: 81}}; !slices.Equal(got, want) || w.Len() != 2 {
		t.Errorf("%v", got)
	}
}

func TestManyLookWhileOneChanges(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	var list []Volunteer
	for id := range uint32(2000) {
		list = append(list, drawVolunteer(r, id))
	}
	worlds := make(chan World, 8)
	go func() {
		defer close(worlds)
		w := Build(list)
		for range 300 {
			worlds <- w
			w = w.With(drawVolunteer(r, uint32(r.IntN(2000))))
		}
	}()
	var all sync.WaitGroup
	for n := range uint64(4) {
		all.Go(func() {
			f, r := &Finder{}, rand.New(rand.NewPCG(n, 6))
			for w := range worlds {
				q := drawQuery(r)
				first := slices.Clone(f.Nearest(w, &q))
				if again := f.Nearest(w, &q); !slices.Equal(first, again) || w.Len() != 2000 {
					t.Errorf("a world changed: %v, then %v", first, again)
				}
			}
		})
	}
	all.Wait()
}

func TestLookingAllocatesNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	var list []Volunteer
	for id := range uint32(3000) {
		list = append(list, drawVolunteer(r, id))
	}
	w, f := Build(list), &Finder{}
	queries := make([]Query, 50)
	for i := range queries {
		queries[i] = drawQuery(r)
		f.Nearest(w, &queries[i])
	}
	i := 0
	if n := testing.AllocsPerRun(200, func() { f.Nearest(w, &queries[i%50]); i++ }); n != 0 {
		t.Errorf("%v allocations a query", n)
	}
}

func TestWhoLivesNowhereIsLeftOut(t *testing.T) {
	nan, far := float32(math.NaN()), float32(math.Inf(1))
	lost := []Volunteer{{ID: 1, At: Point{X: nan}}, {ID: 2, At: Point{Y: far}}, {ID: 3, At: Point{X: 7}}}
	w := Build(lost)
	if got := (&Finder{}).Nearest(w, &Query{K: 9}); len(got) != 1 || got[0].ID != 3 || w.Len() != 1 {
		t.Errorf("%v", got)
	}
	if w = w.With(Volunteer{ID: 3, At: Point{X: -far}}); w.Len() != 0 {
		t.Error("who moved to nowhere is still there")
	}
}

// In the night in which clocks go back an hour of the week is touched twice, and in the other night
// one is not touched at all.
func TestLocalFollowsTheClocks(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	quarterAt := func(q Quarter) uint16 {
		at := time.Unix(int64(q)*15*60, 0).In(zone)
		return uint16(((int(at.Weekday())+6)%7*24+at.Hour())*4 + at.Minute()/15)
	}
	span := func(from string, quarters Quarter) Span {
		at, err := time.ParseInLocation("2006-01-02 15:04", from, zone)
		if err != nil {
			t.Fatal(err)
		}
		q := Quarter(at.Unix() / (15 * 60))
		return Span{From: q, To: q + quarters}
	}
	sunday := uint16(6 * 96)
	for _, c := range []struct {
		what string
		span Span
		want []Hours
	}{
		{"an evening", span("2026-11-23 19:00", 8), []Hours{{From: 76, To: 84}}},
		{"over the end of the week", span("2026-11-29 23:00", 8), []Hours{{From: 668, To: 672}, {From: 0, To: 4}}},
		{"clocks go back", span("2026-10-25 01:00", 12), []Hours{{From: sunday + 4, To: sunday + 12}, {From: sunday + 8, To: sunday + 12}}},
		{"clocks go forward", span("2027-03-28 01:00", 8), []Hours{{From: sunday + 4, To: sunday + 8}, {From: sunday + 12, To: sunday + 16}}},
		{"no time at all", Span{From: 5, To: 5}, nil},
	} {
		if got := Local(c.span, quarterAt); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.what, got, c.want)
		}
	}
}

// A byte more, and Go hands out 9,472 bytes for each block.
func TestABlockFillsWhatGoHandsOut(t *testing.T) {
	if size := unsafe.Sizeof(block{}); size > 8184 {
		t.Errorf("a block has %d bytes", size)
	}
}
