package rest

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"naober/api/port"
	"naober/api/rest/sight"
	"naober/matching/care"
)

// within is a helper in somebody's house, by name, and whose it is, by id.
type within struct{ visit, helper, requester string }

// deed does one change of the close; whoever is signed out does none, and some may be refused.
func (v *watched) deed(by, path, body string) {
	v.t.Helper()
	if v.signedOut(by) {
		return
	}
	v.trail = append(v.trail, fmt.Sprintf("%s POST %s %s", by, path, body))
	if a := v.bare(by, "POST", path, body); a.status >= 500 {
		v.t.Errorf("%s: %d %s", a.call, a.status, a.body)
	}
	v.settle()
}

func (v *watched) tick() {
	v.t.Helper()
	_, err := v.clockwork.Step(v.t.Context())
	must(v.t, err)
	v.settle()
}

// close brings what a random life seldom comes to, and looks at everything at each turn: helpers who
// are inside, and who never came; help that was finished within the hour; a referral and a worry seen
// to; somebody who died; and what is over for so long that it was moved out of its request.
func (v *watched) close() int {
	v.t.Helper()
	task := care.Task{ID: care.DeriveID[care.TaskID](tuesday, "double"), Community: care.CommunityID(v.villages[0]), Kind: care.TaskDuplicate,
		Person: v.people["Geesjen"].id, Other: v.people["Geesje"].id, MadeAt: v.clock()}
	_, err := v.stores.Tasks.Insert(v.t.Context(), task.ID, task, nil, port.Write{})
	must(v.t, err)
	looked, inside := 0, v.visitsBegin()
	x := v.telling()
	for _, d := range x.of("referral", nil) {
		for _, verb := range []string{"accept", "start", "complete"} {
			v.deed("Zorg", "/v1/referrals/"+d.ID+"/"+verb, "{}")
		}
	}
	for i, d := range x.of("report", nil) {
		v.deed("Ina", "/v1/reports/"+d.ID+"/take", "{}")
		if i%2 == 0 {
			v.deed("Ina", "/v1/reports/"+d.ID+"/close", `{"answer":"Besproken."}`)
		}
	}
	for _, d := range x.of("offer", func(d sight.Doc) bool { return d.State == "standing" }) {
		if by := v.named(d.About.Person); by == "Piet" || by == "Hilje" {
			v.deed(by, "/v1/offers/"+d.ID+"/end", "{}")
		}
	}
	v.deed("Ernst", "/v1/communities/"+v.villages[0]+"/members", `{"role":"volunteer"}`)
	v.deed("Ernst", "/v1/me/helper/applications", fmt.Sprintf(`{"community":%q}`, v.villages[0]))
	for _, one := range [][2]string{{"Roelof", `"in_hospital"`}, {"Piet", fmt.Sprintf(`"away","until":%q`, v.clock().AddDate(0, 0, 2).UTC().Format(time.RFC3339))}} {
		v.deed(one[0], "/v1/persons/"+string(v.people[one[0]].id)+"/life/leave", `{"replace":true,"state":`+one[1]+`}`)
	}
	looked += v.check()
	for _, p := range inside {
		v.deed(p.helper, "/v1/visits/"+p.visit+"/finish", "{}")
	}
	for _, p := range inside[:min(1, len(inside))] {
		v.deed(p.helper, "/v1/me/blocks", fmt.Sprintf(`{"community":%q,"person":%q}`, v.villages[0], p.requester))
		v.deed(p.helper, "/v1/visits/"+p.visit+"/messages", `{"text":"Ik kom niet meer."}`)
	}
	zwaan := "/v1/persons/" + string(v.people["Zwaan"].id) + "/life/death"
	v.deed("Dirk", zwaan, "{}")
	v.deed("Wim", zwaan+"/confirm", "{}")
	looked += v.check()
	for range 5 {
		v.pass(24 * time.Hour)
		for range 10 {
			v.tick()
		}
	}
	return looked + v.check()
}

// visitsBegin goes on to the next visit that was agreed to: its helper comes in, as do the others whose time
// it is; every third is not seen. Who is inside comes back, by name.
func (v *watched) visitsBegin() []within {
	v.t.Helper()
	var inside []within
	for n := range 4 {
		x := v.telling()
		var next sight.Doc
		var from time.Time
		for _, id := range slices.Sorted(maps.Keys(x.requests)) {
			for _, d := range x.requests[id].Parts["visits"] {
				at, err := time.Parse(wireInstant, d.Value["from"].(string))
				must(v.t, err)
				waits := (d.State == "planned" || d.State == "agreed") && at.After(v.clock()) && !v.signedOut(v.named(d.About.Person))
				if waits && (next.ID == "" || at.Before(from)) {
					next, from = d, at
				}
			}
		}
		if next.ID == "" || n > 1 && from.Sub(v.clock()) > time.Hour {
			return inside
		}
		r, helper := x.Requests[next.About.Request], v.named(next.About.Person)
		v.pass(from.Sub(v.clock()) - time.Hour)
		v.deed(v.named(r.For), "/v1/visits/"+next.ID+"/confirm", "{}")
		v.pass(70 * time.Minute)
		if n%3 == 1 {
			v.pass(10 * time.Minute)
			v.deed(v.named(r.For), "/v1/visits/"+next.ID+"/no-show", "{}")
			continue
		}
		v.deed(helper, "/v1/visits/"+next.ID+"/start", "{}")
		inside = append(inside, within{next.ID, helper, r.For})
	}
	return inside
}
