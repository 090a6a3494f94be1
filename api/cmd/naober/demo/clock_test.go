package demo

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"naober/matching/care"
)

func standing() time.Time { return founded }

func TestClock(t *testing.T) {
	for name, tc := range map[string]struct {
		move func(*Clock) (time.Time, error)
		want time.Time
		code string
	}{
		"moves by a length":                     {func(c *Clock) (time.Time, error) { return c.Advance(15 * time.Minute) }, founded.Add(15 * time.Minute), ""},
		"moves to a moment":                     {func(c *Clock) (time.Time, error) { return c.AdvanceTo(founded.Add(time.Hour)) }, founded.Add(time.Hour), ""},
		"rounds up, never to before a moment":   {func(c *Clock) (time.Time, error) { return c.Advance(time.Microsecond) }, founded.Add(time.Millisecond), ""},
		"never stands still":                    {func(c *Clock) (time.Time, error) { return c.Advance(0) }, founded, "clock_backwards"},
		"never moves back":                      {func(c *Clock) (time.Time, error) { return c.AdvanceTo(founded.Add(-time.Second)) }, founded, "clock_backwards"},
		"never moves beyond what a demo is for": {func(c *Clock) (time.Time, error) { return c.AdvanceTo(founded.AddDate(11, 0, 0)) }, founded, "clock_too_far"},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "clock.json")
			c, err := OpenClock(file, standing)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := tc.move(c); care.CodeOf(err) != tc.code {
				t.Errorf("refused with %v, want %q", err, tc.code)
			}
			again, err := OpenClock(file, standing)
			if err != nil {
				t.Fatal(err)
			}
			if !c.Now().Equal(tc.want) || !again.Now().Equal(tc.want) {
				t.Errorf("at %s, after a restart at %s, want %s", c.Now(), again.Now(), tc.want)
			}
		})
	}
}

func TestClockIsOnDiskBeforeItMoves(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "gone")
	c, err := OpenClock(filepath.Join(folder, "clock.json"), standing)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Advance(time.Hour); err == nil || !c.Now().Equal(founded) {
		t.Errorf("moved to %s without a disk: %v", c.Now(), err)
	}
}

func TestClockRefusesAFileThatIsNotItsOwn(t *testing.T) {
	file := filepath.Join(t.TempDir(), "clock.json")
	if err := os.WriteFile(file, []byte("half a fi"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenClock(file, standing); err == nil {
		t.Error("a broken offset counts as none: the demo would go back in time")
	}
}
