package care

import (
	"testing"
	"time"
)

// Twelve kilometres are 19 minutes, and getting in is two.
func TestRideReturn(t *testing.T) {
	start := june("10:00").AddDate(0, 0, 1)
	grolloo := Point{Lat: 52.935, Lon: 6.67222}
	ride := func(back, window time.Duration) (Request, Slot) {
		s := Slot{ID: "slot", Start: start, End: start.Add(window), Duration: time.Hour, Seats: 1}
		return Request{Kind: RideKind, Where: Place{Point: grolloo}, Slots: []Slot{s},
			Ride: &Ride{To: Place{Point: Point{Lat: 52.935 + 12_000/111_195.0, Lon: 6.67222}}, ReturnAt: start.Add(back), Passengers: 1}}, s
	}
	for name, c := range map[string]struct {
		back, window, latest time.Duration
		invalid              bool
	}{
		"when one can just be there":          {21 * time.Minute, time.Hour, 0, false},
		"a minute before":                     {20 * time.Minute, time.Hour, -time.Minute, true},
		"before the beginning":                {-time.Minute, time.Hour, 0, true},
		"a day later":                         {24 * time.Hour, time.Hour, 0, true},
		"inside a window ends the hours":      {time.Hour, 4 * time.Hour, 39 * time.Minute, false},
		"long after a window leaves them all": {8 * time.Hour, 4 * time.Hour, 3 * time.Hour, false},
	} {
		t.Run(name, func(t *testing.T) {
			r, s := ride(c.back, c.window)
			if got := r.LatestStart(s); !got.Equal(start.Add(c.latest)) {
				t.Errorf("the last start is %v, want %v", got.Sub(start), c.latest)
			}
			if got := r.returnsInTime(june("11:00")); got == c.invalid {
				t.Errorf("in time: %v", got)
			}
		})
	}
	r, s := ride(time.Hour, 4*time.Hour)
	for minute, want := range map[int]string{0: "", 39: "", 40: "visit_outside_slot", 181: "visit_outside_slot"} {
		from := start.Add(time.Duration(minute) * time.Minute)
		if err := r.Admits(s, Interval{From: from, Until: from.Add(time.Hour)}, june("11:00")); CodeOf(err) != want && !(want == "" && err == nil) {
			t.Errorf("minute %d: %v, want %q", minute, err, want)
		}
	}
}
