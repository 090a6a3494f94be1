package leak_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"naober/matching/care"
)

// profile is what somebody says of themselves, with another home.
func profile(a *actor, street string, lat, lon float64) string {
	return fmt.Sprintf(`{"firstName":%q,"lastName":%q,"birthDate":"1950-02-03","language":"nl","home":{"town":"Witteveen","street":%q,"lat":%v,"lon":%v}}`,
		a.word("firstName"), a.word("lastName"), street, lat, lon)
}

// TestABlockChangesNoByte: Jan helped Geesje, and then in one world she blocks him. He lives too far
// away by then to be asked by her or she by him, so no rule but the block can tell the worlds apart.
// Over a year he asks, offers, moves, looks at candidates and counts, writes about the visit, reports,
// blocks others and is moderated: every byte that he gets is the same in both, his phone's pushes
// and their moments included.
func TestABlockChangesNoByte(t *testing.T) {
	seed, s := seedOf(t), readSurface(t)
	steps := yearOf(t)
	point, _ := centre("a")
	transcript := func(block bool) []answer {
		w := newWorld(t, seed)
		v := w.raise("a", "")
		geesje, jan := v.cast["geesje"], v.cast["jan"]
		w.furnish(v)
		helped := w.helped(v, geesje, jan)
		w.finish(geesje) // what is open between the two at that moment is called off, which anybody sees
		// Geesje and Trijn help too, on foot; Jan moves to where nobody walks. With Piet that makes
		// three who live too far away: the smallest group that he is told of, and she is one of it.
		for _, name := range []string{"geesje", "trijn"} {
			w.do(v.cast[name], "POST", "/v1/communities/"+string(v.id)+"/members", `{"role":"volunteer"}`)
			w.do(v.cast[name], "POST", "/v1/offers", fmt.Sprintf(`{"community":%q,"kinds":["groceries","ride","company"],"radius":2000,"travel":"car","vehicle":{"seats":3},%s}`, v.id, everyDay))
			w.do(v.cast[name], "POST", "/v1/me/helper/applications", fmt.Sprintf(`{"community":%q}`, v.id))
			w.do(v.cast["ina"], "POST", v.fill("/v1/communities/{village}/helpers/{"+name+"}/approve"), `{"rule":"welkom.1@1","reason":"Bekend."}`)
		}
		d := newDrawer(w, seed, s)
		d.weight = daily
		d.home = func(a *actor) (float64, float64, bool) {
			if a == jan {
				return point.Lat + 0.3 + d.Float64()*0.1, point.Lon + (d.Float64()-0.5)*0.1, true
			}
			return point.Lat + (d.Float64()-0.5)*0.02, point.Lon + (d.Float64()-0.5)*0.02, true
		}
		d.rideTo = func(*actor) care.Point { return care.Point{Lat: 52.7792, Lon: 6.9061} }
		d.radius = 15_000
		lat, lon, _ := d.home(jan)
		w.do(jan, "PUT", "/v1/me", profile(jan, "Verweg 1", lat, lon))
		rung, facts := &phones{now: w.clock}, []answer{}
		w.ring(rung)
		if block {
			w.do(geesje, "POST", "/v1/me/blocks", v.fill(`{"community":"{village}","person":"{jan}"}`))
		} else {
			w.do(geesje, "GET", "/v1/me", "")
		}
		l := life{drawer: d, calls: steps, every: aYear(steps), callers: append(slices.Clone(w.actors), jan, jan, jan), watched: func(c call) bool { return c.by == jan }}
		l.drop = func(c call) bool {
			// The two, and those who are too far away with her, stay. What she writes, and what is
			// written of blocks, is hers to see.
			if ends(c.route) && slices.ContainsFunc([]string{"geesje", "jan", "piet", "trijn"}, func(name string) bool {
				return c.by == v.cast[name] || strings.Contains(c.path, v.kept[name])
			}) {
				return true
			}
			return endsTheGame(c) && c.by != jan || c.by == geesje && strings.HasSuffix(c.route, "/messages")
		}
		l.harvest = func(a *actor) bool { return a != geesje }
		l.before = func(n int) {
			if n < 8 { // within two days of the visit
				l.sent = append(l.sent, call{by: jan, method: "POST", route: "/v1/visits/:visit/messages", path: "/v1/visits/" + helped + "/messages",
					body: fmt.Sprintf(`{"text":"Dag %d"}`, n), key: fmt.Sprintf("key-of-message-%04d", n)})
				facts = append(facts, w.send(l.sent[len(l.sent)-1]), w.send(call{by: jan, method: "GET", route: "/v1/visits/:visit/messages", path: "/v1/visits/" + helped + "/messages"}))
			}
		}
		return slices.Concat(l.live(w), facts, rung.to(jan))
	}
	one, two := transcript(true), transcript(false)
	same(t, seed, one, two)
	t.Logf("figure: a year of %d acts with and without a block, seed %d: %d answers to whom it keeps away, %v by hundreds of status, no byte differs", steps, seed, len(one), tally(one))
}
