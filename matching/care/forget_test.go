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

// Whoever types their name on another keyboard than the desk's writes the accent in another way.
func TestANameIsConfirmedInEitherSpelling(t *testing.T) {
	for profile, typed := range map[string]string{"Zoe\u0308": "Zo\u00eb", "Andr\u00e9": " andre\u0301"} {
		if next, _, err := (Person{ID: "p", FirstName: profile}).Forget(typed, "p", time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)); err != nil || !next.Gone() {
			t.Errorf("%q typed as %q: %v", profile, typed, err)
		}
	}
}

// Two records that turned out to be two people's are taken apart step by step. If the one were
// forgotten in the midst of that, the other would be too.
func TestNobodyIsForgottenWhileRecordsAreMergedOrTakenApart(t *testing.T) {
	now := time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)
	for what, c := range map[string]struct {
		p    Person
		busy bool
	}{
		"claimed and not yet taken in":  {Person{Alias: &Alias{Into: "q"}}, true},
		"has one that is carried over":  {Person{Absorbed: []Absorbed{{Person: "q"}}}, true},
		"has one":                       {Person{Absorbed: []Absorbed{{Person: "q", Settled: true}}}, false},
		"has one that is taken away":    {Person{Absorbed: []Absorbed{{Person: "q", Settled: true, UndoneAt: now}}}, true},
		"stands for nobody but oneself": {Person{}, false},
	} {
		c.p.ID, c.p.FirstName = "p", "Geesje"
		next, _, err := c.p.Forget("Geesje", "p", now)
		if (CodeOf(err) == "merge_busy") != c.busy || next.Gone() == c.busy {
			t.Errorf("%s: gone %v, %v", what, next.Gone(), err)
		}
	}
}

func TestARecordThatWasMergedAwayIsNotForgottenAlone(t *testing.T) {
	p := Person{ID: "a", FirstName: "Geesje", Alias: &Alias{Merge: "m", Into: "b", Firm: true}}
	if _, events, err := p.Forget("Geesje", "a", time.Time{}); CodeOf(err) != "person_merged" || len(events) > 0 {
		t.Errorf("%v, %v", err, events)
	}
	if gone, _, err := p.ForgetWith("b", time.Unix(1, 0)); err != nil || !gone.Gone() {
		t.Errorf("with the one that stays: %+v, %v", gone, err)
	}
}
