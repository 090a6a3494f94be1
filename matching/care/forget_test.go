package care

import (
	"testing"
	"time"
)

// TestNobodyIsForgottenByAnEmptyWord: whose name cannot be read, as after the loss of a key, is not
// forgotten by somebody who types nothing.
func TestNobodyIsForgottenByAnEmptyWord(t *testing.T) {
	for _, typed := range []string{"", " ", "\t\n"} {
		p := Person{ID: "p"}
		next, events, err := p.Forget(typed, "p", time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC))
		if CodeOf(err) != "confirmation_wrong" || len(events) > 0 || next.Gone() {
			t.Errorf("%q: %v %v %+v", typed, err, events, next)
		}
	}
}
