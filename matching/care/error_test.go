package care

import (
	"errors"
	"testing"
	"time"
)

// fieldOf is the field that an error names.
func fieldOf(err error) string {
	var e *Error
	errors.As(err, &e)
	if e == nil {
		return ""
	}
	return e.Params["field"]
}

func TestWithin(t *testing.T) {
	amiss := Amiss("start", "slot_past", "it has passed")
	for what, row := range map[string]struct {
		err  error
		want string
	}{
		"a field":                   {amiss, "start"},
		"of a list":                 {Within("slots", Within("1", amiss)), "slots.1.start"},
		"of what has no name":       {Within("zone", E(Invalid, "zone_unknown", "no such zone")), "zone"},
		"of what is no bad input":   {Within("slots", E(Conflict, "slot_full", "full")), ""},
		"of nothing":                {Within("slots", nil), ""},
		"what it was made of stays": {amiss, "start"},
	} {
		if got := fieldOf(row.err); got != row.want {
			t.Errorf("%s: %q, want %q", what, got, row.want)
		}
	}
	if Within("slots", nil) != nil {
		t.Error("nothing becomes something")
	}
}

// TestTheSecondIsAmiss: of several the one at fault is named.
func TestTheSecondIsAmiss(t *testing.T) {
	now := june("10:00")
	good := Slot{Start: nextDay("10:00"), End: nextDay("11:00"), Seats: 1}
	for field, bad := range map[string]Slot{
		"slots.1.start": {Start: now.Add(-2 * time.Hour), End: now.Add(-time.Hour), Seats: 1},
		"slots.1.end":   {Start: good.End, End: good.Start, Seats: 1},
		"slots.1.seats": {Start: good.Start, End: good.End},
	} {
		if got := fieldOf(validateSlots([]Slot{good, bad}, now)); got != field {
			t.Errorf("%q, want %q", got, field)
		}
	}
	if err := validateSlots([]Slot{good, good}, now); err != nil {
		t.Error(err)
	}
	o := Offer{Helper: "p", Community: village, Travel: ByCar, Kinds: []Kind{RideKind, RideKind}}
	if got := fieldOf(o.Validate()); got != "kinds.1" {
		t.Errorf("kinds: %q", got)
	}
	o.Kinds, o.Vehicle, o.Availability = o.Kinds[:1], Vehicle{Seats: 1}, Availability{Zone: dutch, Weekly: []Window{{Day: 1, Start: 60, End: 120}, {Day: 1, Start: 60, End: 60}}}
	if got := fieldOf(o.Validate()); got != "availability.weekly.1.end" {
		t.Errorf("weekly: %q", got)
	}
	for field, w := range map[string]Weights{"fairness": {Nearness: 1}, "nearness": {Fairness: 1}, "time": {Nearness: 1, Fairness: 1, Time: 101}} {
		if _, _, err := (Community{}).Weigh(w, "p", now); fieldOf(err) != field {
			t.Errorf("%+v: %q, want %q", w, fieldOf(err), field)
		}
	}
}
