package matching

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"naober/matching/care"
)

// wild draws worlds in which every hard rule has something to say.
type wild struct{ *rand.Rand }

func pick[T any](w wild, from ...T) T { return from[w.IntN(len(from))] }

func some[T any](w wild, from ...T) []T {
	var few []T
	for _, v := range from {
		if w.IntN(3) == 0 {
			few = append(few, v)
		}
	}
	return few
}

// edge is the northern end of the map.
var edge = care.Point{Lat: mapNorth, Lon: 6.2}

// moment lies in the weeks around a day, on no particular minute, and often where something meets: a
// change of the clocks, midnight, an end of another stretch.
func (w wild) moment(around time.Time) time.Time {
	return around.Add(time.Duration(w.IntN(60)-30) * pick(w, time.Hour, 15*time.Minute, 7*time.Minute))
}

func (w wild) stretch(around time.Time) care.Interval {
	from := w.moment(around)
	return care.Interval{From: from, Until: from.Add(time.Duration(1+w.IntN(50)) * pick(w, 5*time.Minute, 15*time.Minute, time.Hour))}
}

func (w wild) home() care.Point {
	switch w.IntN(12) {
	case 0:
		return pick(w, care.Point{Lat: 55.7, Lon: 9.5}, care.Point{Lat: 52.9, Lon: 1}, care.Point{})
	case 1, 2, 3:
		return grolloo // many in one place, as in one cell
	case 4:
		return north(pick(w, 499.9, 2_999.9, 9_999.9, 49_999.9)) // just near enough
	case 5:
		return care.Point{Lat: edge.Lat + w.Float64()*0.3, Lon: edge.Lon + (w.Float64()-0.5)*1.6}
	}
	return care.Point{Lat: grolloo.Lat + (w.Float64()-0.5)/2, Lon: grolloo.Lon + (w.Float64() - 0.5)}
}

func (w wild) window() care.Window {
	at := func() care.Clock { return care.Clock(w.IntN(96) * pick(w, 15, 15, 14)) }
	return care.Window{Day: time.Weekday(w.IntN(7)), Start: at(), End: at() + 1}
}

func (w wild) helper(p care.PersonID, around time.Time) care.Helper {
	h := care.Helper{Person: p, Quiet: care.DefaultQuiet("Europe/Amsterdam")}
	for _, in := range []care.CommunityID{village, "other"} {
		h.Approvals = append(h.Approvals, care.Approval{Community: in, State: pick(w, care.Approved, care.Approved, care.Approved, care.Applied, care.TurnedDown)})
	}
	for range w.IntN(8) / 6 {
		i := w.stretch(around.AddDate(0, 0, -3))
		h.Pauses = append(h.Pauses, care.Pause{Community: pick(w, village, "other", ""), Decision: care.Decision{At: i.From, Until: i.Until}})
	}
	for _, k := range []care.VettingKind{"vog", "training:respite", "training:night_sit"} {
		if w.IntN(6) > 0 {
			h.Vettings = append(h.Vettings, care.Vetting{Kind: k, SeenAt: around.AddDate(-1, 0, 0), ValidUntil: w.moment(around).AddDate(0, 0, pick(w, 0, 30, 30, 30))})
		}
	}
	switch w.IntN(12) {
	case 0:
		h.Blocks = []care.PersonID{"x", "resident"}
	case 1:
		h.BlockedBy = []care.PersonID{"resident"}
	}
	for range w.IntN(4) {
		h.Agreed = append(h.Agreed, care.Agreed{At: w.stretch(around), Offer: pick(w, care.OfferID(""), care.OfferID(p)+"-0"), Seats: 1})
	}
	for range w.IntN(4) {
		h.Questions = append(h.Questions, around.AddDate(0, 0, -4-w.IntN(20)))
	}
	switch w.IntN(15) {
	case 0:
		h.Away = &care.Rest{From: w.moment(around)}
	case 1:
		h.Away = &care.Rest{From: w.moment(around.AddDate(0, 0, -3))}
		h.Away.Until = h.Away.From.Add(time.Duration(1+w.IntN(60)) * time.Hour)
	}
	return h
}

func (w wild) offer(id care.OfferID, p care.PersonID, around time.Time) care.Offer {
	o := care.Offer{ID: id, Helper: p, Community: pick(w, village, village, village, "other"), Kinds: some(w, care.Kinds()...),
		Radius: pick(w, 500, 3_000, 10_000, 50_000), Travel: pick(w, care.OnFoot, care.ByBike, care.ByCar, care.PublicTransport, "on a pony"),
		Languages: some(w, "nl", "nl", "de", "pl"), Skills: some(w, "dementia", "Lifting", "sign language"),
		Vehicle: care.Vehicle{Seats: w.IntN(9), Wheelchair: w.IntN(2) == 0, Walker: w.IntN(2) == 0}}
	if w.IntN(8) == 0 {
		o.Boxed = &care.Boxed{At: w.stretch(around), To: pick(w, "Assen", "Emmen"), Seats: 1 + w.IntN(3)}
		return o
	}
	o.Availability.Zone = pick(w, "Europe/Amsterdam", "Europe/Amsterdam", "Europe/Amsterdam", "Europe/London", "nowhere")
	for range 1 + w.IntN(20) {
		o.Availability.Weekly = append(o.Availability.Weekly, w.window())
	}
	for range w.IntN(3) {
		i := w.stretch(around)
		o.Availability.Except = append(o.Availability.Except, care.Exception{From: i.From, Until: i.Until})
	}
	return o
}

// people draws helpers with one to three offers each.
func (w wild) people(n int, around time.Time) [][]Candidate {
	var all [][]Candidate
	for i := range n {
		p := care.PersonID(fmt.Sprintf("p%03d", i))
		h, home, gender, known := w.helper(p, around), w.home(), pick(w, care.Woman, care.Man, care.Other, ""), w.IntN(20) == 0
		var offers []Candidate
		for k := range 1 + w.IntN(3) {
			o := w.offer(care.OfferID(fmt.Sprintf("%s-%d", p, k)), p, around)
			offers = append(offers, Candidate{Person: p, Home: home, Gender: gender, Helper: h, Offer: o, KnownFace: known})
		}
		all = append(all, offers)
	}
	return all
}

func (w wild) need(around time.Time) Need {
	start := w.moment(around).Truncate(pick(w, time.Hour, 15*time.Minute, time.Minute))
	s := care.Slot{Start: start, End: start.Add(time.Duration(1+w.IntN(16)) * pick(w, 15*time.Minute, 20*time.Minute, time.Hour))}
	if w.IntN(2) == 0 {
		s.Duration = max(5*time.Minute, s.End.Sub(s.Start)/time.Duration(1+w.IntN(4)))
	}
	r := care.Request{Kind: pick(w, append(care.Kinds(), "unheard_of")...)}
	if w.IntN(3) == 0 {
		r.Kind, r.Ride = care.RideKind, &care.Ride{To: care.Place{Point: assen, Town: "assen"}, Passengers: 1 + w.IntN(3), Walker: w.IntN(3) == 0, Wheelchair: w.IntN(3) == 0}
	}
	if w.IntN(3) == 0 {
		r.Needs = care.Needs{Languages: some(w, "NL", "de", "pl"), Skills: some(w, "DEMENTIA", "lifting"), Gender: pick(w, care.Woman, care.Man, "")}
	}
	r.Circumstances = care.Circumstances{AloneIndoors: w.IntN(4) == 0, Night: w.IntN(4) == 0}
	n := on(r, s)
	n.Slot.Seats = 1 + w.IntN(2)
	n.Request.Asks = []care.Ask{{Slot: s.ID, Helper: "p001", State: care.Declined}, {Slot: s.ID, Helper: "p002", State: care.Reserved}}
	n.Request.Slots = []care.Slot{n.Slot}
	n.Now = start.Add(-time.Duration(1+w.IntN(100)) * time.Hour)
	if w.IntN(8) == 0 {
		n.Request.Where.Point = pick(w, care.Point{Lat: 55.7, Lon: 9.4}, edge, edge)
	}
	return n
}

// built makes a pool of people in one of the ways in which it comes about.
func (w wild) built(people [][]Candidate) Pool {
	all, next := make([]Standing, len(people)), uint32(w.IntN(300))
	for i, offers := range people {
		all[i].Offers = offers
		for range offers {
			all[i].IDs = append(all[i].IDs, next)
			next++
		}
	}
	half := w.IntN(len(all) + 1)
	p := BuildPool(all[:half])
	for _, s := range all[half:] {
		p = p.With(s)
	}
	for range 10 { // who goes and comes back
		s := all[w.IntN(len(all))]
		p = p.Without(s.IDs).With(s)
	}
	return p
}

func TestThePoolProposesWhomTheRulesAdmitInTheirOrder(t *testing.T) {
	days := []time.Time{
		time.Date(2026, 10, 25, 1, 0, 0, 0, time.UTC), // the hour that comes twice
		time.Date(2027, 3, 28, 1, 0, 0, 0, time.UTC),  // the hour that does not come
		time.Date(2026, 11, 22, 23, 0, 0, 0, time.UTC),
		time.Date(2026, 12, 31, 23, 0, 0, 0, time.UTC),
	}
	fits, proposals, asked := 0, 0, 0
	for seed := range uint64(120) {
		w := wild{rand.New(rand.NewPCG(seed, 1))}
		around := days[seed%uint64(len(days))]
		people := w.people(5+w.IntN(120), around)
		pool, everybody := w.built(people), slices.Concat(people...)
		for range 8 {
			n := w.need(around)
			var known []Candidate
			for _, c := range everybody {
				if c.KnownFace {
					known = append(known, c)
				}
			}
			list := pool.Propose(n, known)
			list.query.K = 1 + w.IntN(4) // as many looks as a pool of thousands takes
			want, stop := Rank(n, everybody), w.IntN(60)
			var came, first []Candidate
			bound, last := list.Bound(), int64(math.MaxInt64)
			for c, ok := list.Next(); ok; c, ok = list.Next() {
				if came = append(came, c); len(came) == stop {
					first = slices.Clone(came)
					last = list.Bound()
				}
				if now := list.Bound(); now > bound {
					t.Fatalf("seed %d: a proposal may be worth more than the one before", seed)
				} else {
					bound = now
				}
			}
			if got := Rank(n, came); !reflect.DeepEqual(got.Fitting, want.Fitting) {
				t.Fatalf("seed %d: %v of %+v, want %v", seed, ranked(got), n, ranked(want))
			}
			certain := Rank(n, first)
			certain.Fitting = slices.DeleteFunc(certain.Fitting, func(f Fit) bool { return f.Score <= last })
			if got := ranked(certain); !slices.Equal(got, ranked(want)[:min(len(got), len(want.Fitting))]) {
				t.Fatalf("seed %d: the first proposals give %v, want the first of %v", seed, got, ranked(want))
			}
			fits += len(want.Fitting)
			if onMap(n.Request.Where.Point) {
				proposals, asked = proposals+len(came), asked+len(everybody)
			}
		}
	}
	if fits < 300 || proposals > asked/6 {
		t.Errorf("%d fit of %d proposals of %d offers: the worlds say little", fits, proposals, asked)
	}
}

func ranked(r Ranking) []care.OfferID {
	var ids []care.OfferID
	for _, f := range r.Fitting {
		ids = append(ids, f.Candidate.Offer.ID)
	}
	return ids
}

func TestThePoolIsAValue(t *testing.T) {
	people := street(300)
	var p Pool
	for i, c := range people {
		p = p.With(Standing{IDs: []uint32{uint32(i)}, Offers: []Candidate{c}})
	}
	before := p
	p = p.Without([]uint32{7})
	count := func(p Pool) (n int) {
		for range p.People() {
			n++
		}
		return n
	}
	if count(before) != 300 || before.Len() != 300 || count(p) != 299 || p.Len() != 299 {
		t.Errorf("%d and %d people before, %d and %d after", count(before), before.Len(), count(p), p.Len())
	}
}
