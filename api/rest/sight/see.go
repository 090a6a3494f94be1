package sight

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Doc is one document as it is in truth, whole: what the table lets through of it is an answer.
type Doc struct {
	Kind, ID, State string
	About           About
	// Whose is the person whose data it holds, and who finds a reading of it in their log.
	Whose  string
	Value  map[string]any   // everything, as JSON would have it
	Cell   map[string]any   // the same for whoever sees areas in place of places
	Parts  map[string][]Doc // documents inside it, by the name of their field
	Single map[string]bool  // parts that are one document and no list
}

// Reading is one entry in the log of the person whose data was read.
type Reading struct{ Whose, What, Request string }

// Oracle says what people see.
type Oracle struct {
	Table Table
	World World
	// Met counts how often each row was asked for; nil where nobody counts.
	Met map[Row]int
}

// Sight is what somebody sees of a document: its fields by their paths with places in lists, and what
// must stand in which logs when it was shown.
type Sight struct {
	Relation string
	Fields   map[string]any
	Readings map[Reading]bool
}

// See says what somebody sees of a document, empty where that is nothing. A field on which the table
// is silent is an error.
func (o Oracle) See(viewer string, d Doc) (Sight, error) {
	s := Sight{Relation: o.World.Relation(viewer, d), Fields: map[string]any{}, Readings: map[Reading]bool{}}
	o.meet(viewer, d, s.Relation)
	for verdict, whole := range map[Verdict]map[string]any{Shown: d.Value, Cell: d.Cell} {
		for path, value := range Flat(whole) {
			rule, ok := o.Table.rules[cellKey{d.Kind, s.Relation, d.State, fieldOf(path)}]
			if !ok {
				return s, fmt.Errorf("no row for %s,%s,%s,%s", d.Kind, s.Relation, d.State, fieldOf(path))
			}
			if rule.Verdict == verdict {
				s.Fields[path] = worded(d, s.Relation, path, value)
				s.note(viewer, d, rule)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(d.Parts)) {
		if err := o.seeParts(viewer, d, name, s); err != nil {
			return s, err
		}
	}
	return s, nil
}

func (o Oracle) seeParts(viewer string, d Doc, name string, s Sight) error {
	rule, ok := o.Table.rules[cellKey{d.Kind, s.Relation, d.State, name}]
	if !ok {
		return fmt.Errorf("no row for %s,%s,%s,%s", d.Kind, s.Relation, d.State, name)
	}
	if rule.Verdict == Absent {
		return nil
	}
	n := 0
	for _, part := range d.Parts[name] {
		seen, err := o.See(viewer, part)
		if err != nil {
			return err
		}
		if len(seen.Fields) == 0 {
			continue
		}
		at := fmt.Sprintf("%s[%d].", name, n)
		if n++; d.Single[name] {
			at = name + "."
		}
		for field, value := range seen.Fields {
			s.Fields[at+field] = value
		}
		maps.Copy(s.Readings, seen.Readings)
		s.note(viewer, d, rule)
	}
	return nil
}

func (s Sight) note(viewer string, d Doc, rule Rule) {
	if rule.Logged != "" && d.Whose != "" && d.Whose != viewer {
		s.Readings[Reading{d.Whose, rule.Logged, d.About.Request}] = true
	}
}

// worded are the fields that say to the reader how they themselves stand to the document, and the
// state of a request: a helper is told only whether it lives.
func worded(d Doc, rel, field string, value any) any {
	switch d.Kind + "." + field {
	case "request.relation":
		return map[string]string{"requester": "requester", "subject": "requester", "proxy": "requester", "owner": "owner", "desk": "staff",
			"agreed": "agreed", "asked": "asked", "reserve": "asked", "moderator": "moderator"}[rel]
	case "request.state":
		if helps(rel) && value == "arranged" {
			return "open"
		}
	case "life.state":
		if rel == "moderator" && value != "died" {
			return "here"
		}
	case "referral.side":
		return map[string]string{"professional": "receiver", "sender": "sender", "subject": "subject"}[rel]
	}
	return value
}

// fieldOf is the field of the table to which a path in an answer belongs: lists have no places there.
func fieldOf(path string) string {
	var field strings.Builder
	inside := false
	for _, c := range path {
		switch {
		case c == '[':
			inside = true
		case c == ']':
			inside = false
		case !inside:
			field.WriteRune(c)
		}
	}
	return field.String()
}

// Flat takes an answer apart: each value by its path. What is empty is left out, for absent and
// empty look alike.
func Flat(v any) map[string]any {
	all := map[string]any{}
	var walk func(at string, v any)
	walk = func(at string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for name, one := range v {
				walk(strings.TrimPrefix(at+"."+name, "."), one)
			}
		case []any:
			for i, one := range v {
				walk(fmt.Sprintf("%s[%d]", at, i), one)
			}
		default:
			if !nothing(v) {
				all[at] = v
			}
		}
	}
	walk("", v)
	return all
}

func nothing(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case bool:
		return !v
	case float64:
		return v == 0
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return false
}

// Differences tells where an answer is not what somebody sees: each field that is shown and should
// not be, that is missing, or that says something else.
func (s Sight) Differences(answer any) []string {
	var all []string
	got := Flat(answer)
	for at, value := range got {
		want, ok := s.Fields[at]
		switch {
		case !ok:
			all = append(all, fmt.Sprintf("%s is shown to %s and is not for them", at, s.Relation))
		case want != value:
			all = append(all, fmt.Sprintf("%s is %v, want %v", at, value, want))
		}
	}
	for at := range s.Fields {
		if _, ok := got[at]; !ok {
			all = append(all, fmt.Sprintf("%s is missing for %s", at, s.Relation))
		}
	}
	slices.Sort(all)
	return all
}
