package rest

import (
	"fmt"
	"strings"
	"time"
)

// times are three: six hours for six, a day far ahead on which everybody may come, and one for a single helper.
func (s *scene) times(first time.Duration) string {
	far := 30*day + first
	return `"slots":[` + strings.Join([]string{slot(first, 6*time.Hour, 6), slot(far, time.Hour, 20), slot(far+day+5*time.Hour, time.Hour, 1)}, ",") + `]`
}

func (s *scene) onBehalf() string {
	return fmt.Sprintf(`,"for":%q,"channel":"phone","consent":"spoken"`, s.id("Roelof"))
}

// drafts are written, referred and rejected, so that formal care was named in each.
func (s *scene) drafts() {
	s.t.Helper()
	weekly := func(hour string) string {
		return fmt.Sprintf(`"series":{"rule":"FREQ=WEEKLY;BYDAY=WE,TH;COUNT=10","start":"2026-11-25T%s","durationMinutes":60,"zone":"Europe/Amsterdam"}`, hour)
	}
	s.own, s.behalf = s.plea("Geesje", s.times(22*time.Hour), ""), s.plea("Pra", s.times(46*time.Hour), s.onBehalf())
	s.daily, s.fixed = s.plea("Geesje", weekly("19:00"), ""), s.plea("Pra", weekly("21:00"), s.onBehalf())
	for _, id := range []string{s.own, s.behalf, s.daily, s.fixed} {
		f := s.do("Dok", "POST", "/v1/requests/"+id+"/referrals", s.referral()).text("id")
		s.do("Zorg", "POST", "/v1/referrals/"+f+"/reject", `{"reason":"no_capacity"}`)
	}
	s.moderate("Ina", "Hilje", "pause", fmt.Sprintf(`{"rule":"house_rules.3@1","reason":"Rust.","until":%q}`, tuesday.Add(60*day).Format(time.RFC3339)))
	for _, name := range []string{"Geesje", "Roelof"} {
		s.do("Gert", "POST", "/v1/me/blocks", s.here(fmt.Sprintf(`,"person":%q`, s.id(name))))
	}
	s.looked += s.check()
}

func (s *scene) referral() string {
	return fmt.Sprintf(`{"to":%q,"theme":"company","urgency":"ordinary","words":"Alleen.","consent":"spoken"}`, s.formal)
}

// agreements hands out the parts: of the two who are asked for the last time, one agrees and one is too
// late and stands by; six agree to the first time, of whom one calls off; one is only asked.
func (s *scene) agreements(request, by string) {
	s.t.Helper()
	s.write(by, "POST", "/v1/requests/"+request+"/publish", `{}`)
	s.looked += s.glance("/plan", "plan") // before the first wave: the desk is shown whom to ask first
	if s.met[namedIn("plan")] == 0 {
		s.t.Fatal("the plan names nobody")
	}
	s.settle()
	s.tick()
	two := s.asked(request, 2)
	if len(two) != 2 {
		s.t.Fatalf("asked for the last time: %v", two)
	}
	first, second := two[0], two[1]
	s.answer(request, 2, first, "accept", "{}")
	s.answer(request, 2, second, "accept", "{}")
	for i := range 2 {
		s.answer(request, i, second, "decline", `{"reason":"ill"}`)
	}
	parts, rest := map[string]string{"agreed": first, "reserve": second}, []string{"planned", "started", "done", "no_show", "cancelled", "asked"}
	for _, name := range s.asked(request, 0) {
		if name != first && name != second && len(rest) > 0 {
			parts[rest[0]], rest = name, rest[1:]
		}
	}
	if len(rest) > 0 {
		s.t.Fatalf("nobody is left for %v", rest)
	}
	s.part[request] = parts
	for _, part := range []string{"agreed", "planned", "started", "done", "no_show", "cancelled"} {
		s.answer(request, 0, parts[part], "accept", "{}")
	}
	s.answer(request, 0, parts["asked"], "accept", "{}") // a yes after the faster ones
	for _, part := range []string{"planned", "started", "done", "cancelled"} {
		s.visit(request, 0, parts[part], by, "confirm", "{}")
	}
	s.visit(request, 0, parts["cancelled"], parts["cancelled"], "cancel", `{"reason":"ill"}`)
	s.answer(request, 1, parts["cancelled"], "decline", `{"reason":"ill"}`)
	s.undelivered(request, 1, parts["planned"])
	s.answer(request, 1, parts["agreed"], "later", fmt.Sprintf(`{"until":%q}`, s.clock().Add(2*time.Hour).Format(time.RFC3339)))
}

// hour is the time of the visits: one helper is inside, one was, one did not come.
func (s *scene) hour(request, by string) {
	s.t.Helper()
	p := s.part[request]
	for _, part := range []string{"started", "done"} {
		s.visit(request, 0, p[part], p[part], "start", "{}")
	}
	s.visit(request, 0, p["done"], p["done"], "finish", "{}")
	s.visit(request, 0, p["no_show"], by, "no-show", "{}")
	s.afterwards(request, by)
}

// afterwards both say how it was and what worries them, and write until one of the two blocks the other;
// what they write then is withheld.
func (s *scene) afterwards(request, by string) {
	s.t.Helper()
	done := s.part[request]["done"]
	s.looked += s.glance("/address", "request", "address")
	say := func(who, verb, body string) answer { return s.visit(request, 0, done, who, verb, body) }
	for _, who := range []string{by, done, s.owner(request)} {
		if who == by || who == done {
			say(who, "messages", `{"text":"Tot straks."}`)
			say(who, "feedback", `{"good":true,"again":true,"words":"Fijn."}`)
		}
		for _, end := range []string{"open", "taken", "closed"} {
			worry := "/v1/reports/" + say(who, "reports", `{"words":"Een zorg."}`).text("id")
			if end != "open" {
				s.do("Ina", "POST", worry+"/take", "{}")
			}
			if end == "closed" {
				s.do("Ina", "POST", worry+"/close", `{"answer":"Besproken."}`)
			}
		}
	}
	s.do(done, "POST", "/v1/me/blocks", s.here(fmt.Sprintf(`,"person":%q`, s.telling().Requests[request].For)))
	for _, who := range []string{by, done} {
		say(who, "messages", `{"text":"Ik kom niet meer."}`)
	}
}

// series are agreed for the first week by two helpers; of the second, one agrees and one stands by.
func (s *scene) series(request, by string) {
	s.t.Helper()
	s.do(by, "POST", "/v1/requests/"+request+"/publish", `{}`)
	for i := range 4 {
		two := s.asked(request, i)
		if i == 1 {
			two[0], two[1] = two[1], two[0]
		}
		s.answer(request, i, two[0], "accept", "{}")
		s.visit(request, i, two[0], by, "confirm", "{}")
		if i == 3 {
			s.answer(request, i, two[1], "accept", "{}")
		}
	}
}

// come is a visit of a series that takes place.
func (s *scene) come(request string, slot int) {
	s.t.Helper()
	for name := range s.parts(request, "visits", slot) {
		s.visit(request, slot, name, name, "start", "{}")
		s.visit(request, slot, name, name, "finish", "{}")
	}
}

// play is the whole scene.
func (s *scene) play() int {
	s.t.Helper()
	asks := []string{"Geesje", "Pra"}
	s.drafts()
	passed := []string{s.plea("Geesje", s.times(70*time.Hour), ""), s.plea("Dirk", s.times(94*time.Hour), s.onBehalf())}
	for i, by := range []string{"Geesje", "Dirk"} {
		f := s.do("Dok", "POST", "/v1/requests/"+passed[i]+"/referrals", s.referral()).text("id")
		s.do("Zorg", "POST", "/v1/referrals/"+f+"/reject", `{"reason":"no_capacity"}`)
		s.agreements(passed[i], by)
	}
	s.looked += s.glance("/v1/referrals", "referral")
	s.referred(passed...)
	for i, id := range []string{s.own, s.behalf} {
		s.agreements(id, asks[i])
	}
	for i, id := range []string{s.daily, s.fixed} {
		s.series(id, asks[i])
	}
	s.until(22*time.Hour + 20*time.Minute)
	s.afresh(s.own, "Geesje")
	s.hour(s.own, "Geesje")
	s.looked += s.check()
	s.until(34 * time.Hour)
	s.come(s.daily, 0)
	s.come(s.fixed, 0)
	s.until(46*time.Hour + 20*time.Minute)
	s.afresh(s.own, "Geesje")
	s.afresh(s.behalf, "Pra")
	s.hour(s.behalf, "Pra")
	s.looked += s.check()
	s.merged("Geesje", s.part[s.behalf]["agreed"])
	s.until(58 * time.Hour)
	s.come(s.daily, 1)
	s.come(s.fixed, 1)
	s.until(70 * time.Hour)
	s.afresh(s.own, "Geesje")
	s.afresh(s.behalf, "Pra")
	s.lifeOf(s.part[s.own]["cancelled"])
	for i, id := range []string{s.own, s.behalf} {
		s.arranged(id, asks[i])
	}
	s.looked += s.glance("/v1/requests/", "request", "address", "message", "history", "feedback")
	s.dies([]string{s.own, s.behalf}, asks)
	s.until(9*day + 11*time.Hour + 30*time.Minute)
	for _, id := range []string{s.daily, s.fixed} {
		s.past(id)
	}
	s.looked += s.check()
	for i, id := range []string{s.own, s.behalf} {
		s.do(asks[i], "POST", "/v1/requests/"+id+"/withdraw", "{}")
	}
	s.looked += s.check()
	return s.looked
}
