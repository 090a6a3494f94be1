package leak_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"naober/matching/care"
)

// drawer makes random calls that are mostly well formed.
type drawer struct {
	*rand.Rand
	surface
	devices
	world   *world
	foreign pools                                        // ids of others than the caller's own village
	words   []string                                     // that are put into searches: other people's canaries
	text    func(a *actor, field string) string          // what somebody writes; their canaries by default
	home    func(a *actor) (lat, lon float64, keep bool) // where somebody says to live
	rideTo  func(a *actor) care.Point                    // where somebody's rides go
	radius  int                                          // of everybody's offers, in metres; 20 km where 0
	narrow  bool                                         // offers reach any way, so that each is a question of where somebody lives
	weight  func(r route) int                            // how often a route is drawn; 1 where nil
	spare   func(c call) bool                            // calls that are not handed in by a push either; none where nil
	sent    []call                                       // changes so far, to be sent again
	heavy   []route
}

// newDrawer draws from the whole surface; whoever that ends has an heir.
func newDrawer(w *world, seed uint64, s surface) *drawer {
	w.drawn = true
	return &drawer{Rand: rand.New(rand.NewPCG(seed, 1)), surface: s, world: w, foreign: pools{}, devices: devices{map[care.PersonID]string{}, map[string][]string{}}}
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

// route draws a route by its weight; a third of that where somebody may be gone after it.
func (d *drawer) route() route {
	if d.heavy == nil {
		for _, r := range d.routes {
			n := 1
			if d.weight != nil {
				n = d.weight(r)
			}
			switch {
			case r.path == pushRoute: // some of all changes come late
				n *= 20
			case !ends(r.path):
				n *= 3
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
		if whose(c.by) == whose(a) || !joins(c.route) && c.route != pushRoute && !strings.Contains(strings.ToLower(c.body), strings.ToLower(mark(whose(c.by)))) {
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
	switch {
	case r.path == pushRoute && d.IntN(30) > 0:
		c.body = d.push(a)
	case r.path == "/sync/v1/pull" && d.IntN(30) > 0:
		c.body = d.pull(a)
	case r.example != nil && d.IntN(30) > 0:
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

// joins are calls that nobody makes across villages here: whoever joins another one, moves there, is
// given a role there or is referred to its formal care is known there from then on.
func joins(route string) bool {
	return strings.HasSuffix(route, "/life/move") || strings.HasSuffix(route, "/members") || strings.HasSuffix(route, "/roles") || strings.HasSuffix(route, "/:request/referrals")
}

// times are those of one very request, as the caller's village knows it or as they are handed it.
func (d *drawer) times(a *actor, request, param string) []string {
	if own := d.world.ids[poolOf(poolOf(whose(a), request), param)]; len(own) > 0 {
		return own
	}
	return d.foreign[poolOf(request, param)]
}

// reported is whose death somebody of the village reported last; empty where nobody did.
func (d *drawer) reported(a *actor) string {
	for _, c := range slices.Backward(d.sent[max(0, len(d.sent)-400):]) {
		if parts := strings.Split(c.path, "/"); whose(c.by) == whose(a) && strings.HasSuffix(c.route, "/life/death") {
			return parts[len(parts)-3]
		}
	}
	return ""
}

func (d *drawer) path(a *actor, r route) string {
	parts := strings.Split(r.path, "/")
	for i, part := range parts {
		if param, ok := strings.CutPrefix(part, ":"); ok {
			parts[i] = d.id(a, param)
			if of := d.times(a, parts[max(i-2, 0)], param); len(of) > 0 && d.IntN(5) > 0 {
				parts[i] = d.pick(of)
			}
		}
	}
	if strings.HasSuffix(r.path, "/life/death/confirm") && d.IntN(3) > 0 {
		if of := d.reported(a); of != "" {
			parts[3] = of
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
