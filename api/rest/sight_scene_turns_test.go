package rest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"naober/api/rest/sight"
	"naober/matching/care"
)

// The turns of the scene, each looked at by everybody.

// times are three: six hours for six, a day far ahead on which everybody may come, and one for a single helper.
func (s *scene) times(first time.Duration) string {
	far := 30*day + first
	return `"slots":[` + strings.Join([]string{slot(first, 6*time.Hour, 6), slot(far, time.Hour, 20), slot(far+day+5*time.Hour, time.Hour, 1)}, ",") + `]`
}

func (s *scene) onBehalf() string {
	return fmt.Sprintf(`,"for":%q,"channel":"phone","consent":"spoken"`, s.id("Roelof"))
}

// drafts are written, referred and rejected, so that formal care was named in each.
func (s *scene) drafts() {
	s.t.Helper()
	weekly := func(hour string) string {
		return fmt.Sprintf(`"series":{"rule":"FREQ=WEEKLY;BYDAY=WE,TH;COUNT=10","start":"2026-11-25T%s","durationMinutes":60,"zone":"Europe/Amsterdam"}`, hour)
	}
	s.own, s.behalf = s.plea("Geesje", s.times(22*time.Hour), ""), s.plea("Pra", s.times(46*time.Hour), s.onBehalf())
	s.daily, s.fixed = s.plea("Geesje", weekly("19:00"), ""), s.plea("Pra", weekly("21:00"), s.onBehalf())
	for _, id := range []string{s.own, s.behalf, s.daily, s.fixed} {
		f := s.do("Dok", "POST", "/v1/requests/"+id+"/referrals", s.referral()).text("id")
		s.do("Zorg", "POST", "/v1/referrals/"+f+"/reject", `{"reason":"no_capacity"}`)
	}
	s.moderate("Ina", "Hilje", "pause", fmt.Sprintf(`{"rule":"house_rules.3@1","reason":"Rust.","until":%q}`, tuesday.Add(60*day).Format(time.RFC3339)))
	for _, name := range []string{"Geesje", "Roelof"} {
		s.do("Gert", "POST", "/v1/me/blocks", s.here(fmt.Sprintf(`,"person":%q`, s.id(name))))
	}
	s.looked += s.check()
}

func (s *scene) referral() string {
	return fmt.Sprintf(`{"to":%q,"theme":"company","urgency":"ordinary","words":"Alleen.","consent":"spoken"}`, s.formal)
}

// agreements hands out the parts: of the two who are asked for the last time, one agrees and one is too
// late and stands by; six agree to the first time, of whom one calls off; one is only asked.
func (s *scene) agreements(request, by string) {
	s.t.Helper()
	s.do(by, "POST", "/v1/requests/"+request+"/publish", `{}`)
	two := s.asked(request, 2)
	if len(two) != 2 {
		s.t.Fatalf("asked for the last time: %v", two)
	}
	first, second := two[0], two[1]
	s.answer(request, 2, first, "accept", "{}")
	s.answer(request, 2, second, "accept", "{}")
	for i := range 2 {
		s.answer(request, i, second, "decline", `{"reason":"ill"}`)
	}
	parts, rest := map[string]string{"agreed": first, "reserve": second}, []string{"planned", "started", "done", "no_show", "cancelled", "asked"}
	for _, name := range s.asked(request, 0) {
		if name != first && name != second && len(rest) > 0 {
			parts[rest[0]], rest = name, rest[1:]
		}
	}
	if len(rest) > 0 {
		s.t.Fatalf("nobody is left for %v", rest)
	}
	s.part[request] = parts
	for _, part := range []string{"agreed", "planned", "started", "done", "no_show", "cancelled"} {
		s.answer(request, 0, parts[part], "accept", "{}")
	}
	s.answer(request, 0, parts["asked"], "accept", "{}") // a yes after the faster ones
	for _, part := range []string{"planned", "started", "done", "cancelled"} {
		s.visit(request, 0, parts[part], by, "confirm", "{}")
	}
	s.visit(request, 0, parts["cancelled"], parts["cancelled"], "cancel", `{"reason":"ill"}`)
	s.answer(request, 1, parts["cancelled"], "decline", `{"reason":"ill"}`)
	s.undelivered(request, 1, parts["planned"])
	s.answer(request, 1, parts["agreed"], "later", fmt.Sprintf(`{"until":%q}`, s.clock().Add(2*time.Hour).Format(time.RFC3339)))
}

// hour is the time of the visits: one helper is inside, one was, one did not come.
func (s *scene) hour(request, by string) {
	s.t.Helper()
	p := s.part[request]
	for _, part := range []string{"started", "done"} {
		s.visit(request, 0, p[part], p[part], "start", "{}")
	}
	s.visit(request, 0, p["done"], p["done"], "finish", "{}")
	s.visit(request, 0, p["no_show"], by, "no-show", "{}")
	s.afterwards(request, by)
}

// afterwards both say how it was and what worries them, and write until one of the two blocks the other;
// what they write then is withheld.
func (s *scene) afterwards(request, by string) {
	s.t.Helper()
	done := s.part[request]["done"]
	s.looked += s.glance("/address", "request", "address")
	say := func(who, verb, body string) answer { return s.visit(request, 0, done, who, verb, body) }
	for _, who := range []string{by, done, s.owner(request)} {
		if who == by || who == done {
			say(who, "messages", `{"text":"Tot straks."}`)
			say(who, "feedback", `{"good":true,"again":true,"words":"Fijn."}`)
		}
		for _, end := range []string{"open", "taken", "closed"} {
			worry := "/v1/reports/" + say(who, "reports", `{"words":"Een zorg."}`).text("id")
			if end != "open" {
				s.do("Ina", "POST", worry+"/take", "{}")
			}
			if end == "closed" {
				s.do("Ina", "POST", worry+"/close", `{"answer":"Besproken."}`)
			}
		}
	}
	s.do(done, "POST", "/v1/me/blocks", s.here(fmt.Sprintf(`,"person":%q`, s.telling().Requests[request].For)))
	for _, who := range []string{by, done} {
		say(who, "messages", `{"text":"Ik kom niet meer."}`)
	}
}

// series are agreed for the first week by two helpers; of the second, one agrees and one stands by.
func (s *scene) series(request, by string) {
	s.t.Helper()
	s.do(by, "POST", "/v1/requests/"+request+"/publish", `{}`)
	for i := range 4 {
		two := s.asked(request, i)
		if i == 1 {
			two[0], two[1] = two[1], two[0]
		}
		s.answer(request, i, two[0], "accept", "{}")
		s.visit(request, i, two[0], by, "confirm", "{}")
		if i == 3 {
			s.answer(request, i, two[1], "accept", "{}")
		}
	}
}

// come is a visit of a series that takes place.
func (s *scene) come(request string, slot int) {
	s.t.Helper()
	for name := range s.parts(request, "visits", slot) {
		s.visit(request, slot, name, name, "start", "{}")
		s.visit(request, slot, name, name, "finish", "{}")
	}
}

// past sees to a series of which the first week was moved out of it: its owner's desk is cleared, so that
// nothing keeps it, and of the two who are asked for a coming time one agrees and one stands by.
func (s *scene) past(request string) {
	s.t.Helper()
	if s.telling().requests[request].Value["todo"] != "" {
		s.do(s.chair(request), "POST", "/v1/requests/"+request+"/settle", "{}")
	}
	x := s.telling()
	slots := x.requests[request].Parts["slots"]
	at := slices.IndexFunc(slots, func(d sight.Doc) bool { return strings.HasPrefix(fmt.Sprint(d.Value["start"]), "2026-12-16") })
	two := s.asked(request, at)
	if len(two) != 2 {
		s.t.Fatalf("asked for %s: %v", slots[at].ID, two)
	}
	if has(slices.DeleteFunc(slices.Clone(x.Requests[request].Visits), func(p sight.Part) bool { return p.State == "cancelled" }), s.id(two[1])) {
		two[0], two[1] = two[1], two[0]
	}
	s.answer(request, at, two[0], "accept", "{}")
	s.answer(request, at, two[1], "accept", "{}")
	if slices.Contains(s.asked(request, at+1), two[1]) {
		s.answer(request, at+1, two[1], "decline", `{"reason":"ill"}`)
	}
	s.until(s.clock().Sub(tuesday) + 2*time.Hour)
	if len(s.telling().of("history", func(d sight.Doc) bool { return d.About.Request == request })) == 0 {
		s.t.Fatalf("nothing was moved out of %s, on whose desk is %v", request, s.telling().requests[request].Value["todo"])
	}
}

// chair is who sits in the chair of a request.
func (s *scene) chair(request string) string {
	x := s.telling()
	r := x.Requests[request]
	return s.named(x.Sitting(r.Chair, r.Village)[0])
}

// merged makes second records of Geesje, for whom somebody asks under hers, and of a helper, and has the
// desk take them for what they are, and take them apart again.
func (s *scene) merged() {
	s.t.Helper()
	doubles := map[string]string{"Geesje": "Geske", s.part[s.own]["asked"]: "Double"}
	for name, double := range doubles {
		body := fmt.Sprintf(`{"firstName":%q,"lastName":%q,"birthDate":"1948-03-12","language":"nl","home":{"town":"Witteveen","street":%q,"postCode":"9439 TA","lat":52.8167,"lon":6.6833},"others":true}`,
			name, "Eising van "+name, "Hoofdstraat "+name)
		s.people[double] = &account{id: care.PersonID(s.do("Dirk", "POST", "/v1/communities/"+s.villages[0]+"/persons", body).text("id"))}
	}
	s.plea("Dirk", s.times(20*day), fmt.Sprintf(`,"for":%q,"channel":"phone","consent":"spoken"`, s.id("Geske")))
	for _, name := range slices.Sorted(maps.Keys(doubles)) {
		s.do("Wim", "POST", "/v1/communities/"+s.villages[0]+"/persons/merge", fmt.Sprintf(`{"person":%q,"into":%q}`, s.id(doubles[name]), s.id(name)))
	}
	s.looked += s.check()
	for _, name := range slices.Sorted(maps.Keys(doubles)) {
		s.do("Wim", "POST", "/v1/persons/"+s.id(doubles[name])+"/unmerge", "{}")
	}
	s.looked += s.glance("/merges", "merge") + s.glance("/v1/requests/", "request", "address", "message", "history", "feedback")
}

// lifeOf lets things happen to a helper who has a part in both requests: refused, and applied again; away, in
// hospital; their offers and their place among the volunteers ended.
func (s *scene) lifeOf(name string) {
	s.t.Helper()
	helper := func() { s.looked += s.glance("/helpers/", "helper_in_community") }
	lives := func() { s.looked += s.glance("/life", "life") }
	s.moderate("Ina", name, "refuse", `{"rule":"house_rules.1@1","reason":"Nee."}`)
	helper()
	s.do(name, "POST", "/v1/me/helper/applications", s.here(""))
	helper()
	at := "/v1/persons/" + s.id(name) + "/life/"
	s.do(name, "POST", at+"leave", fmt.Sprintf(`{"state":"away","until":%q}`, s.clock().Add(day).Format(time.RFC3339)))
	lives()
	s.do(name, "POST", at+"return", "{}")
	s.do(name, "POST", at+"leave", `{"state":"in_hospital"}`)
	lives()
	s.do(name, "POST", at+"return", "{}")
	for _, d := range s.telling().docs {
		switch {
		case d.About.Person != s.id(name):
		case d.Kind == "offer":
			s.do(name, "POST", "/v1/offers/"+d.ID+"/end", "{}")
		case d.Kind == "membership" && d.About.Role == "volunteer":
			s.do(name, "DELETE", "/v1/me/memberships/"+d.ID, "")
		}
	}
	s.looked += s.glance("/v1/offers/", "offer") + s.glance("/v1/memberships/", "membership")
}

// arranged is a request of which each time has somebody: those that nobody took are skipped.
func (s *scene) arranged(request, by string) {
	s.t.Helper()
	x := s.telling()
	r := x.Requests[request]
	for i, d := range x.requests[request].Parts["slots"] {
		if taken := s.parts(request, "visits", i); r.Ahead[d.ID] && len(taken) == 0 {
			s.do(by, "POST", "/v1/requests/"+request+"/slots/"+d.ID+"/skip", "{}")
		}
	}
	if is := s.telling().Requests[request].State; is != "arranged" {
		s.t.Fatalf("the request is %s", is)
	}
}

// dies is a helper who was still to come to both who ask. Two people say that they died, and the desk is to
// tell those who wait for them.
func (s *scene) dies(by map[string]string) {
	s.t.Helper()
	gone := map[string]bool{}
	for request, asks := range by {
		s.afresh(request, asks)
		gone[s.part[request]["planned"]] = true
	}
	for _, name := range slices.Sorted(maps.Keys(gone)) {
		for request := range by {
			n := len(s.telling().requests[request].Parts["slots"]) - 1
			s.answer(request, n, name, "accept", "{}")
		}
		at := "/v1/persons/" + s.id(name) + "/life/death"
		s.do("Dirk", "POST", at, "{}")
		s.do("Wim", "POST", at+"/confirm", "{}")
	}
	s.looked += s.glance("/life", "life") + s.glance("/tasks", "task")
}

// referred passes two requests on while the feed stands still: whatever state the referral comes to, the
// request does not know of it yet.
func (s *scene) referred(requests ...string) {
	s.t.Helper()
	var all []string
	for _, id := range requests {
		all = append(all, "/v1/referrals/"+s.write(s.owner(id), "POST", "/v1/requests/"+id+"/referrals", s.referral()).text("id"))
	}
	s.looked += s.glance("/v1/referrals", "referral")
	for _, verb := range []string{"accept", "start", "complete"} {
		for _, f := range all {
			s.write("Zorg", "POST", f+"/"+verb, "{}")
		}
		s.looked += s.glance("/v1/referrals", "referral")
		if verb == "accept" {
			s.looked += s.glance("/v1/persons/", "person", "life")
		}
	}
	s.settle()
	s.tick()
}

// owner is who has the chair of a request and works where it can be referred.
func (s *scene) owner(request string) string {
	if s.telling().Requests[request].Chair == "guarantor" {
		return "Gon"
	}
	return "Dok"
}

// play is the whole scene.
func (s *scene) play() int {
	s.t.Helper()
	asks := []string{"Geesje", "Pra"}
	s.drafts()
	passed := []string{s.plea("Geesje", s.times(70*time.Hour), ""), s.plea("Dirk", s.times(94*time.Hour), s.onBehalf())}
	for i, by := range []string{"Geesje", "Dirk"} {
		f := s.do("Dok", "POST", "/v1/requests/"+passed[i]+"/referrals", s.referral()).text("id")
		s.do("Zorg", "POST", "/v1/referrals/"+f+"/reject", `{"reason":"no_capacity"}`)
		s.agreements(passed[i], by)
	}
	s.looked += s.glance("/v1/referrals", "referral")
	s.referred(passed...)
	for i, id := range []string{s.own, s.behalf} {
		s.agreements(id, asks[i])
	}
	for i, id := range []string{s.daily, s.fixed} {
		s.series(id, asks[i])
	}
	s.until(22*time.Hour + 20*time.Minute)
	s.afresh(s.own, "Geesje")
	s.hour(s.own, "Geesje")
	s.looked += s.check()
	s.until(34 * time.Hour)
	s.come(s.daily, 0)
	s.come(s.fixed, 0)
	s.until(46*time.Hour + 20*time.Minute)
	s.afresh(s.own, "Geesje")
	s.afresh(s.behalf, "Pra")
	s.hour(s.behalf, "Pra")
	s.looked += s.check()
	s.until(58 * time.Hour)
	s.come(s.daily, 1)
	s.come(s.fixed, 1)
	s.until(70 * time.Hour)
	s.afresh(s.own, "Geesje")
	s.afresh(s.behalf, "Pra")
	s.lifeOf(s.part[s.own]["cancelled"])
	for i, id := range []string{s.own, s.behalf} {
		s.arranged(id, asks[i])
	}
	s.looked += s.glance("/v1/requests/", "request", "address", "message", "history", "feedback")
	s.dies(map[string]string{s.own: "Geesje", s.behalf: "Pra"})
	s.until(9*day + 11*time.Hour + 30*time.Minute)
	for _, id := range []string{s.daily, s.fixed} {
		s.past(id)
	}
	s.looked += s.check()
	s.afresh(s.own, "Geesje")
	s.afresh(s.behalf, "Pra")
	s.merged()
	for i, id := range []string{s.own, s.behalf} {
		s.do(asks[i], "POST", "/v1/requests/"+id+"/withdraw", "{}")
	}
	s.looked += s.check()
	return s.looked
}
