package rest

import (
	"context"
	"slices"
	"strings"
	"time"

	"naober/api/port"
	"naober/api/rest/sight"
	"naober/matching/care"
	"naober/matching/place"
)

// truth is the whole world as the stores hold it: the facts that decide who may see what, and every
// document as it would be written out for somebody who may see all of it. It is made here by hand,
// apart from the serializers that it judges.
type truth struct {
	sight.World
	requests map[string]sight.Doc
	docs     []sight.Doc       // all others
	into     map[string]string // records of a person, and which one stays in their place
}

type object = map[string]any

// instant, words and the like write values as JSON has them; what is empty is left out later.
func instant(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(wireInstant)
}

func whole[N int | int64 | time.Duration](n N) any { return float64(n) }

func inMin(d time.Duration) any { return float64(d / time.Minute) }

func words[T ~string](all []T) any {
	var out []any
	for _, w := range all {
		out = append(out, string(w))
	}
	return out
}

func objects[T any](all []T, f func(T) object) any {
	var out []any
	for _, v := range all {
		out = append(out, f(v))
	}
	return out
}

func exactPlace(p care.Place) object {
	return object{"town": p.Town, "street": p.Street, "postCode": p.PostCode, "lat": p.Point.Lat, "lon": p.Point.Lon}
}

// cellPlace is what stands for a place before a yes; nothing stands for that of somebody who is forgotten.
func cellPlace(p care.Place) object {
	if p == (care.Place{}) {
		return object{}
	}
	c := place.CellOf(p.Point)
	var rings []any
	for _, ring := range c.Outline() {
		rings = append(rings, objects(ring, func(p care.Point) object { return object{"lat": fiveDecimals(p.Lat), "lon": fiveDecimals(p.Lon)} }))
	}
	return object{"town": c.Place.Label(), "area": object{"cell": string(c.ID), "outline": rings}}
}

func span(i care.Interval) object {
	return object{"from": instant(i.From), "until": instant(i.Until)}
}

func consent(c care.Consent) object {
	if c.Basis == "" {
		return nil
	}
	return object{"basis": string(c.Basis), "at": instant(c.At), "withdrawnAt": instant(c.WithdrawnAt)}
}

// all reads every document of a kind.
func all[K ~string, T any](w *world, docs port.Documents[K, T]) []T {
	var found []T
	must(w.t, docs.Each(context.Background(), func(d port.Stored[T]) error {
		found = append(found, d.Value)
		return nil
	}))
	return found
}

// tellTruth reads the stores.
func tellTruth(w *world) truth {
	x := truth{World: sight.World{Now: w.clock(), Villages: map[string]sight.Village{}, Requests: map[string]sight.Request{},
		Books: map[string]sight.Book{}, Erased: map[string]bool{}}, requests: map[string]sight.Doc{}, into: map[string]string{}}
	people := map[care.PersonID]care.Person{}
	for _, p := range all(w, w.stores.Persons) {
		people[p.ID] = p
		if p.Alias != nil && p.Alias.Firm {
			x.into[string(p.ID)] = string(p.Alias.Into)
		}
	}
	for id, p := range people {
		x.people(string(id), people[care.PersonID(x.stays(string(p.ID)))])
	}
	for _, c := range all(w, w.stores.Communities) {
		x.Villages[string(c.ID)] = sight.Village{Association: string(c.Association), Guarantor: string(c.Guarantor)}
		x.docs = append(x.docs, sight.Doc{Kind: "community", ID: string(c.ID), State: "none", Value: object{"id": string(c.ID), "name": c.Name, "town": c.Town,
			"lat": c.Point.Lat, "lon": c.Point.Lon, "zone": c.Zone, "association": string(c.Association), "guarantor": string(c.Guarantor), "neighbours": words(c.Neighbours),
			"weights": object{"nearness": 40.0, "time": 10.0, "familiarity": 20.0, "fairness": 20.0, "reciprocity": 10.0}}})
	}
	for _, m := range all(w, w.stores.Memberships) {
		x.member(m)
	}
	for _, r := range all(w, w.stores.Requests) {
		x.request(r, people)
	}
	for _, h := range all(w, w.stores.Helpers) {
		x.book(h, people)
	}
	x.unopened(people)
	for _, h := range all(w, w.stores.Histories) {
		x.past(h, people)
	}
	x.rest(w)
	x.lives(w)
	return x
}

// stays is the record of a person that counts.
func (x truth) stays(person string) string {
	if into := x.into[person]; into != "" {
		return x.stays(into)
	}
	return person
}

// people writes out who is found under an id.
func (x *truth) people(id string, p care.Person) {
	value := object{"id": string(p.ID), "firstName": p.FirstName, "lastName": p.LastName, "birthDate": p.BirthDate, "gender": string(p.Gender), "language": p.Language,
		"contacts": objects(p.Contacts, func(c care.Contact) object { return object{"kind": string(c.Kind), "value": c.Value} }),
		"home":     exactPlace(p.Home), "withoutApp": p.WithoutApp, "registered": string(p.Registered), "createdAt": instant(p.CreatedAt)}
	for _, kind := range []string{"me", "person", "found"} {
		x.docs = append(x.docs, sight.Doc{Kind: kind, ID: id, State: "none", Whose: string(p.ID), About: sight.About{Person: string(p.ID)}, Value: value})
	}
}

func (x *truth) member(m care.Membership) {
	active, state := m.Active(x.Now), "active"
	if !active {
		state = "ended"
	}
	x.Members = append(x.Members, sight.Member{Person: string(m.Person), Village: string(m.Community), Organization: string(m.Organization), Role: string(m.Role),
		Deputy: m.Deputy, Active: active, Away: !m.AwayFrom.IsZero() && !x.Now.Before(m.AwayFrom) && x.Now.Before(m.AwayUntil)})
	x.docs = append(x.docs, sight.Doc{Kind: "membership", ID: string(m.ID), State: state, Whose: string(m.Person),
		About: sight.About{Person: string(m.Person), Village: string(m.Community), Organization: string(m.Organization), Role: string(m.Role)},
		Value: object{"id": string(m.ID), "person": string(m.Person), "community": string(m.Community), "organization": string(m.Organization), "role": string(m.Role),
			"deputy": m.Deputy, "awayFrom": instant(m.AwayFrom), "awayUntil": instant(m.AwayUntil), "startedAt": instant(m.StartedAt), "endedAt": instant(m.EndedAt)}})
}

func personOf(people map[care.PersonID]care.Person, id care.PersonID) object {
	return object{"id": string(id), "firstName": people[id].FirstName, "lastName": people[id].LastName}
}

// request notes the facts of a request and writes it out.
func (x *truth) request(r care.Request, people map[care.PersonID]care.Person) {
	state := string(r.State(x.Now))
	f := sight.Request{ID: string(r.ID), Village: string(r.Community), For: string(r.For), Chair: string(r.Owner.Kind), State: state, Ahead: map[string]bool{}}
	if r.OnBehalf != nil {
		f.Proxy, f.Consented = string(r.OnBehalf.By), r.OnBehalf.Consent.WithdrawnAt.IsZero()
	}
	about := sight.About{Request: string(r.ID), Village: string(r.Community), Person: string(r.For)}
	d := sight.Doc{Kind: "request", ID: string(r.ID), State: state, Whose: string(r.For), About: about, Parts: map[string][]sight.Doc{}}
	for _, s := range r.Slots {
		f.Ahead[string(s.ID)] = s.CancelledAt.IsZero() && s.LatestStart().After(x.Now)
		d.Parts["slots"] = append(d.Parts["slots"], slotDoc(r.ID, s))
	}
	for _, a := range r.Asks {
		f.Asks = append(f.Asks, sight.Part{ID: string(a.ID), Slot: string(a.Slot), Helper: string(a.Helper), State: string(a.State), Until: a.LapsesAt})
		d.Parts["asks"] = append(d.Parts["asks"], askDoc(r.ID, a, people))
	}
	for _, v := range r.Visits {
		f.Visits = append(f.Visits, sight.Part{ID: string(v.ID), Slot: string(v.Slot), Helper: string(v.Helper), State: string(v.State)})
		d.Parts["visits"] = append(d.Parts["visits"], visitDoc(r.ID, v, people))
		x.address(r, v, people[r.For])
	}
	d.Value, d.Cell = requestValue(r, state, people, x.sitting(string(r.Owner.Kind), string(r.Community), people)), object{"where": cellPlace(r.Where)}
	if r.Ride != nil && r.Ride.To != (care.Place{}) {
		d.Cell["ride"] = object{"to": cellPlace(r.Ride.To)}
	}
	x.Requests[f.ID] = f
	x.requests[f.ID] = d
}

// sitting writes out who sits in a chair today. Memberships have been read before requests.
func (x *truth) sitting(chair, village string, people map[care.PersonID]care.Person) any {
	var names []any
	for _, p := range x.Sitting(chair, village) {
		names = append(names, personOf(people, care.PersonID(p)))
	}
	return names
}

func requestValue(r care.Request, state string, people map[care.PersonID]care.Person, sitting any) object {
	v := object{"id": string(r.ID), "relation": "set for each reader", "community": string(r.Community), "kind": string(r.Kind), "state": state, "outcome": string(r.Outcome),
		"reason": r.Reason, "urgency": string(r.Urgency), "words": r.Words, "for": personOf(people, r.For), "where": exactPlace(r.Where),
		"needs":         object{"languages": words(r.Needs.Languages), "skills": words(r.Needs.Skills), "gender": string(r.Needs.Gender)},
		"circumstances": object{"aloneIndoors": r.Circumstances.AloneIndoors, "money": r.Circumstances.Money, "keys": r.Circumstances.Keys, "night": r.Circumstances.Night},
		"personalYes":   r.PersonalYes, "owner": object{"chair": string(r.Owner.Kind), "people": sitting}, "stage": string(r.Stage), "todo": string(r.Todo),
		"todoDueAt": instant(r.OwnerDue), "nextAction": string(r.NextAction), "nextActionAt": instant(r.NextActionAt), "createdAt": instant(r.CreatedAt),
		"publishedAt": instant(r.PublishedAt), "closedAt": instant(r.ClosedAt)}
	if r.OnBehalf != nil {
		v["by"], v["channel"], v["consent"] = personOf(people, r.OnBehalf.By), string(r.OnBehalf.Channel), consent(r.OnBehalf.Consent)
	}
	if r.Handover != nil {
		v["referral"] = string(r.Handover.Referral)
	}
	if d := r.Ride; d != nil && d.To != (care.Place{}) {
		v["ride"] = object{"to": exactPlace(d.To), "returnAt": instant(d.ReturnAt), "passengers": whole(d.Passengers), "wheelchair": d.Wheelchair, "walker": d.Walker}
	}
	if s := r.Series; s != nil {
		v["series"] = object{"rule": s.Rule, "start": string(s.Start), "durationMinutes": inMin(s.Duration), "zone": s.Zone, "skipped": words(s.Skipped),
			"swapped": objects(s.Swapped, func(w care.Swap) object { return object{"date": w.Date, "to": string(w.To)} })}
	}
	if e := r.Emergency; len(e.Words) > 0 {
		v["emergency"] = object{"call": "112", "words": words(e.Words), "pending": e.DeniedAt.IsZero()}
	}
	return v
}

func slotDoc(r care.RequestID, s care.Slot) sight.Doc {
	return sight.Doc{Kind: "slot", ID: string(s.ID), State: "none", About: sight.About{Request: string(r), Slot: string(s.ID)},
		Value: object{"id": string(s.ID), "date": s.Date, "start": instant(s.Start), "end": instant(s.End), "durationMinutes": inMin(s.Duration), "seats": whole(s.Seats),
			"cancelledAt": instant(s.CancelledAt), "missedAt": instant(s.MissedAt)}}
}

func askDoc(r care.RequestID, a care.Ask, people map[care.PersonID]care.Person) sight.Doc {
	return sight.Doc{Kind: "ask", ID: string(a.ID), State: string(a.State), Whose: string(a.Helper), About: sight.About{Request: string(r), Slot: string(a.Slot), Person: string(a.Helper)},
		Value: object{"id": string(a.ID), "slot": string(a.Slot), "helper": personOf(people, a.Helper), "state": string(a.State), "reason": a.Reason,
			"askFrom": instant(a.AskFrom), "lapsesAt": instant(a.LapsesAt), "remindAt": instant(a.RemindAt), "answeredAt": instant(a.AnsweredAt)}}
}

func visitDoc(r care.RequestID, v care.Visit, people map[care.PersonID]care.Person) sight.Doc {
	return sight.Doc{Kind: "visit", ID: string(v.ID), State: string(v.State), Whose: string(v.Helper), About: sight.About{Request: string(r), Slot: string(v.Slot), Person: string(v.Helper)},
		Value: object{"id": string(v.ID), "slot": string(v.Slot), "helper": personOf(people, v.Helper), "state": string(v.State), "from": instant(v.At.From), "until": instant(v.At.Until),
			"reason": v.Reason, "endedBy": string(v.EndedBy), "agreedAt": instant(v.AgreedAt), "plannedAt": instant(v.PlannedAt), "startedAt": instant(v.StartedAt),
			"doneAt": instant(v.DoneAt), "endedAt": instant(v.EndedAt)}}
}

// address is where a visit takes place, until two hours after its end.
func (x *truth) address(r care.Request, v care.Visit, p care.Person) {
	end := v.At.Until.Add(2 * time.Hour)
	d := sight.Doc{Kind: "address", ID: string(v.ID), State: string(v.State), Whose: string(r.For), About: sight.About{Request: string(r.ID), Person: string(v.Helper)},
		Value: object{"visit": string(v.ID), "name": p.FirstName + " " + p.LastName, "place": exactPlace(r.Where), "forgetAt": instant(end), "shownAt": instant(x.Now)}}
	if !x.Now.Before(end) {
		d.State = "over"
	}
	if r.Ride != nil {
		d.Value["to"] = exactPlace(r.Ride.To)
	}
	for _, c := range p.Contacts {
		if c.Kind == care.Phone {
			d.Value["phone"] = c.Value
		}
	}
	x.docs = append(x.docs, d)
}

func (x *truth) past(h care.History, people map[care.PersonID]care.Person) {
	r := x.Requests[string(h.Request)]
	for _, v := range h.Visits {
		r.Past = append(r.Past, sight.Part{ID: string(v.ID), Slot: string(v.Slot), Helper: string(v.Helper), State: string(v.State)})
	}
	x.Requests[string(h.Request)] = r
	for _, s := range h.Slots {
		d := sight.Doc{Kind: "history", ID: string(s.ID), State: "none", Whose: x.Requests[string(h.Request)].For, About: sight.About{Request: string(h.Request), Slot: string(s.ID)},
			Parts: map[string][]sight.Doc{"slot": {slotDoc(h.Request, s)}}, Single: map[string]bool{"slot": true}}
		for _, a := range h.Asks {
			d.Parts["asks"] = append(d.Parts["asks"], askDoc(h.Request, a, people))
		}
		for _, v := range h.Visits {
			d.Parts["visits"] = append(d.Parts["visits"], visitDoc(h.Request, v, people))
		}
		x.docs = append(x.docs, d)
	}
}

// only is the same truth with the documents of some kinds alone.
func (x truth) only(kinds []string) truth {
	x.docs = slices.DeleteFunc(slices.Clone(x.docs), func(d sight.Doc) bool { return !slices.Contains(kinds, d.Kind) })
	if !slices.Contains(kinds, "request") {
		x.requests = nil
	}
	return x
}

// of lists the documents of a kind that pass.
func (x truth) of(kind string, pass func(sight.Doc) bool) []sight.Doc {
	var found []sight.Doc
	for _, d := range x.docs {
		if d.Kind == kind && (pass == nil || pass(d)) {
			found = append(found, d)
		}
	}
	return found
}

func byID(a, b sight.Doc) int { return strings.Compare(a.ID, b.ID) }
