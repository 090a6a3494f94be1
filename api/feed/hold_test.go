package feed

import (
	"testing"
	"time"

	"naober/api/port/porttest"
)

func TestHold(t *testing.T) {
	t.Parallel()
	type move struct {
		passes time.Duration // both clocks
		steps  time.Duration // the calendar alone
		act    func(h *Hold)
		want   string
	}
	release := func(h *Hold) { h.Release() }
	restore := func(h *Hold) { h.Begin(HoldRestore) }
	for _, row := range []struct {
		name  string
		moves []move
	}{
		{"nothing happens for a year", []move{{passes: 365 * 24 * time.Hour}}},
		{"a step of exactly five minutes is let be", []move{{passes: time.Second, steps: clockStep}}},
		{"a step just beyond five minutes holds", []move{{steps: clockStep + 1, want: HoldClock}}},
		{"a step back holds as well", []move{{steps: -clockStep - 1, want: HoldClock}}},
		{"small steps add up", []move{{steps: 3 * time.Minute}, {passes: time.Hour, steps: 3 * time.Minute, want: HoldClock}}},
		{"a hold lasts until ten steady minutes have passed", []move{
			{steps: time.Hour, want: HoldClock}, {passes: steadyAfter - 1, want: HoldClock}, {passes: 1}}},
		{"another step begins the ten minutes anew", []move{
			{steps: time.Hour, want: HoldClock}, {passes: 9 * time.Minute, steps: -time.Hour, want: HoldClock},
			{passes: 9 * time.Minute, want: HoldClock}, {passes: time.Minute}}},
		{"a person releases at once and for good", []move{
			{steps: time.Hour, want: HoldClock}, {act: release}, {passes: time.Hour}}},
		{"the next step after a release holds again", []move{
			{steps: time.Hour, want: HoldClock}, {act: release}, {steps: time.Hour, want: HoldClock}}},
		{"a restore holds with steady clocks", []move{
			{act: restore, want: HoldRestore}, {passes: steadyAfter - 1, want: HoldRestore}, {passes: 1}}},
		{"a machine that slept holds", []move{{passes: time.Hour}, {steps: 8 * time.Hour, want: HoldClock}}},
	} {
		t.Run(row.name, func(t *testing.T) {
			hand, wall := porttest.NewHandTime(), noon
			h := NewHold(func() time.Time { return wall }, hand)
			for i, m := range row.moves {
				hand.Advance(m.passes)
				wall = wall.Add(m.passes + m.steps)
				if m.act != nil {
					m.act(h)
				}
				if got := h.Check(); got != m.want {
					t.Fatalf("move %d: held for %q, want %q", i+1, got, m.want)
				}
			}
		})
	}
}

// time.Now carries a monotonic reading that would hide every step.
func TestHoldSeesTheCalendarOfTheSystem(t *testing.T) {
	t.Parallel()
	h := NewHold(time.Now, SystemTime())
	if got := h.Check(); got != "" {
		t.Fatalf("held for %q on a machine at rest", got)
	}
	was := h.wall
	h.wall = func() time.Time { return was().Add(6 * time.Minute) }
	if got := h.Check(); got != HoldClock {
		t.Fatalf("held for %q", got)
	}
}
