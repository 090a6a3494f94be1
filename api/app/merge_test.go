package app_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
)

func (v *village) personDoc(id care.PersonID) care.Person {
	v.t.Helper()
	p, err := v.Stores.Persons.Get(v.t.Context(), id)
	v.must(err)
	return p.Value
}

func (v *village) bookOf(id care.PersonID) care.Helper {
	v.t.Helper()
	h, err := v.Stores.Helpers.Get(v.t.Context(), id)
	v.must(err)
	return h.Value
}

// merge makes one of two records and lets everything follow.
func (v *village) merge(from, into care.PersonID) {
	v.t.Helper()
	v.must(v.MergePersons(v.t.Context(), v.as(v.worker), v.here, from, into))
	v.run()
}

func (v *village) unmerge(from care.PersonID) {
	v.t.Helper()
	v.must(v.UndoMerge(v.t.Context(), v.as(v.worker), from))
	v.run()
}

// TestTwoRecordsBecomeOne: Geesje registered in the app although the desk knew her.
func TestTwoRecordsBecomeOne(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, v *village) {
		ctx := t.Context()
		atDesk, err := v.RegisterAtDesk(ctx, v.as(v.worker), v.newcomer("Geesje", "Meijer", "1941-05-02"))
		v.must(err)
		tokens, mail := v.registersAgain()
		inApp, driver := tokens.Person, v.driver("Berend", 2)
		v.run()
		ride := v.ride(inApp, thursday())
		_, err = v.AcceptAsk(ctx, v.as(driver), v.askOf(ride, driver).ID, time.Time{})
		v.must(err)
		v.run()
		before := v.personDoc(inApp)

		v.merge(inApp, atDesk)
		if r := v.request(ride); r.For != atDesk || r.Visits[0].State != care.VisitSet || r.Words == "" {
			t.Errorf("her ride is for %s, the visit %s, the words %q", r.For, r.Visits[0].State, r.Words)
		}
		if mine, _, err := v.RequestsBy(ctx, v.as(atDesk), "mine", "", port.Page{Limit: 10}); err != nil || len(mine) != 1 {
			t.Errorf("she sees %d rides, %v", len(mine), err)
		}
		if p, err := v.Person(ctx, v.as(v.worker), inApp); err != nil || p.Value.ID != atDesk || p.Value.WithoutApp || len(p.Value.Contacts) != 1 {
			t.Errorf("the old id opens %+v, %v", p.Value, err)
		}
		if found := v.finds(v.App, "mei"); !slices.Equal(found, []care.PersonID{atDesk}) {
			t.Errorf("a search finds %v", found)
		}
		if _, err := v.Authenticate(ctx, tokens.Access); care.CodeOf(err) != "session_ended" {
			t.Errorf("the old device is still signed in: %v", err)
		}
		again, err := v.RequestCode(ctx, mail, "192.0.2.9")
		v.must(err)
		in, err := v.RedeemCode(ctx, app.Redemption{Flow: again, Code: v.posted[mail]})
		if err != nil || in.Tokens == nil || in.Tokens.Person != atDesk {
			t.Errorf("her address signs in %+v, %v", in, err)
		}
		views, err := v.Views(ctx, v.as(atDesk), port.Page{Limit: 200})
		v.must(err)
		merged := slices.DeleteFunc(views, func(s app.SeenView) bool { return s.What != "merged" || !strings.HasPrefix(s.Name, "Wiecher") })
		if len(merged) != 2 {
			t.Errorf("her log tells of the merge %d times, of each record once", len(merged))
		}
		tasks, err := v.Tasks(ctx, v.as(v.worker), v.here)
		v.must(err)
		tasks = slices.DeleteFunc(tasks, func(k care.Task) bool { return k.Person != inApp && k.Other != inApp })
		if len(tasks) != 0 {
			t.Errorf("the desk has still to look at %+v", tasks)
		}
		since := v.ride(atDesk, thursday().AddDate(0, 0, 7))
		if r, err := v.Request(ctx, v.as(driver), ride); err != nil || r.For.ID != atDesk {
			t.Errorf("her helper sees %+v, %v", r.For, err)
		}

		v.unmerge(inApp)
		if r, s := v.request(ride), v.request(since); r.For != inApp || r.Visits[0].State != care.VisitSet || r.Words == "" || s.For != atDesk {
			t.Errorf("after the undo: %s, %s", r.For, s.For)
		}
		after, stayed := v.personDoc(inApp), v.personDoc(atDesk)
		if fmt.Sprintf("%+v", after) != fmt.Sprintf("%+v", before) || !stayed.WithoutApp || len(stayed.Contacts)+len(stayed.Absorbed) != 0 {
			t.Errorf("they came back as\n%+v\nwas\n%+v\nand\n%+v", after, before, stayed)
		}
		if found := v.finds(v.App, "mei"); len(found) != 2 {
			t.Errorf("a search finds %v", found)
		}
	})
}

func TestWhoIsNotMerged(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	ctx := t.Context()
	a, b := v.person("Geesje", 1), v.person("Geesje", 2)
	next, err := v.CreateCommunity(ctx, care.Community{Name: "Rolde", Town: "Rolde", Point: care.Point{Lat: 52.985, Lon: 6.645}, Zone: "Europe/Amsterdam"})
	v.must(err)
	elsewhere, also := v.person("Geesje", 3), v.person("Geesje", 4)
	_, err = v.GrantFirstRole(ctx, care.Membership{Person: also, Community: next, Role: care.Resident})
	v.must(err)
	for _, m := range []care.PersonID{elsewhere} {
		_, err = v.GrantFirstRole(ctx, care.Membership{Person: m, Community: next, Role: care.Resident})
		v.must(err)
		mine, err := v.Memberships(ctx, v.as(m))
		v.must(err)
		v.must(v.Leave(ctx, v.as(m), mine[slices.IndexFunc(mine, func(x care.Membership) bool { return x.Community == v.here })].ID))
	}
	other, err := v.RegisterAtDesk(ctx, v.as(v.worker), v.newcomer("Trijntje", "Bakker", "1931-01-09"))
	v.must(err)
	staff, died, gone := v.person("Geesje", 5), v.person("Geesje", 6), v.person("Geesje", 7)
	_, err = v.GrantFirstRole(ctx, care.Membership{Person: staff, Community: v.here, Role: care.Moderator})
	v.must(err)
	v.must(v.ReportDeath(ctx, v.as(v.worker), died))
	v.refused(v.MergePersons(ctx, v.as(v.worker), v.here, died, b), "death_reported")
	v.must(v.ConfirmDeath(ctx, v.as(v.mod), died))
	v.must(v.ForgetMe(ctx, v.as(gone), "Geesje"))
	v.run()
	for name, row := range map[string]struct {
		by         care.PersonID
		from, into care.PersonID
		code       string
	}{
		"by a moderator":           {v.mod, a, b, "desk_only"},
		"by the person":            {a, a, b, "desk_only"},
		"with oneself":             {v.worker, a, a, "merge_self"},
		"two who are not alike":    {v.worker, a, other, "not_duplicates"},
		"who lives elsewhere":      {v.worker, elsewhere, b, "person_not_found"},
		"into who lives elsewhere": {v.worker, a, elsewhere, "person_not_found"},
		"who also lives elsewhere": {v.worker, also, b, "merge_elsewhere"},
		"who works here":           {v.worker, staff, b, "merge_office_held"},
		"into who works here":      {v.worker, a, staff, "merge_office_held"},
		"who died":                 {v.worker, died, b, "life_ended"},
		"into who died":            {v.worker, a, died, "life_ended"},
		"who is forgotten":         {v.worker, gone, b, "person_not_found"},
		"into who is forgotten":    {v.worker, a, gone, "person_not_found"},
		"who is not there":         {v.worker, "01JDB8Q4M2ZT6R0V9XKFW3E7HN", b, "person_not_found"},
		"the worker with somebody": {v.worker, v.worker, b, "own_case"},
		"somebody with the worker": {v.worker, a, v.worker, "own_case"},
	} {
		if err := v.MergePersons(ctx, v.as(row.by), v.here, row.from, row.into); care.CodeOf(err) != row.code {
			t.Errorf("%s: %v, want %s", name, err, row.code)
		}
	}
	v.merge(a, also)
	v.refused(v.UndoMerge(ctx, v.as(v.mod), a), "desk_only")
	v.refused(v.UndoMerge(ctx, v.as(other), a), "person_not_found")
	v.refused(v.UndoMerge(ctx, v.as(v.worker), b), "not_merged")
	v.pass(care.UndoTime)
	v.refused(v.UndoMerge(ctx, v.as(v.worker), a), "merge_final")
}

// TestMergesInARow: the first into the second, that one into the third; undone the other way round.
func TestMergesInARow(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, v *village) {
		ctx := t.Context()
		a, b, c := v.person("Geesje", 1), v.person("Geesje", 2), v.person("Geesje", 3)
		rides := []care.RequestID{v.ride(a, thursday()), v.ride(b, thursday()), v.ride(c, thursday())}
		owners := func() []care.PersonID {
			return []care.PersonID{v.request(rides[0]).For, v.request(rides[1]).For, v.request(rides[2]).For}
		}
		v.merge(a, b)
		v.refused(v.MergePersons(ctx, v.as(v.worker), v.here, a, c), "person_merged")
		v.refused(v.MergePersons(ctx, v.as(v.worker), v.here, b, a), "person_merged")
		v.merge(b, c)
		if got := owners(); !slices.Equal(got, []care.PersonID{c, c, c}) {
			t.Fatalf("the rides are for %v", got)
		}
		if p, err := v.Person(ctx, v.as(v.worker), a); err != nil || p.Value.ID != c {
			t.Fatalf("the first id opens %s, %v", p.Value.ID, err)
		}
		v.refused(v.MergePersons(ctx, v.as(v.worker), v.here, c, a), "person_merged")
		v.refused(v.UndoMerge(ctx, v.as(v.worker), a), "person_merged")
		for _, row := range v.rows { // everything comes twice
			v.must(v.Steward(ctx, row))
		}
		v.unmerge(b)
		if got := owners(); !slices.Equal(got, []care.PersonID{b, b, c}) {
			t.Fatalf("after one undo: %v", got)
		}
		call := v.as(v.worker)
		v.must(v.UndoMerge(ctx, call, a))
		v.must(v.UndoMerge(ctx, call, a)) // a resend
		v.run()
		if got := owners(); !slices.Equal(got, []care.PersonID{a, b, c}) {
			t.Fatalf("after both: %v", got)
		}
		v.merge(a, b) // and once more
		if got := owners(); !slices.Equal(got, []care.PersonID{b, b, c}) {
			t.Fatalf("merged anew: %v", got)
		}
	})
}

// TestMergesThatMeet: three records are merged with each other, all at once and in every direction.
func TestMergesThatMeet(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, v *village) {
		ctx := t.Context()
		people := []care.PersonID{v.driver("Berend", 1), v.driver("Berend", 2), v.driver("Berend", 3)}
		for round := range 4 {
			var calls sync.WaitGroup
			for i, from := range people {
				for _, into := range people {
					c := v.as(v.worker)
					if from != into {
						calls.Go(func() { _ = v.MergePersons(ctx, c, v.here, people[i], into) })
					}
				}
			}
			calls.Wait()
			v.run()
			for _, p := range people {
				at := p
				for range people {
					at = v.personDoc(at).Into()
				}
				doc := v.personDoc(p)
				if v.personDoc(at).Into() != at || doc.Alias != nil && !doc.Alias.Firm {
					t.Fatalf("round %d: %s leads to no end: %+v", round, p, doc.Alias)
				}
				for _, row := range doc.Absorbed {
					if !row.Settled || v.personDoc(row.Person).Into() != p {
						t.Fatalf("round %d: %s keeps %+v", round, p, row)
					}
				}
				if into := doc.Into(); into != p && v.bookOf(p).Alias != into || into == p && v.bookOf(p).Alias != "" {
					t.Fatalf("round %d: the book of %s is closed for %q", round, p, v.bookOf(p).Alias)
				}
			}
		}
		// All may have refused each other. But nothing stays locked: who stands for themselves can be merged.
		var stand []care.PersonID
		for _, p := range people {
			if v.personDoc(p).Into() == p {
				stand = append(stand, p)
			}
		}
		for len(stand) > 1 {
			v.merge(stand[0], stand[1])
			stand = stand[1:]
		}
		for _, p := range people {
			at := p
			for range people {
				at = v.personDoc(at).Into()
			}
			if at != stand[0] {
				t.Errorf("%s leads to %s, want %s", p, at, stand[0])
			}
		}
	})
}

// TestForgettingReachesEveryRecord: both keys go, and a restored backup says nothing of either.
func TestForgettingReachesEveryRecord(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, v *village) {
		ctx := t.Context()
		goes, stays := v.person("Anneloes", 1), v.person("Annelous", 2)
		n := rideOf(thursday())
		n.Community, n.Words = v.here, "Met de rollator naar de oogarts"
		ride, err := v.AskForHelp(ctx, v.as(goes), n)
		v.must(err)
		v.run()
		mail := v.personDoc(goes).Contacts[0].Value
		d := diskOf(v)
		first := d.backup()
		v.merge(goes, stays)
		second := d.backup()
		v.must(v.ForgetMe(ctx, v.as(stays), "Annelous"))
		v.run()
		v.refused(v.UndoMerge(ctx, v.as(v.worker), goes), "person_not_found")
		if a, b := v.personDoc(goes), v.personDoc(stays); a.ForgottenAt.IsZero() || b.ForgottenAt.IsZero() {
			t.Fatalf("forgotten are %v and %v", a.ForgottenAt, b.ForgottenAt)
		}
		if r := v.request(ride); r.Phase != care.Ended || r.Words != "" {
			t.Errorf("the ride is %s: %q", r.Phase, r.Words)
		}
		for i, backup := range []any{first, second} {
			restored := d.restore(backup)
			for _, id := range []care.PersonID{goes, stays} {
				p, err := restored.Stores.Persons.Get(ctx, id)
				v.must(err)
				if text := fmt.Sprintf("%+v", p.Value); strings.Contains(text, "Annel") || strings.Contains(text, mail) || strings.Contains(text, "Dorpsstraat") {
					t.Errorf("backup %d says %s", i, text)
				}
			}
			r, err := restored.Stores.Requests.Get(ctx, ride)
			v.must(err)
			if r.Value.Words != "" || r.Value.Where.Street != "" {
				t.Errorf("backup %d says %q", i, r.Value.Words)
			}
			if found := byContact(v, restored, mail); len(found) > 0 {
				t.Errorf("backup %d finds %v", i, found)
			}
		}
	})
}

// TestAMergeOfSomebodyInHospital: what they asked under either record rests, and resumes on an undo.
func TestAMergeOfSomebodyInHospital(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	ctx := t.Context()
	goes, stays := v.person("Geesje", 1), v.person("Geesje", 2)
	ride := v.ride(stays, thursday())
	v.must(v.LeaveFor(ctx, v.as(v.worker), goes, care.Absence{State: care.InHospital}))
	v.run()
	v.merge(goes, stays)
	if r := v.request(ride); r.Rest == nil || !r.Slots[0].Rested {
		t.Fatalf("it does not rest: %+v", r.Slots)
	}
	v.unmerge(goes)
	if r := v.request(ride); r.Rest != nil || r.Slots[0].Cancelled() || v.personDoc(goes).Life.State != care.InHospital {
		t.Fatalf("it did not resume: %+v", r.Slots)
	}
}

// TestADayBetweenTwoTimesAwayIsKept: of two records one is away until tomorrow, the other in three weeks. What
// lies between stands, and the two become one when the desk has said which time is so.
func TestADayBetweenTwoTimesAwayIsKept(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	ctx := t.Context()
	goes, stays := v.person("Geesje", 1), v.person("Geesje", 2)
	ride := v.ride(stays, thursday().AddDate(0, 0, 7))
	v.leaves(stays, 0, 24*time.Hour)
	v.leaves(goes, 21*24*time.Hour, 9*24*time.Hour)
	before, other := v.personDoc(stays), v.personDoc(goes)
	v.refused(v.MergePersons(ctx, v.as(v.worker), v.here, goes, stays), "absences_apart")
	v.run()
	if one, two := v.personDoc(stays), v.personDoc(goes); one.Life != before.Life || two.Life != other.Life || two.Alias != nil || v.request(ride).Slots[0].Cancelled() {
		t.Fatalf("a refused merge left %+v and %+v", one, two)
	}
	v.must(v.ReturnFrom(ctx, v.as(v.worker), goes))
	v.merge(goes, stays)
	if p := v.personDoc(stays); p.Life != before.Life || v.request(ride).Slots[0].Cancelled() {
		t.Fatalf("merged: %+v, %+v", p.Life, v.request(ride).Slots)
	}
}

// TestADroppedContactSignsNobodyIn although the record that went still holds it.
func TestADroppedContactSignsNobodyIn(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	ctx := t.Context()
	goes, stays := v.person("Geesje", 1), v.person("Geesje", 2)
	mail := v.personDoc(goes).Contacts[0].Value
	v.merge(goes, stays)
	v.must(v.DropContact(ctx, v.as(stays), mail))
	flow, err := v.RequestCode(ctx, mail, "192.0.2.9")
	v.must(err)
	in, err := v.RedeemCode(ctx, app.Redemption{Flow: flow, Code: v.posted[mail]})
	if err != nil || !in.Unregistered {
		t.Errorf("it gives %+v, %v", in, err)
	}
}
