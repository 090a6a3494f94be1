package app_test

import (
	"slices"
	"testing"
	"time"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
)

func TestAWaveKeepsItsNumberOpenAndStops(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	ctx := t.Context()
	anna := v.person("Anna", 1)
	var drivers []care.PersonID
	for i := range 5 {
		drivers = append(drivers, v.driver("Berend", i+2))
	}
	id := v.ride(anna, thursday())
	for _, no := range drivers[:3] {
		if got := v.open(id); len(got) != 2 || !slices.Contains(got, no) {
			t.Fatalf("open %v, want two with %s", got, no)
		}
		v.must(v.DeclineAsk(ctx, v.as(no), v.askOf(id, no).ID, "busy"))
		v.run()
	}
	v.must(accept(v, v.App, v.as(drivers[3]), v.askOf(id, drivers[3]).ID))
	v.run()
	v.at(v.clock().Add(time.Hour)) // the clock's own waves add nothing
	r := v.request(id)
	if got := v.open(id); len(got) != 0 || len(r.Asks) != 5 {
		t.Fatalf("open %v after the yes, %d asks", got, len(r.Asks))
	}
	for i, a := range r.Asks {
		if slices.ContainsFunc(r.Asks[:i], func(b care.Ask) bool { return a.Helper == b.Helper }) {
			t.Errorf("%s was asked twice", a.Helper)
		}
	}
}

func TestWhoIsPassedOverIsReplacedInTheSameWave(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	ctx := t.Context()
	anna := v.person("Anna", 1)
	gone, next, third := v.driver("Berend", 2), v.driver("Corrie", 4), v.driver("Dirk", 6)
	v.run()
	// Another process pauses the nearest; this one's index has not heard of it.
	v.must(v.second().PauseHelper(ctx, v.as(v.mod), v.here, gone, care.Decision{Rule: "r@1", Reason: "x", Until: v.clock().AddDate(0, 1, 0)}))
	n := rideOf(thursday())
	n.Community = v.here
	id, err := v.AskForHelp(ctx, v.as(anna), n)
	v.must(err)
	v.must(v.Dispatch(ctx, port.Row{Event: care.Event{Type: care.RequestPublished, Request: id}}))
	if got := v.open(id); len(got) != 2 || got[0] != next || got[1] != third {
		t.Fatalf("asked %v, want the next two", got)
	}
}

func TestTwoDispatchersAtOnce(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, v *village) {
		ctx := t.Context()
		anna := v.person("Anna", 1)
		for i := range 8 {
			v.driver("Berend", i+1)
		}
		v.run()
		n := rideOf(thursday())
		n.Community = v.here
		id, err := v.AskForHelp(ctx, v.as(anna), n)
		v.must(err)
		var calls []func() error
		for range 4 {
			other := v.process(v.Stores)
			calls = append(calls, func() error {
				return other.Dispatch(ctx, port.Row{Event: care.Event{Type: care.RequestPublished, Request: id}})
			})
		}
		for _, err := range v.together(calls...) {
			v.must(err)
		}
		if got := v.open(id); len(got) != 2 {
			t.Fatalf("%d questions are open, want 2", len(got))
		}
		v.sound()
	})
}

func TestADispatcherThatWakesUpAfterAnotherFilledTheWave(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	ctx := t.Context()
	anna := v.person("Anna", 1)
	v.driver("Berend", 8)
	v.driver("Corrie", 9)
	v.run()
	n := rideOf(thursday())
	n.Community = v.here
	id, err := v.AskForHelp(ctx, v.as(anna), n)
	v.must(err)
	row := port.Row{Event: care.Event{Type: care.RequestPublished, Request: id}}
	wake := v.frozen(func(a *app.App) error { return a.Dispatch(ctx, row) })
	nearer := []care.PersonID{v.driver("Dirk", 2), v.driver("Egbert", 3)} // whom the frozen one does not know
	v.must(v.Dispatch(ctx, row))
	v.must(wake())
	if got := v.open(id); !slices.Equal(got, nearer) {
		t.Fatalf("asked %v, want %v alone", got, nearer)
	}
	v.run()
	v.sound()
}

func TestAReserveIsAskedFirstWhenTheSeatReopens(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	ctx := t.Context()
	anna := v.person("Anna", 1)
	first, second := v.driver("Berend", 2), v.driver("Corrie", 12)
	q := care.DefaultQuiet("Europe/Amsterdam")
	q.MinGap = time.Hour
	for _, p := range []care.PersonID{first, second} {
		v.must(v.SetQuiet(ctx, v.as(p), q))
	}
	id := v.ride(anna, thursday())
	v.driver("Dirk", 3) // nearer than the reserve, and not asked yet
	for _, p := range []care.PersonID{first, second} {
		// The second said yes before hearing that the seat was gone.
		c, i := v.as(p), slices.IndexFunc(v.request(id).Asks, func(a care.Ask) bool { return a.Helper == p })
		v.must(accept(v, v.App, c, v.request(id).Asks[i].ID))
		v.run()
	}
	if a := v.request(id).Asks[1]; a.State != care.Reserved {
		t.Fatalf("the second is %s", a.State)
	}
	v.pass(2 * time.Hour)
	v.must(v.CancelVisit(ctx, v.as(first), v.request(id).Visits[0].ID, "ill"))
	v.run()
	if got := v.open(id); len(got) != 2 || got[0] != second {
		t.Fatalf("asked %v, want the reserve %s first", got, second)
	}
}

func TestASeriesAsksTwoWeeksAhead(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		rule  string
		times int
	}{"weekly": {"FREQ=WEEKLY;BYDAY=TH;COUNT=5", 5}, "daily": {"FREQ=DAILY;COUNT=20", 20}} {
		t.Run(name, func(t *testing.T) {
			v := newVillage(t)
			anna := v.person("Anna", 1)
			helper := v.visitor("Berend", 2)
			id, err := v.AskForHelp(t.Context(), v.as(anna), app.NewRequest{Community: v.here, Kind: care.GroceriesKind, Words: "Boodschappen",
				Urgency: care.Ordinary, Publish: true, Series: &care.Series{Rule: row.rule, Start: "2026-11-26T10:00", Duration: time.Hour, Zone: "Europe/Amsterdam"}})
			v.must(err)
			v.run()
			askedAt := map[care.SlotID]time.Time{}
			for day := range 35 {
				for _, a := range v.request(id).Asks {
					if s, err := v.request(id).Slot(a.Slot); err == nil && s.Start.Sub(a.AskedAt) > care.AskAhead {
						t.Fatalf("asked %s ahead", s.Start.Sub(a.AskedAt))
					}
					askedAt[a.Slot] = a.AskedAt
					if a.Answerable() {
						v.must(accept(v, v.App, v.as(helper), a.ID))
						v.run()
					}
				}
				for _, s := range v.request(id).Slots {
					near := s.Start.After(v.clock().Add(24*time.Hour)) && s.Start.Before(v.clock().Add(care.AskAhead-24*time.Hour))
					if near && askedAt[s.ID].IsZero() {
						t.Fatalf("day %d: nobody was asked for %s", day, s.Start)
					}
				}
				v.aDay()
			}
			if len(askedAt) != row.times {
				t.Fatalf("%d of %d times were asked for", len(askedAt), row.times)
			}
		})
	}
}

// aDay lets a day pass with the clock at work.
func (v *village) aDay() {
	v.t.Helper()
	for range 8 {
		v.at(v.clock().Add(3 * time.Hour))
	}
}

// visitor is an approved helper who does the groceries and takes any number of questions.
func (v *village) visitor(name string, east int) care.PersonID {
	v.t.Helper()
	p := v.driver(name, east)
	ctx := v.t.Context()
	week := []care.Window{}
	for d := time.Sunday; d <= time.Saturday; d++ {
		week = append(week, care.Window{Day: d, Start: 7 * 60, End: 20 * 60})
	}
	_, err := v.MakeOffer(ctx, v.as(p), care.Offer{Community: v.here, Kinds: []care.Kind{care.GroceriesKind}, Radius: 20_000, Travel: care.ByCar,
		Availability: care.Availability{Zone: "Europe/Amsterdam", Weekly: week}, Languages: []string{"nl"}})
	v.must(err)
	q := care.DefaultQuiet("Europe/Amsterdam")
	q.MonthlyLimit, q.MinGap = 60, 0
	v.must(v.SetQuiet(ctx, v.as(p), q))
	return p
}
