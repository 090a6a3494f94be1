package rest

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// check compares every answer that everybody can get with the table, and the log with what was shown.
func (v *watched) check() int {
	v.t.Helper()
	looked := v.gaze(func(o watcher) []look { return o.looks() })
	for _, name := range slices.Sorted(maps.Keys(v.people)) {
		if v.t.Failed() {
			return looked
		}
		v.ownLog(name, v.eyes(name))
		v.pass(time.Minute)
		v.judgePull(name)
	}
	return looked + v.nobody()
}

// glance is check for some kinds of document alone, at the paths that hold a word.
func (v *watched) glance(word string, kinds ...string) int {
	v.t.Helper()
	return v.gaze(func(o watcher) []look {
		o.truth = o.truth.only(kinds)
		return slices.DeleteFunc(o.looks(), func(l look) bool { return !strings.Contains(l.path, word) })
	})
}

// gaze lets everybody take some looks, in an order of chance.
func (v *watched) gaze(at func(watcher) []look) int {
	v.t.Helper()
	looked := 0
	for _, name := range slices.Sorted(maps.Keys(v.people)) {
		v.pass(time.Minute)
		out := v.signedOut(name)
		if !out {
			v.bearer(name) // fresh, so that no session is renewed under the truth that follows
		}
		looks := at(v.eyes(name))
		slices.SortFunc(looks, func(a, b look) int { return strings.Compare(a.path, b.path) })
		v.order.Shuffle(len(looks), func(i, j int) { looks[i], looks[j] = looks[j], looks[i] })
		for _, l := range looks {
			looked++
			v.relations[l.want.Relation]++
			if out {
				v.shut(name, l)
			} else {
				before := len(v.entries)
				v.judge(l, name, v.quick(name, l), before)
			}
			if v.t.Failed() {
				return looked
			}
		}
	}
	return looked
}

// nobody looks without an account: at what is public, and in vain at what this world's first requester reads.
func (v *watched) nobody() int {
	v.t.Helper()
	o := v.eyes("Geesje")
	looks := o.looks()
	o.person = ""
	public := look{method: "GET", path: "/v1/communities?limit=200", list: true, want: o.page(o.truth.of("community", nil))}
	v.judge(public, "", v.quick("", public), len(v.entries))
	if seen := o.page(o.truth.of("organization", nil)); len(seen.Fields) > 0 {
		v.t.Errorf("the table shows organizations to anybody, and they are asked for with a token: %v", seen.Fields)
	}
	for _, l := range looks {
		if a := v.quick("", l); a.status != 401 && !isPublic(l) {
			v.t.Errorf("%s %s by nobody: %d %s", l.method, l.path, a.status, a.body)
		}
	}
	return len(looks) + 1
}

// isPublic is what needs no account.
func isPublic(l look) bool {
	path, _, _ := strings.Cut(l.path, "?")
	return path == "/v1/communities" || strings.HasPrefix(path, "/v1/communities/") && strings.Count(path, "/") == 3
}
