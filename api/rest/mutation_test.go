package rest

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestEveryChangeCanBeHandedIn holds the mutations to the routes: a change behind a token is one, or is said to need
// a connection, and why.
func TestEveryChangeCanBeHandedIn(t *testing.T) {
	t.Parallel()
	online, named := onlineOnly(), map[string]string{}
	for _, m := range mutations() {
		route := m.method + " " + m.path
		if named[route] != "" || !mutationName.MatchString(m.name) {
			t.Errorf("%s is %s and %s", route, named[route], m.name)
		}
		named[route] = m.name
	}
	for _, r := range new(Server).routes() {
		route := r.method + " " + r.path
		if r.method == "GET" || r.who != signedIn {
			if named[route] != "" {
				t.Errorf("%s changes nothing for an account, and is %s", route, named[route])
			}
			continue
		}
		if why := online[route]; (named[route] != "") == (why != "") {
			t.Errorf("%s is the mutation %q and needs a connection for %q: one of the two", route, named[route], why)
		}
		delete(online, route)
		delete(named, route)
	}
	for route := range online {
		t.Errorf("%s is no change any more", route)
	}
	for route := range named {
		t.Errorf("%s is no route any more", route)
	}
}

// A name of a path never hides a field of a body: both stand side by side in the arguments.
func TestArgumentsDoNotMeet(t *testing.T) {
	t.Parallel()
	s := readSpec(t)
	for _, m := range mutations() {
		op, ok := s.operation(m.method, strings.ReplaceAll(m.path, ":", "x"))
		if !ok {
			t.Errorf("openapi.yaml has no %s", m.path)
			continue
		}
		var taken []string
		for part := range strings.SplitSeq(m.path, "/") {
			if name, is := strings.CutPrefix(part, ":"); is {
				taken = append(taken, name)
			}
		}
		if m.makes {
			taken = append(taken, "id")
		}
		for name := range s.resolved(op.RequestBody.Content["application/json"].Schema).Properties {
			if slices.Contains(taken, name) {
				t.Errorf("%s: %s is in the path and in the body", m.name, name)
			}
		}
	}
}

// TestMutationsAreWrittenDown holds the table of sync.md to the mutations, both ways.
func TestMutationsAreWrittenDown(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../mobile-contract/sync.md")
	must(t, err)
	written := map[string]bool{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z_.]+)` \\| `([A-Z]+ /[^`]*)` \\| (.*) \\|$").FindAllStringSubmatch(string(raw), -1) {
		written[row[1]+" "+row[2]+" "+row[3]] = true
	}
	for _, m := range mutations() {
		var ids []string
		if m.makes {
			ids = append(ids, "`id`")
		}
		path := regexp.MustCompile(`:(\w+)`).ReplaceAllStringFunc(m.path, func(p string) string {
			ids = append(ids, "`"+p[1:]+"`")
			return "{" + p[1:] + "}"
		})
		if len(ids) == 0 {
			ids = []string{"–"}
		}
		row := m.name + " " + m.method + " " + path + " " + strings.Join(ids, ", ")
		if !written[row] {
			t.Errorf("sync.md lacks %s", row)
		}
		delete(written, row)
	}
	for row := range written {
		t.Errorf("sync.md has %s, which is no mutation", row)
	}
}

// TestWhatIsMadeHasTheIDOfItsDevice makes one of everything that a device may name, and reads it under that name.
func TestWhatIsMadeHasTheIDOfItsDevice(t *testing.T) {
	t.Parallel()
	read := map[string]string{"request.ask": "/v1/requests/", "offer.make": "/v1/offers/", "message.send": "/v1/messages/", "report.file": "/v1/reports/",
		"referral.make": "/v1/referrals/", "person.register": "/v1/persons/"}
	for _, m := range mutations() {
		if !m.makes {
			continue
		}
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			village := newMatrix(t)
			route := m.method + " " + m.path
			by := allowedOf(t)[route]
			p := village.phone(by)
			id := p.newID()
			args := map[string]any{}
			must(t, json.Unmarshal([]byte(village.fill(bodies()[route])), &args))
			args["id"] = id
			filled := strings.Split(village.path(m.path), "/")
			for i, part := range strings.Split(m.path, "/") {
				if name, is := strings.CutPrefix(part, ":"); is {
					args[name] = filled[i]
				}
			}
			raw, err := json.Marshal(args)
			must(t, err)
			if got := statuses(p.push(200, p.does(m.name, string(raw)))); got != "applied" {
				t.Fatalf("%s by %s with %s: %s", m.name, by, raw, got)
			}
			village.call(by, "GET", read[m.name]+id, "").want(200)
			if got := statuses(p.push(200, p.does(m.name, string(raw)))); got != "rejected id_taken" && m.name != "person.register" {
				t.Fatalf("%s once more under the same id: %s", m.name, got)
			}
		})
	}
}
