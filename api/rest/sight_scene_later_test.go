package rest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"naober/api/rest/sight"
)

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
	s.do(name, "POST", at+"leave", fmt.Sprintf(`{"state":"away","from":%q,"until":%q}`, s.clock().Add(day).Format(time.RFC3339), s.clock().Add(2*day).Format(time.RFC3339)))
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
func (s *scene) dies(requests, by []string) {
	s.t.Helper()
	var gone []string
	for i, request := range requests {
		s.afresh(request, by[i])
		gone = append(gone, s.part[request]["planned"])
	}
	slices.Sort(gone)
	for _, name := range slices.Compact(gone) {
		for _, request := range requests {
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
