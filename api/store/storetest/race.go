package storetest

import (
	"fmt"
	"sync"
	"time"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
)

func racePromises() []Promise {
	return []Promise{
		{Name: "a lost race is tried again", check: lostRace},
		{Name: "a race lost every time is document_busy, and the other's change stands", check: everLostRace},
		{Name: "one nonce from two handles is one change", check: nonceRace},
		{Name: "one of twenty inserts under one id stands", check: insertRace},
		{Name: "twenty helpers race for one seat", check: func(x *trial) { seatRace(x, x) }},
		{Name: "twenty helpers race for one seat through two handles", check: twoHandles(seatRace)},
		{Name: "one helper and twenty overlapping claims: one stands", check: func(x *trial) { claimRace(x, x) }},
		{Name: "one helper and twenty overlapping claims through two handles: one stands", check: twoHandles(claimRace)},
		{Name: "a yes lies before or after a pause, never beside it", check: twoHandles(pauseRace)},
	}
}

const racers = 20

func twoHandles(race func(x, other *trial)) func(*trial) {
	return func(x *trial) {
		other := x.handle()
		defer other.close()
		race(x, other)
	}
}

// together lets n goroutines, on the two handles in turn, begin at once; it returns what each said.
func together(x, other *trial, n int, act func(h *trial, i int) error) []error {
	var ready, done sync.WaitGroup
	ready.Add(n)
	results := make([]error, n)
	for i := range n {
		h := []*trial{x, other}[i%2]
		done.Go(func() {
			ready.Done()
			ready.Wait()
			results[i] = act(h, i)
		})
	}
	done.Wait()
	return results
}

// everLostRace has another handle change the document under every try.
func everLostRace(x *trial) {
	other := x.handle()
	defer other.close()
	_, err := x.Tallies.Insert(x.ctx, "busy", app.Tally{Key: "busy"}, nil, port.Write{})
	x.ok(err)
	one := func(t app.Tally) (app.Tally, []care.Event, error) { t.Count++; return t, nil, nil }
	tries := 0
	_, err = x.Tallies.Update(x.ctx, "busy", port.Write{}, func(t app.Tally) (app.Tally, []care.Event, error) {
		_, err := other.Tallies.Update(other.ctx, "busy", port.Write{}, one)
		other.ok(err)
		tries++
		t.Count += 1000
		return t, nil, nil
	})
	if care.CodeOf(err) != "document_busy" || !care.IsKind(err, care.Unavailable) {
		x.Errorf("a race lost %d times is %v, want document_busy", tries, err)
	}
	read, err := x.Tallies.Get(x.ctx, "busy")
	x.ok(err)
	if tries < 2 || read.Value.Count != tries {
		x.Errorf("after %d tries the count is %d", tries, read.Value.Count)
	}
}

func lostRace(x *trial) {
	const each = 10
	other := x.handle()
	defer other.close()
	_, err := x.Tallies.Insert(x.ctx, "race", app.Tally{Key: "race"}, nil, port.Write{})
	x.ok(err)
	for _, err := range together(x, other, 8, func(h *trial, i int) error {
		for range each {
			_, err := h.Tallies.Update(h.ctx, "race", port.Write{}, func(t app.Tally) (app.Tally, []care.Event, error) {
				t.Count++
				return t, nil, nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	}) {
		x.ok(err)
	}
	read, err := x.Tallies.Get(x.ctx, "race")
	x.ok(err)
	if read.Value.Count != 8*each {
		x.Errorf("8 goroutines counted to %d, want %d", read.Value.Count, 8*each)
	}
}

func nonceRace(x *trial) {
	other := x.handle()
	defer other.close()
	r := x.request("twice", 1)
	for _, err := range together(x, other, 6, func(h *trial, i int) error {
		_, err := h.Requests.Update(h.ctx, r.Value.ID, port.Write{Nonce: nonce("twice")}, say(fmt.Sprint(i), "twice"))
		return err
	}) {
		x.ok(err)
	}
	read, err := other.Requests.Get(x.ctx, r.Value.ID)
	x.ok(err)
	if read.Rev != r.Rev+1 {
		x.Errorf("six tries of one intent moved rev by %d, want 1", read.Rev-r.Rev)
	}
}

func insertRace(x *trial) {
	other := x.handle()
	defer other.close()
	r, events, err := newRequest("insert", 1)
	x.ok(err)
	stood := 0
	for i, err := range together(x, other, racers, func(h *trial, i int) error {
		mine := r
		mine.Words = fmt.Sprint("van ", i)
		_, err := h.Requests.Insert(h.ctx, mine.ID, mine, events, port.Write{Nonce: nonce(i)})
		return err
	}) {
		if err == nil {
			stood++
			read, err := x.Requests.Get(x.ctx, r.ID)
			x.ok(err)
			if read.Value.Words != fmt.Sprint("van ", i) {
				x.Errorf("insert %d was acknowledged, but %q is stored", i, read.Value.Words)
			}
			continue
		}
		x.refused(err, care.Conflict, "id_taken")
	}
	if stood != 1 {
		x.Errorf("%d inserts under one id were acknowledged, want 1", stood)
	}
}

func seatRace(x, other *trial) {
	var helpers []care.PersonID
	for i := range racers {
		helpers = append(helpers, named[care.PersonID]("racer", i))
	}
	r := x.asked("seat", 1, helpers...)
	for i, err := range together(x, other, racers, func(h *trial, i int) error {
		return h.accept(r.ID, helpers[i], nonce("yes", i))
	}) {
		if err != nil {
			x.Errorf("helper %d said yes in time and heard %v", i, err)
		}
	}
	read, err := x.Requests.Get(x.ctx, r.ID)
	x.ok(err)
	reserves := 0
	for _, a := range read.Value.Asks {
		if a.State == care.Reserved {
			reserves++
		}
	}
	if len(read.Value.Visits) != 1 || reserves != racers-1 {
		x.Errorf("%d visits and %d reserves, want 1 and %d", len(read.Value.Visits), reserves, racers-1)
	}
}

func claimRace(x, other *trial) {
	helper := x.helper("busy", nil)
	var wanted []care.Request
	for i := range racers {
		wanted = append(wanted, x.request(fmt.Sprint("overlap ", i), 1).Value)
	}
	stood := 0
	for _, err := range together(x, other, racers, func(h *trial, i int) error {
		return h.claim(helper, seatClaim(wanted[i], helper, nonce("overlap", i)))
	}) {
		if err == nil {
			stood++
			continue
		}
		x.refused(err, care.Unavailable, "claim_pending")
	}
	read, err := other.Helpers.Get(x.ctx, helper)
	x.ok(err)
	if stood != 1 || len(read.Value.Claims) != 1 {
		x.Errorf("%d claims were acknowledged and %d stand, want 1 and 1", stood, len(read.Value.Claims))
	}
}

// pauseRace lets claims for hours that do not overlap meet a pause. Each claim that was
// acknowledged stands in the book; after the pause there is none that came later.
func pauseRace(x, other *trial) {
	helper := x.helper("paused", nil)
	r := x.request("hours", 1).Value
	results := together(x, other, racers, func(h *trial, i int) error {
		if i == racers/2 {
			_, err := h.Helpers.Update(h.ctx, helper, port.Write{}, func(b care.Helper) (care.Helper, []care.Event, error) {
				return b.Pause(village, decision(monday().AddDate(0, 1, 0)), monday())
			})
			return err
		}
		c := seatClaim(r, helper, nonce("hour", i))
		c.At = care.Interval{From: c.At.From.AddDate(0, 0, i), Until: c.At.Until.AddDate(0, 0, i)}
		return h.claim(helper, c)
	})
	stood := 0
	for i, err := range results {
		switch {
		case i == racers/2:
			x.ok(err)
		case err == nil:
			stood++
		default:
			x.refused(err, care.Forbidden, "helper_paused")
		}
	}
	read, err := x.Helpers.Get(x.ctx, helper)
	x.ok(err)
	if len(read.Value.Claims) != stood || !read.Value.Paused(village, monday().Add(time.Hour)) {
		x.Errorf("%d claims were acknowledged, %d stand, paused %t", stood, len(read.Value.Claims), read.Value.Paused(village, monday().Add(time.Hour)))
	}
	x.refused(other.claim(helper, seatClaim(r, helper, nonce("afterwards"))), care.Forbidden, "helper_paused")
}
