package rest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"naober/matching/care"
)

func TestStoryOfAnAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	flow := w.call("", "POST", "/v1/sign-in/codes", `{"contact":"Aaltje@Example.org"}`).want(202).text("flow")
	code := w.codes["aaltje@example.org"]
	proof := fmt.Sprintf(`"flow":%q,"code":%q,"device":"Fairphone 5"`, flow, code)
	w.call("", "POST", "/v1/sign-in/tokens", `{"flow":"`+flow+`","code":"0000 0000","device":"x"}`).refused(401, "code_invalid")
	if w.call("", "POST", "/v1/sign-in/tokens", "{"+proof+"}").want(200).text("unregistered") != "true" {
		t.Fatal("nobody is known under this contact yet")
	}
	person := `{"firstName":"Aaltje","lastName":"Boer","birthDate":"1950-05-05","language":"nl","contact":"aaltje@example.org","community":"` + string(w.village) +
		`","home":{"town":"Witteveen","street":"Dorpsstraat 1","lat":52.81,"lon":6.68}}`
	key := header{"Idempotency-Key", "registration-of-aaltje"}
	made := w.call("", "POST", "/v1/registrations", `{`+proof+`,"person":`+person+`}`, key).want(201)
	again := w.call("", "POST", "/v1/registrations", `{`+proof+`,"person":`+person+`}`, key).want(201)
	if made.text("session") != again.text("session") {
		t.Error("a repeated registration opens another session")
	}
	a := &account{id: care.PersonID(made.text("person"))}
	w.people["Aaltje"] = a
	w.signIn(a, "aaltje@example.org")
	more := w.call("", "POST", "/v1/sign-in/codes", `{"contact":"0591 123456"}`).want(202).text("flow")
	edit := `{"firstName":"Aaltje","lastName":"Boer","birthDate":"1950-05-05","language":"nl","home":{"town":"Witteveen","street":"Dorpsstraat 2","lat":52.81,"lon":6.68}}`
	w.tell([]step{
		{does: "she is whole to herself", by: "Aaltje", method: "GET", path: "/v1/me", status: 200, shows: map[string]string{"home.street": "Dorpsstraat 1", "contacts.0.value": "aaltje@example.org"}},
		{does: "she is a resident", by: "Aaltje", method: "GET", path: "/v1/me/memberships", status: 200, shows: map[string]string{"items.0.role": "resident"}},
		{does: "she moves", by: "Aaltje", method: "PUT", path: "/v1/me", body: edit, status: 200, shows: map[string]string{"home.street": "Dorpsstraat 2"}},
		{does: "not with her citizen number", by: "Aaltje", method: "PUT", path: "/v1/me", body: strings.Replace(edit, "Boer", "Boer 111222333", 1), status: 400, code: "bsn_refused"},
		{does: "a home without a point is none", by: "Aaltje", method: "PUT", path: "/v1/me", body: strings.Replace(edit, `"lat":52.81,`, "", 1), status: 400, code: "body_invalid"},
		{does: "a second contact", by: "Aaltje", method: "POST", path: "/v1/me/contacts", body: `{"contact":"0591 123456","flow":"` + more + `","code":"` + w.codes["+31591123456"] + `"}`, status: 200, shows: map[string]string{"contacts.1.value": "+31591123456"}},
		{does: "the first may go", by: "Aaltje", method: "POST", path: "/v1/me/contacts/remove", body: `{"contact":"aaltje@example.org"}`, status: 200, hides: []string{"contacts.1"}},
		{does: "the last may not", by: "Aaltje", method: "POST", path: "/v1/me/contacts/remove", body: `{"contact":"0591 123456"}`, status: 400, code: "contact_missing"},
		{does: "this device takes pushes", by: "Aaltje", method: "PUT", path: "/v1/me/push-token", body: `{"token":"fLk3:APA91bE"}`, status: 204},
		{does: "and no longer", by: "Aaltje", method: "DELETE", path: "/v1/me/push-token", status: 204},
		{does: "her book is empty", by: "Aaltje", method: "GET", path: "/v1/me/helper", status: 200, shows: map[string]string{"quiet.nightStart": "21:00"}, hides: []string{"approvals.0"}},
		{does: "she becomes a volunteer", by: "Aaltje", method: "POST", path: "/v1/communities/{village}/members", body: `{"role":"volunteer"}`, status: 201, keep: map[string]string{"volunteer": "id"}},
		{does: "nobody makes themselves moderator", by: "Aaltje", method: "POST", path: "/v1/communities/{village}/members", body: `{"role":"moderator"}`, status: 403, code: "role_not_yours"},
		{does: "she offers", by: "Aaltje", method: "POST", path: "/v1/offers", body: offerBody, status: 201, keep: map[string]string{"offer": "id"}},
		{does: "less than before", by: "Aaltje", method: "PUT", path: "/v1/offers/{offer}", status: 200, shows: map[string]string{"radius": "500"},
			body: `{"kinds":["company"],"radius":500,"travel":"walk","availability":{"zone":"Europe/Amsterdam","weekly":[{"day":2,"start":"22:00","end":"06:00"}]}}`},
		{does: "it is listed", by: "Aaltje", method: "GET", path: "/v1/offers", status: 200, shows: map[string]string{"items.0.id": "{offer}"}},
		{does: "she takes it back", by: "Aaltje", method: "POST", path: "/v1/offers/{offer}/end", status: 200, keep: map[string]string{"ended": "endedAt"}},
		{does: "it is still hers to read", by: "Aaltje", method: "GET", path: "/v1/offers/{offer}", status: 200, shows: map[string]string{"endedAt": "{ended}"}},
		{does: "she sleeps longer", by: "Aaltje", method: "PUT", path: "/v1/me/helper/quiet", status: 200, shows: map[string]string{"quiet.nightEnd": "10:00"},
			body: `{"zone":"Europe/Amsterdam","nightStart":"20:00","nightEnd":"10:00","restDays":[0,6],"monthlyLimit":2,"minGapMinutes":1440}`},
		{does: "she leaves as a volunteer", by: "Aaltje", method: "DELETE", path: "/v1/me/memberships/{volunteer}", status: 200, keep: map[string]string{"left": "endedAt"}},
		{does: "her devices", by: "Aaltje", method: "GET", path: "/v1/me/devices", status: 200, keep: map[string]string{"one": "items.0.id"}},
	})
	w.pass(20 * time.Minute)
	w.call("", "GET", "/v1/me", "", header{"Authorization", "Bearer " + a.tokens.Access}).refused(401, "token_expired")
	w.bearer("Aaltje")
	w.call("Aaltje", "DELETE", "/v1/me/devices/"+a.tokens.Session, "").want(204)
	w.call("Aaltje", "GET", "/v1/me", "").refused(401, "session_ended")
}

func TestStoryOfAReferral(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.arrive("Geesje", care.Resident)
	w.arrive("Zorg", care.ProfessionalRole)
	dok := w.arrive("Dok", care.FixedWorker)
	practice, err := w.app.CreateOrganization(t.Context(), care.Organization{Kind: care.Professional, Name: "Huisartsen"})
	must(t, err)
	_, err = w.app.GrantFirstRole(t.Context(), care.Membership{Person: dok.id, Community: w.village, Organization: practice, Role: care.ProfessionalRole})
	must(t, err)
	refer := `{"to":"{care}","theme":"company","urgency":"ordinary","words":"Alleen thuis, valt vaak.","consent":"spoken"}`
	w.tell([]step{
		{does: "Geesje asks", by: "Geesje", method: "POST", path: "/v1/requests", body: groceriesBody, status: 201, keep: map[string]string{"request": "id"}},
		{does: "Geesje cannot refer", by: "Geesje", method: "POST", path: "/v1/requests/{request}/referrals", body: refer, status: 403, code: "not_a_professional"},
		{does: "Dok refers", by: "Dok", method: "POST", path: "/v1/requests/{request}/referrals", body: refer, status: 201, keep: map[string]string{"referral": "id"}, shows: map[string]string{"side": "sender"}},
		{does: "the receiver sees theme and urgency alone", by: "Zorg", method: "GET", path: "/v1/referrals?side=receiver", status: 200,
			shows: map[string]string{"items.0.theme": "company"}, hides: []string{"items.0.words", "items.0.for", "items.0.request", "items.0.consent"}},
		{does: "Dok cannot accept it", by: "Dok", method: "POST", path: "/v1/referrals/{referral}/accept", status: 403, code: "not_the_receiver"},
		{does: "it cannot start unaccepted", by: "Zorg", method: "POST", path: "/v1/referrals/{referral}/start", status: 409, code: "referral_state"},
		{does: "Zorg accepts", by: "Zorg", method: "POST", path: "/v1/referrals/{referral}/accept", status: 200, shows: map[string]string{"words": "Alleen thuis, valt vaak."}},
		{does: "it is too late to give it back", by: "Zorg", method: "POST", path: "/v1/referrals/{referral}/reject", body: `{"reason":"no_capacity"}`, status: 409, code: "referral_state"},
		{does: "the request is handed over", by: "Geesje", method: "GET", path: "/v1/requests/{request}", status: 200, shows: map[string]string{"outcome": "handed_over"}},
		{does: "care begins", by: "Zorg", method: "POST", path: "/v1/referrals/{referral}/start", status: 200},
		{does: "and is done", by: "Zorg", method: "POST", path: "/v1/referrals/{referral}/complete", status: 200},
		{does: "Geesje sees the answer come back", by: "Geesje", method: "GET", path: "/v1/referrals", status: 200, shows: map[string]string{"items.0.state": "completed", "items.0.side": "subject"}},
	})
}
