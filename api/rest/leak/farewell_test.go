package leak_test

import (
	"fmt"
	"maps"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"time"

	"naober/matching/care"
)

// lives: two records may be one person, somebody is away, somebody in hospital, and both come back.
func (j *journey) lives() {
	task := j.tell("dirk", "GET", "/v1/communities/{village}/tasks", "").text("items.0.id")
	if task == "" {
		j.Fatal("nobody is asked whether two records are one person")
	}
	j.look()
	j.tell("dirk", "POST", "/v1/tasks/"+task+"/done", "")
	j.tell("piet", "POST", "/v1/persons/{piet}/life/leave", fmt.Sprintf(`{"state":"away","until":%q}`, j.clock().AddDate(0, 0, 6).Format(time.RFC3339)))
	j.tell("wim", "POST", "/v1/persons/{riet}/life/leave", `{"state":"in_hospital"}`)
	j.look()
	j.tell("piet", "POST", "/v1/persons/{piet}/life/return", "")
	j.tell("wim", "POST", "/v1/persons/{riet}/life/return", "")
	j.look()
}

// ends: one dies while a helper is still to come, one moves to another village, one is forgotten. What was
// theirs is told to nobody any more.
func (j *journey) ends() {
	day := j.clock().AddDate(0, 0, 3)
	from := time.Date(day.Year(), day.Month(), day.Day(), 14, 0, 0, 0, time.UTC)
	j.tell("wim", "POST", "/v1/requests", fmt.Sprintf(`{"community":"{village}","for":"{oldest}","channel":"phone","consent":"spoken","kind":"company","words":%s,"urgency":"ordinary","publish":true,"slots":[{"start":%q,"end":%q,"seats":1}]}`,
		j.word("trijn", "behalf"), from.Format(time.RFC3339), from.Add(time.Hour).Format(time.RFC3339)))
	j.tell("piet", "POST", "/v1/asks/"+j.openAsk("piet")+"/accept", "")
	j.tell("ina", "POST", "/v1/persons/{oldest}/life/death", "")
	j.look()
	j.tell("wim", "POST", "/v1/persons/{oldest}/life/death/confirm", "")
	if told := j.tell("dirk", "GET", "/v1/communities/{village}/tasks", ""); !strings.Contains(told.body, `"tell`) {
		j.Errorf("nobody is asked to tell the helper: %s", told.body)
	}
	j.look()

	nel := &actor{village: "a", name: "nel", birds: j.birds, of: j.v, place: len(j.actors), roles: []role{{care.DeskWorker, "", care.CommunityID(j.v.kept["hamlet"])}}}
	j.v.cast["nel"], j.actors = nel, append(j.actors, nel)
	j.settleDown(nel)
	j.settle()
	j.signIn(nel)
	p := j.v.cast["piet"]
	j.tell("piet", "POST", "/v1/persons/{piet}/life/move", fmt.Sprintf(`{"from":"{village}","to":"{hamlet}","home":{"town":"Witteveen","street":%s,"postCode":%q,"lat":%s,"lon":%s}}`,
		j.word("piet", "street2"), p.postCode("postcode2"), j.birds.count(p, "lat2", "52.83412765"), j.birds.count(p, "lon2", "6.68771239")))
	j.look()

	j.logs()
	met := j.met
	j.met = map[appearance]bool{}
	j.tell("riet", "POST", "/v1/me/forget", fmt.Sprintf(`{"firstName":%s}`, j.word("riet", "firstName")))
	gone := j.v.cast["riet"]
	if a := j.exchange(call{by: gone, method: "GET", path: "/v1/me"}, "Bearer "+gone.tokens.Access); a.status != 401 {
		j.Errorf("whoever was forgotten still gets %d %s", a.status, a.body)
	}
	delete(j.v.cast, "riet")
	j.look()
	for a := range j.met {
		if a.whose == "riet" && !j.doubles(a) {
			j.Errorf("%s meets %s of somebody who was forgotten at %s", a.who, a.field, a.route)
		}
	}
	maps.Copy(j.met, met)
	j.logs()
}

// logs reads everybody's log of readings to its end: a look sees its first page alone.
func (j *journey) logs() {
	j.Helper()
	for _, name := range slices.Sorted(maps.Keys(j.v.cast)) {
		for path := "/v1/me/views?limit=100"; path != ""; {
			a := j.send(call{by: j.v.cast[name], method: "GET", route: "/v1/me/views", path: path})
			j.judge(name, "GET /v1/me/views", a)
			next := a.text("after")
			if path = ""; next != "" {
				path = "/v1/me/views?limit=100&after=" + next
			}
		}
	}
}

// doubles reports whether a canary of the forgotten may come from the other record that the desk has of
// her: that one was not forgotten.
func (j *journey) doubles(a appearance) bool {
	return a.field == "firstName" || a.field == "lastName" || a.field == "street" || a.field == "birthDate"
}

var anID = regexp.MustCompile(`[0-7][0-9A-HJKMNP-TV-Z]{25}`)

var sample = regexp.MustCompile(`(?m) \S+$`)

// figures searches what the second port shows to whoever watches the process.
func (j *journey) figures() {
	j.Helper()
	shown := httptest.NewRecorder()
	j.watch.Handler().ServeHTTP(shown, httptest.NewRequest("GET", "/metrics", nil))
	text := shown.Body.String()
	for _, name := range []string{"naober_http_seconds", "naober_store_seconds", "naober_pushes_total"} {
		if !strings.Contains(text, name) {
			j.Errorf("%s is not among the figures", name)
		}
	}
	text = sample.ReplaceAllString(text, "") // what was counted and timed is as it comes
	if found := j.birds.seen(text); len(found) > 0 {
		j.Errorf("in the figures: %v", found)
	}
	if id := anID.FindString(text); id != "" {
		j.Errorf("in the figures: the id %s", id)
	}
}
