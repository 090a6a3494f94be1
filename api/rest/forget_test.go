package rest

import (
	"testing"
	"time"
)

const rideBody = `{"community":"{village}","kind":"ride","words":"Naar de dokter","urgency":"ordinary","publish":true,` +
	`"ride":{"to":{"town":"Emmen","street":"Marktplein 1","lat":52.785,"lon":6.8976},"passengers":1,"walker":true},` +
	`"slots":[{"start":"2026-11-26T10:00:00Z","end":"2026-11-26T11:00:00Z"}]}`

// TestWhoIsForgottenLivesNowhere: where somebody lived and went is absent from what others keep of it, not
// a place that never was.
func TestWhoIsForgottenLivesNowhere(t *testing.T) {
	t.Parallel()
	w := helped(t)
	w.tell([]step{
		{does: "Geesje asks for a ride", by: "Geesje", method: "POST", path: "/v1/requests", body: rideBody, status: 201, keep: map[string]string{"request": "id"}},
		{does: "Jan is asked", by: "Jan", method: "GET", path: "/v1/requests?scope=helping", status: 200, keep: map[string]string{"ask": "items.0.asks.0.id"}},
		{does: "Jan accepts", by: "Jan", method: "POST", path: "/v1/asks/{ask}/accept", status: 200, keep: map[string]string{"visit": "request.visits.0.id"}},
		{does: "Jan comes", by: "Jan", method: "POST", path: "/v1/visits/{visit}/start", status: 200, after: 49 * time.Hour},
		{does: "it is done", by: "Jan", method: "POST", path: "/v1/visits/{visit}/finish", status: 200, after: time.Hour},
		{does: "Jan sees where it was about", by: "Jan", method: "GET", path: "/v1/requests/{request}", status: 200,
			shows: map[string]string{"where.town": "Witteveen (Midden-Drenthe)", "ride.to.town": "Noordbarge"}},
		{does: "Geesje is forgotten", by: "Geesje", method: "POST", path: "/v1/me/forget", body: `{"firstName":"Geesje"}`, status: 204},
		{does: "Jan keeps that he helped", by: "Jan", method: "GET", path: "/v1/requests/{request}", status: 200,
			shows: map[string]string{"visits.0.state": "done"}, hides: []string{"where", "ride", "words"}},
		{does: "and the fixed worker that somebody was", by: "Wim", method: "GET", path: "/v1/requests/{request}", status: 200,
			shows: map[string]string{"visits.0.helper.firstName": "Jan"}, hides: []string{"where", "ride", "words"}},
	})
}
