package rest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"naober/api/rest/sight"
	"naober/matching/care"
)

// scene is a watched world in which nothing is left to chance: it brings about what random lives seldom
// or never come to. Geesje asks for herself, Pra for Roelof, and everybody else stands to both requests
// in a way of their own.
type scene struct {
	*watched
	looked       int
	own, behalf  string // the two requests
	daily, fixed string // and the two that come back every week
	part         map[string]map[string]string
}

// hands are who may be asked: Gert is blocked with both who ask, and Hilje is paused.
func hands() []string {
	return strings.Fields("Aaf Bob Cor Dik Els Fem Jan Piet Gert Hilje")
}

// newScene adds a deputy of the guarantor, who is on duty while she has the chair, and helpers enough.
// Geesjen is forgotten before anything happens.
func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{watched: newWatched(t, 1), part: map[string]map[string]string{}}
	s.cast("Gus")
	duty := care.OrganizationID(s.telling().Villages[s.villages[0]].Guarantor)
	s.grant("Gus", duty, "", care.GuarantorRole, true)
	for _, name := range hands() { // the index hears of the offer with the quiet that follows
		if s.people[name] == nil {
			s.village = care.CommunityID(s.villages[0])
			s.cast(name, care.Resident, care.Volunteer)
		}
		s.do(name, "POST", "/v1/offers", s.everyDay())
		s.do(name, "PUT", "/v1/me/helper/quiet", `{"zone":"Europe/Amsterdam","nightStart":"23:00","nightEnd":"06:00","restDays":[],"monthlyLimit":60,"minGapMinutes":0}`)
	}
	for _, name := range []string{"Aaf", "Bob", "Cor", "Dik", "Els", "Fem", "Gert"} {
		s.do(name, "POST", "/v1/me/helper/applications", s.here(""))
		s.moderate("Ina", name, "approve", `{"rule":"house_rules.1@1","reason":"Bekend."}`)
	}
	s.do("Geesjen", "POST", "/v1/me/forget", `{"firstName":"Geesjen"}`)
	return s
}

// everyDay is an offer for each hour of the week.
func (s *scene) everyDay() string {
	var days []string
	for day := range 7 {
		days = append(days, fmt.Sprintf(`{"day":%d,"start":"00:00","end":"24:00"}`, day))
	}
	return fmt.Sprintf(`{"community":%q,"kinds":["groceries"],"radius":20000,"travel":"car","languages":["nl"],"availability":{"zone":"Europe/Amsterdam","weekly":[%s]}}`,
		s.villages[0], strings.Join(days, ","))
}

// here is a body that names the village, and more.
func (s *scene) here(more string) string {
	return fmt.Sprintf(`{"community":%q%s}`, s.villages[0], more)
}

func (s *scene) id(name string) string { return string(s.people[name].id) }

// write is one change, which must succeed; the feed stands still.
func (s *scene) write(by, method, path, body string) answer {
	s.t.Helper()
	s.trail = append(s.trail, strings.Join([]string{by, method, path, body}, " "))
	a := s.call(by, method, path, body)
	if a.status >= 300 {
		s.t.Fatalf("%s %s: %d %s", a.call, body, a.status, a.body)
	}
	return a
}

// do is write, and what follows from it.
func (s *scene) do(by, method, path, body string) answer {
	s.t.Helper()
	a := s.write(by, method, path, body)
	s.settle()
	s.tick()
	return a
}

func (s *scene) moderate(by, helper, verb, body string) {
	s.t.Helper()
	s.do(by, "POST", "/v1/communities/"+s.villages[0]+"/helpers/"+s.id(helper)+"/"+verb, body)
}

// until lets the time come, counted from the beginning of the world, and the clock do its work each hour.
func (s *scene) until(d time.Duration) {
	s.t.Helper()
	end := tuesday.Add(d)
	if !end.After(s.clock()) {
		s.t.Fatalf("it is %s, later than %s", s.clock(), end)
	}
	for s.clock().Before(end) {
		s.pass(min(time.Hour, end.Sub(s.clock())))
		s.tick()
	}
}

// slot is a time counted from the beginning of the world.
func slot(from, long time.Duration, seats int) string {
	at := func(d time.Duration) string { return tuesday.Add(d).UTC().Format(time.RFC3339) }
	return fmt.Sprintf(`{"start":%q,"end":%q,"seats":%d}`, at(from), at(from+long), seats)
}

const day = 24 * time.Hour

// plea is a draft by somebody: when, and for whom.
func (s *scene) plea(by, when, more string) string {
	s.t.Helper()
	body := s.here(`,"kind":"groceries","words":"Wie helpt mij?","urgency":"ordinary","personalYes":true,"needs":{"languages":["nl"]},` + when + more)
	return s.do(by, "POST", "/v1/requests", body).text("id")
}

// parts are the parts of a request of one sort and of one time, by who has them.
func (s *scene) parts(request, sort string, slot int) map[string]sight.Doc {
	s.t.Helper()
	d, found := s.telling().requests[request], map[string]sight.Doc{}
	for _, p := range d.Parts[sort] {
		if p.About.Slot == d.Parts["slots"][slot].ID {
			found[s.named(p.About.Person)] = p
		}
	}
	return found
}

// asked are who has an open question for a time, in the order of their names.
func (s *scene) asked(request string, slot int) []string {
	s.t.Helper()
	var names []string
	for name, a := range s.parts(request, "asks", slot) {
		if a.State == "asked" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// answer gives somebody's answer to their question for a time.
func (s *scene) answer(request string, slot int, name, verb, body string) {
	s.t.Helper()
	a, was := s.parts(request, "asks", slot)[name]
	if !was {
		s.t.Fatalf("%s was not asked for time %d of %s", name, slot, request)
	}
	s.do(name, "POST", "/v1/asks/"+a.ID+"/"+verb, body)
}

// visit does something to somebody's visit at a time, by themselves or by who asks.
func (s *scene) visit(request string, slot int, name, by, verb, body string) answer {
	s.t.Helper()
	v, is := s.parts(request, "visits", slot)[name]
	if !is {
		s.t.Fatalf("%s has no visit at time %d of %s", name, slot, request)
	}
	return s.do(by, "POST", "/v1/visits/"+v.ID+"/"+verb, body)
}

// undelivered is what the post room says where no device of a helper could be reached.
func (s *scene) undelivered(request string, slot int, name string) {
	s.t.Helper()
	ask, was := s.parts(request, "asks", slot)[name]
	if !was || ask.State != "asked" {
		s.t.Fatalf("%s has no open question for time %d of %s: %v", name, slot, request, ask.State)
	}
	must(s.t, s.app.AskUndelivered(s.t.Context(), care.RequestID(request), care.AskID(ask.ID)))
	s.settle()
}

// afresh asks everybody anew, for a day that is far ahead. Whoever only stands by says no.
func (s *scene) afresh(request, by string) {
	s.t.Helper()
	n := len(s.telling().requests[request].Parts["slots"])
	s.do(by, "POST", "/v1/requests/"+request+"/slots", `{"slots":[`+slot(time.Duration(90+n)*day, time.Hour, 20)+`]}`)
	if name := s.part[request]["reserve"]; slices.Contains(s.asked(request, n), name) {
		s.answer(request, n, name, "decline", `{"reason":"ill"}`)
	}
	if !slices.Contains(s.asked(request, n), s.part[request]["asked"]) {
		s.t.Fatalf("%s was not asked anew: %v", s.part[request]["asked"], s.asked(request, n))
	}
}
