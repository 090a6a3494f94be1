package rest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"naober/api/rest/sight"
)

// heldKinds are the kinds of documents that a device holds, and what visibility.csv calls them.
func heldKinds() map[string]string {
	return map[string]string{"me": "me", "book": "helper", "membership": "membership", "community": "community", "offer": "offer", "request": "request",
		"message": "message", "address": "address", "referral": "referral", "task": "task"}
}

// judgePull lets somebody begin with an empty device, and holds all that it gets to the table: each document as
// its own route would show it, every one that is theirs, and whoever it is about finds the reading in their log.
func (v *watched) judgePull(name string) {
	v.t.Helper()
	if v.signedOut(name) {
		return
	}
	v.bearer(name)
	before, p, o := len(v.entries), v.phone(name), v.eyes(name)
	p.pullAll()
	seen, wrong := map[sight.Reading]bool{}, []string(nil)
	for _, key := range slices.Sorted(maps.Keys(p.docs)) {
		shown, known := o.held(key)
		switch {
		case !known:
			wrong = append(wrong, key+" is nothing that there is")
			continue
		case len(shown.Fields) == 0:
			wrong = append(wrong, fmt.Sprintf("%s is held by %s, to whom the table shows nothing of it", key, shown.Relation))
		}
		delete(shown.Fields, "shownAt") // the moment of a call of its own
		var body any
		must(v.t, json.Unmarshal(p.docs[key], &body))
		if held, ok := body.(object); ok && strings.HasPrefix(key, "address/") {
			if held["until"] != held["forgetAt"] {
				wrong = append(wrong, key+" does not say when it is forgotten")
			}
			delete(held, "until")
		}
		for _, d := range shown.Differences(body) {
			wrong = append(wrong, key+": "+d)
		}
		maps.Copy(seen, shown.Readings)
	}
	for _, key := range o.mustHold() {
		if p.docs[key] == nil {
			wrong = append(wrong, key+" is missing")
		}
	}
	for _, w := range append(wrong, v.unlogged(string(v.people[name].id), seen, before)...) {
		v.t.Errorf("the device of %s: %s", name, w)
	}
}

// held is what the table shows of a document that a device holds under a key.
func (o watcher) held(key string) (sight.Sight, bool) {
	kind, id, _ := strings.Cut(key, "/")
	if kind == "request" {
		d, known := o.truth.requests[id]
		if !known {
			return sight.Sight{}, false
		}
		return o.request(d), true
	}
	docs := o.truth.of(heldKinds()[kind], func(d sight.Doc) bool { return d.ID == id })
	if len(docs) == 0 || heldKinds()[kind] == "" {
		return sight.Sight{}, false
	}
	return o.see(docs[0]), true
}

// request is what somebody sees of a request by its own route.
func (o watcher) request(d sight.Doc) sight.Sight {
	seen := o.see(d)
	if len(seen.Fields) == 0 || seen.Relation == "moderator" {
		seen = o.closed(d, seen)
	}
	return seen
}

// mustHold are the documents without which a device would lack something of its person's: their own, those of
// their visits, and what waits where they work.
func (o watcher) mustHold() []string {
	x := o.truth
	keys := []string{"me/" + o.person, "book/" + o.person}
	sees := func(kind, of string, part func(sight.Doc) bool) {
		for _, d := range x.of(of, part) {
			if o.sees(d) {
				keys = append(keys, kind+"/"+d.ID)
			}
		}
	}
	mine := func(d sight.Doc) bool { return d.About.Person == o.person }
	sees("membership", "membership", func(d sight.Doc) bool { return mine(d) && d.State == "active" })
	sees("offer", "offer", mine)
	sees("address", "address", nil)
	sees("task", "task", func(d sight.Doc) bool { return d.Value["doneAt"] == nil || d.Value["doneAt"] == "" })
	sees("referral", "referral", func(d sight.Doc) bool { return d.State != "completed" && d.State != "rejected" })
	visits := map[string]bool{}
	for id, d := range x.requests {
		relation := o.see(d).Relation
		near := slices.Contains([]string{"requester", "subject", "proxy", "asked", "agreed", "reserve"}, relation)
		if o.sees(d) && (near || d.State != "closed" && slices.Contains([]string{"owner", "desk", "moderator"}, relation)) {
			keys = append(keys, "request/"+id)
		}
		for _, visit := range d.Parts["visits"] {
			visits[visit.ID] = near
		}
	}
	sees("message", "message", func(d sight.Doc) bool { return visits[d.About.Visit] })
	return keys
}
