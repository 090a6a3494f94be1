package care

import (
	"testing"
	"time"
)

func TestReferralTransitions(t *testing.T) {
	at := june("12:00")
	fresh := Referral{ID: "f1", By: "gp", From: "practice", To: "care", Theme: HouseholdKind, Urgency: Ordinary, Consent: Consent{Basis: Spoken}}
	must := func(f Referral, _ []Event, err error) Referral {
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	asked := must(fresh.Refer(at))
	taken := must(asked.Accept("nurse", at))
	begun := must(taken.Start("nurse", at))
	type act func(Referral, PersonID, time.Time) (Referral, []Event, error)
	reject := func(reason string) act {
		return func(f Referral, by PersonID, at time.Time) (Referral, []Event, error) {
			return f.Reject(by, reason, at)
		}
	}
	for name, row := range map[string]struct {
		from Referral
		act  act
		want string
	}{
		"requested is accepted":               {asked, Referral.Accept, "accepted"},
		"requested is rejected with a reason": {asked, reject("full"), "rejected"},
		"requested is not rejected without":   {asked, reject(""), "reason_missing"},
		"requested is rejected by a code":     {asked, reject("We zitten vol"), "reason_invalid"},
		"requested does not start":            {asked, Referral.Start, "referral_state"},
		"accepted starts":                     {taken, Referral.Start, "in_progress"},
		"accepted is not rejected":            {taken, reject("full"), "referral_state"},
		"accepted is not completed":           {taken, Referral.Complete, "referral_state"},
		"under way is completed":              {begun, Referral.Complete, "completed"},
		"completed is not accepted":           {must(begun.Complete("nurse", at)), Referral.Accept, "referral_state"},
		"rejected is not accepted":            {must(asked.Reject("nurse", "full", at)), Referral.Accept, "referral_state"},
	} {
		next, _, err := row.act(row.from, "nurse", at)
		if got := verdict(next.State, err); got != row.want {
			t.Errorf("%s: %s, want %s", name, got, row.want)
		}
	}
	for name, row := range map[string]struct {
		change func(*Referral)
		code   string
	}{
		"without a ground of consent":    {func(f *Referral) { f.Consent = Consent{} }, "consent_basis_unknown"},
		"once consent was withdrawn":     {func(f *Referral) { f.Consent.WithdrawnAt = at }, "consent_absent"},
		"to itself":                      {func(f *Referral) { f.To = f.From }, "receiver_invalid"},
		"with a theme that there is not": {func(f *Referral) { f.Theme = "mowing" }, "kind_unknown"},
		"as a safety message":            {func(f *Referral) { f.Urgency = Safety }, "urgency_unknown"},
	} {
		f := fresh
		row.change(&f)
		if _, _, err := f.Refer(at); CodeOf(err) != row.code {
			t.Errorf("nothing is referred %s: got %v, want %s", name, err, row.code)
		}
	}
}
