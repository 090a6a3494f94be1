package sight

import (
	"maps"
	"slices"
	"strings"
)

// Row is one kind, relation and state of the table.
type Row struct{ Kind, Relation, State string }

// Rows lists them all, in order.
func (t Table) Rows() []Row {
	all := slices.Collect(maps.Keys(t.rows))
	slices.SortFunc(all, func(a, b Row) int {
		return strings.Compare(a.Kind+" "+a.Relation+" "+a.State, b.Kind+" "+b.Relation+" "+b.State)
	})
	return all
}

// meet counts a row. Who is judged as a stranger to a document, for nothing nearer counts there, may
// still be a neighbour of whoever it is about, or hold an office: where the table says of those what
// it says of a stranger, their rows are compared with the same answer.
func (o Oracle) meet(viewer string, d Doc, rel string) {
	if o.Met == nil {
		return
	}
	o.Met[Row{d.Kind, rel, d.State}]++
	if rel != "stranger" && rel != "anybody" {
		return
	}
	for _, also := range o.World.Standings(viewer, d) {
		if also != rel && o.Table.alike(d.Kind, d.State, rel, also) {
			o.Met[Row{d.Kind, also, d.State}]++
		}
	}
}

// alike reports whether two relations have the same verdict on every field.
func (t Table) alike(kind, state, one, other string) bool {
	return maps.Equal(t.rows[Row{kind, one, state}], t.rows[Row{kind, other, state}])
}

// Standings are all relations in which somebody stands to what a document is about: its request, or
// each request in which its person has a part, and the villages of both.
func (w World) Standings(viewer string, d Doc) []string {
	var all []string
	add := func(rel string, stands bool) {
		if stands && !slices.Contains(all, rel) {
			all = append(all, rel)
		}
	}
	villages := map[string]bool{d.About.Village: true}
	for _, m := range w.Members {
		if m.Active && m.Person == d.About.Person {
			villages[m.Village] = true
		}
	}
	for _, r := range w.Requests {
		if r.ID == d.About.Request || d.About.Request == "" && (d.About.Person == "" || r.holds(d.About.Person)) {
			villages[r.Village] = true
			add(w.toRequest(viewer, r), true)
			add("professional", w.named(viewer, r.ID))
		}
	}
	book := w.Books[viewer]
	add("blocked", book.Apart[d.About.Person])
	for v := range villages {
		if v == "" && (d.About.Person != "" || d.About.Request != "" || d.About.Village != "") {
			continue
		}
		add("moderator", w.in(viewer, v, "moderator"))
		add("moderator_elsewhere", w.anywhere(viewer, v, "moderator"))
		add("desk", w.in(viewer, v, "desk_worker", "fixed_worker"))
		add("administrator", w.in(viewer, v, "administrator") || w.at(viewer, w.Villages[v].Association, "administrator"))
		add("guarantor", w.at(viewer, w.Villages[v].Guarantor, "guarantor"))
		add("suspended", book.Paused[v])
	}
	return all
}

// holds reports whether somebody has a part in a request.
func (r Request) holds(p string) bool {
	has := func(all []Part) bool { return slices.ContainsFunc(all, func(one Part) bool { return one.Helper == p }) }
	return r.For == p || r.Proxy == p || has(r.Asks) || has(r.Visits)
}
