package leak_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"naober/matching/care"
	"naober/matching/place"
)

// houses are two points of one cell, as far apart as a search finds them, for each of some cells
// around a village: the first houses of the people whose home is looked for.
func houses(seed uint64, around care.Point, many int) [][2]care.Point {
	dice := rand.New(rand.NewPCG(seed, 2))
	var found [][2]care.Point
	for range many {
		var best [2]care.Point
		far := 0.0
		one := care.Point{Lat: around.Lat + (dice.Float64()-0.5)*0.08, Lon: around.Lon + (dice.Float64()-0.5)*0.12}
		cell := place.CellOf(one).ID
		for range 400 {
			two := care.Point{Lat: one.Lat + (dice.Float64()-0.5)*0.05, Lon: one.Lon + (dice.Float64()-0.5)*0.08}
			if d := place.Distance(one, two); place.CellOf(two).ID == cell && d > far {
				best, far = [2]care.Point{one, two}, d
			}
		}
		if far > 0 {
			found = append(found, best)
		}
	}
	return found
}

// daily makes what has to do with asking, helping and living somewhere the more likely.
func daily(r route) int {
	switch r.method + " " + r.path {
	case "POST /v1/requests", "POST /v1/asks/:ask/accept":
		return 14
	case "GET /v1/requests", "GET /v1/requests/:request/slots/:slot/candidates", "PUT /v1/me":
		return 8
	case "POST /v1/offers", "GET /v1/requests/:request", "GET /v1/asks/:ask", "PUT /v1/offers/:offer":
		return 4
	case "POST /v1/communities/:community/members", "POST /v1/communities/:community/roles", "POST /v1/communities/:community/persons/merge":
		return 0 // who is whose neighbour or worker does not change
	}
	if strings.HasPrefix(r.path, "/v1/sign-in") || strings.HasPrefix(r.path, "/v1/me/devices") {
		return 0
	}
	return 1
}

// endsTheGame are decisions that would end the game: nobody leaves, is paused for long or ends a role.
func endsTheGame(c call) bool {
	switch c.method + " " + c.route {
	case "DELETE /v1/memberships/:membership", "DELETE /v1/me/memberships/:membership",
		"POST /v1/communities/:community/helpers/:person/refuse", "POST /v1/offers/:offer/end", "POST /v1/me/blocks":
		return true
	}
	return false
}

// TestHomesOfOneCellLookAlike: for a year people ask, offer, apply, help, decide and look, and those
// who look move their own home about at will. In two worlds a resident, a helper, the places where
// help is needed and the ends of rides lie at other points of the same cells. Neighbours, volunteers,
// the moderator and the administrator get the same bytes in both: nothing they can do tells more of a home than
// its cell. What a helper is told after a confirmed yes is left out: that is the address itself.
func TestHomesOfOneCellLookAlike(t *testing.T) {
	seed, s := seedOf(t), readSurface(t)
	steps := yearOf(t)
	point, _ := centre("a")
	pairs := houses(seed, point, 24)
	transcript := func(world int) []answer {
		w := newWorld(t, seed)
		v := w.raise("a", "")
		hidden := map[*actor]bool{v.cast["geesje"]: true, v.cast["piet"]: true}
		moves := map[*actor]int{}
		d := newDrawer(w, seed, s)
		d.weight, d.narrow, d.spare = daily, true, endsTheGame
		d.home = func(a *actor) (float64, float64, bool) {
			if hidden[a] {
				moves[a]++
				p := pairs[(moves[a]+len(a.name))%len(pairs)][world]
				return p.Lat, p.Lon, true
			}
			return point.Lat + (d.Float64()-0.5)*0.1, point.Lon + (d.Float64()-0.5)*0.15, true
		}
		d.rideTo = func(a *actor) care.Point {
			if hidden[a] {
				return pairs[len(d.sent)%len(pairs)][world]
			}
			return care.Point{Lat: 52.7792, Lon: 6.9061}
		}
		d.text = func(a *actor, field string) string {
			if a != nil && hidden[a] && strings.HasSuffix(strings.ToLower(field), "street") {
				return a.word(field + string(rune('a'+world)))
			}
			return whose(a) + " schrijft"
		}
		w.furnish(v)
		rung := &phones{now: w.clock}
		w.ring(rung)
		for a := range hidden { // nobody stays where they were first
			lat, lon, _ := d.home(a)
			w.do(a, "PUT", "/v1/me", profile(a, d.text(a, "street"), lat, lon))
		}
		l := life{drawer: d, calls: steps, every: aYear(steps), callers: append(slices.Clone(w.actors), v.cast["jan"], v.cast["trijn"], v.cast["ina"], v.cast["geesje"], v.cast["piet"]), drop: endsTheGame}
		l.watched = func(c call) bool {
			switch c.by.name {
			case "jan", "trijn", "ina", "bea":
				return !strings.HasSuffix(c.route, "/address")
			}
			return false
		}
		seen := l.live(w)
		for _, name := range []string{"jan", "trijn", "ina", "bea"} {
			seen = append(seen, rung.to(v.cast[name])...)
		}
		return seen
	}
	one, two := transcript(0), transcript(1)
	same(t, seed, one, two)
	t.Logf("figure: a year of %d acts over %d cells, seed %d: %d answers to those who looked, %v by hundreds of status, no byte differs", steps, len(pairs), seed, len(one), tally(one))
}
