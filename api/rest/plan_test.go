package rest

import (
	"strings"
	"testing"
)

// TestTheDeskPlansAndAsks: what a plan proposes can be sent back as it stands, and each has its answer.
func TestTheDeskPlansAndAsks(t *testing.T) {
	t.Parallel()
	m := newMatrix(t)
	later := strings.NewReplacer("2026-11-26T", "2026-12-03T").Replace(groceriesBody)
	made := m.call("Geesje", "POST", "/v1/requests", m.fill(later)).want(201)
	plan := m.call("Wim", "GET", m.fill("/v1/communities/{village}/plan?from=2026-12-03&days=1"), "").want(200)
	if plan.text("times.0.request") != made.text("id") || plan.text("times.0.state") != "proposed" || plan.text("exact") != "true" {
		t.Fatalf("planned %s", plan.body)
	}
	if strings.Contains(string(plan.body), "same_place") || strings.Contains(string(plan.body), `"lat"`) {
		t.Errorf("the plan tells where somebody lives: %s", plan.body)
	}
	ask := func(helper string) string {
		return `{"request":"` + made.text("id") + `","slot":"` + made.text("slots.0.id") + `","helper":"` + helper + `"}`
	}
	chosen := plan.text("times.0.helpers.0.person.id")
	body := m.fill(`{"asks":[` + ask(chosen) + "," + ask(chosen) + "," + ask("{Trijn}") + `]}`)
	answers := m.call("Dirk", "POST", m.fill("/v1/communities/{village}/plan/asks"), body).want(200)
	if answers.text("answers.1.refused") != "asked_already" || answers.text("answers.2.refused") != "not_available_now" {
		t.Errorf("answered %s", answers.body)
	}
	who := "Jan"
	if chosen == m.kept["Piet"] {
		who = "Piet"
	}
	m.call(who, "GET", "/v1/asks/"+answers.text("answers.0.ask"), "").want(200)
	m.call("Geesje", "POST", m.fill("/v1/communities/{village}/plan/asks"), body).refused(403, "desk_only")
}
