package leak_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"naober/mobile-contract/wire"
)

// TestCanariesStayWhereTheyBelong plays the whole story and holds every appearance of somebody's
// canary before somebody else to testdata/appearances.csv, which is read and judged by people: a
// row that is not there fails, and so does one that nothing shows any more. UPDATE_APPEARANCES=1
// writes what the service does; read each new row before it is kept.
func TestCanariesStayWhereTheyBelong(t *testing.T) {
	j := newJourney(t)
	j.arrivals()
	j.helping()
	j.aDayThatGoesWell()
	j.aDayThatDoesNot()
	j.worries()
	j.formalCare()
	j.lives()
	j.farewells()
	j.ends()
	j.figures()
	if j.read == 0 || j.lines == 0 || len(j.mail.letters()) == 0 {
		t.Errorf("%d pushes, %d lines of log and %d mails were searched", j.read, j.lines, len(j.mail.letters()))
	}
	j.hold("testdata/appearances.csv")
	for _, field := range canaryFields() {
		found := slices.ContainsFunc(slices.Collect(values(j.birds)), func(o origin) bool { return o.field == field })
		if !found {
			t.Errorf("nobody in the story fills in %s", field)
		}
	}
	t.Logf("figure: %d canaries in %d calls, %d pushes, %d lines of log, %d mails; %d allowed appearances", len(j.birds.words)+len(j.birds.numbers),
		j.steps["a"]+j.steps[""], j.read, j.lines, len(j.mail.letters()), len(j.met))
}

func values(v *aviary) func(func(origin) bool) {
	return func(yield func(origin) bool) {
		for _, all := range []map[string]origin{v.words, v.numbers} {
			for _, o := range all {
				if !yield(o) {
					return
				}
			}
		}
	}
}

// word is a canary of somebody in the story, in quotes.
func (j *journey) word(name, field string) string {
	return fmt.Sprintf("%q", j.v.cast[name].word(field))
}

// arrivals: one registers in the app, one at the desk, one changes everything about herself.
func (j *journey) arrivals() {
	riet := &actor{village: "a", name: "riet", birds: j.birds} // the desk has written her down before she comes by herself
	double := j.tell("dirk", "POST", "/v1/communities/{village}/persons", fmt.Sprintf(
		`{"firstName":%q,"lastName":%q,"birthDate":"1933-07-19","gender":"woman","language":"nl","home":{"town":"Witteveen","street":%q,"lat":52.8162,"lon":6.6827}}`,
		riet.word("firstName"), riet.word("lastName"), riet.word("street")+" 3"))
	j.v.kept["double"] = double.text("id")
	j.arrive("riet")
	made := j.tell("dirk", "POST", "/v1/communities/{village}/persons", fmt.Sprintf(
		`{"firstName":%s,"lastName":%s,"birthDate":%q,"gender":"man","language":"nl","home":{"town":"Witteveen","street":%s,"postCode":%q,"lat":52.8161,"lon":6.6829},"contacts":[%q]}`,
		j.word("trijn", "deskFirstName"), j.word("trijn", "deskLastName"), j.birds.count(j.v.cast["trijn"], "deskBirthDate", "1929-01-23"), j.word("trijn", "deskStreet"),
		j.v.cast["trijn"].postCode("deskPostcode"), "06 1"+j.birds.count(j.v.cast["trijn"], "phone", j.v.cast["trijn"].number("phone", 7))))
	j.v.kept["oldest"] = made.text("id")
	j.tell("dirk", "POST", "/v1/persons/{oldest}/paper-codes", "")
	g := j.v.cast["geesje"]
	j.tell("geesje", "PUT", "/v1/me", fmt.Sprintf(`{"firstName":%s,"lastName":%s,"birthDate":%q,"gender":"woman","language":"nl","home":{"town":"Witteveen","street":%s,"postCode":%q,"lat":%s,"lon":%s}}`,
		j.word("geesje", "firstName"), j.word("geesje", "lastName"), j.birds.count(g, "birthDate", "1931-05-27"), j.word("geesje", "street"), g.postCode("postcode2"),
		j.birds.count(g, "lat", "52.81683457"), j.birds.count(g, "lon", "6.68321983")))
	for name := range j.v.cast {
		j.do(j.v.cast[name], "PUT", "/v1/me/push-token", fmt.Sprintf(`{"token":%s}`, j.word(name, "token")))
	}
	j.look()
}

// helping: two offer, apply, are approved and vetted; a third is refused.
func (j *journey) helping() {
	for _, name := range []string{"jan", "piet"} {
		j.tell(name, "POST", "/v1/offers", fmt.Sprintf(`{"community":"{village}","kinds":["groceries","ride","company"],"radius":20000,"travel":"car","vehicle":{"seats":3},"languages":["nl"],"skills":[%s],"note":%s,%s}`,
			j.word(name, "skills"), j.word(name, "note"), everyDay))
		j.tell(name, "POST", "/v1/me/helper/applications", `{"community":"{village}"}`)
	}
	day := j.clock().AddDate(0, 0, 9).Format("2006-01-02")
	j.tell("piet", "POST", "/v1/offers", fmt.Sprintf(`{"community":"{village}","kinds":["ride"],"radius":5000,"travel":"car","vehicle":{"seats":2},"boxed":{"at":{"from":"%sT08:00:00Z","until":"%sT12:00:00Z"},"from":%s,"to":%s,"seats":2}}`,
		day, day, j.word("piet", "boxedFrom"), j.word("piet", "boxedTo")))
	j.look()
	for _, name := range []string{"jan", "piet"} {
		j.tell("ina", "POST", "/v1/communities/{village}/helpers/{"+name+"}/approve", fmt.Sprintf(`{"rule":"house_rules.1@1","reason":%s}`, j.word(name, "decision")))
		j.tell("ina", "POST", "/v1/communities/{village}/helpers/{"+name+"}/vettings", `{"kind":"vog","validUntil":"2028-01-01T00:00:00Z"}`)
	}
	j.look()
}

// ask makes a request for somebody, ten o'clock some days on.
func (j *journey) ask(name, kind, more string, days int) answer {
	day := j.clock().AddDate(0, 0, days)
	from := time.Date(day.Year(), day.Month(), day.Day(), 10, 0, 0, 0, time.UTC)
	return j.tell(name, "POST", "/v1/requests", fmt.Sprintf(`{"community":"{village}","kind":%q,"words":%s,"urgency":"ordinary","publish":true,%s"slots":[{"start":%q,"end":%q,"seats":1}]}`,
		kind, j.word(name, "words-"+kind), more, from.Format(time.RFC3339), from.Add(time.Hour).Format(time.RFC3339)))
}

// openAsk is somebody's question that waits for an answer.
func (j *journey) openAsk(name string) string {
	var all wire.Page[wire.Request]
	j.must(json.Unmarshal([]byte(j.tell(name, "GET", "/v1/requests?scope=helping", "").body), &all))
	for _, r := range all.Items {
		for _, a := range r.Asks {
			if a.State == "asked" {
				return a.ID
			}
		}
	}
	j.Fatalf("%s is asked nothing", name)
	return ""
}

// aDayThatGoesWell: a ride from another address than home is asked, agreed, seen, driven and
// spoken about.
func (j *journey) aDayThatGoesWell() {
	g := j.v.cast["geesje"]
	where := fmt.Sprintf(`"where":{"town":"Witteveen","street":%s,"postCode":%q,"lat":%s,"lon":%s},`, j.word("geesje", "whereStreet"), g.postCode("wherePostcode"),
		j.birds.count(g, "whereLat", "52.81701459"), j.birds.count(g, "whereLon", "6.68302871"))
	ride := fmt.Sprintf(`"ride":{"passengers":1,"to":{"town":"Emmen","street":%s,"postCode":%q,"lat":%s,"lon":%s}},`, j.word("geesje", "rideStreet"), g.postCode("ridePostcode"),
		j.birds.count(g, "rideLat", "52.77921453"), j.birds.count(g, "rideLon", "6.90610287"))
	r := j.ask("geesje", "ride", where+ride, 2)
	j.v.kept["request"], j.v.kept["slot"] = r.text("id"), r.text("slots.0.id")
	j.look()
	ask := j.openAsk("jan")
	j.look()
	j.v.kept["visit"] = j.tell("jan", "POST", "/v1/asks/"+ask+"/accept", "").text("request.visits.0.id")
	j.look()
	j.tell("jan", "GET", "/v1/visits/{visit}/address", "")
	j.tell("jan", "POST", "/v1/visits/{visit}/messages", fmt.Sprintf(`{"text":%s}`, j.word("jan", "message")))
	j.tell("geesje", "POST", "/v1/visits/{visit}/messages", fmt.Sprintf(`{"text":%s}`, j.word("geesje", "message")))
	j.look()
	j.pass(48 * time.Hour)
	j.pass(10*time.Hour - j.clock().Sub(j.clock().Truncate(24*time.Hour)))
	j.tick()
	j.tell("jan", "POST", "/v1/visits/{visit}/start", "")
	j.pass(time.Hour)
	j.tell("jan", "POST", "/v1/visits/{visit}/finish", "")
	j.tell("jan", "POST", "/v1/visits/{visit}/feedback", fmt.Sprintf(`{"good":true,"again":true,"words":%s}`, j.word("jan", "feedback")))
	j.tell("geesje", "POST", "/v1/visits/{visit}/feedback", fmt.Sprintf(`{"good":true,"again":true,"words":%s}`, j.word("geesje", "feedback")))
	j.look()
}

// aDayThatDoesNot: one is called off, to one that was asked for somebody else nobody comes, one is
// withdrawn.
func (j *journey) aDayThatDoesNot() {
	j.pass(24 * time.Hour)
	j.tick()
	j.ask("riet", "groceries", fmt.Sprintf(`"needs":{"skills":[%s]},`, j.word("jan", "skills")), 3)
	j.look()
	visit := j.tell("jan", "POST", "/v1/asks/"+j.openAsk("jan")+"/accept", "").text("request.visits.0.id")
	j.look()
	j.tell("jan", "POST", "/v1/visits/"+visit+"/cancel", `{"reason":"ill"}`)
	j.look()
	day := j.clock().AddDate(0, 0, 3)
	from := time.Date(day.Year(), day.Month(), day.Day(), 14, 0, 0, 0, time.UTC)
	j.tell("wim", "POST", "/v1/requests", fmt.Sprintf(`{"community":"{village}","for":"{oldest}","channel":"phone","consent":"spoken","kind":"company","words":%s,"urgency":"ordinary","publish":true,"slots":[{"start":%q,"end":%q,"seats":1}]}`,
		j.word("trijn", "behalf"), from.Format(time.RFC3339), from.Add(time.Hour).Format(time.RFC3339)))
	j.look()
	again := j.openAsk("piet")
	j.tell("piet", "POST", "/v1/asks/"+again+"/later", fmt.Sprintf(`{"until":%q}`, j.clock().Add(30*time.Minute).Format(time.RFC3339)))
	missed := j.tell("piet", "POST", "/v1/asks/"+again+"/accept", "").text("request.visits.0.id")
	j.look()
	j.pass(from.Add(20 * time.Minute).Sub(j.clock()))
	j.tick()
	j.tell("wim", "POST", "/v1/visits/"+missed+"/no-show", "")
	j.look()
	own := j.ask("trijn", "company", "", 4)
	j.tell("trijn", "POST", "/v1/requests/"+own.text("id")+"/withdraw", `{"reason":"no_longer_needed"}`)
	j.look()
}

// worries: a report with its answer, a pause, a block.
func (j *journey) worries() {
	report := j.tell("geesje", "POST", "/v1/visits/{visit}/reports", fmt.Sprintf(`{"words":%s}`, j.word("geesje", "report"))).text("id")
	j.look()
	j.tell("ina", "POST", "/v1/reports/"+report+"/take", "")
	j.tell("ina", "POST", "/v1/reports/"+report+"/close", fmt.Sprintf(`{"answer":%s}`, j.word("ina", "answer")))
	j.tell("ina", "POST", "/v1/communities/{village}/helpers/{jan}/pause", fmt.Sprintf(`{"rule":"house_rules.3@1","reason":%s,"until":%q}`, j.word("jan", "pause"), j.clock().AddDate(0, 1, 0).Format(time.RFC3339)))
	j.tell("geesje", "POST", "/v1/me/blocks", `{"community":"{village}","person":"{jan}"}`)
	j.look()
}

// formalCare: a professional refers, formal care accepts and is done.
func (j *journey) formalCare() {
	r := j.ask("riet", "pet", "", 5)
	referral := j.tell("dok", "POST", "/v1/requests/"+r.text("id")+"/referrals", fmt.Sprintf(`{"to":"{clinic}","theme":"company","urgency":"ordinary","words":%s,"consent":"spoken"}`, j.word("riet", "referral"))).text("id")
	j.look()
	j.tell("zorg", "POST", "/v1/referrals/"+referral+"/accept", "")
	j.look()
	j.tell("zorg", "POST", "/v1/referrals/"+referral+"/start", "")
	j.tell("zorg", "POST", "/v1/referrals/"+referral+"/complete", "")
	j.look()
}

// farewells: a device is signed out, a contact goes, somebody leaves.
func (j *journey) farewells() {
	j.tell("piet", "DELETE", "/v1/me/push-token", "")
	member := j.tell("trijn", "GET", "/v1/me/memberships", "").text("items.0.id")
	j.tell("trijn", "DELETE", "/v1/me/memberships/"+member, "")
	j.look()
}
