package storetest

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
)

func readPromises() []Promise {
	return []Promise{
		{Name: "find lists what has the key and nothing else", check: findByKey},
		{Name: "find pages stay stable under writes", check: stablePages},
		{Name: "due lists the longest overdue first", check: dueFirst},
		{Name: "each streams in order", check: eachInOrder},
		{Name: "a call that was made before shows what anybody wrote since", check: twoHandles(sameCallAgain)},
		{Name: "near lists the nearest first", check: nearestFirst},
	}
}

func (x *trial) find(name, value string) []care.RequestID {
	x.Helper()
	found, err := x.Requests.Find(x.ctx, port.Key{Name: name, Value: value}, port.Page{Limit: 1000})
	x.ok(err)
	return idsOf(found)
}

// idsOf reads the ids that the next page goes on from; one that is not its document's own spoils the
// comparison that follows.
func idsOf(found []port.Stored[care.Request]) []care.RequestID {
	var ids []care.RequestID
	for _, r := range found {
		id := care.RequestID(r.ID)
		if id != r.Value.ID {
			id = "stored under another id"
		}
		ids = append(ids, id)
	}
	return ids
}

func findByKey(x *trial) {
	driver := named[care.PersonID]("driver")
	mine, other := x.asked("mine", 1, driver), x.asked("other", 1, named[care.PersonID]("walker"))
	for _, row := range []struct {
		name, value string
		want        []care.RequestID
	}{
		{app.ByFor, string(mine.For), []care.RequestID{mine.ID}},
		{app.ByHelper, string(driver), []care.RequestID{mine.ID}},
		{app.ByAsk, string(mine.Asks[0].ID), []care.RequestID{mine.ID}},
		{app.ByCommunity, string(village), []care.RequestID{min(mine.ID, other.ID), max(mine.ID, other.ID)}},
		{app.ByCommunity, "", nil},
		{app.ByFor, string(driver), nil},
		{app.ByHelper, string(driver) + "' OR '1'='1", nil},
		{app.ByHelper, "$ne", nil},
	} {
		if got := x.find(row.name, row.value); !slices.Equal(got, row.want) {
			x.Errorf("%s %q finds %v, want %v", row.name, row.value, got, row.want)
		}
	}
	_, err := x.Requests.Update(x.ctx, mine.ID, port.Write{}, func(r care.Request) (care.Request, []care.Event, error) {
		return r.Withdraw(requester(r), "", monday())
	})
	x.ok(err)
	if got := x.find(app.ByCommunity, string(village)); !slices.Equal(got, []care.RequestID{other.ID}) {
		x.Errorf("a closed request is still found by its community: %v", got)
	}
	if got := x.find(app.ByFor, string(mine.For)); !slices.Equal(got, []care.RequestID{mine.ID}) {
		x.Errorf("a closed request is no longer found by the person it is for: %v", got)
	}
}

// stablePages reads pages of four while, between two pages, a document before and one after the
// cursor leave the key, one of each joins it, and one that was read and one that was not change.
func stablePages(x *trial) {
	const size, limit = 32, 4
	var ids []care.RequestID
	for i := range size {
		ids = append(ids, x.request(fmt.Sprint("page ", i), 1).Value.ID)
	}
	slices.Sort(ids)
	always := map[care.RequestID]bool{} // stood under the key from the first page to the last
	for _, id := range ids {
		always[id] = true
	}
	seen, last := map[care.RequestID]int{}, care.RequestID("")
	leave := func(id care.RequestID) {
		delete(always, id)
		_, err := x.Requests.Update(x.ctx, id, port.Write{}, func(r care.Request) (care.Request, []care.Event, error) {
			return r.Withdraw(requester(r), "", monday())
		})
		x.ok(err)
	}
	for page := 0; ; page++ {
		found, err := x.Requests.Find(x.ctx, port.Key{Name: app.ByCommunity, Value: string(village)}, port.Page{After: string(last), Limit: limit})
		x.ok(err)
		if len(found) > limit {
			x.Fatalf("a page of at most %d has %d documents", limit, len(found))
		}
		for _, r := range found {
			if r.Value.ID <= last {
				x.Errorf("%s comes after %s", r.Value.ID, last)
			}
			last = r.Value.ID
			seen[last]++
		}
		if len(found) < limit {
			break
		}
		if page == 0 {
			leave(ids[0])
			leave(ids[size-1])
		}
		if page < 3 {
			_, err = x.Requests.Update(x.ctx, last, port.Write{}, say("Gelezen", "read"))
			x.ok(err)
			_, err = x.Requests.Update(x.ctx, ids[size-2], port.Write{}, say("Nog niet", "unread"))
			x.ok(err)
			x.request(fmt.Sprint("joins ", page), 1)
			leave(ids[page+1])
		}
	}
	for id, n := range seen {
		if n != 1 {
			x.Errorf("%s was listed %d times", id, n)
		}
	}
	for id := range always {
		if seen[id] == 0 {
			x.Errorf("%s was lost between pages", id)
		}
	}
}

func dueFirst(x *trial) {
	now := monday()
	var want []care.RequestID
	for i, minutes := range []int{-30, 90, 0, -5000, 1, -1, -90} {
		r := x.request(fmt.Sprint("due ", i), 1).Value
		at := now.Add(time.Duration(minutes) * time.Minute)
		_, err := x.Requests.Update(x.ctx, r.ID, port.Write{Quiet: true}, func(r care.Request) (care.Request, []care.Event, error) {
			r.NextActionAt = at
			return r, nil, nil
		})
		x.ok(err)
	}
	for _, i := range []int{3, 6, 0, 5, 2} { // by minutes overdue; the one due this very moment is due
		want = append(want, named[care.RequestID]("request", fmt.Sprint("due ", i)))
	}
	closed := x.request("closed", 1).Value
	_, err := x.Requests.Update(x.ctx, closed.ID, port.Write{}, func(r care.Request) (care.Request, []care.Event, error) {
		return r.Withdraw(requester(r), "", now)
	})
	x.ok(err)
	for _, limit := range []int{1, 3, 5, 100} {
		due, err := x.Requests.Due(x.ctx, now, limit)
		x.ok(err)
		if got := idsOf(due); !slices.Equal(got, want[:min(limit, len(want))]) {
			x.Errorf("due, at most %d: %v, want %v", limit, got, want[:min(limit, len(want))])
		}
	}
}

func eachInOrder(x *trial) {
	var want []care.RequestID
	for i := range 40 {
		want = append(want, x.request(fmt.Sprint("each ", i), 1).Value.ID)
	}
	slices.Sort(want)
	var got []care.RequestID
	x.ok(x.Requests.Each(x.ctx, func(r port.Stored[care.Request]) error {
		got = append(got, r.Value.ID)
		again, err := x.Requests.Get(x.ctx, r.Value.ID) // a reader of a stream reads more
		if err == nil && again.Rev != r.Rev {
			x.Errorf("%s has rev %d in the stream and %d by itself", r.Value.ID, r.Rev, again.Rev)
		}
		return err
	}))
	if !slices.Equal(got, want) {
		x.Errorf("each streams %v, want %v", got, want)
	}
	boom, visited := errors.New("boom"), 0
	err := x.Requests.Each(x.ctx, func(port.Stored[care.Request]) error {
		visited++
		if visited == 3 {
			return boom
		}
		return nil
	})
	if !errors.Is(err, boom) || visited != 3 {
		x.Errorf("each went to document %d and answered %v after its visitor failed at 3", visited, err)
	}
}

func nearestFirst(x *trial) {
	places := []care.Community{
		{Name: "Grolloo", Point: care.Point{Lat: 52.9273, Lon: 6.6801}},
		{Name: "Rolde", Point: care.Point{Lat: 52.9840, Lon: 6.6480}},
		{Name: "Assen", Point: care.Point{Lat: 52.9929, Lon: 6.5642}},
		{Name: "Emmen", Point: care.Point{Lat: 52.7858, Lon: 6.8976}},
		{Name: "Meppel", Point: care.Point{Lat: 52.6957, Lon: 6.1944}},
	}
	for _, i := range []int{3, 0, 4, 2, 1} {
		c := places[i]
		c.ID, c.Zone, c.Town = named[care.CommunityID](c.Name), "Europe/Amsterdam", c.Name
		_, err := x.Communities.Insert(x.ctx, c.ID, c, nil, port.Write{})
		x.ok(err)
	}
	for _, limit := range []int{1, 3, 5, 50} {
		near, err := x.Communities.Near(x.ctx, care.Point{Lat: 52.93, Lon: 6.68}, limit)
		x.ok(err)
		if len(near) != min(limit, len(places)) {
			x.Errorf("near, at most %d, lists %d", limit, len(near))
		}
		for i, c := range near {
			if c.Value.Name != places[i].Name {
				x.Errorf("number %d is %s, want %s", i+1, c.Value.Name, places[i].Name)
			}
		}
	}
}
