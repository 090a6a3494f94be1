package rest

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// TestNoFieldOfARequestIsLost says everything that a request can say, once when a draft is made and once
// when it is edited, and reads it back. Two of them share the fields, for a series has no times and only a
// ride goes somewhere; a field that neither fills is one that this test was not told of.
func TestNoFieldOfARequestIsLost(t *testing.T) {
	w := newWorld(t)
	w.arrive("Wim", care.FixedWorker)
	geesje := w.arrive("Geesje", care.Resident)
	bare := wire.NewRequest{Community: string(w.village), For: string(geesje.id), Channel: string(care.ByPhone), Consent: string(care.Spoken),
		RequestEdit: wire.RequestEdit{Kind: string(care.GroceriesKind), Urgency: string(care.Ordinary), Slots: fullSlots()[:1]}}
	ride, series := fullRequests(bare)
	either := map[string]bool{}
	for _, full := range []wire.NewRequest{ride, series} {
		fields(reflect.ValueOf(full), "", either)
	}
	for field, filled := range either {
		if begins := slices.Contains([]string{"publish", "noEmergency"}, field); !filled && !begins { // those end the draft
			t.Errorf("neither request says %q: fill it in fullRequests", field)
		}
	}
	for name, full := range map[string]wire.NewRequest{"a ride": ride, "a series": series} {
		t.Run(name, func(t *testing.T) {
			w.in(t)
			made := w.call("Wim", "POST", "/v1/requests", asJSON(t, full)).want(201)
			holds(t, "as it was made", w.call("Wim", "GET", "/v1/requests/"+made.text("id"), "").want(200), full)
			made = w.call("Wim", "POST", "/v1/requests", asJSON(t, bare)).want(201)
			w.call("Wim", "PUT", "/v1/requests/"+made.text("id"), asJSON(t, full.RequestEdit), header{"If-Match", made.head.Get("ETag")}).want(200)
			holds(t, "as it was edited", w.call("Wim", "GET", "/v1/requests/"+made.text("id"), "").want(200), full)
		})
	}
}

func fullSlots() []wire.NewSlot {
	seats := 2
	start := tuesday.AddDate(0, 0, 3)
	return []wire.NewSlot{{Start: wire.Instant(start), End: wire.Instant(start.Add(3 * time.Hour)), DurationMinutes: 45, Seats: &seats}}
}

// fullRequests fill every field between them.
func fullRequests(bare wire.NewRequest) (ride, series wire.NewRequest) {
	place := func(street string) wire.NewPlace {
		return wire.NewPlace{Town: "Westerbork", Street: street, PostCode: "9431 AA", Lat: 52.8512, Lon: 6.6071}
	}
	where := place("Hoofdstraat 3")
	said := wire.RequestEdit{Words: "Voorzichtig met de stoep", Needs: wire.Needs{Languages: []string{"de"}, Skills: []string{"tillen"}, Gender: string(care.Woman)},
		Circumstances: wire.Circumstances{AloneIndoors: true, Money: true, Keys: true, Night: true}, Where: &where, Urgency: string(care.Urgent), PersonalYes: true}
	ride, series = bare, bare
	ride.RequestEdit, series.RequestEdit = said, said
	ride.Kind, ride.Slots = string(care.RideKind), fullSlots()
	ride.Ride = &wire.NewRide{To: place("Burgemeester van Weezelplein 10"), ReturnAt: wire.Instant(tuesday.AddDate(0, 0, 3).Add(5 * time.Hour)), Passengers: 2,
		Wheelchair: true, Walker: true}
	series.Kind = string(care.CompanyKind)
	series.Series = &wire.Series{Rule: "FREQ=WEEKLY;BYDAY=TU", Start: "2026-12-01T10:00", DurationMinutes: 90, Zone: "Europe/Amsterdam",
		Skipped: []string{"2026-12-08"}, Swapped: []wire.Swap{{Date: "2026-12-15", To: "2026-12-16T11:00"}}}
	return ride, series
}

// fields notes every field by its name on the wire, and whether it is filled here or was before.
func fields(v reflect.Value, path string, filled map[string]bool) {
	switch {
	case v.Kind() == reflect.Pointer && !v.IsNil():
		filled[path] = true
		fields(v.Elem(), path, filled)
		return
	case v.Kind() == reflect.Slice && v.Len() > 0:
		filled[path] = true
		fields(v.Index(0), path, filled)
		return
	case v.Kind() == reflect.Struct && v.Type() != reflect.TypeFor[wire.Instant]():
		for i := range v.NumField() {
			f := v.Type().Field(i)
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if below := strings.TrimPrefix(path+"."+name, "."); f.Anonymous {
				fields(v.Field(i), path, filled)
			} else {
				fields(v.Field(i), below, filled)
			}
		}
		return
	}
	filled[path] = filled[path] || !v.IsZero()
}

// holds wants all that was said in an answer. Whom it is for and the ground of consent are shown with more
// beside them.
func holds(t *testing.T, when string, a answer, said wire.NewRequest) {
	t.Helper()
	var want, got map[string]any
	must(t, json.Unmarshal([]byte(asJSON(t, said)), &want))
	must(t, json.Unmarshal(a.body, &got))
	want["for"], want["consent"] = map[string]any{"id": want["for"]}, map[string]any{"basis": want["consent"]}
	inside(t, when, "", got, want)
}

// inside wants a value in another that may say more.
func inside(t *testing.T, when, path string, got, want any) {
	t.Helper()
	switch want := want.(type) {
	case map[string]any:
		object, _ := got.(map[string]any)
		for name, value := range want {
			inside(t, when, path+"."+name, object[name], value)
		}
	case []any:
		list, _ := got.([]any)
		if len(list) != len(want) {
			t.Errorf("%s: %s is %v, want %v", when, path, got, want)
			return
		}
		for i := range want {
			inside(t, when, fmt.Sprint(path, ".", i), list[i], want[i])
		}
	default:
		if got != want {
			t.Errorf("%s: %s is %v, want %v", when, path, got, want)
		}
	}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	must(t, err)
	return string(raw)
}
