package app

import (
	"testing"
	"time"
)

// TestUsedAt: a list of devices tells the hour, and no device was used before it was there.
func TestUsedAt(t *testing.T) {
	t.Parallel()
	began := time.Date(2026, 11, 24, 10, 29, 0, 0, time.UTC)
	for name, row := range map[string]struct{ now, want time.Time }{
		"as it begins":            {began, began},
		"in the hour it began in": {began.Add(30 * time.Minute), began},
		"at the next hour":        {began.Add(31 * time.Minute), began.Add(31 * time.Minute)},
		"later":                   {began.Add(26 * time.Hour), began.Add(26*time.Hour - 29*time.Minute)},
	} {
		if got := usedAt(row.now, began); !got.Equal(row.want) {
			t.Errorf("%s: %s, want %s", name, got, row.want)
		}
	}
}
