package rest

import (
	"testing"
	"time"

	"naober/matching/care"
)

const afternoonRide = `{"community":"{village}","kind":"ride","words":"Naar de oogarts","urgency":"ordinary","publish":true,"ride":{"to":{"town":"Emmen","lat":52.78,"lon":6.9},"passengers":1},` +
	`"slots":[{"start":"2026-11-26T13:00:00Z","end":"2026-11-26T14:00:00Z"}]}`

// TestTwoRidesOfOneAfternoon: Jan is asked for both and says yes to the first. The second one is what he can
// say no yes to any more by itself; the desk asks him to take it along, beside somebody else who is asked.
func TestTwoRidesOfOneAfternoon(t *testing.T) {
	t.Parallel()
	w := helped(t)
	w.arrive("Klaas", care.Resident, care.Volunteer)
	const journeys = "/v1/requests/{second}/slots/{slot}/journeys"
	w.tell([]step{
		{does: "Geesje asks for a ride", by: "Geesje", method: "POST", path: "/v1/requests", body: afternoonRide, status: 201, keep: map[string]string{"first": "id"}},
		{does: "Klaas offers", by: "Klaas", method: "POST", path: "/v1/offers", body: offerBody, status: 201},
		{does: "Klaas applies", by: "Klaas", method: "POST", path: "/v1/me/helper/applications", body: `{"community":"{village}"}`, status: 200},
		{does: "Ina approves", by: "Ina", method: "POST", path: "/v1/communities/{village}/helpers/{Klaas}/approve", body: `{"rule":"house_rules.1@1","reason":"Bekend."}`, status: 200},
		{does: "and so does Piet", by: "Piet", method: "POST", path: "/v1/requests", body: afternoonRide, status: 201, keep: map[string]string{"second": "id", "slot": "slots.0.id"}},
		{does: "nobody drives yet", by: "Wim", method: "GET", path: journeys, status: 200, hides: []string{"journeys.0"}},
		{does: "Jan reads the first", by: "Jan", method: "GET", path: "/v1/requests/{first}", status: 200, keep: map[string]string{"ask": "asks.0.id"}},
		{does: "Jan accepts it", by: "Jan", method: "POST", path: "/v1/asks/{ask}/accept", status: 200, keep: map[string]string{"visit": "request.visits.0.id"}},
		{does: "a second yes is no failure to be told of", by: "Jan", method: "POST", path: "/v1/asks/{ask}/accept", status: 409, code: "ask_not_open", shows: map[string]string{"params.state": "accepted"}},
		{does: "Wim looks", by: "Wim", method: "GET", path: journeys, status: 200, shows: map[string]string{"journeys.0.driver.firstName": "Jan", "journeys.0.visit": "{visit}"}},
		{does: "Wim asks", by: "Wim", method: "POST", path: journeys, body: `{"visit":"{visit}"}`, status: 200},
		{does: "he is asked already", by: "Wim", method: "POST", path: journeys, body: `{"visit":"{visit}"}`, status: 409, code: "asked_already"},
		{does: "and not shown any more", by: "Wim", method: "GET", path: journeys, status: 200, hides: []string{"journeys.0"}},
		{does: "what is no ride joins nothing", by: "Geesje", method: "POST", path: "/v1/requests", body: groceriesBody, status: 201, keep: map[string]string{"other": "id", "time": "slots.0.id"}},
		{does: "nor does it", by: "Wim", method: "POST", path: "/v1/requests/{other}/slots/{time}/journeys", body: `{"visit":"{visit}"}`, status: 409, code: "not_a_ride"},
		{does: "Jan reads the second a day later", after: 25 * time.Hour, by: "Jan", method: "GET", path: "/v1/requests/{second}", status: 200, keep: map[string]string{"join": "asks.1.id"}, shows: map[string]string{"asks.0.state": "stood_down", "asks.1.state": "asked"}},
		{does: "it is one to join", by: "Jan", method: "GET", path: "/v1/asks/{join}/reasons", status: 200, shows: map[string]string{"reasons.0.key": "joins_journey"}},
		{does: "the ask is the desk's to read, and not to answer", by: "Wim", method: "POST", path: "/v1/asks/{join}/accept", status: 404, code: "ask_not_found"},
		{does: "Jan takes Piet along", by: "Jan", method: "POST", path: "/v1/asks/{join}/accept", status: 200, shows: map[string]string{"request.visits.0.state": "planned"}},
		{does: "Piet has a driver", by: "Piet", method: "GET", path: "/v1/requests/{second}", status: 200, shows: map[string]string{"state": "arranged", "visits.0.helper.firstName": "Jan", "visits.0.from": "2026-11-26T13:00:00.000Z"}},
		{does: "and so has Geesje", by: "Geesje", method: "GET", path: "/v1/requests/{first}", status: 200, shows: map[string]string{"state": "arranged", "visits.0.id": "{visit}", "visits.0.state": "planned"}},
	})
}
