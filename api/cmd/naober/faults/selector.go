package faults

import (
	"encoding/json"
	"strings"
)

// everySync is the path of a fault that names none.
const everySync = "/sync/v1/"

// Selector says which calls a fault befalls: all that fit every field that is given.
type Selector struct {
	// Path is of one route as it is called; one that ends in / is of all below it.
	Path string `json:"path,omitempty"`
	// Store is a clientGroupID. Only pushes and pulls carry one.
	Store string `json:"store,omitempty"`
	// Account is whose token the call carries; for hide, whose devices lose the document, and everybody's where it is absent.
	Account string `json:"account,omitempty"`
	// After is how many calls that fit are let by first.
	After int `json:"after,omitempty"`
	// Times is how many calls it befalls then: one where it is absent.
	Times int `json:"times,omitempty"`
	// Always is in place of Times: until it is cleared.
	Always bool `json:"always,omitempty"`
}

func (s Selector) check(k Kind) error {
	switch {
	case k.lasting() && (s.Path != "" || s.Store != "" || s.After != 0 || s.Times != 0 || s.Always):
		return refused("fault", "%s befalls no calls: it lasts until it is cleared", k)
	case k == Silence && s.Account != "":
		return refused("account", "nobody is woken, whoever it is")
	case s.Path != "" && !strings.HasPrefix(s.Path, "/"):
		return refused("path", "path begins with /")
	case s.After < 0 || s.Times < 0:
		return refused("times", "after and times are numbers of calls")
	case s.Always && s.Times != 0:
		return refused("always", "one of times and always is enough")
	}
	return nil
}

// call is what a selector looks at. account is asked for where one is named, and no sooner.
type call struct {
	path    string
	body    []byte
	account func() string
}

func (s Selector) fits(c call) bool {
	switch path := s.Path; {
	case strings.HasSuffix(path, "/") && !strings.HasPrefix(c.path, path):
		return false
	case path != "" && !strings.HasSuffix(path, "/") && c.path != path:
		return false
	}
	return (s.Store == "" || s.Store == storeOf(c.body)) && (s.Account == "" || s.Account == c.account())
}

// storeOf is the store that a push or a pull is of.
func storeOf(body []byte) string {
	var sent struct {
		ClientGroupID string `json:"clientGroupID"`
	}
	_ = json.Unmarshal(body, &sent) // what is no JSON is of no store
	return sent.ClientGroupID
}
