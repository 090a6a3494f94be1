package rest

import "testing"

// TestAnotherAbsenceIsAskedAbout: somebody is in hospital, and a holiday is entered for them. They stay
// there until whoever enters it says that it takes the place of the hospital.
func TestAnotherAbsenceIsAskedAbout(t *testing.T) {
	t.Parallel()
	w := helped(t)
	const leave, holiday = "/v1/persons/{Geesje}/life/leave", `"state":"away","from":"2026-11-30T08:00:00Z","until":"2026-12-07T08:00:00Z"`
	hospital := map[string]string{"state": "in_hospital", "from": "2026-11-24T09:00:00.000Z"}
	planned := map[string]string{"state": "here", "planned": "away", "from": "2026-11-30T08:00:00.000Z"}
	w.tell([]step{
		{does: "Geesje asks", by: "Geesje", method: "POST", path: "/v1/requests", body: groceriesBody, status: 201, keep: map[string]string{"request": "id"}},
		{does: "she goes to hospital", by: "Wim", method: "POST", path: leave, body: `{"state":"in_hospital"}`, status: 200, shows: hospital, hides: []string{"until"}},
		{does: "a holiday is no end of it", by: "Geesje", method: "POST", path: leave, body: `{` + holiday + `}`, status: 409, code: "absence_stands",
			shows: map[string]string{"params.state": "in_hospital", "params.from": "2026-11-24T09:00:00.000Z"}, hides: []string{"params.until"}},
		{does: "it is said once more", by: "Geesje", method: "POST", path: leave, body: `{"state":"in_hospital"}`, status: 200, shows: hospital},
		{does: "nobody comes on Thursday", by: "Geesje", method: "GET", path: "/v1/requests/{request}", status: 200, shows: map[string]string{"slots.0.cancelledAt": "2026-11-24T09:00:00.000Z"}},
		{does: "it takes its place", by: "Geesje", method: "POST", path: leave, body: `{"replace":true,` + holiday + `}`, status: 200, shows: planned},
		{does: "somebody may come on Thursday", by: "Geesje", method: "GET", path: "/v1/requests/{request}", status: 200, hides: []string{"slots.0.cancelledAt"}},
		{does: "a stay in hospital is asked about too", by: "Wim", method: "POST", path: leave, body: `{"state":"in_hospital"}`, status: 409, code: "absence_stands",
			shows: map[string]string{"params.state": "away", "params.until": "2026-12-07T08:00:00.000Z"}},
		{does: "nobody is away without an end", by: "Wim", method: "POST", path: leave, body: `{"state":"away"}`, status: 400, code: "life_times_invalid", shows: map[string]string{"params.field": "until"}},
		{does: "nor from the year after next", by: "Wim", method: "POST", path: leave, body: `{"state":"in_hospital","from":"2028-11-24T09:00:00Z"}`, status: 400, code: "life_times_invalid",
			shows: map[string]string{"params.field": "from"}},
	})
}
