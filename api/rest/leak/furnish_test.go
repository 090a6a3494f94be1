package leak_test

import (
	"encoding/json"
	"fmt"
	"time"

	"naober/mobile-contract/wire"
)

// furnish makes one of everything in a village: offers and approvals, a request with a question and
// a visit, a message, a report, a referral.
func (w *world) furnish(v *village) {
	w.Helper()
	post := func(by, path, body string) answer {
		a := w.do(v.cast[by], "POST", v.fill(path), v.fill(body))
		w.ids.harvest(v.letter, a)
		return a
	}
	get := func(by, path string) answer {
		a := w.do(v.cast[by], "GET", v.fill(path), "")
		w.ids.harvest(v.letter, a)
		return a
	}
	w.ids.add(poolOf(v.letter, "home"), string(v.id))
	w.ids.add(poolOf(v.letter, "community"), string(v.id))
	w.ids.add(poolOf(v.letter, "hamlet"), v.kept["hamlet"])
	w.ids.add(poolOf(v.letter, "clinic"), string(v.clinic))
	for _, a := range w.actors {
		if a.village == v.letter {
			w.meet(a)
		}
	}
	for _, name := range []string{"jan", "piet"} {
		w.engage(v, name, w.do)
		get(name, "/v1/me/memberships")
	}
	geesje := v.cast["geesje"]
	handed := post("geesje", "/v1/requests", w.request(geesje, v, "pet", 1))
	v.kept["handed"] = handed.text("id")
	v.kept["referral"] = post("dok", "/v1/requests/{handed}/referrals", fmt.Sprintf(`{"to":"{clinic}","theme":"company","urgency":"ordinary","words":%q,"consent":"spoken"}`, geesje.word("referral"))).text("id")
	post("zorg", "/v1/referrals/{referral}/accept", "")
	post("geesje", "/v1/requests", w.request(geesje, v, "groceries", 2))
	v.kept["ask"] = get("piet", "/v1/requests?scope=helping").text("items.0.asks.0.id")
	get("jan", "/v1/requests?scope=helping")
	v.kept["visit"] = post("piet", "/v1/asks/{ask}/accept", "").text("request.visits.0.id")
	post("piet", "/v1/visits/{visit}/messages", fmt.Sprintf(`{"text":%q}`, v.cast["piet"].word("message")))
	post("geesje", "/v1/visits/{visit}/messages", fmt.Sprintf(`{"text":%q}`, geesje.word("message")))
	post("geesje", "/v1/visits/{visit}/reports", fmt.Sprintf(`{"words":%q}`, geesje.word("report")))
}

// engage makes somebody a helper: they offer, apply, and are approved and vetted.
func (w *world) engage(v *village, name string, send func(by *actor, method, path, body string) answer) {
	w.Helper()
	p, ina := v.cast[name], v.cast["ina"]
	for _, step := range []struct {
		by         *actor
		path, body string
	}{
		{p, "/v1/offers", fmt.Sprintf(`{"community":"{village}","kinds":["groceries","ride","company"],"radius":20000,"travel":"car","vehicle":{"seats":3},"languages":["nl"],"note":%q,%s}`,
			p.word("note"), everyDay)},
		{p, "/v1/me/helper/applications", `{"community":"{village}"}`},
		{ina, "/v1/communities/{village}/helpers/{" + name + "}/approve", fmt.Sprintf(`{"rule":"house_rules.1@1","reason":%q}`, p.word("approval"))},
		{ina, "/v1/communities/{village}/helpers/{" + name + "}/vettings", fmt.Sprintf(`{"kind":"vog","validUntil":%q}`, w.clock().AddDate(2, 0, 0).Format(time.RFC3339))},
	} {
		w.ids.harvest(v.letter, send(step.by, "POST", v.fill(step.path), v.fill(step.body)))
	}
}

// everyDay is the availability of somebody who is free by day.
const everyDay = `"availability":{"zone":"Europe/Amsterdam","weekly":[{"day":0,"start":"07:00","end":"22:00"},{"day":1,"start":"07:00","end":"22:00"},` +
	`{"day":2,"start":"07:00","end":"22:00"},{"day":3,"start":"07:00","end":"22:00"},{"day":4,"start":"07:00","end":"22:00"},{"day":5,"start":"07:00","end":"22:00"},{"day":6,"start":"07:00","end":"22:00"}]}`

// request is a published request in somebody's own words, for the day after tomorrow.
func (w *world) request(a *actor, v *village, kind string, seats int) string {
	day := w.clock().AddDate(0, 0, 2)
	from := time.Date(day.Year(), day.Month(), day.Day(), 10, 0, 0, 0, time.UTC)
	return fmt.Sprintf(`{"community":%q,"kind":%q,"words":%q,"urgency":"ordinary","publish":true,"slots":[{"start":%q,"end":%q,"seats":%d}]}`,
		v.id, kind, a.word("words"), from.Format(time.RFC3339), from.Add(time.Hour).Format(time.RFC3339), seats)
}

// helped lets one help another from question to goodbye, and names the visit.
func (w *world) helped(v *village, resident, helper *actor) string {
	w.Helper()
	r := w.do(resident, "POST", "/v1/requests", w.request(resident, v, "groceries", 2))
	ask := ""
	for n := range 2 {
		if at := fmt.Sprintf("asks.%d.", n); r.text("id") != "" {
			shown := w.do(resident, "GET", "/v1/requests/"+r.text("id"), "")
			if shown.text(at+"helper.id") == string(helper.id) {
				ask = shown.text(at + "id")
			}
		}
	}
	if ask == "" {
		w.Fatalf("%s was not asked", helper.name)
	}
	visit := w.do(helper, "POST", "/v1/asks/"+ask+"/accept", "").text("request.visits.0.id")
	at, err := time.Parse(time.RFC3339, r.text("slots.0.start"))
	w.must(err)
	w.pass(at.Sub(w.clock()))
	w.tick()
	w.do(helper, "POST", "/v1/visits/"+visit+"/start", "")
	w.pass(time.Hour)
	w.do(helper, "POST", "/v1/visits/"+visit+"/finish", "")
	return visit
}

// finish withdraws what somebody still asks for.
func (w *world) finish(a *actor) {
	w.Helper()
	var mine wire.Page[wire.Request]
	w.must(json.Unmarshal([]byte(w.do(a, "GET", "/v1/requests?scope=mine&limit=100", "").body), &mine))
	for _, r := range mine.Items {
		if r.State != "closed" {
			w.do(a, "POST", "/v1/requests/"+r.ID+"/withdraw", `{}`)
		}
	}
}
