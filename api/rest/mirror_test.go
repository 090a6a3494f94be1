package rest

import (
	"bytes"
	"encoding/json"
	"testing"
)

// mirror is the answer with its parts as they came, to the byte.
type mirror struct {
	Person   json.RawMessage   `json:"person"`
	Requests []json.RawMessage `json:"requests"`
	Offers   []json.RawMessage `json:"offers"`
	Helpers  []json.RawMessage `json:"helpers"`
}

func (m matrix) mirror(by, relation string) mirror {
	m.t.Helper()
	var seen mirror
	must(m.t, json.Unmarshal(m.call(by, "GET", "/v1/me/as/"+relation, "").want(200).body, &seen))
	return seen
}

// TestTheMirrorShowsWhatTheNeighbourGets compares each part with the answer that the neighbour gets.
func TestTheMirrorShowsWhatTheNeighbourGets(t *testing.T) {
	t.Parallel()
	m := newMatrix(t)
	m.call("Jan", "POST", m.fill("/v1/communities/{village}/helpers/{Jan}/vettings"), `{"kind":"vog","validUntil":"2028-01-01T00:00:00Z"}`)
	for _, row := range []struct{ whose, as, by, path, part string }{
		{"Geesje", "asked", "Jan", "/v1/requests/{request}", "request"},
		{"Geesje", "agreed", "Piet", "/v1/requests/{request}", "request"},
		{"Geesje", "staff", "Dirk", "/v1/requests/{request}", "request"},
		{"Geesje", "moderator", "Ina", "/v1/requests/{request}", "request"},
		{"Geesje", "staff", "Dirk", "/v1/persons/{Geesje}", "person"},
		{"Geesje", "moderator", "Ina", "/v1/persons/{Geesje}", "person"},
		{"Geesje", "carer", "Zorg", "/v1/persons/{Geesje}", "person"},
		{"Jan", "staff", "Dirk", "/v1/persons/{Jan}", "person"},
		{"Jan", "staff", "Dirk", "/v1/offers/{offer}", "offer"},
		{"Jan", "staff", "Dirk", "/v1/communities/{village}/helpers/{Jan}", "helper"},
		{"Jan", "moderator", "Ina", "/v1/communities/{village}/helpers/{Jan}", "helper"},
	} {
		t.Run(row.whose+" as "+row.as+" "+row.part, func(t *testing.T) {
			m.in(t)
			theirs := m.call(row.by, "GET", m.fill(row.path), "").want(200).body
			seen := m.mirror(row.whose, row.as)
			parts := map[string][]json.RawMessage{"request": seen.Requests, "person": {seen.Person}, "offer": seen.Offers, "helper": seen.Helpers}[row.part]
			for _, part := range parts {
				if bytes.Equal(part, theirs) {
					return
				}
			}
			t.Errorf("%s gets\n%s\nand the mirror shows\n%s", row.by, theirs, parts)
		})
	}
}

// TestTheMirrorTellsNothingNew: who said no to somebody stays unknown to them, and a stranger sees nothing.
func TestTheMirrorTellsNothingNew(t *testing.T) {
	t.Parallel()
	m := newMatrix(t)
	m.call("Jan", "POST", m.fill("/v1/asks/{ask}/decline"), `{"reason":"ill"}`).want(200)
	for _, as := range []string{"stranger", "asked", "agreed", "staff", "moderator", "carer"} {
		a := m.call("Geesje", "GET", "/v1/me/as/"+as, "").want(200)
		if bytes.Contains(a.body, []byte(m.people["Jan"].id)) || bytes.Contains(a.body, []byte("Jan")) {
			t.Errorf("as %s she reads of him who said no: %s", as, a.body)
		}
	}
	if seen := m.mirror("Geesje", "stranger"); len(seen.Requests)+len(seen.Offers)+len(seen.Helpers) > 0 || seen.Person != nil {
		t.Errorf("a stranger sees %s", seen)
	}
	if seen := m.mirror("Geesje", "asked"); len(seen.Requests) != 1 || bytes.Contains(seen.Requests[0], []byte("Hoofdstraat")) {
		t.Errorf("who might be asked sees %s", seen.Requests)
	}
	m.call("Geesje", "GET", "/v1/me/as/family", "").refused(400, "relation_unknown")
}
