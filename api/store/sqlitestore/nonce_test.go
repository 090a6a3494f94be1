package sqlitestore

import (
	"path/filepath"
	"testing"
	"time"

	"naober/api/app"
	"naober/api/feed"
	"naober/api/port"
	"naober/matching/care"
)

// lived is a lease that took a nonce on monday; renew changes it at a later moment and tells how
// often that has taken effect.
func lived(t *testing.T, row *app.LedgerRow) (renew func(age time.Duration, n care.Nonce) int64) {
	t.Helper()
	now := monday()
	stores := opened(t, filepath.Join(t.TempDir(), "naober.db"), Options{Now: func() time.Time { return now }}).Stores()
	if row != nil {
		row.Key = "account/mine"
		must[port.Stored[app.LedgerRow]](t)(stores.Ledger.Insert(t.Context(), row.Key, *row, nil, port.Write{}))
	}
	must[port.Stored[feed.Lease]](t)(stores.Leases.Insert(t.Context(), "l", feed.Lease{Name: "l"}, nil, port.Write{Nonce: "account/mine"}))
	return func(age time.Duration, n care.Nonce) int64 {
		now = monday().Add(age)
		return must[port.Stored[feed.Lease]](t)(stores.Leases.Update(t.Context(), "l", port.Write{Nonce: n}, func(l feed.Lease) (feed.Lease, []care.Event, error) {
			l.Beat++
			return l, nil, nil
		})).Value.Beat
	}
}

func TestWhenANonceLeaves(t *testing.T) {
	at := func(age time.Duration) time.Time { return monday().Add(age) }
	tests := []struct {
		name  string
		row   *app.LedgerRow
		after time.Duration
		gone  bool
	}{
		{"stays a second before its row was final for ten minutes", &app.LedgerRow{State: app.Applied, At: at(time.Hour)}, time.Hour + keptFinal - time.Second, false},
		{"leaves once its row was final for ten minutes", &app.LedgerRow{State: app.Applied, At: at(time.Hour)}, time.Hour + keptFinal, true},
		{"leaves as well where the verdict was no", &app.LedgerRow{State: app.Rejected, At: at(0)}, keptFinal, true},
		{"stays for months while its row is judged", &app.LedgerRow{State: app.Judging, Since: at(0)}, 90 * 24 * time.Hour, false},
		{"stays without a row for a day", nil, keptAlone - time.Second, false},
		{"leaves without a row after a day", nil, keptAlone, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			renew := lived(t, tt.row)
			if got := renew(tt.after, ""); got != 1 {
				t.Fatalf("beat %d after the server's own act", got)
			}
			if gone := renew(tt.after, "account/mine") == 2; gone != tt.gone {
				t.Errorf("the nonce is gone: %t", gone)
			}
		})
	}
}

func TestNonceOfAnActThatChangesNothing(t *testing.T) {
	leases := fresh(t).Stores().Leases
	must[port.Stored[feed.Lease]](t)(leases.Insert(t.Context(), "l", feed.Lease{Name: "l"}, nil, port.Write{}))
	same := func(l feed.Lease) (feed.Lease, []care.Event, error) { return l, nil, nil }
	told := must[port.Stored[feed.Lease]](t)(leases.Update(t.Context(), "l", port.Write{Nonce: "n"}, same))
	if told.Rev != 2 || told.Ver != 1 {
		t.Errorf("rev %d, ver %d: the nonce is a write that nobody can notice", told.Rev, told.Ver)
	}
	again := must[port.Stored[feed.Lease]](t)(leases.Update(t.Context(), "l", port.Write{}, same))
	if again.Rev != 2 {
		t.Errorf("rev %d after an act without nonce that changed nothing", again.Rev)
	}
}
