package leak_test

import (
	"testing"
	"time"
)

// TestNobodyDecidesAboutStrangers: what an association decides about a helper is read by that helper
// and by every village that they help, so a moderator's word counts for their own people alone.
func TestNobodyDecidesAboutStrangers(t *testing.T) {
	w := newWorld(t, seedOf(t))
	a, b := w.raise("a", ""), w.raise("b", "")
	w.furnish(a)
	before := w.do(a.cast["jan"], "GET", "/v1/me/helper", "").body
	for path, body := range map[string]string{
		"approve": `{"rule":"house_rules.1@1","reason":"Bekend."}`, "refuse": `{"rule":"house_rules.1@1","reason":"Onbekend."}`,
		"pause": `{"rule":"house_rules.1@1","reason":"Zomaar.","until":"` + w.clock().AddDate(0, 1, 0).Format(time.RFC3339) + `"}`, "resume": `{}`, "vettings": `{"kind":"vog"}`,
	} {
		t.Run(path, func(t *testing.T) {
			got := w.send(call{by: b.cast["ina"], method: "POST", path: "/v1/communities/" + string(b.id) + "/helpers/" + string(a.cast["jan"].id) + "/" + path,
				body: body, key: "key-of-a-stranger-" + path})
			if got.status != 404 || got.text("code") != "helper_not_found" {
				t.Errorf("%d %s", got.status, got.body)
			}
		})
	}
	if after := w.do(a.cast["jan"], "GET", "/v1/me/helper", "").body; after != before {
		t.Errorf("his book has changed:\n%s\n%s", before, after)
	}
}
