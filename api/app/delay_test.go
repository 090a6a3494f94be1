package app_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"naober/api/app"
	"naober/api/feed"
	"naober/api/port"
	"naober/api/store/sqlitestore"
	"naober/matching"
	"naober/matching/care"
)

// running is one process with its loops, on a village's file.
type running struct {
	*app.App
	followed chan port.Row // after the index took the row in
}

// start runs a process as the service does, and returns once its index reads the feed.
func (v *village) start(ctx context.Context, all *sync.WaitGroup) running {
	v.t.Helper()
	var loops *app.Loops
	var wired sync.WaitGroup
	wired.Add(1)
	wrote := func() { wired.Wait(); loops.Wake() }
	store, err := sqlitestore.Open(v.t.Context(), v.path, sqlitestore.Options{Key: villageSecret(), Now: v.clock, Wrote: wrote})
	v.must(err)
	v.t.Cleanup(func() { _ = store.Close() })
	p := running{App: v.process(store.Stores()), followed: make(chan port.Row, 1000)}
	follow := func(ctx context.Context, row port.Row) error {
		err := p.Follow(ctx, row)
		p.followed <- row
		return err
	}
	m, begun, once := feed.SystemTime(), make(chan struct{}), sync.Once{}
	loops, err = p.NewLoops(app.LoopSettings{Time: m, Hold: feed.NewHold(time.Now, m),
		Consumers: []feed.Consumer{
			{Name: "dispatcher", Handle: p.Dispatch, Stored: true},
			{Name: "steward", Handle: p.Steward, Stored: true},
			{Name: "index", Handle: follow, From: -1, Rebuild: p.Rebuild},
		},
		Idle: func(loop string) {
			if loop == feed.LoopOf("index") {
				once.Do(func() { close(begun) })
			}
		}})
	v.must(err)
	wired.Done()
	all.Go(func() { loops.Run(ctx) })
	<-begun
	return p
}

// TestAWriteReachesTheOtherProcess measures from the call in one process to the ranking of the other.
func TestAWriteReachesTheOtherProcess(t *testing.T) {
	v := newVillage(t)
	driver, other := v.driver("Berend", 2), v.driver("Corrie", 3)
	v.run()
	offer := v.offerOf(driver)
	var asks []care.AskID
	for i := range 8 {
		_, ask := v.asked(v.person("Anna", 1), driver, offer, thursday().AddDate(0, 0, i))
		asks = append(asks, ask)
	}
	looked, _ := v.asked(v.person("Bep", 1), driver, offer, thursday().AddDate(0, 0, 20))
	slot := v.request(looked).Slots[0].ID
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	defer all.Wait()
	defer cancel()
	here, there := v.start(ctx, &all), v.start(ctx, &all)
	var delays []time.Duration
	measure := func(event care.EventType, of care.PersonID, call func() error) {
		t.Helper()
		began := time.Now()
		v.must(call())
		for {
			select {
			case row := <-there.followed:
				if row.Event.Type == event && row.Event.Helper == of {
					delays = append(delays, time.Since(began))
					return
				}
			case <-time.After(20 * time.Second):
				t.Fatalf("%s never came", event)
			}
		}
	}
	d := care.Decision{Rule: "r@1", Reason: "x", Until: v.clock().AddDate(0, 1, 0)}
	for _, ask := range asks {
		measure(care.OfferMade, driver, func() error {
			_, err := here.MakeOffer(ctx, v.as(driver), care.Offer{Community: v.here, Kinds: []care.Kind{care.CompanyKind}, Radius: 5_000, Travel: care.OnFoot,
				Availability: care.Availability{Zone: "Europe/Amsterdam", Weekly: []care.Window{{Day: time.Monday, Start: 600, End: 900}}}})
			return err
		})
		measure(care.HelperPaused, other, func() error { return here.PauseHelper(ctx, v.as(v.mod), v.here, other, d) })
		measure(care.HelperResumed, other, func() error { return here.ResumeHelper(ctx, v.as(v.mod), v.here, other) })
		measure(care.HelperBooked, driver, func() error { return accept(v, here.App, v.as(driver), ask) })
	}
	fits := func() bool {
		ranking, _, err := there.Candidates(ctx, v.as(v.worker), looked, slot)
		v.must(err)
		return slices.ContainsFunc(ranking.Fitting, func(f matching.Fit) bool { return f.Candidate.Person == other })
	}
	before := fits()
	measure(care.HelperPaused, other, func() error { return here.PauseHelper(ctx, v.as(v.mod), v.here, other, d) })
	if !before || fits() {
		t.Errorf("a pause in one process changes the ranking of the other: %v before, %v after", before, fits())
	}
	slices.Sort(delays)
	p50, p99 := delays[len(delays)/2], delays[len(delays)*99/100]
	t.Logf("figure: feed delay p50 %d ms p99 %d ms (n=%d)", p50.Milliseconds(), p99.Milliseconds(), len(delays))
	if p99 > 5*time.Second {
		t.Errorf("p99 is %s", p99)
	}
}
