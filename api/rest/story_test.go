package rest

import (
	"strings"
	"testing"
	"time"

	"naober/matching/care"
)

// step is one call of a story. {name} in path and body stands for what an earlier step kept.
type step struct {
	does   string
	by     string
	method string
	path   string
	body   string
	status int
	code   string
	keep   map[string]string // name -> path in the answer
	shows  map[string]string // path in the answer -> value
	hides  []string          // paths that must not be there
	after  time.Duration     // passes before the call
}

func (w *world) tell(story []step) {
	w.t.Helper()
	kept := map[string]string{"village": string(w.village), "care": string(w.care)}
	for name, a := range w.people {
		kept[name] = string(a.id)
	}
	fill := func(text string) string {
		for name, value := range kept {
			text = strings.ReplaceAll(text, "{"+name+"}", value)
		}
		return text
	}
	for _, s := range story {
		w.pass(s.after)
		a := w.call(s.by, s.method, fill(s.path), fill(s.body))
		if a.status != s.status {
			w.t.Fatalf("%s: %s: status %d, want %d: %s", s.does, a.call, a.status, s.status, a.body)
		}
		if s.code != "" && a.text("code") != s.code {
			w.t.Fatalf("%s: %s: code %s, want %s", s.does, a.call, a.text("code"), s.code)
		}
		for name, path := range s.keep {
			kept[name] = a.text(path)
		}
		for path, value := range s.shows {
			if got := a.text(path); got != fill(value) {
				w.t.Errorf("%s: %s: %s is %q, want %q", s.does, a.call, path, got, fill(value))
			}
		}
		for _, path := range s.hides {
			if v, ok := a.find(path); ok {
				w.t.Errorf("%s: %s: %s is shown: %v", s.does, a.call, path, v)
			}
		}
		w.settle()
	}
}

const offerBody = `{"community":"{village}","kinds":["groceries","ride","company"],"radius":20000,"travel":"car","vehicle":{"seats":3,"walker":true},` +
	`"languages":["nl"],"availability":{"zone":"Europe/Amsterdam","weekly":[{"day":1,"start":"00:00","end":"24:00"},{"day":2,"start":"00:00","end":"24:00"},` +
	`{"day":3,"start":"00:00","end":"24:00"},{"day":4,"start":"00:00","end":"24:00"}]}}`

const groceriesBody = `{"community":"{village}","kind":"groceries","words":"Wie haalt mijn boodschappen?","urgency":"ordinary","publish":true,` +
	`"slots":[{"start":"2026-11-26T10:00:00Z","end":"2026-11-26T11:00:00Z"}]}`

// helped is a village with Geesje, who asks, Jan, who helps, Ina, who moderates, Wim, the fixed
// worker, and Piet, whom nothing of it concerns.
func helped(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.helpers()
	return w
}

// helpers lets these people come.
func (w *world) helpers() {
	w.t.Helper()
	w.arrive("Geesje", care.Resident)
	w.arrive("Jan", care.Resident, care.Volunteer)
	w.arrive("Ina", care.Moderator)
	w.arrive("Wim", care.FixedWorker)
	w.arrive("Piet", care.Resident)
	w.tell([]step{
		{does: "Jan offers", by: "Jan", method: "POST", path: "/v1/offers", body: offerBody, status: 201, keep: map[string]string{"offer": "id"}},
		{does: "Jan applies", by: "Jan", method: "POST", path: "/v1/me/helper/applications", body: `{"community":"{village}"}`, status: 200, shows: map[string]string{"approvals.0.state": "applied"}},
		{does: "the queue names him", by: "Ina", method: "GET", path: "/v1/communities/{village}/queue", status: 200, shows: map[string]string{"applications.0.person.firstName": "Jan"}},
		{does: "Jan may not approve himself", by: "Jan", method: "POST", path: "/v1/communities/{village}/helpers/{Jan}/approve", body: `{"rule":"house_rules.1@1","reason":"Bekend."}`, status: 403, code: "not_a_moderator"},
		{does: "Ina approves", by: "Ina", method: "POST", path: "/v1/communities/{village}/helpers/{Jan}/approve", body: `{"rule":"house_rules.1@1","reason":"Bekend in het dorp."}`, status: 200, shows: map[string]string{"approval.state": "approved"}},
	})
}

func TestStoryOfARequest(t *testing.T) {
	t.Parallel()
	w := helped(t)
	w.tell([]step{
		{does: "Geesje asks", by: "Geesje", method: "POST", path: "/v1/requests", body: groceriesBody, status: 201,
			keep: map[string]string{"request": "id", "slot": "slots.0.id"}, shows: map[string]string{"state": "open", "relation": "requester"}, hides: []string{"todo"}},
		{does: "Jan sees the area and words, no address", by: "Jan", method: "GET", path: "/v1/requests?scope=helping", status: 200,
			keep: map[string]string{"ask": "items.0.asks.0.id"}, shows: map[string]string{"items.0.where.town": "Witteveen (Midden-Drenthe)", "items.0.relation": "asked"},
			hides: []string{"items.0.where.street", "items.0.where.lat", "items.0.for.lastName", "items.0.owner"}},
		{does: "a stranger sees nothing", by: "Piet", method: "GET", path: "/v1/requests/{request}", status: 404, code: "request_not_found"},
		{does: "a moderator sees no words", by: "Ina", method: "GET", path: "/v1/requests/{request}", status: 200, hides: []string{"words", "where", "for", "slots"}},
		{does: "the fixed worker sees it all", by: "Wim", method: "GET", path: "/v1/requests/{request}", status: 200, shows: map[string]string{"where.street": "Hoofdstraat 12", "relation": "owner"}},
		{does: "Geesje reads counts alone", by: "Geesje", method: "GET", path: "/v1/requests/{request}/slots/{slot}/candidates", status: 200, hides: []string{"fitting", "ruledOut"}},
		{does: "the worker reads names", by: "Wim", method: "GET", path: "/v1/requests/{request}/slots/{slot}/candidates", status: 200, shows: map[string]string{"viewer": "desk", "ruledOut.0.person.firstName": "Jan"}},
		{does: "Jan reads none", by: "Jan", method: "GET", path: "/v1/requests/{request}/slots/{slot}/candidates", status: 403, code: "not_your_request"},
		{does: "somebody else's ask is not there", by: "Piet", method: "POST", path: "/v1/asks/{ask}/accept", status: 404, code: "ask_not_found"},
		{does: "why Jan was asked is Jan's alone to read", by: "Geesje", method: "GET", path: "/v1/asks/{ask}/reasons", status: 404, code: "ask_not_found"},
		{does: "not the worker's", by: "Wim", method: "GET", path: "/v1/asks/{ask}/reasons", status: 404, code: "ask_not_found"},
		{does: "Jan reads his own reasons", by: "Jan", method: "GET", path: "/v1/asks/{ask}/reasons", status: 200, shows: map[string]string{"reasons.0.key": "same_place", "reasons.1.key": "kind_offered"}},
		{does: "later is too late", by: "Jan", method: "POST", path: "/v1/asks/{ask}/later", body: `{"until":"2026-12-24T10:00:00Z"}`, status: 400, code: "later_out_of_range"},
		{does: "Jan accepts", by: "Jan", method: "POST", path: "/v1/asks/{ask}/accept", status: 200,
			keep: map[string]string{"visit": "request.visits.0.id"}, shows: map[string]string{"ask.state": "accepted", "request.visits.0.state": "planned"}},
		{does: "and not once more", by: "Jan", method: "POST", path: "/v1/asks/{ask}/accept", status: 409},
		{does: "Geesje sees it arranged", by: "Geesje", method: "GET", path: "/v1/visits/{visit}", status: 200, shows: map[string]string{"state": "arranged", "visits.0.helper.firstName": "Jan"}},
		{does: "Jan reads the address", by: "Jan", method: "GET", path: "/v1/visits/{visit}/address", status: 200, shows: map[string]string{"place.street": "Hoofdstraat 12"}},
		{does: "the address is not for Geesje", by: "Geesje", method: "GET", path: "/v1/visits/{visit}/address", status: 403, code: "not_your_visit"},
		{does: "nor for a stranger", by: "Piet", method: "GET", path: "/v1/visits/{visit}/address", status: 404, code: "visit_not_found"},
		{does: "Geesje sees who looked", by: "Geesje", method: "GET", path: "/v1/me/views?limit=200", status: 200, keep: map[string]string{"seen": "items.1.by"}},
		{does: "Jan writes", by: "Jan", method: "POST", path: "/v1/visits/{visit}/messages", body: `{"text":"Tot donderdag 👋"}`, status: 201, keep: map[string]string{"message": "id"}},
		{does: "Geesje reads it", by: "Geesje", method: "GET", path: "/v1/messages/{message}", status: 200, shows: map[string]string{"text": "Tot donderdag 👋"}},
		{does: "a stranger does not", by: "Piet", method: "GET", path: "/v1/messages/{message}", status: 404, code: "message_not_found"},
		{does: "the list has it", by: "Geesje", method: "GET", path: "/v1/visits/{visit}/messages", status: 200, shows: map[string]string{"items.0.from": "{Jan}"}},
		{does: "it is too early to start", by: "Jan", method: "POST", path: "/v1/visits/{visit}/start", status: 409, code: "visit_too_early"},
		{does: "Jan starts on the day", by: "Jan", method: "POST", path: "/v1/visits/{visit}/start", body: `{}`, status: 200, after: 49 * time.Hour, shows: map[string]string{"visits.0.state": "started"}},
		{does: "Geesje says it is done", by: "Geesje", method: "POST", path: "/v1/visits/{visit}/finish", status: 200, after: time.Hour, shows: map[string]string{"visits.0.state": "done"}},
		{does: "Geesje says how it went", by: "Geesje", method: "POST", path: "/v1/visits/{visit}/feedback", body: `{"good":true,"again":true,"words":"Fijn."}`, status: 201, keep: map[string]string{"feedback": "id"}},
		{does: "once", by: "Geesje", method: "POST", path: "/v1/visits/{visit}/feedback", body: `{"good":false,"again":false}`, status: 409, code: "feedback_given"},
		{does: "Jan does not read hers", by: "Jan", method: "GET", path: "/v1/feedback/{feedback}", status: 404, code: "feedback_not_found"},
		{does: "the owner does", by: "Wim", method: "GET", path: "/v1/requests/{request}/feedback", status: 200, shows: map[string]string{"items.0.side": "requester"}},
		{does: "Geesje has a worry after all", by: "Geesje", method: "POST", path: "/v1/visits/{visit}/reports", body: `{"words":"Hij vroeg om geld."}`, status: 201, keep: map[string]string{"report": "id"}},
		{does: "whom it is about learns nothing", by: "Jan", method: "GET", path: "/v1/reports/{report}", status: 404, code: "report_not_found"},
		{does: "Ina takes it", by: "Ina", method: "POST", path: "/v1/reports/{report}/take", status: 200, shows: map[string]string{"state": "taken", "takenBy": "{Ina}"}},
		{does: "Ina answers", by: "Ina", method: "POST", path: "/v1/reports/{report}/close", body: `{"answer":"We hebben met hem gesproken."}`, status: 200},
		{does: "Geesje reads the answer", by: "Geesje", method: "GET", path: "/v1/reports/{report}", status: 200, shows: map[string]string{"state": "closed"}, hides: []string{"takenBy"}},
		{does: "Jan gives his word too", by: "Jan", method: "POST", path: "/v1/visits/{visit}/feedback", body: `{"good":true,"again":true}`, status: 201},
		{does: "the request is fulfilled", by: "Geesje", method: "GET", path: "/v1/requests/{request}", status: 200, shows: map[string]string{"state": "closed", "outcome": "fulfilled"}},
		{does: "and cannot be withdrawn", by: "Geesje", method: "POST", path: "/v1/requests/{request}/withdraw", body: `{}`, status: 409, code: "request_closed"},
		{does: "its history is empty yet", by: "Geesje", method: "GET", path: "/v1/requests/{request}/history", status: 200, hides: []string{"items.0"}},
		{does: "Ina pauses Jan", by: "Ina", method: "POST", path: "/v1/communities/{village}/helpers/{Jan}/pause", body: `{"rule":"house_rules.3@1","reason":"Geld gevraagd.","until":"2027-01-01T00:00:00Z"}`, status: 200, shows: map[string]string{"pauses.0.decision.rule": "house_rules.3@1"}},
		{does: "Ina ends the pause", by: "Ina", method: "POST", path: "/v1/communities/{village}/helpers/{Jan}/resume", status: 200, keep: map[string]string{"ended": "pauses.0.endedAt"}},
		{does: "Geesje blocks Jan", by: "Geesje", method: "POST", path: "/v1/me/blocks", body: `{"community":"{village}","person":"{Jan}"}`, status: 200, shows: map[string]string{"blocks.0": "{Jan}"}},
		{does: "Jan's book says nothing of it", by: "Jan", method: "GET", path: "/v1/me/helper", status: 200, hides: []string{"blocks.0"}},
	})
	for _, personal := range []string{"Geesje", "Hoofdstraat", "boodschappen", "@example.org", "Fijn."} {
		if strings.Contains(w.log.String(), personal) {
			t.Errorf("the log holds %q", personal)
		}
	}
	if !strings.Contains(w.log.String(), `"route":"/v1/asks/:ask/accept"`) {
		t.Error("the log does not name routes by their pattern")
	}
}

func TestStoryOfAnEmergency(t *testing.T) {
	t.Parallel()
	w := helped(t)
	body := strings.Replace(groceriesBody, "Wie haalt mijn boodschappen?", "Ik heb pijn op de borst", 1)
	w.tell([]step{
		{does: "the words put 112 first", by: "Geesje", method: "POST", path: "/v1/requests", body: body, status: 201, keep: map[string]string{"request": "id", "slot": "slots.0.id"},
			shows: map[string]string{"state": "draft", "emergency.call": "112", "emergency.pending": "true"}},
		{does: "she is not told who fits, nor how many", by: "Geesje", method: "GET", path: "/v1/requests/{request}/slots/{slot}/candidates", status: 200, hides: []string{"fitting", "ruledOut"}},
		{does: "the worker is, without how near", by: "Wim", method: "GET", path: "/v1/requests/{request}/slots/{slot}/candidates", status: 200,
			shows: map[string]string{"fitting.0.person.firstName": "Jan", "fitting.0.reasons.0.key": "kind_offered"}},
		{does: "it does not go out unsaid", by: "Geesje", method: "POST", path: "/v1/requests/{request}/publish", body: `{}`, status: 409, code: "emergency_unanswered"},
		{does: "she says it is none", by: "Geesje", method: "POST", path: "/v1/requests/{request}/publish", body: `{"noEmergency":true}`, status: 200,
			shows: map[string]string{"state": "open", "emergency.pending": "false"}},
		{does: "she withdraws", by: "Geesje", method: "POST", path: "/v1/requests/{request}/withdraw", body: `{"reason":"no_longer_needed"}`, status: 200, shows: map[string]string{"outcome": "withdrawn"}},
	})
}

func TestStoryOfAWishTooMuch(t *testing.T) {
	t.Parallel()
	w := helped(t)
	body := strings.Replace(groceriesBody, "{", `{"needs":{"languages":["ar"]},`, 1)
	path := "/v1/requests/{request}/slots/{slot}/candidates"
	w.tell([]step{
		{does: "Geesje asks for somebody who speaks Arabic", by: "Geesje", method: "POST", path: "/v1/requests", body: body, status: 201, keep: map[string]string{"request": "id", "slot": "slots.0.id"}},
		{does: "the worker reads what would help, and whom it would bring", by: "Wim", method: "GET", path: path, status: 200, hides: []string{"fitting"},
			shows: map[string]string{"ruledOut.0.rule": "language_missing", "changes.0.key": "any_language", "changes.0.people": "1", "changes.0.who.0.firstName": "Jan"}},
		{does: "of so few Geesje is told nothing", by: "Geesje", method: "GET", path: path, status: 200, hides: []string{"changes", "ruledOut"}},
	})
}

func TestStoryOfANo(t *testing.T) {
	t.Parallel()
	w := helped(t)
	w.tell([]step{
		{does: "Geesje asks", by: "Geesje", method: "POST", path: "/v1/requests", body: groceriesBody, status: 201, keep: map[string]string{"request": "id"}},
		{does: "Jan is asked", by: "Jan", method: "GET", path: "/v1/requests?scope=helping", status: 200, keep: map[string]string{"ask": "items.0.asks.0.id"}},
		{does: "Jan says no, and the request is no longer his to see", by: "Jan", method: "POST", path: "/v1/asks/{ask}/decline", body: `{"reason":"away"}`, status: 200,
			shows: map[string]string{"ask.state": "declined"}, hides: []string{"request"}},
		{does: "it is gone", by: "Jan", method: "GET", path: "/v1/requests/{request}", status: 404, code: "request_not_found"},
		{does: "nor is there still a why", by: "Jan", method: "GET", path: "/v1/asks/{ask}/reasons", status: 404, code: "ask_not_found"},
		{does: "his ask is still his", by: "Jan", method: "GET", path: "/v1/asks/{ask}", status: 200, shows: map[string]string{"ask.helper.firstName": "Jan"}},
	})
}

func TestStoryOfTheDesk(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.arrive("Wim", care.FixedWorker, care.DeskWorker)
	w.arrive("Bea", care.Administrator)
	w.arrive("Zorg", care.ProfessionalRole)
	w.tell([]step{
		{does: "Wim registers Trijn", by: "Wim", method: "POST", path: "/v1/communities/{village}/persons", status: 201, keep: map[string]string{"trijn": "id"},
			body: `{"firstName":"Trijn","lastName":"Wever","birthDate":"1939-01-02","language":"nl","home":{"town":"Witteveen","lat":52.81,"lon":6.68}}`},
		{does: "and finds her", by: "Wim", method: "POST", path: "/v1/communities/{village}/persons/search", body: `{"query":"trij"}`, status: 200, shows: map[string]string{"items.0.id": "{trijn}"}},
		{does: "Bea does not search", by: "Bea", method: "POST", path: "/v1/communities/{village}/persons/search", body: `{"query":"trij"}`, status: 403, code: "desk_only"},
		{does: "Bea does not see her", by: "Bea", method: "GET", path: "/v1/persons/{trijn}", status: 404, code: "person_not_found"},
		{does: "Trijn gets a code on paper", by: "Wim", method: "POST", path: "/v1/persons/{trijn}/paper-codes", status: 201, keep: map[string]string{"paper": "code"}},
		{does: "and signs in with it", method: "POST", path: "/v1/sign-in/paper", body: `{"code":"{paper}","device":"tablet"}`, status: 200, shows: map[string]string{"tokens.person": "{trijn}"}},
		{does: "once", method: "POST", path: "/v1/sign-in/paper", body: `{"code":"{paper}","device":"tablet"}`, status: 401, code: "code_invalid"},
		{does: "Wim asks on her behalf", by: "Wim", method: "POST", path: "/v1/requests", status: 201, keep: map[string]string{"request": "id"},
			body: `{"community":"{village}","for":"{trijn}","channel":"phone","consent":"spoken","kind":"company","urgency":"ordinary","series":{"rule":"FREQ=WEEKLY;BYDAY=TH","start":"2026-11-26T10:00","durationMinutes":60,"zone":"Europe/Amsterdam"}}`},
		{does: "and sees it among his", by: "Wim", method: "GET", path: "/v1/requests?scope=behalf", status: 200, shows: map[string]string{"items.0.consent.basis": "spoken"}},
		{does: "he publishes", by: "Wim", method: "POST", path: "/v1/requests/{request}/publish", body: `{}`, status: 200, keep: map[string]string{"slot": "slots.1.id", "first": "slots.0.id"}},
		{does: "swaps one", by: "Wim", method: "POST", path: "/v1/requests/{request}/slots/{slot}/swap", body: `{"to":"2026-12-04T11:00"}`, status: 200},
		{does: "skips one", by: "Wim", method: "POST", path: "/v1/requests/{request}/slots/{first}/skip", body: `{"reason":"away"}`, status: 200},
		{does: "a series makes its own times", by: "Wim", method: "POST", path: "/v1/requests/{request}/slots", body: `{"slots":[{"start":"2026-11-27T10:00:00Z","end":"2026-11-27T11:00:00Z"}]}`, status: 409, code: "slot_in_series"},
		{does: "Wim is no professional", by: "Wim", method: "POST", path: "/v1/requests/{request}/referrals", body: `{"to":"{care}","theme":"company","urgency":"ordinary","consent":"spoken"}`, status: 403, code: "not_a_professional"},
		{does: "Bea makes Wim moderator", by: "Bea", method: "POST", path: "/v1/communities/{village}/roles", body: `{"person":"{Wim}","role":"moderator"}`, status: 201, keep: map[string]string{"role": "id"}},
		{does: "twice it is refused", by: "Bea", method: "POST", path: "/v1/communities/{village}/roles", body: `{"person":"{Wim}","role":"moderator"}`, status: 409, code: "already_member"},
		{does: "Wim goes on leave", by: "Wim", method: "PUT", path: "/v1/memberships/{role}/leave", body: `{"from":"2026-12-01T00:00:00Z","until":"2026-12-08T00:00:00Z"}`, status: 200, shows: map[string]string{"awayFrom": "2026-12-01T00:00:00.000Z"}},
		{does: "Bea ends it", by: "Bea", method: "DELETE", path: "/v1/memberships/{role}", status: 200, keep: map[string]string{"ended": "endedAt"}},
		{does: "it has no history for Zorg", by: "Zorg", method: "GET", path: "/v1/requests/{request}/history", status: 404, code: "request_not_found"},
		{does: "Zorg has nothing yet", by: "Zorg", method: "GET", path: "/v1/referrals?side=receiver", status: 200, hides: []string{"items.0"}},
		{does: "a side that is none", by: "Zorg", method: "GET", path: "/v1/referrals?side=left", status: 400, code: "side_unknown"},
		{does: "the organisations are listed", by: "Wim", method: "GET", path: "/v1/organizations", status: 200, shows: map[string]string{"items.0.id": "{care}"}},
		{does: "the villages too", method: "GET", path: "/v1/communities?lat=52.8&lon=6.7", status: 200, shows: map[string]string{"items.0.name": "Witteveen"}},
	})
}
