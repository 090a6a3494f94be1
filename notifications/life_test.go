package notifications

import (
	"testing"
	"time"

	"naober/matching/care"
)

// TestNothingIsSentToTheDead asks the arbiter about every message there is, at every hour of a year
// with its daylight-saving days, for somebody who died, and about somebody who died.
func TestNothingIsSentToTheDead(t *testing.T) {
	began := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	quiet := care.DefaultQuiet("Europe/Amsterdam")
	asked, sent := 0, 0
	for _, e := range eventTypes(t) {
		for _, line := range tellings(e) {
			for at := began; at.Before(began.AddDate(1, 0, 0)); at = at.Add(time.Hour) {
				d := Delivery{Person: "anna", Key: line.key, Class: line.class, State: Waiting, VisitAt: at.Add(time.Hour), ExpiresAt: at.Add(72 * time.Hour)}
				f := Facts{Ask: care.Ask{State: care.Asked, Helper: "anna", AskFrom: at, LapsesAt: at.Add(time.Hour)}, Question: Sent}
				if !Decide(d, f, quiet, at).Drop {
					sent++
				}
				gone, silenced := f, f
				gone.Gone, silenced.Silenced = true, true
				if v := Decide(d, gone, quiet, at); !v.Drop || v.Why != "life_ended" {
					t.Fatalf("%s goes to somebody who died: %+v", line.key, v)
				}
				if v := Decide(d, silenced, quiet, at); line.class != Duty && !v.Drop {
					t.Fatalf("%s tells of a death by message: %+v", line.key, v)
				}
				asked++
			}
		}
	}
	if asked < 200_000 || sent < asked/2 {
		t.Fatalf("%d messages were judged, %d of them would go to the living", asked, sent)
	}
}
