package rest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"naober/api/rest/sight"
)

// look is one call and what its answer must be.
type look struct {
	method, path, body string
	want               sight.Sight
	list               bool   // the answer is a page, and there whatever is on it
	behind             bool   // the caller sees what the answer hangs on, and may be told that it is not theirs
	reasons            string // the kind of help, where the answer is why somebody was asked
	candidates         bool   // the words are looked at in place of the values
	desk               string // the kind of what is made for the desk alone, in that call
	village            string
}

// watcher is one person, and what the table lets them see.
type watcher struct {
	w      *world
	oracle sight.Oracle
	truth  truth
	person string
}

func (o watcher) see(d sight.Doc) sight.Sight {
	o.w.t.Helper()
	s, err := o.oracle.See(o.person, d)
	if err != nil {
		o.w.t.Fatalf("%s %s: %v", d.Kind, d.ID, err)
	}
	return s
}

func (o watcher) sees(d sight.Doc) bool { return len(o.see(d).Fields) > 0 }

// page is what somebody sees of a list: what they may not see is left out.
func (o watcher) page(docs []sight.Doc) sight.Sight {
	o.w.t.Helper()
	return o.under("items", docs)
}

func (o watcher) under(name string, docs []sight.Doc) sight.Sight {
	o.w.t.Helper()
	slices.SortFunc(docs, byID)
	s := sight.Sight{Relation: "the reader of a list", Fields: map[string]any{}, Readings: map[sight.Reading]bool{}}
	n := 0
	for _, d := range docs {
		seen := o.see(d)
		if len(seen.Fields) == 0 {
			continue
		}
		for at, v := range seen.Fields {
			s.Fields[fmt.Sprintf("%s[%d].%s", name, n, at)] = v
		}
		maps.Copy(s.Readings, seen.Readings)
		n++
	}
	return s
}

// looks are all readings that somebody can try.
func (o watcher) looks() []look {
	x := o.truth
	all := append(o.own(), o.lifeLooks()...)
	for _, d := range x.requests {
		all = append(all, o.requestLooks(d)...)
	}
	for kind, path := range map[string]string{"feedback": "/v1/feedback/", "report": "/v1/reports/", "referral": "/v1/referrals/", "message": "/v1/messages/",
		"person": "/v1/persons/", "membership": "/v1/memberships/", "offer": "/v1/offers/", "community": "/v1/communities/"} {
		for _, d := range x.of(kind, nil) {
			all = append(all, look{method: "GET", path: path + d.ID, want: o.see(d)})
		}
	}
	for village := range x.Villages {
		all = append(all, o.villageLooks(village)...)
	}
	return all
}

// alone is what somebody sees of a kind of which there is one for each person, and theirs is answered:
// all of them are looked at, so that a table that showed another's would ask for it here.
func (o watcher) alone(kind string) sight.Sight {
	s := sight.Sight{Relation: "self", Fields: map[string]any{}, Readings: map[sight.Reading]bool{}}
	for _, d := range o.truth.of(kind, nil) {
		seen := o.see(d)
		maps.Copy(s.Fields, seen.Fields)
		maps.Copy(s.Readings, seen.Readings)
	}
	return s
}

// own are the readings of what is one's own.
func (o watcher) own() []look {
	x, mine := o.truth, func(d sight.Doc) bool { return d.About.Person == o.person }
	one := func(path, kind string) look { return look{method: "GET", path: path, want: o.alone(kind)} }
	list := func(path string, docs []sight.Doc) look {
		return look{method: "GET", path: path, list: true, want: o.page(docs)}
	}
	all := []look{one("/v1/me", "me"), one("/v1/me/helper", "helper"), list("/v1/me/devices", x.of("device", nil)), list("/v1/offers?limit=200", x.of("offer", mine)),
		list("/v1/me/memberships", x.of("membership", func(d sight.Doc) bool { return mine(d) && d.State == "active" })),
		list("/v1/organizations?limit=200", x.of("organization", nil)), list("/v1/communities?limit=200", x.of("community", nil))}
	for scope, part := range map[string]func(sight.Request) bool{
		"mine":    func(r sight.Request) bool { return r.For == o.person },
		"behalf":  func(r sight.Request) bool { return r.Proxy == o.person },
		"helping": func(r sight.Request) bool { return has(r.Asks, o.person) || has(r.Visits, o.person) },
	} {
		var docs []sight.Doc
		for id, d := range x.requests {
			if part(x.Requests[id]) {
				docs = append(docs, d)
			}
		}
		all = append(all, list("/v1/requests?limit=200&scope="+scope, docs))
	}
	for side, part := range map[string]func(sight.About) bool{
		"subject":  func(a sight.About) bool { return a.Person == o.person },
		"sender":   func(a sight.About) bool { return o.member(a.From, "professional", "guarantor") },
		"receiver": func(a sight.About) bool { return o.member(a.To, "professional") },
	} {
		standing := x.of("referral", func(d sight.Doc) bool {
			over := side == "receiver" && (d.State == "completed" || d.State == "rejected")
			return part(d.About) && !over
		})
		all = append(all, list("/v1/referrals?limit=200&side="+side, standing))
	}
	return all
}

func has(parts []sight.Part, helper string) bool {
	return slices.ContainsFunc(parts, func(p sight.Part) bool { return p.Helper == helper })
}

func (o watcher) member(organization string, roles ...string) bool {
	return slices.ContainsFunc(o.truth.Members, func(m sight.Member) bool {
		return m.Active && m.Person == o.person && m.Organization == organization && slices.Contains(roles, m.Role)
	})
}

// requestLooks are the readings of one request and of what hangs on it.
func (o watcher) requestLooks(d sight.Doc) []look {
	x, at, seen := o.truth, "/v1/requests/"+d.ID, o.see(d)
	behind := len(seen.Fields) > 0
	if !behind || seen.Relation == "moderator" {
		seen = o.closed(d, seen)
	}
	hangs := func(kind string) []sight.Doc {
		return x.of(kind, func(one sight.Doc) bool { return one.About.Request == d.ID })
	}
	all := []look{{method: "GET", path: at, want: seen}, {method: "GET", path: at + "/history?limit=200", behind: behind, want: o.page(hangs("history"))},
		{method: "GET", path: at + "/feedback", behind: behind, want: o.feedbacks(hangs("feedback"))}}
	for i, slot := range d.Parts["slots"] {
		if i == 0 {
			look := look{method: "GET", path: at + "/slots/" + slot.ID + "/candidates", behind: behind, candidates: true, village: d.About.Village}
			look.want.Relation = o.see(sight.Doc{Kind: "candidates", State: "none", About: d.About}).Relation
			lifts := look
			lifts.path, lifts.candidates, lifts.desk = at+"/slots/"+slot.ID+"/journeys", false, "lifts"
			lifts.want.Relation = o.see(sight.Doc{Kind: "lifts", State: "none", About: sight.About{Village: d.About.Village}}).Relation
			all = append(all, look, lifts)
		}
	}
	for _, ask := range d.Parts["asks"] {
		answer := sight.Doc{Kind: "ask_answer", ID: ask.ID, State: "none", About: ask.About, Parts: map[string][]sight.Doc{"ask": {ask}, "request": {d}}, Single: map[string]bool{"ask": true, "request": true}}
		all = append(all, look{method: "GET", path: "/v1/asks/" + ask.ID, want: o.ownAsk(answer)})
	}
	for _, ask := range d.Parts["asks"] {
		why := sight.Doc{Kind: "ask_reasons", ID: ask.ID, State: "none", About: ask.About, Value: object{"ask": ask.ID}}
		all = append(all, look{method: "GET", path: "/v1/asks/" + ask.ID + "/reasons", want: o.see(why), reasons: d.Value["kind"].(string)})
	}
	for _, v := range d.Parts["visits"] {
		look := look{method: "GET", path: "/v1/visits/" + v.ID}
		if o.sees(v) {
			look.want = seen
		}
		all = append(all, look)
		address := x.of("address", func(a sight.Doc) bool { return a.ID == v.ID })[0]
		hidden := look
		// Whose visit was called off knows that it was theirs, and is told no more than that.
		hidden.path, hidden.behind, hidden.want = look.path+"/address", o.sees(v) || v.About.Person == o.person, o.see(address)
		messages := hidden
		messages.path, messages.behind, messages.want = look.path+"/messages?limit=200", o.sees(v), o.page(x.of("message", func(m sight.Doc) bool { return m.About.Visit == v.ID }))
		all = append(all, hidden, messages)
	}
	return all
}

// closed is what somebody sees of a document that is hidden from them, or whose parts are: of its parts
// nothing. A table that showed a part would ask for it here.
func (o watcher) closed(d sight.Doc, s sight.Sight) sight.Sight {
	for name, parts := range d.Parts {
		for _, part := range parts {
			for at, v := range o.see(part).Fields {
				s.Fields[name+"."+at] = v
			}
		}
	}
	return s
}

// ownAsk: the answer to one's own ask names the first name of its helper alone, whatever became of it.
func (o watcher) ownAsk(d sight.Doc) sight.Sight {
	s := o.see(d)
	ask := d.Parts["ask"][0]
	if s.Relation != "self" {
		return s
	}
	for at, v := range sight.Flat(ask.Value) {
		if at != "helper.lastName" {
			s.Fields["ask."+at] = v
		}
	}
	return s
}

// feedbacks are listed to the owner alone; who gave one reads it by its id.
func (o watcher) feedbacks(docs []sight.Doc) sight.Sight {
	if len(docs) == 0 || o.truth.toOwner(o.person, docs[0].About.Request) != "owner" {
		return sight.Sight{Relation: "the reader of a list"}
	}
	return o.page(docs)
}

func (x truth) toOwner(person, request string) string {
	return x.Relation(person, sight.Doc{Kind: "request", About: sight.About{Request: request}})
}

// villageLooks are the readings of a village's association and desk.
func (o watcher) villageLooks(village string) []look {
	x, at := o.truth, "/v1/communities/"+village
	here := func(d sight.Doc) bool { return d.About.Village == village }
	queue := sight.Doc{Kind: "queue", ID: village, State: "none", About: sight.About{Village: village}, Parts: map[string][]sight.Doc{
		"applications": x.of("helper_in_community", func(d sight.Doc) bool { return here(d) && d.State == "applied" }),
		"reports":      x.of("report", func(d sight.Doc) bool { return here(d) && d.State != "closed" })}}
	for _, d := range x.requests {
		if here(d) && d.State != "closed" && d.Value["todo"] != "" {
			queue.Parts["stuck"] = append(queue.Parts["stuck"], d)
		}
	}
	for _, part := range queue.Parts {
		slices.SortFunc(part, byID)
	}
	// A village is no secret, so that what is not theirs there may be said to be so.
	all := []look{{method: "GET", path: at + "/queue", behind: true, want: o.see(queue)}}
	for _, d := range x.of("helper_in_community", here) {
		all = append(all, look{method: "GET", path: at + "/helpers/" + d.ID, behind: true, want: o.see(d)})
	}
	planned := look{method: "GET", path: at + "/plan", behind: true, desk: "plan", village: village}
	planned.want.Relation = o.see(sight.Doc{Kind: "plan", State: "none", About: sight.About{Village: village}}).Relation
	rides := look{method: "GET", path: at + "/plan/rides" + o.rideDate(village), behind: true, desk: "ride_day", village: village}
	rides.want.Relation = o.see(sight.Doc{Kind: "ride_day", State: "none", About: sight.About{Village: village}}).Relation
	all = append(all, planned, rides)
	var open []sight.Doc
	works := o.worksIn(village)
	for _, d := range x.requests {
		if works && here(d) && d.State != "closed" {
			open = append(open, d)
		}
	}
	all = append(all, look{method: "GET", path: "/v1/requests?limit=200&scope=community&community=" + village, list: true, want: o.page(open)})
	found := x.of("found", func(d sight.Doc) bool {
		last, _ := d.Value["lastName"].(string)
		itself := x.stays(d.ID) == d.ID // nobody is found under two names
		return itself && x.joined(d.ID, village) && strings.HasPrefix(strings.ToLower(last), "ei")
	})
	for i := range found {
		found[i].About.Village = village
	}
	// A search shows as many as it shows in the order of memberships: the names are compared as a set
	// by giving everybody a name of their own.
	return append(all, look{method: "POST", path: at + "/persons/search", body: `{"query":"ei"}`, behind: true, want: o.page(found)})
}

// rideDate asks for the first day on which somebody here wants to be driven; for today where nobody does.
func (o watcher) rideDate(village string) string {
	first := ""
	for _, d := range o.truth.requests {
		if d.About.Village != village || d.State == "closed" || d.Value["kind"] != "ride" {
			continue
		}
		for _, slot := range d.Parts["slots"] {
			date, _, _ := strings.Cut(slot.Value["start"].(string), "T") // by day, when it is the same date in the village
			if first == "" || date < first {
				first = date
			}
		}
	}
	if first == "" {
		return ""
	}
	return "?date=" + first
}

// worksIn reports whether some request of the village is theirs to see by office.
func (o watcher) worksIn(village string) bool {
	for _, m := range o.truth.Members {
		if m.Active && m.Person == o.person && m.Village == village && slices.Contains([]string{"desk_worker", "fixed_worker", "moderator"}, m.Role) {
			return true
		}
	}
	return slices.ContainsFunc([]string{"fixed_worker", "desk", "guarantor"}, func(chair string) bool {
		return slices.Contains(o.truth.Sitting(chair, village), o.person)
	})
}
