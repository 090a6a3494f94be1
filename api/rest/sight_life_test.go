package rest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"naober/api/app"
	"naober/api/port"
	"naober/api/rest/sight"
	"naober/matching/care"
)

// enrol lets somebody register with the app who sounds like Geesje and lives where she does, so that
// the desk is given the two to look at; and the desk somebody who has no app.
func (v *watched) enrol() {
	v.t.Helper()
	person := func(first, last, more string) string {
		return fmt.Sprintf(`{"firstName":%q,"lastName":%q,"birthDate":"1948-03-12","language":"nl","home":{"town":"Witteveen","street":"Hoofdstraat Geesje","lat":52.8167,"lon":6.6833}%s}`, first, last, more)
	}
	flow := v.call("", "POST", "/v1/sign-in/codes", `{"contact":"geesjen@example.org"}`).want(202).text("flow")
	made := v.call("", "POST", "/v1/registrations", fmt.Sprintf(`{"flow":%q,"code":%q,"device":"Fairphone 5","person":%s}`, flow, v.codes["geesjen@example.org"],
		person("Geesjen", "Eising van Geesje", fmt.Sprintf(`,"contact":"geesjen@example.org","community":%q`, v.villages[0])))).want(201)
	a := &account{id: care.PersonID(made.text("person"))}
	must(v.t, json.Unmarshal(made.body, &a.tokens))
	v.people["Geesjen"] = a
	kept := v.call("Dirk", "POST", "/v1/communities/"+v.villages[0]+"/persons", person("Zwaan", "Eissing zonder app", "")).want(201)
	v.people["Zwaan"] = &account{id: care.PersonID(kept.text("id"))}
	v.settle()
}

// onLife lets somebody be away or come back, lets two people say that somebody died, or moves them.
func (v *watched) onLife(truth) (deed, bool) {
	who := v.somebody("Roelof", "Piet", "Hilje", "Geesjen", "Zwaan")
	verb := v.somebody("leave", "leave", "return", "death", "death", "death/confirm", "death/confirm", "death/take-back", "move")
	by, body := v.somebody(who, "Dirk", "Wim"), ""
	switch verb {
	case "leave":
		body = v.somebody(`{"state":"in_hospital"}`, `{"state":"in_hospital","replace":true}`, fmt.Sprintf(`{"state":"away","until":%q}`, v.clock().AddDate(0, 0, 2).UTC().Format(time.RFC3339)),
			fmt.Sprintf(`{"state":"away","from":%q,"until":%q}`, v.clock().AddDate(0, 0, 1).UTC().Format(time.RFC3339), v.clock().AddDate(0, 0, 2).UTC().Format(time.RFC3339)))
	case "death", "death/confirm", "death/take-back":
		who, by = v.somebody("Roelof", "Zwaan", "Zwaan", "Zwaan"), v.somebody("Dirk", "Ina")
	case "move":
		if who = v.somebody("Hilje", "Ernst"); by != "Dirk" || v.random.IntN(3) > 0 {
			by = who
		}
		from, to := v.villages[0], v.villages[1]
		if who == "Ernst" {
			from, to = to, from
		}
		body = fmt.Sprintf(`{"from":%q,"to":%q,"home":{"town":"Beilen","street":"Kerkweg %s","lat":52.82,"lon":6.69}}`, from, to, who)
	}
	return deed{by, "POST", "/v1/persons/" + string(v.people[who].id) + "/life/" + verb, body}, v.random.IntN(2) == 0
}

// onForget forgets somebody for good, at their own wish or, who has no app, at their word.
func (v *watched) onForget(truth) (deed, bool) {
	rare := v.random.IntN(6) == 0
	if who := v.somebody("Trijn", "Geesjen", "Zwaan"); who != "Zwaan" {
		return deed{who, "POST", "/v1/me/forget", fmt.Sprintf(`{"firstName":%q}`, who)}, rare
	}
	return deed{"Wim", "POST", "/v1/persons/" + string(v.people["Zwaan"].id) + "/forget", `{"firstName":"Zwaan"}`}, rare
}

// onTask sees to something that waits for the desk.
func (v *watched) onTask(x truth) (deed, bool) {
	d, ok := one(v, x.of("task", nil))
	return deed{v.somebody("Dirk", "Wim", "Ina"), "POST", "/v1/tasks/" + d.ID + "/done", ""}, ok && v.random.IntN(3) == 0
}

// signedOut reports whether somebody has no device that may call: they have no app, were forgotten, or died.
func (v *watched) signedOut(name string) bool {
	a := v.people[name]
	s, err := v.stores.Sessions.Get(v.t.Context(), app.SessionID(a.tokens.Session))
	if care.IsKind(err, care.NotFound) {
		return true
	}
	must(v.t, err)
	return !s.Value.EndedAt.IsZero()
}

// shut holds that whoever is signed out gets nothing by the token that they had.
func (v *watched) shut(name string, l look) {
	v.t.Helper()
	if isPublic(l) {
		return
	}
	a := v.bare("", l.method, l.path, l.body, header{"Authorization", "Bearer " + v.people[name].tokens.Access})
	if a.status != 401 {
		v.t.Errorf("%s %s by %s, who is signed out: %d %s", l.method, l.path, name, a.status, a.body)
	}
	if l.want.Relation == "erased" && len(l.want.Fields) > 0 {
		v.t.Errorf("%s: the table shows %v to whoever is erased", l.path, l.want.Fields)
	}
}

// lives are what is known of people's lives, what waits for the desk, and why each helper was asked.
func (x *truth) lives(w *world) {
	people := map[string]care.Person{}
	for _, p := range all(w, w.stores.Persons) {
		x.Erased[string(p.ID)], people[string(p.ID)] = p.Gone(), p
	}
	for id := range people {
		p := people[x.stays(id)]
		l, state, shown := p.Life, string(p.Life.Now(x.Now)), string(p.Life.Now(x.Now))
		if state == "" {
			state, shown = "none", "here"
		}
		x.docs = append(x.docs, sight.Doc{Kind: "life", ID: id, State: state, Whose: string(p.ID), About: sight.About{Person: string(p.ID)},
			Value: object{"person": string(p.ID), "state": shown, "planned": string(l.Planned(x.Now)), "from": instant(l.From), "until": instant(l.Until), "by": string(l.By), "at": instant(l.At),
				"reportedBy": string(l.ProposedBy), "reportedAt": instant(l.ProposedAt)}})
	}
	for id, p := range people {
		for _, m := range p.Absorbed {
			x.docs = append(x.docs, sight.Doc{Kind: "merge", ID: string(m.ID), State: "none", Whose: id, About: sight.About{Person: id},
				Value: object{"id": string(m.ID), "person": string(m.Person), "community": string(m.In), "by": string(m.By), "at": instant(m.At),
					"undoUntil": instant(m.At.AddDate(0, 0, 30)), "state": "merged"}})
		}
	}
	for _, t := range all(w, w.stores.Tasks) {
		x.docs = append(x.docs, sight.Doc{Kind: "task", ID: string(t.ID), State: "none", About: sight.About{Village: string(t.Community), Person: string(t.Person), Request: string(t.Request)},
			Value: object{"id": string(t.ID), "community": string(t.Community), "kind": string(t.Kind), "person": string(t.Person), "other": string(t.Other),
				"request": string(t.Request), "visit": string(t.Visit), "madeAt": instant(t.MadeAt), "doneBy": string(t.DoneBy), "doneAt": instant(t.DoneAt)}})
	}
}

// ownLog holds GET /v1/me/views to the log as it is stored: every reading that was made of somebody is
// there for them to read, with who it was and in whose name, and of nobody else's log anything.
func (v *watched) ownLog(name string, o watcher) {
	v.t.Helper()
	const most = 150
	var docs []sight.Doc
	names, bodies := map[care.PersonID]care.Person{}, map[string]string{}
	for _, p := range all(v.world, v.stores.Persons) {
		names[p.ID] = p
	}
	for _, b := range all(v.world, v.stores.Organizations) {
		bodies[string(b.ID)] = b.Name
	}
	for _, c := range all(v.world, v.stores.Communities) {
		bodies[string(c.ID)] = c.Name
	}
	others := map[care.PersonID]bool{}
	must(v.t, v.stores.Views.Each(v.t.Context(), func(d port.Stored[app.View]) error {
		e := d.Value
		mine := string(e.Whose) == o.person
		if mine || !others[e.Whose] { // one of each log: who may read one may read all
			docs, others[e.Whose] = append(docs, viewDoc(e, names[e.By], bodies)), true
		}
		return nil
	}))
	slices.SortFunc(docs, byID)
	path := "/v1/me/views?limit=200"
	mine := slices.DeleteFunc(slices.Clone(docs), func(d sight.Doc) bool { return d.About.Person != o.person })
	if n := len(mine) - most; n > 0 {
		path += "&after=" + mine[n-1].ID
		docs = slices.DeleteFunc(docs, func(d sight.Doc) bool { return d.About.Person == o.person && d.ID <= mine[n-1].ID })
	}
	l := look{method: "GET", path: path, list: true, want: o.page(docs)}
	if v.signedOut(name) {
		v.shut(name, l)
		return
	}
	v.judge(l, name, v.quick(name, l), len(v.entries))
}

// viewDoc is an entry of a log as its person reads it. Who was merely
// asked, and who asks and reads a helper's name, is known by a first name alone.
func viewDoc(e app.View, by care.Person, bodies map[string]string) sight.Doc {
	name, body := by.FirstName+" "+by.LastName, bodies[string(e.Organization)]
	if e.As == "asked" || e.As == "requester" || e.As == "proxy" && e.What == "name" {
		name = by.FirstName
	}
	if e.Organization == "" {
		body = bodies[string(e.Community)]
	}
	return sight.Doc{Kind: "view", ID: e.ID, State: "none", About: sight.About{Person: string(e.Whose)}, Value: object{"id": e.ID, "by": string(e.By),
		"name": strings.TrimSpace(name), "as": string(e.As), "community": string(e.Community), "organization": string(e.Organization), "body": body,
		"what": e.What, "request": string(e.Request), "basis": string(e.Basis), "at": instant(e.At)}}
}

// mergesOf is the reading of the records that somebody's stays in place of. Whoever may read that there are
// none is answered an empty list.
func (o watcher) mergesOf(person string) look {
	docs := o.truth.of("merge", func(d sight.Doc) bool { return d.About.Person == o.truth.stays(person) })
	rel := o.truth.Relation(o.person, sight.Doc{Kind: "merge", About: sight.About{Person: o.truth.stays(person)}})
	return look{method: "GET", path: "/v1/persons/" + person + "/merges", list: rel == "self" || rel == "desk", behind: rel == "moderator", want: o.page(docs)}
}

// lifeLooks are the readings of lives and of what waits for the desk of each village.
func (o watcher) lifeLooks() []look {
	x := o.truth
	var all []look
	for _, d := range x.of("life", nil) {
		all = append(all, look{method: "GET", path: "/v1/persons/" + d.ID + "/life", want: o.see(d)}, o.mergesOf(d.ID))
	}
	for _, d := range x.of("task", nil) {
		all = append(all, look{method: "GET", path: "/v1/tasks/" + d.ID, want: o.see(d)})
	}
	for village := range x.Villages {
		tasks := o.page(x.of("task", func(d sight.Doc) bool { return d.About.Village == village && d.Value["doneAt"] == nil }))
		all = append(all, look{method: "GET", path: "/v1/communities/" + village + "/tasks", behind: true, list: len(tasks.Fields) > 0, want: tasks})
	}
	return all
}
