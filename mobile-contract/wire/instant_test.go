package wire

import (
	"encoding/json"
	"testing"
	"time"
)

// FuzzInstant looks for a text that is taken and cannot be written again, or reads as another instant.
func FuzzInstant(f *testing.F) {
	for _, raw := range []string{`"2026-11-24T09:00:00Z"`, `"2026-11-24T10:00:00.123456789+01:00"`, `"9999-12-31T23:59:59-01:00"`, `"0001-01-01T00:00:00Z"`,
		`"2026-11-24T09:00:60Z"`, `"2026-02-30T00:00:00Z"`, `"2026-11-24 09:00:00Z"`, `"2026-11-24T09:00:00,5Z"`, `"2026-11-24T09:00:00+24:00"`, `null`, `17`, `""`} {
		f.Add([]byte(raw))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var read, again Instant
		if err := json.Unmarshal(raw, &read); err != nil || string(raw) == "null" {
			return
		}
		if y := time.Time(read).Year(); y < 0 || y > 9999 {
			t.Fatalf("%s is read as the year %d", raw, y)
		}
		written, err := json.Marshal(read)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(written, &again); err != nil || !time.Time(again).Equal(time.Time(read)) {
			t.Fatalf("%s is written as %s and read as %v: %v", raw, written, again, err)
		}
	})
}
