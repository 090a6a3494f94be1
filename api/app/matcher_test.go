package app_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"naober/api/app"
	"naober/api/port"
	"naober/matching"
	"naober/matching/care"
)

// crowd draws helpers and requests, and stores them as they are: whatever a book and an offer may say.
type crowd struct {
	*village
	*rand.Rand
	around time.Time
}

func one[T any](w crowd, from ...T) T { return from[w.IntN(len(from))] }

func (w crowd) stretch() care.Interval {
	from := w.around.Add(time.Duration(w.IntN(120)-60) * one(w, time.Hour, 17*time.Minute))
	return care.Interval{From: from, Until: from.Add(time.Duration(1+w.IntN(12)) * one(w, 20*time.Minute, time.Hour))}
}

// helper stores one, with their offers. Nothing is said in the feed: only a rebuild finds them.
func (w crowd) helper(i int, residents []care.PersonID) {
	w.t.Helper()
	ctx, id := w.t.Context(), w.village.person(fmt.Sprint("Helper", i), w.IntN(25))
	_, err := w.Stores.Persons.Update(ctx, id, port.Write{Quiet: true}, func(p care.Person) (care.Person, []care.Event, error) {
		p.Gender = one(w, care.Woman, care.Man, "")
		return p, nil, nil
	})
	w.must(err)
	h := care.NewHelper(id, care.DefaultQuiet("Europe/Amsterdam"), w.now)
	for _, in := range []care.CommunityID{w.here, w.there} {
		h.Approvals = append(h.Approvals, care.Approval{Community: in, State: one(w, care.Approved, care.Approved, care.Approved, care.Applied), AppliedAt: w.now})
	}
	if w.IntN(4) > 0 {
		h.Vettings = []care.Vetting{{Kind: "vog", SeenBy: w.mod, SeenAt: w.now.AddDate(-1, 0, 0), ValidUntil: one(w, w.around, w.around.AddDate(0, 0, 3), w.now.AddDate(1, 0, 0))}}
	}
	if w.IntN(8) == 0 {
		i := w.stretch()
		h.Pauses = []care.Pause{{Community: one(w, w.here, w.there, ""), Decision: care.Decision{ID: "d", At: w.now.Add(-time.Hour), Until: i.Until}}}
	}
	switch w.IntN(6) {
	case 0:
		h.Blocks = []care.PersonID{one(w, residents...)}
	case 1:
		h.BlockedBy = []care.PersonID{one(w, residents...)}
	}
	for k := range w.IntN(4) {
		h.Agreed = append(h.Agreed, care.Agreed{Nonce: care.Nonce(fmt.Sprint("n", k)), Visit: care.VisitID(fmt.Sprint("v", i, k)), At: w.stretch()})
	}
	for range w.IntN(5) {
		h.Questions = append(h.Questions, w.now.Add(-time.Duration(w.IntN(200))*time.Hour))
	}
	_, err = w.Stores.Helpers.Insert(ctx, id, h, nil, port.Write{})
	w.must(err)
	for k := range 1 + w.IntN(2) {
		o := w.offer(care.DeriveID[care.OfferID](w.now, string(id), fmt.Sprint(k)), id)
		_, err := w.Stores.Offers.Insert(ctx, o.ID, o, nil, port.Write{})
		w.must(err)
	}
}

func (w crowd) offer(id care.OfferID, helper care.PersonID) care.Offer {
	o := care.Offer{ID: id, Helper: helper, Community: one(w, w.here, w.here, w.there), Radius: one(w, 1_000, 6_000, 20_000),
		Travel: one(w, care.OnFoot, care.ByBike, care.ByCar, care.PublicTransport), CreatedAt: w.now,
		Kinds:   one(w, []care.Kind{care.RideKind, care.CompanyKind}, []care.Kind{care.CompanyKind, care.NightSitKind}, []care.Kind{care.RideKind, care.CompanyKind, care.RespiteKind}),
		Vehicle: care.Vehicle{Seats: 1 + w.IntN(4), Walker: w.IntN(2) == 0, Wheelchair: w.IntN(4) == 0},
		Skills:  one(w, nil, []string{"Dementia"}, []string{"lifting", "dementia"}), Languages: one(w, nil, []string{"nl"}, []string{"de", "nl"}, []string{"pl"})}
	if w.IntN(10) == 0 {
		o.EndedAt = w.now
	}
	if w.IntN(8) == 0 {
		o.Boxed = &care.Boxed{At: w.stretch(), From: "Grolloo", To: one(w, "Assen", "Emmen"), Seats: 1}
		return o
	}
	o.Availability.Zone = "Europe/Amsterdam"
	for range 3 + w.IntN(12) {
		at := care.Clock(w.IntN(24) * 60)
		o.Availability.Weekly = append(o.Availability.Weekly, care.Window{Day: time.Weekday(w.IntN(7)), Start: at, End: (at + 60*care.Clock(1+w.IntN(14))) % (24 * 60)})
	}
	if w.IntN(3) == 0 {
		i := w.stretch()
		o.Availability.Except = []care.Exception{{From: i.From, Until: i.Until}}
	}
	return o
}

// wanted is a request that asks for everybody there is, so that a wave leaves nobody out.
func (w crowd) wanted(resident care.PersonID, i int) care.Request {
	at := w.around.Add(time.Duration(w.IntN(48)-24) * 30 * time.Minute)
	s := care.Slot{ID: care.SlotID(fmt.Sprint("slot", i)), Start: at, End: at.Add(time.Duration(1+w.IntN(6)) * time.Hour), Seats: 20}
	if w.IntN(2) == 0 {
		s.Duration = time.Hour
	}
	r := care.Request{ID: care.RequestID(fmt.Sprint("request", i)), Community: w.here, For: resident, Phase: care.Live, Urgency: care.Urgent,
		Kind: one(w, care.CompanyKind, care.CompanyKind, care.RespiteKind), Where: care.Place{Point: care.Point{Lat: 52.935, Lon: 6.70}, Town: "Grolloo"}, Slots: []care.Slot{s}}
	if w.IntN(2) == 0 {
		r.Kind, r.Ride = care.RideKind, &care.Ride{To: care.Place{Point: care.Point{Lat: 52.99, Lon: 6.55}, Town: "Assen"}, Passengers: 1 + w.IntN(2), Walker: w.IntN(2) == 0}
	}
	if w.IntN(3) == 0 {
		r.Needs = care.Needs{Languages: one(w, nil, []string{"NL"}, []string{"de", "pl"}), Skills: one(w, nil, []string{"DEMENTIA"}), Gender: one(w, care.Woman, "")}
	}
	return r
}

// everybody is brute force: the rules over whoever the store holds.
func (v *village) everybody(n matching.Need, known map[care.PersonID]bool) matching.Ranking {
	v.t.Helper()
	var pool []matching.Candidate
	ctx := v.t.Context()
	v.must(v.Stores.Offers.Each(ctx, func(o port.Stored[care.Offer]) error {
		c := app.CandidateOf(v.personDoc(o.Value.Helper), v.bookOf(o.Value.Helper), o.Value)
		c.KnownFace = known[c.Person]
		pool = append(pool, c)
		return nil
	}))
	return matching.Rank(n, pool)
}

func TestIndexAndCheckTogetherFindWhomTheRulesAdmit(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, v *village) {
		ctx, fits := t.Context(), 0
		var err error
		if v.there, err = v.CreateCommunity(ctx, care.Community{Name: "Rolde", Town: "Rolde", Point: care.Point{Lat: 52.984, Lon: 6.648}, Zone: "Europe/Amsterdam"}); err != nil {
			t.Fatal(err)
		}
		for seed, around := range []time.Time{thursday(), time.Date(2027, 3, 28, 1, 0, 0, 0, time.UTC), time.Date(2027, 10, 31, 1, 0, 0, 0, time.UTC)} {
			w := crowd{village: v, Rand: rand.New(rand.NewPCG(uint64(seed), 4)), around: around}
			residents := []care.PersonID{v.person("Anna", 1), v.person("Geesje", 3)}
			for i := range 60 {
				w.helper(100*seed+i, residents)
			}
			a := v.process(v.Stores)
			v.at(around.AddDate(0, 0, -2).Add(9 * time.Hour))
			for i := range 25 {
				r := w.wanted(one(w, residents...), 100*seed+i)
				got, n, err := app.Ranked(ctx, a, r, r.Slots[0].ID)
				v.must(err)
				want := v.everybody(n, nil)
				if !reflect.DeepEqual(matching.Plan(n, got, 0), matching.Plan(n, want, 0)) {
					t.Fatalf("seed %d, %+v: asked are %v, want %v", seed, r, names(got), names(want))
				}
				fits += len(got.Fitting)
			}
		}
		if fits < 100 {
			t.Errorf("%d fit in all: the worlds say little", fits)
		}
	})
}

func names(r matching.Ranking) []care.OfferID {
	var ids []care.OfferID
	for _, f := range r.Fitting {
		ids = append(ids, f.Candidate.Offer.ID)
	}
	return ids
}

// acts are what may happen to helpers, each by an ordinary command.
func (v *village) acts(w *rand.Rand, people []care.PersonID) []func(p care.PersonID) error {
	ctx := v.t.Context()
	other := func() care.PersonID { return people[w.IntN(len(people))] }
	return []func(p care.PersonID) error{
		func(p care.PersonID) error {
			return v.PauseHelper(ctx, v.as(v.mod), v.here, p, care.Decision{Rule: "r@1", Reason: "x", Until: v.clock().AddDate(0, 1, 0)})
		},
		func(p care.PersonID) error { return v.ResumeHelper(ctx, v.as(v.mod), v.here, p) },
		func(p care.PersonID) error {
			return v.RefuseHelper(ctx, v.as(v.mod), v.here, p, care.Decision{Rule: "r@1", Reason: "x"})
		},
		func(p care.PersonID) error { return v.EndOffer(ctx, v.as(p), v.anOffer(p)) },
		func(p care.PersonID) error {
			o, err := v.Stores.Offers.Get(ctx, v.anOffer(p))
			if err == nil {
				o.Value.Radius, o.Value.Languages = 1000*(1+w.IntN(20)), []string{"nl", "de"}
				err = v.EditOffer(ctx, v.as(p), o.Value.ID, o.Value)
			}
			return err
		},
		func(p care.PersonID) error {
			o, err := v.Stores.Offers.Get(ctx, v.anOffer(p))
			if err == nil {
				_, err = v.MakeOffer(ctx, v.as(p), care.Offer{Community: v.here, Kinds: []care.Kind{care.CompanyKind}, Radius: 5_000, Travel: care.ByBike, Availability: o.Value.Availability})
			}
			return err
		},
		func(p care.PersonID) error { return v.BlockPerson(ctx, v.as(p), v.here, other()) },
		func(p care.PersonID) error {
			q := care.DefaultQuiet("Europe/Amsterdam")
			q.MinGap = time.Duration(1+w.IntN(40)) * time.Hour
			return v.SetQuiet(ctx, v.as(p), q)
		},
		func(care.PersonID) error {
			v.ride(v.person("Geesje", 1), thursday().Add(time.Duration(w.IntN(50))*time.Hour))
			return nil
		},
		func(p care.PersonID) error { return v.answer(p, w.IntN(3) > 0) },
		func(care.PersonID) error { v.driver("Nieuw", w.IntN(20)); return nil },
		func(p care.PersonID) error {
			if w.IntN(3) > 0 {
				return nil
			}
			return v.MergePersons(ctx, v.as(v.worker), v.here, p, other())
		},
		func(p care.PersonID) error {
			if w.IntN(3) > 0 {
				return nil
			}
			return v.ForgetMe(ctx, v.as(p), v.personDoc(p).FirstName)
		},
	}
}

// anOffer is somebody's last offer, or a name that nothing has.
func (v *village) anOffer(p care.PersonID) care.OfferID {
	found, err := v.Offers(v.t.Context(), v.as(p), page())
	if err != nil || len(found) == 0 {
		return "none"
	}
	return care.OfferID(found[len(found)-1].ID)
}

// answer says yes or no to whatever a helper was asked.
func (v *village) answer(p care.PersonID, yes bool) error {
	ctx := v.t.Context()
	found, err := v.Stores.Requests.Find(ctx, port.Key{Name: app.ByHelper, Value: string(p)}, port.Page{Limit: 50})
	if err != nil {
		return err
	}
	for _, r := range found {
		for _, k := range r.Value.Asks {
			if k.Helper != p || k.State != care.Asked {
				continue
			}
			if yes {
				_, err = v.AcceptAsk(ctx, v.as(p), k.ID, time.Time{})
				return err
			}
			return v.DeclineAsk(ctx, v.as(p), k.ID, "busy")
		}
	}
	return nil
}

// TestAnIndexFedByEventsIsTheOneRebuilt lets a process write and hear, another one only hear, and a third
// one start at the end, and has all three know the same.
func TestAnIndexFedByEventsIsTheOneRebuilt(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, v *village) {
		hears := v.process(v.Stores)
		w := rand.New(rand.NewPCG(7, uint64(len(t.Name()))))
		var people []care.PersonID
		for i := range 8 {
			people = append(people, v.driver("Berend", 2*i))
		}
		v.run()
		acts, done := v.acts(w, people), make([]int, 13)
		heard := 0
		for range 70 {
			k := w.IntN(len(acts))
			if err := acts[k](people[w.IntN(len(people))]); err == nil {
				done[k]++
			} else if care.CodeOf(err) == "internal" || care.IsKind(err, care.Unavailable) {
				t.Fatal(err)
			}
			v.run()
			for _, row := range v.rows[heard:] {
				v.must(hears.Follow(t.Context(), row))
			}
			heard = len(v.rows)
			v.pass(time.Duration(w.IntN(60)) * time.Minute)
		}
		fresh := v.process(v.Stores)
		want := app.Indexed(fresh)
		for name, a := range map[string]*app.App{"who writes": v.App, "who hears": hears} {
			if got := app.Indexed(a); !reflect.DeepEqual(got, want) {
				t.Errorf("%s knows %d offers, a rebuild %d: %s", name, len(got), len(want), firstDifference(got, want))
			}
		}
		if slices.Contains(done, 0) {
			t.Errorf("some act never came about: %v", done)
		}
	})
}

func firstDifference(got, want []matching.Candidate) string {
	for i := range min(len(got), len(want)) {
		if !reflect.DeepEqual(got[i], want[i]) {
			return fmt.Sprintf("\n%+v\n%+v", got[i], want[i])
		}
	}
	return "one is longer"
}

func TestWhoIsForgottenLeavesTheIndexAtOnce(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	ctx := t.Context()
	gone, stays := v.driver("Berend", 2), v.driver("Corrie", 4)
	v.run()
	hears := v.second()
	v.must(v.ForgetMe(ctx, v.as(gone), "Berend"))
	if got := app.Indexed(v.App); len(got) != 1 || got[0].Person != stays {
		t.Fatalf("%d offers are left, before any event was heard", len(got))
	}
	v.must(hears.Follow(ctx, port.Row{Event: care.Event{Type: care.PersonForgetting, Person: gone, At: v.clock()}}))
	if got := app.Indexed(hears); len(got) != 1 || got[0].Person != stays {
		t.Fatalf("%d offers are left at another process", len(got))
	}
}
