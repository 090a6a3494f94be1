package leak_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// pools are ids that somebody met, by what they name and whose they are.
type pools map[string][]string

func poolOf(whose, kind string) string { return whose + " " + kind }

func (p pools) add(pool, id string) {
	if slices.Contains(p[pool], id) {
		return
	}
	if p[pool] = append(p[pool], id); len(p[pool]) > 40 {
		p[pool] = p[pool][1:] // the oldest are mostly over
	}
}

var ulid = regexp.MustCompile(`^[0-7][0-9A-HJKMNP-TV-Z]{25}$`)

// harvest keeps the ids in an answer for later calls of the same village, and of the same person.
func (p pools) harvest(whose string, a answer) {
	var v any
	if json.Unmarshal([]byte(a.body), &v) != nil {
		return
	}
	p.walk(whose, topKind(a.call.route), v)
	if a.call.by != nil {
		p.walk(whose+a.call.by.name, topKind(a.call.route), v)
	}
}

func (p pools) walk(whose, kind string, v any) {
	switch at := v.(type) {
	case []any:
		for _, one := range at {
			p.walk(whose, kind, one)
		}
	case map[string]any:
		if slots, ok := at["slots"].([]any); ok {
			for _, s := range slots {
				p.walk(poolOf(whose, fmt.Sprint(at["id"])), "slot", s)
			}
		}
		for _, name := range sortedKeys(at) {
			text, isText := at[name].(string)
			switch {
			case isText && ulid.MatchString(text) && name == "id":
				p.add(poolOf(whose, kind), text)
			case isText && ulid.MatchString(text):
				p.add(poolOf(whose, alias(name)), text)
			case name == "items" || name == "tokens":
				p.walk(whose, kind, at[name])
			default:
				p.walk(whose, alias(strings.TrimSuffix(name, "s")), at[name])
			}
		}
	}
}

func sortedKeys(m map[string]any) []string {
	var names []string
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// alias is the parameter under which routes know what a field names.
func alias(name string) string {
	switch name {
	case "for", "by", "helper", "about", "takenBy", "peop", "people":
		return "person"
	case "session":
		return "device"
	case "to", "from", "organization", "association", "guarantor":
		return "clinic"
	}
	return name
}

// kinds are what ids of others are drawn for.
func kinds() []string {
	return []string{"community", "person", "membership", "device", "offer", "request", "slot", "ask", "visit", "message", "feedback", "report", "referral", "clinic", "task"}
}

// of are copies of the ids that a village met, by kind, and the times of its requests.
func (p pools) of(village string) pools {
	out := pools{}
	for _, kind := range kinds() {
		out[kind] = slices.Clone(p[poolOf(village, kind)])
	}
	for _, r := range out["request"] {
		if slots := p[poolOf(poolOf(village, r), "slot")]; len(slots) > 0 {
			out[poolOf(r, "slot")] = slices.Clone(slots)
		}
	}
	return out
}

// topKind is what the documents of a route's answer are.
func topKind(route string) string {
	var last string
	for part := range strings.SplitSeq(strings.TrimPrefix(route, "/v1/"), "/") {
		if part != "" && part[0] != ':' && part != "me" {
			last = part
		}
		switch part {
		case "asks", "visits", "requests", "offers", "reports", "referrals", "messages":
			last = part
		}
	}
	return strings.TrimSuffix(last, "s")
}
