package app_test

import (
	"errors"
	"testing"
	"time"

	"naober/api/app"
)

func TestProbeWritesSeldom(t *testing.T) {
	var p app.Probe
	full, writes := errors.New("the disk is full"), 0
	now, answer := monday(), error(nil)
	ask := func() error {
		return p.Check(now, func() error {
			writes++
			return answer
		})
	}
	for range 100 {
		if err := ask(); err != nil {
			t.Fatal(err)
		}
	}
	answer = full
	if err := ask(); err != nil || writes != 1 {
		t.Fatalf("%d writes, %v", writes, err)
	}
	for _, row := range []struct {
		after  time.Duration
		answer error
		want   error
		writes int
	}{{app.ProbeEvery - 1, full, nil, 1}, {1, full, full, 2}, {0, nil, full, 2}, {app.ProbeEvery, nil, nil, 3}, {-time.Hour, full, full, 4}} {
		now, answer = now.Add(row.after), row.answer
		if err := ask(); !errors.Is(err, row.want) || writes != row.writes {
			t.Errorf("%v later: %v and %d writes, want %v and %d", row.after, err, writes, row.want, row.writes)
		}
	}
}
