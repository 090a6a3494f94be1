package app_test

import (
	"testing"
	"time"

	"naober/api/app"
	"naober/matching/care"
)

// TestLimitsAreOneOverProcesses has two processes on one store: what one of them grants is taken from
// the other, and both tell the same time to come back.
func TestLimitsAreOneOverProcesses(t *testing.T) {
	t.Parallel()
	eachStore(t, limitsAreOne)
}

func limitsAreOne(t *testing.T, v *village) {
	v.mu.Lock()
	v.now = time.Now().UTC().Truncate(time.Second) // a server of MongoDB clears away by its own clock
	v.mu.Unlock()
	processes := []*app.App{v.App, v.process(v.App.Stores)}
	rows := []struct {
		name  string
		most  int
		wait  string
		other func(*app.App) error // has an allowance of its own
		call  func(*app.App) error
	}{
		{"codes to a contact from an address", 5, "3600", func(a *app.App) error {
			_, err := a.RequestCode(t.Context(), "other@example.nl", "192.0.2.1")
			return err
		}, func(a *app.App) error {
			_, err := a.RequestCode(t.Context(), "nobody@example.nl", "192.0.2.1")
			return err
		}},
		{"search calls of a person", searching, "600", func(a *app.App) error {
			return a.AdmitPerson(t.Context(), app.Searching, "01KAS0GR0110000000000000CC")
		}, func(a *app.App) error { return a.AdmitPerson(t.Context(), app.Searching, busy) }},
		{"askings for a code from a line", 600, "600", func(a *app.App) error {
			return a.AdmitNobody(t.Context(), app.Mailing, "2001:db8:7:2::1")
		}, func(a *app.App) error { return a.AdmitNobody(t.Context(), app.Mailing, "2001:db8:7:1::1") }},
	}
	for _, row := range rows {
		admitted, refused := 0, 0
		for i := range row.most + 30 {
			err := row.call(processes[i%2])
			switch {
			case err == nil:
				admitted++
			case !care.IsKind(err, care.Limited) || retryAfter(err) != row.wait:
				t.Fatalf("%s: %v, to come back after %q, want %s", row.name, err, retryAfter(err), row.wait)
			default:
				refused++
			}
		}
		if admitted != row.most || refused != 30 {
			t.Errorf("%s: %d admitted and %d refused, want %d and 30", row.name, admitted, refused, row.most)
		}
		if err := row.other(processes[1]); err != nil {
			t.Errorf("%s: somebody else gets %v", row.name, err)
		}
	}
}
