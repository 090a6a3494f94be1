package rest

import (
	"fmt"

	"naober/matching/care"
)

// twice has the desk write somebody down a second time, as somebody else.
func (s *scene) twice(name string) (second string) {
	s.t.Helper()
	second = name + " again"
	made := s.do("Dirk", "POST", "/v1/communities/"+s.villages[0]+"/persons", fmt.Sprintf(`{"firstName":%q,"lastName":"Eising van %s","birthDate":"1948-03-12",`+
		`"language":"nl","others":true,"home":{"town":"Witteveen","street":"Hoofdstraat %s","lat":52.8167,"lon":6.6833}}`, name, name, name))
	s.people[second] = &account{id: care.PersonID(made.text("id"))}
	return second
}

// merged finds that some people have two records: they are merged at the desk, everybody looks, and they
// are taken apart again, so that the scene goes on as if nothing had been.
func (s *scene) merged(names ...string) {
	s.t.Helper()
	looks := func() {
		s.looked += s.glance("/merges", "merge", "life") + s.glance("/persons", "person", "found", "life", "merge")
	}
	for _, name := range names {
		body := fmt.Sprintf(`{"person":%q,"into":%q}`, s.id(s.twice(name)), s.id(name))
		s.do("Dirk", "POST", "/v1/communities/"+s.villages[0]+"/persons/merge", body)
	}
	if n := len(s.telling().of("merge", nil)); n != len(names) {
		s.t.Fatalf("%d merges, want %d", n, len(names))
	}
	looks()
	for _, name := range names {
		s.do("Wim", "POST", "/v1/persons/"+s.id(name+" again")+"/unmerge", "{}")
	}
	if left := s.telling().of("merge", nil); len(left) > 0 {
		s.t.Fatalf("not taken apart: %v", left)
	}
	looks()
}
