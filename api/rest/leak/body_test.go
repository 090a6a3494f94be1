package leak_test

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"naober/matching/care"
)

// rewrite makes a body of an example: ids become ones that somebody met, moments lie around now, and
// what people write is their own.
func (d *drawer) rewrite(a *actor, field string, v any) any {
	switch at := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for _, name := range sortedKeys(at) {
			if d.IntN(60) > 0 {
				out[name] = d.rewrite(a, name, at[name])
			}
		}
		d.bend(a, out)
		return out
	case []any:
		out := []any{}
		for _, one := range at {
			out = append(out, d.rewrite(a, field, one))
		}
		return out
	case string:
		return d.value(a, field, at)
	}
	return v
}

// bend puts what fits together into an object: an end after its beginning, a home, a village.
func (d *drawer) bend(a *actor, o map[string]any) {
	now := d.world.clock()
	if _, ok := o["start"].(string); ok && o["end"] != nil && o["durationMinutes"] != nil {
		day := now.AddDate(0, 0, 1+d.IntN(4))
		from := time.Date(day.Year(), day.Month(), day.Day(), 8+d.IntN(9), 0, 0, 0, time.UTC)
		o["start"], o["end"] = from.Format(time.RFC3339), from.Add(time.Duration(1+d.IntN(3))*time.Hour).Format(time.RFC3339)
	}
	if o["urgency"] != nil && o["words"] != nil && o["slots"] != nil {
		o["publish"] = d.IntN(8) > 0
		if o["community"] == nil {
			delete(o, "publish")
		}
		if d.IntN(5) == 0 && o["community"] != nil {
			o["for"], o["channel"], o["consent"] = d.id(a, "person"), "phone", "spoken"
		}
		if d.home != nil && d.IntN(4) == 0 {
			lat, lon, _ := d.home(a)
			o["where"] = map[string]any{"town": "Witteveen", "street": d.write(a, "whereStreet"), "lat": lat, "lon": lon}
		}
		if d.IntN(5) == 0 {
			o["kind"] = "ride"
			o["ride"] = map[string]any{"passengers": 1, "to": d.destination(a)}
		}
	}
	if o["weekly"] != nil {
		var week []any
		for day := range 7 {
			week = append(week, map[string]any{"day": day, "start": "07:00", "end": "22:00"})
		}
		o["weekly"] = week
	}
	if o["radius"] != nil && d.IntN(3) > 0 {
		o["radius"], o["kinds"], o["travel"] = d.reach(), []any{"groceries", "ride", "company"}, "car"
		o["vehicle"] = map[string]any{"seats": 3}
	}
	if o["home"] != nil && o["from"] != nil && a != nil && d.IntN(4) > 0 {
		o["from"], o["to"] = d.world.ids[poolOf(a.village, "home")][0], d.world.ids[poolOf(a.village, "hamlet")][0]
	}
	if o["firstName"] != nil && len(o) == 1 && a != nil && d.IntN(4) > 0 { // the name that confirms a farewell
		p, err := d.world.stores.Persons.Get(d.world.Context(), a.id)
		d.world.must(err)
		o["firstName"] = p.Value.FirstName
	}
	if o["lat"] != nil && o["town"] != nil && a != nil && d.home != nil {
		if lat, lon, ok := d.home(a); ok {
			o["lat"], o["lon"] = lat, lon
		}
	}
}

// reach is how far an offer goes, in metres.
func (d *drawer) reach() int {
	if d.narrow {
		return 200 + d.IntN(7_000)
	}
	return cmp.Or(d.radius, 20_000)
}

// destination is where a ride goes.
func (d *drawer) destination(a *actor) map[string]any {
	to := care.Point{Lat: 52.7792, Lon: 6.9061}
	if d.rideTo != nil {
		to = d.rideTo(a)
	}
	return map[string]any{"town": "Emmen", "street": d.write(a, "rideStreet"), "lat": to.Lat, "lon": to.Lon}
}

func (d *drawer) write(a *actor, field string) string {
	if d.text != nil {
		return d.text(a, field)
	}
	if a == nil {
		return "niemand"
	}
	return a.word(field)
}

// value is one text of a body.
func (d *drawer) value(a *actor, field, old string) any {
	if ulid.MatchString(old) {
		if field == "community" && a != nil && d.IntN(4) > 0 {
			return d.world.ids[poolOf(a.village, "home")][0]
		}
		return d.id(a, alias(field))
	}
	if _, err := time.Parse(time.RFC3339, old); err == nil {
		return d.world.clock().Add(time.Duration(1+d.IntN(96)) * 30 * time.Minute).Truncate(15 * time.Minute).Format(time.RFC3339)
	}
	switch field {
	case "query":
		if len(d.words) > 0 {
			return d.pick(d.words)
		}
	case "words", "text", "answer", "note", "firstName", "lastName", "street", "device", "token":
		return d.write(a, field)
	case "contact", "contacts":
		return strings.ToLower(d.write(a, "contact"+strconv.Itoa(d.IntN(3)))) + "@example.org"
	case "reason":
		if strings.Contains(old, " ") { // a sentence, not a code
			return d.write(a, "reason")
		}
	case "role":
		return d.pick([]string{"resident", "volunteer", "moderator", "desk"})
	}
	return old
}
