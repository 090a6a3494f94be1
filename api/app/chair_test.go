package app_test

import (
	"bytes"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"naober/api/port"
	"naober/matching/care"
)

func TestWhoSitsInAChair(t *testing.T) {
	t.Parallel()
	eachStore(t, whoSits)
}

func whoSits(t *testing.T, v *village) {
	ctx := t.Context()
	board, err := v.CreateOrganization(ctx, care.Organization{Kind: care.Association, Name: "Dorpsbelangen"})
	v.must(err)
	duty, err := v.CreateOrganization(ctx, care.Organization{Kind: care.Professional, Name: "Wacht"})
	v.must(err)
	here, err := v.CreateCommunity(ctx, care.Community{Name: "Rolde", Town: "Rolde", Point: care.Point{Lat: 52.98, Lon: 6.64},
		Zone: "Europe/Amsterdam", Association: board, Guarantor: duty})
	v.must(err)
	// Each stands in for whoever comes before; in the order of the fixed worker's chair.
	order := []struct {
		name string
		m    care.Membership
	}{
		{"worker", care.Membership{Community: here, Role: care.FixedWorker}},
		{"deputy", care.Membership{Community: here, Role: care.FixedWorker, Deputy: true}},
		{"desk", care.Membership{Community: here, Role: care.DeskWorker}},
		{"desk's deputy", care.Membership{Community: here, Role: care.DeskWorker, Deputy: true}},
		{"administrator", care.Membership{Community: here, Role: care.Administrator}},
		{"association", care.Membership{Organization: board, Role: care.Administrator}},
	}
	var seats []care.MembershipID
	var people []care.PersonID
	for _, o := range order {
		o.m.Person = v.person(o.name, 1)
		id, err := v.GrantFirstRole(ctx, o.m)
		v.must(err)
		seats, people = append(seats, id), append(people, o.m.Person)
	}
	guarantor := v.person("Wacht", 1)
	watch, err := v.GrantFirstRole(ctx, care.Membership{Person: guarantor, Organization: duty, Role: care.GuarantorRole})
	v.must(err)
	id := v.requestIn(here, care.Chair{Kind: care.ChairWorker, Community: here})
	climbed := v.requestIn(here, care.Chair{Kind: care.ChairGuarantor, Community: here})
	sits := func(moment string, id care.RequestID, want ...care.PersonID) {
		t.Helper()
		got, err := v.Owners(ctx, id)
		v.must(err)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v sits there, want %v", moment, got, want)
		}
	}
	sits("the guarantor", climbed, guarantor)
	from := v.clock().Add(time.Hour)
	v.away(watch, from, from.Add(time.Hour))
	v.away(seats[0], from, from.Add(time.Hour))
	v.pass(time.Hour - time.Millisecond)
	sits("before the leave", id, people[0])
	sits("before the guarantor's leave", climbed, guarantor)
	v.pass(time.Millisecond)
	sits("at the very moment the leave begins", id, people[1])
	sits("with the guarantor away", climbed, people[1])
	v.pass(time.Hour - time.Millisecond)
	sits("at the leave's last moment", id, people[1])
	v.pass(time.Millisecond)
	sits("at the very moment the leave ends", id, people[0])
	for i, seat := range seats[:5] {
		v.ended(seat)
		sits("after "+order[i].name+" ended", id, people[i+1])
	}
	// The last administrator of the village is better on leave than nobody.
	last := v.person("Laatste", 1)
	lastSeat, err := v.GrantFirstRole(ctx, care.Membership{Person: last, Community: here, Role: care.Administrator})
	v.must(err)
	v.ended(seats[5])
	v.away(lastSeat, v.clock(), v.clock().Add(time.Hour))
	sits("with the last administrator away", id, last)
	v.ended(lastSeat)
	var alarm bytes.Buffer
	v.Log = slog.New(slog.NewTextHandler(&alarm, nil))
	sits("with nobody at all", id)
	for _, after := range []time.Duration{0, 59 * time.Minute} {
		v.pass(after)
		sits("with nobody at all, still", id)
	}
	if said := strings.Count(alarm.String(), "level=WARN msg=\"nobody sits in a chair\""); said != 1 || !strings.Contains(alarm.String(), string(here)) {
		t.Errorf("within an hour the operator reads %d times: %q", said, alarm.String())
	}
	v.pass(time.Minute)
	sits("with nobody at all, after an hour", id)
	if said := strings.Count(alarm.String(), "nobody sits in a chair"); said != 2 {
		t.Errorf("after an hour the operator reads it %d times", said)
	}
	if _, err := v.Request(ctx, v.as(last), id); !care.IsKind(err, care.NotFound) {
		t.Errorf("an ended membership still reads: %v", err)
	}
}

// requestIn stores a request that belongs to a chair.
func (v *village) requestIn(in care.CommunityID, owner care.Chair) care.RequestID {
	v.t.Helper()
	id := care.RequestID(v.as("").Nonce)
	v.insertRequest(care.Request{ID: id, Community: in, For: v.person("Anna", 1), Kind: care.RideKind, Phase: care.Live, Owner: owner,
		Urgency: care.Ordinary, NextAction: care.ActOwner, NextActionAt: v.clock().AddDate(1, 0, 0), CreatedAt: v.clock()})
	return id
}

func (v *village) insertRequest(r care.Request) {
	v.t.Helper()
	_, err := v.Stores.Requests.Insert(v.t.Context(), r.ID, r, nil, port.Write{})
	v.must(err)
}

func (v *village) changeSeat(id care.MembershipID, f func(care.Membership) (care.Membership, []care.Event, error)) {
	v.t.Helper()
	_, err := v.Stores.Memberships.Update(v.t.Context(), id, port.Write{}, f)
	v.must(err)
}

func (v *village) ended(id care.MembershipID) {
	v.t.Helper()
	v.changeSeat(id, func(m care.Membership) (care.Membership, []care.Event, error) { return m.End("", v.clock()) })
}

func (v *village) away(id care.MembershipID, from, until time.Time) {
	v.t.Helper()
	v.changeSeat(id, func(m care.Membership) (care.Membership, []care.Event, error) { return m.SetLeave(from, until) })
}
