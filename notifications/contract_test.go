package notifications

import (
	"os"
	"regexp"
	"slices"
	"testing"
)

// TestPushesAreWrittenDown holds mobile-contract/pushes.md to the table of tellings, both ways, over
// all events there are.
func TestPushesAreWrittenDown(t *testing.T) {
	raw, err := os.ReadFile("../mobile-contract/pushes.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]string{}
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z._]+)` \\| ([a-z ]+) \\|").FindAllStringSubmatch(string(raw), -1) {
		rows[m[1]] = m[2]
	}
	words := map[audience][]string{toHelper: {"helper", "both"}, toRequester: {"requester", "both"}, toOwner: {"owner"}, toModerators: {"moderators"},
		toPerson: {"the other of the two", "whoever filed it"}, toReceivers: {"receiver"}}
	told := map[string]bool{}
	for _, event := range eventTypes(t) {
		for _, line := range tellings(event) {
			told[line.key] = true
			if who, ok := rows[line.key]; !ok {
				t.Errorf("pushes.md lacks %s", line.key)
			} else if !slices.Contains(words[line.to], who) {
				t.Errorf("%s goes to %s, and not to %v", line.key, who, words[line.to])
			}
		}
	}
	for key := range rows {
		if !told[key] {
			t.Errorf("pushes.md has %s, which nobody is told", key)
		}
	}
}
