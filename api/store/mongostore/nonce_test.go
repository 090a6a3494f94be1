package mongostore

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
)

func TestNoncesLeaveTheDocument(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	opts := testOptions()
	opts.Now = func() time.Time { return now }
	s := openStore(t, newDatabase(t), opts)
	ctx, ledger := t.Context(), s.Stores().Ledger

	for i, row := range []struct {
		name   string
		age    time.Duration   // of the nonce in the document
		state  app.LedgerState // of its ledger row; empty for none
		judged time.Duration   // how long the row has had its verdict
		stays  bool
	}{
		{"applied ten minutes ago", 11 * time.Minute, app.Applied, 10 * time.Minute, false},
		{"applied a moment less ago", 11 * time.Minute, app.Applied, 10*time.Minute - time.Millisecond, true},
		{"refused ten minutes ago", 11 * time.Minute, app.Rejected, 10 * time.Minute, false},
		{"being judged, for a month", 30 * 24 * time.Hour, app.Judging, 0, true},
		{"without a row, a day old", 24 * time.Hour, "", 0, false},
		{"without a row, a moment younger", 24*time.Hour - time.Millisecond, "", 0, true},
		{"young", 9 * time.Minute, app.Applied, 9 * time.Minute, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			n := care.Nonce(fmt.Sprint("account/", i))
			if row.state != "" {
				_, err := ledger.Insert(ctx, app.LedgerKey(n), app.LedgerRow{Key: app.LedgerKey(n), State: row.state, At: now.Add(-row.judged)}, nil, port.Write{})
				if err != nil {
					t.Fatal(err)
				}
			}
			marks := []mark{{Nonce: n, At: now.Add(-row.age)}}
			kept, err := s.remember(ctx, marks, "account/new")
			if err != nil {
				t.Fatal(err)
			}
			stays := slices.ContainsFunc(kept, func(m mark) bool { return m.Nonce == n })
			if stays != row.stays || kept[len(kept)-1].Nonce != "account/new" {
				t.Errorf("kept %v, want it to stay: %t", kept, row.stays)
			}
			if len(marks) != 1 || marks[0].Nonce != n {
				t.Errorf("the document's own marks were changed: %v", marks)
			}
		})
	}
}
