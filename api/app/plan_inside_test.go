package app

import (
	"testing"

	"naober/matching/care"
)

func TestAPlanHasAnEnd(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		looks, places int
		code          string
	}{{300_000, 0, ""}, {300_001, 0, "plan_too_large"}, {0, 400, ""}, {0, 401, "plan_too_large"}} {
		if got := care.CodeOf(planFits(c.looks, c.places)); got != c.code {
			t.Errorf("%d looks and %d places: %q, want %q", c.looks, c.places, got, c.code)
		}
	}
}
