package rest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"naober/matching/care"
)

// rides is a scene of its own, in which the desk is shown what is seldom so: Aaf has agreed to drive Geesje,
// and Trijn, who goes the same way at the same hour, finds nobody but her.
func rides(t *testing.T) *scene {
	t.Helper()
	s := &scene{watched: newWatched(t, 2)}
	s.village = care.CommunityID(s.villages[0])
	s.cast("Aaf", care.Resident, care.Volunteer)
	offer := strings.NewReplacer(`"kinds":["groceries"]`, `"kinds":["ride"],"vehicle":{"seats":3,"walker":true}`, `["nl"]`, `["de"]`)
	s.do("Aaf", "POST", "/v1/offers", offer.Replace(s.everyDay()))
	s.do("Aaf", "PUT", "/v1/me/helper/quiet", `{"zone":"Europe/Amsterdam","nightStart":"23:00","nightEnd":"06:00","restDays":[],"monthlyLimit":60,"minGapMinutes":0}`)
	s.do("Aaf", "POST", "/v1/me/helper/applications", s.here(""))
	s.moderate("Ina", "Aaf", "approve", `{"rule":"house_rules.1@1","reason":"Bekend."}`)
	s.moderate("Ina", "Aaf", "vettings", fmt.Sprintf(`{"kind":"vog","validUntil":%q}`, tuesday.Add(300*day).Format(time.RFC3339)))
	first := s.passage("Geesje")
	s.answer(first, 0, "Aaf", "accept", "{}")
	s.passage("Trijn")
	s.looked += s.glance("/journeys", "request", "address")
	s.looked += s.glance("/plan/rides", "request", "address")
	for _, kind := range []string{"lifts", "ride_day"} {
		if s.met[namedIn(kind)] == 0 {
			t.Fatalf("no %s names anybody", kind)
		}
	}
	return s
}

// passage is a ride to Emmen and back, two days ahead, with somebody who speaks German: Aaf alone does.
func (s *scene) passage(by string) string {
	s.t.Helper()
	from := 2*day + 3*time.Hour
	body := s.here(fmt.Sprintf(`,"kind":"ride","words":"Naar Emmen.","urgency":"ordinary","publish":true,"needs":{"languages":["de"]},"slots":[%s],
		"ride":{"to":{"town":"Emmen","street":"Marktplein 1","lat":52.785,"lon":6.8976},"returnAt":%q,"passengers":1,"walker":true}`,
		slot(from, time.Hour, 1), tuesday.Add(from+2*time.Hour).UTC().Format(time.RFC3339)))
	return s.do(by, "POST", "/v1/requests", body).text("id")
}
