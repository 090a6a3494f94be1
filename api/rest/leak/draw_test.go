package leak_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"naober/matching/care"
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
				p.walk(fmt.Sprint(at["id"]), "slot", s)
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

// surface is every route of the service with an example of the body it takes, read from the contract:
// what is new there is drawn from the next run on.
type surface struct {
	routes []route
}

type route struct {
	method, path string
	example      any // nil where the route takes no body
}

func readSurface(t *testing.T) surface {
	t.Helper()
	raw, err := os.ReadFile("../../../mobile-contract/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var spec struct {
		Paths map[string]map[string]struct {
			RequestBody struct {
				Content map[string]struct {
					Schema struct {
						Ref      string `yaml:"$ref"`
						Examples []any  `yaml:"examples"`
					} `yaml:"schema"`
				} `yaml:"content"`
			} `yaml:"requestBody"`
		} `yaml:"paths"`
		Components struct {
			Schemas map[string]struct {
				Examples []any `yaml:"examples"`
			} `yaml:"schemas"`
		} `yaml:"components"`
	}
	if err := yaml.Unmarshal(raw, &spec); err != nil {
		t.Fatal(err)
	}
	var s surface
	for path, methods := range spec.Paths {
		for method, o := range methods {
			r := route{method: strings.ToUpper(method), path: regexp.MustCompile(`\{([a-z]+)\}`).ReplaceAllString(path, ":$1")}
			if taken, ok := o.RequestBody.Content["application/json"]; ok {
				examples := append(taken.Schema.Examples, spec.Components.Schemas[taken.Schema.Ref[strings.LastIndex(taken.Schema.Ref, "/")+1:]].Examples...)
				if len(examples) == 0 {
					t.Fatalf("%s %s takes a body and shows none", method, path)
				}
				r.example = examples[0]
			}
			s.routes = append(s.routes, r)
		}
	}
	slices.SortFunc(s.routes, func(a, b route) int { return strings.Compare(a.path+a.method, b.path+b.method) })
	return s
}

// drawer makes random calls that are mostly well formed.
type drawer struct {
	*rand.Rand
	surface
	world   *world
	foreign pools                                        // ids of others than the caller's own village
	words   []string                                     // that are put into searches: other people's canaries
	text    func(a *actor, field string) string          // what somebody writes; their canaries by default
	home    func(a *actor) (lat, lon float64, keep bool) // where somebody says to live
	rideTo  func(a *actor) care.Point                    // where somebody's rides go
	radius  int                                          // of everybody's offers, in metres; 20 km where 0
	narrow  bool                                         // offers reach any way, so that each is a question of where somebody lives
	weight  func(r route) int                            // how often a route is drawn; 1 where nil
	sent    []call                                       // changes so far, to be sent again
	heavy   []route
}

// newDrawer leaves out what ends a person for good, or takes them out of the village: nobody could be
// played on after that.
func newDrawer(w *world, seed uint64, s surface) *drawer {
	s.routes = slices.DeleteFunc(slices.Clone(s.routes), func(r route) bool {
		return strings.HasSuffix(r.path, "/forget") || strings.Contains(r.path, "/life")
	})
	return &drawer{Rand: rand.New(rand.NewPCG(seed, 1)), surface: s, world: w, foreign: pools{}}
}

func (d *drawer) pick(from []string) string { return from[d.IntN(len(from))] }

// whose is the party whose ids somebody draws from: their own answers' and their village's.
func whose(a *actor) string {
	if a == nil {
		return ""
	}
	return a.village
}

func nameOf(a *actor) string {
	if a == nil {
		return ""
	}
	return a.name
}

// id is an id for a parameter: mostly one that the caller's village met, sometimes somebody else's,
// sometimes one of another kind, sometimes nobody's.
func (d *drawer) id(a *actor, kind string) string {
	own, other := d.world.ids[poolOf(whose(a), kind)], d.foreign[kind]
	if mine := d.world.ids[poolOf(whose(a)+nameOf(a), kind)]; len(mine) > 0 && d.IntN(2) == 0 {
		own = mine
	}
	switch dice := d.IntN(20); {
	case dice < 4 && len(other) > 0:
		return d.pick(other)
	case dice == 4:
		return "01JDB8Q4M2ZT6R0V9XKFW3E7HN"
	case len(own) > 0:
		return own[len(own)-1-d.IntN(min(len(own), 12))]
	case len(other) > 0:
		return d.pick(other)
	}
	return "01JDB8Q4M2ZT6R0V9XKFW3E7HN"
}

// route draws a route by its weight.
func (d *drawer) route() route {
	if d.heavy == nil {
		for _, r := range d.routes {
			n := 1
			if d.weight != nil {
				n = d.weight(r)
			}
			for range n {
				d.heavy = append(d.heavy, r)
			}
		}
	}
	return d.heavy[d.IntN(len(d.heavy))]
}

// call draws one call by somebody.
func (d *drawer) call(a *actor) call {
	if len(d.sent) > 0 && d.IntN(25) == 0 {
		// The same key by somebody else is another intent. In whose words it was is not theirs to write.
		c := d.sent[len(d.sent)-1-d.IntN(min(len(d.sent), 50))]
		if c.by != a && strings.Contains(c.body, `"lat"`) {
			c.body = "" // nor where they live
		}
		if whose(c.by) == whose(a) || !joins(c.route) && !strings.Contains(strings.ToLower(c.body), strings.ToLower(mark(whose(c.by)))) {
			c.by = a
			return c
		}
	}
	r := d.route()
	if joins(r.path) {
		foreign := d.foreign
		d.foreign = pools{}
		defer func() { d.foreign = foreign }()
	}
	c := call{by: a, method: r.method, route: r.path, path: d.path(a, r)}
	if r.example != nil && d.IntN(30) > 0 {
		body := d.rewrite(a, "", r.example)
		raw, err := json.Marshal(body)
		d.world.must(err)
		c.body = string(raw)
	}
	if r.method != "GET" && a != nil {
		c.key = fmt.Sprintf("drawn-key-%d-%d", d.Uint64(), len(d.sent))
		if d.IntN(6) == 0 {
			c.ifMatch = strconv.Quote(strconv.Itoa(1 + d.IntN(6)))
		}
		d.sent = append(d.sent, c)
	}
	return c
}

// joins are calls that nobody makes across villages here: whoever joins another one, is given a role
// there or is referred to its formal care is known there from then on.
func joins(route string) bool {
	return strings.HasSuffix(route, "/members") || strings.HasSuffix(route, "/roles") || strings.HasSuffix(route, "/:request/referrals")
}

func (d *drawer) path(a *actor, r route) string {
	parts := strings.Split(r.path, "/")
	for i, part := range parts {
		if param, ok := strings.CutPrefix(part, ":"); ok {
			parts[i] = d.id(a, param)
			if of := d.world.ids[poolOf(parts[max(i-2, 0)], param)]; len(of) > 0 && d.IntN(5) > 0 {
				parts[i] = d.pick(of) // a time of that very request
			}
		}
	}
	path := strings.Join(parts, "/")
	if r.method != "GET" {
		return path
	}
	query := url.Values{}
	switch {
	case r.path == "/v1/requests":
		query.Set("scope", d.pick([]string{"mine", "behalf", "helping", "community"}))
		query.Set("community", d.id(a, "community"))
	case r.path == "/v1/referrals":
		query.Set("side", d.pick([]string{"sender", "receiver"}))
	case r.path == "/v1/communities" && d.IntN(2) == 0:
		query.Set("lat", "52.8")
		query.Set("lon", "6.6")
	}
	if d.IntN(8) == 0 {
		query.Set("after", d.id(a, d.pick([]string{"request", "person", "membership", "visit"})))
	}
	if d.IntN(8) == 0 {
		query.Set("limit", d.pick([]string{"1", "2", "50"}))
	}
	if d.IntN(40) == 0 && len(d.words) > 0 {
		query.Set(d.pick([]string{"after", "scope", "community", "q"}), d.pick(d.words))
	}
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}

// rewrite makes a body of an example: ids become ones that somebody met, moments lie around now, and
// what people write is their own.
func (d *drawer) rewrite(a *actor, field string, v any) any {
	switch at := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for _, name := range sortedKeys(at) {
			if d.IntN(60) > 0 {
				out[name] = d.rewrite(a, name, at[name])
			}
		}
		d.bend(a, out)
		return out
	case []any:
		out := []any{}
		for _, one := range at {
			out = append(out, d.rewrite(a, field, one))
		}
		return out
	case string:
		return d.value(a, field, at)
	}
	return v
}

// bend puts what fits together into an object: an end after its beginning, a home, a village.
func (d *drawer) bend(a *actor, o map[string]any) {
	now := d.world.clock()
	if _, ok := o["start"].(string); ok && o["end"] != nil && o["durationMinutes"] != nil {
		day := now.AddDate(0, 0, 1+d.IntN(4))
		from := time.Date(day.Year(), day.Month(), day.Day(), 8+d.IntN(9), 0, 0, 0, time.UTC)
		o["start"], o["end"] = from.Format(time.RFC3339), from.Add(time.Duration(1+d.IntN(3))*time.Hour).Format(time.RFC3339)
	}
	if o["urgency"] != nil && o["words"] != nil && o["slots"] != nil {
		o["publish"] = d.IntN(8) > 0
		if o["community"] == nil {
			delete(o, "publish")
		}
		if d.IntN(5) == 0 && o["community"] != nil {
			o["for"], o["channel"], o["consent"] = d.id(a, "person"), "phone", "spoken"
		}
		if d.home != nil && d.IntN(4) == 0 {
			lat, lon, _ := d.home(a)
			o["where"] = map[string]any{"town": "Witteveen", "street": d.write(a, "whereStreet"), "lat": lat, "lon": lon}
		}
		if d.IntN(5) == 0 {
			o["kind"] = "ride"
			o["ride"] = map[string]any{"passengers": 1, "to": d.destination(a)}
		}
	}
	if o["weekly"] != nil {
		var week []any
		for day := range 7 {
			week = append(week, map[string]any{"day": day, "start": "07:00", "end": "22:00"})
		}
		o["weekly"] = week
	}
	if o["radius"] != nil && d.IntN(3) > 0 {
		o["radius"], o["kinds"], o["travel"] = d.reach(), []any{"groceries", "ride", "company"}, "car"
		o["vehicle"] = map[string]any{"seats": 3}
	}
	if o["lat"] != nil && o["town"] != nil && a != nil && d.home != nil {
		if lat, lon, ok := d.home(a); ok {
			o["lat"], o["lon"] = lat, lon
		}
	}
}

// reach is how far an offer goes, in metres.
func (d *drawer) reach() int {
	if d.narrow {
		return 200 + d.IntN(7_000)
	}
	return cmp.Or(d.radius, 20_000)
}

// destination is where a ride goes.
func (d *drawer) destination(a *actor) map[string]any {
	to := care.Point{Lat: 52.7792, Lon: 6.9061}
	if d.rideTo != nil {
		to = d.rideTo(a)
	}
	return map[string]any{"town": "Emmen", "street": d.write(a, "rideStreet"), "lat": to.Lat, "lon": to.Lon}
}

func (d *drawer) write(a *actor, field string) string {
	if d.text != nil {
		return d.text(a, field)
	}
	if a == nil {
		return "niemand"
	}
	return a.word(field)
}

// value is one text of a body.
func (d *drawer) value(a *actor, field, old string) any {
	if ulid.MatchString(old) {
		if field == "community" && a != nil && d.IntN(4) > 0 {
			return d.world.ids[poolOf(a.village, "home")][0]
		}
		return d.id(a, alias(field))
	}
	if _, err := time.Parse(time.RFC3339, old); err == nil {
		return d.world.clock().Add(time.Duration(1+d.IntN(96)) * 30 * time.Minute).Truncate(15 * time.Minute).Format(time.RFC3339)
	}
	switch field {
	case "query":
		if len(d.words) > 0 {
			return d.pick(d.words)
		}
	case "words", "text", "answer", "note", "firstName", "lastName", "street", "device", "token":
		return d.write(a, field)
	case "contact", "contacts":
		return strings.ToLower(d.write(a, "contact"+strconv.Itoa(d.IntN(3)))) + "@example.org"
	case "reason":
		if strings.Contains(old, " ") { // a sentence, not a code
			return d.write(a, "reason")
		}
	case "role":
		return d.pick([]string{"resident", "volunteer", "moderator", "desk"})
	}
	return old
}
