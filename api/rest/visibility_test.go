package rest

import (
	"go/ast"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"naober/api/rest/sight"
	"naober/mobile-contract/wire"
)

const visibilityFile = "../../mobile-contract/visibility.csv"

func readVisibility(t *testing.T) sight.Table {
	t.Helper()
	f, err := os.Open(visibilityFile)
	must(t, err)
	defer func() { must(t, f.Close()) }()
	table, err := sight.Parse(f)
	must(t, err)
	return table
}

// kindOfAnswer is one kind of document in answers, as visibility.csv names it.
type kindOfAnswer struct {
	name   string
	shape  any
	states string // words, or the type in package care whose constants they are
}

// kinds are all that an answer can hold. A shape may be several kinds, where who stands how to it is
// judged differently.
func kinds() []kindOfAnswer {
	return []kindOfAnswer{
		{"request", wire.Request{}, "State"}, {"slot", wire.Slot{}, "none"}, {"ask", wire.Ask{}, "AskState"}, {"visit", wire.Visit{}, "VisitState"},
		{"ask_answer", wire.AskAnswer{}, "none"}, {"ask_reasons", wire.AskReasons{}, "none"}, {"history", wire.History{}, "none"}, {"candidates", wire.Candidates{}, "none"},
		{"address", wire.Address{}, "VisitState over"}, {"message", wire.Message{}, "sent withheld"}, {"feedback", wire.Feedback{}, "none"},
		{"report", wire.Report{}, "ReportState"}, {"referral", wire.Referral{}, "ReferralState"},
		{"mirror", wire.Mirror{}, "none"}, {"me", wire.Profile{}, "none"}, {"person", wire.Profile{}, "none"}, {"found", wire.Profile{}, "none"}, {"view", wire.View{}, "none"},
		{"helper", wire.Helper{}, "none"}, {"helper_in_community", wire.ModeratedHelper{}, "ApprovalState none"}, {"queue", wire.Queue{}, "none"},
		{"offer", wire.Offer{}, "standing ended"}, {"membership", wire.Membership{}, "active ended"}, {"device", wire.Device{}, "none"},
		{"community", wire.Community{}, "none"}, {"organization", wire.Organization{}, "none"}, {"paper_code", wire.PaperCode{}, "none"},
		{"task", wire.Task{}, "none"}, {"plan", wire.Plan{}, "none"}, {"planned_asks", wire.PlannedAnswers{}, "none"}, {"lifts", wire.Lifts{}, "none"}, {"ride_day", wire.RideDay{}, "none"}, {"merge", wire.Merge{}, "none"}, {"life", wire.Life{}, "LifeState none"},
		{"tokens", wire.Tokens{}, "none"}, {"sign_in", wire.SignedIn{}, "none"}, {"flow", wire.Flow{}, "none"}, {"health", wire.Health{}, "none"},
		{"export", wire.Export{}, "none"}, {"installation", wire.Installation{}, "none"}, {"push", wire.Sent{}, "none"},
		{"key", wire.Key{}, "none"}, {"problem", wire.Problem{}, "none"},
	}
}

// furtherOf are the relations that a kind knows besides those that every kind does: most can be
// one's own.
func furtherOf(kind string) []string {
	switch kind {
	case "report":
		return []string{"self", "accused"}
	case "referral":
		return []string{"sender"}
	case "community", "organization", "flow", "health", "key", "problem":
		return []string{"anybody"}
	case "request", "slot", "candidates", "found", "helper_in_community", "queue", "paper_code", "task", "plan", "planned_asks", "lifts", "ride_day":
		return nil
	}
	return []string{"self"}
}

// statesOf lists the states of a kind.
func statesOf(k kindOfAnswer, constants map[string][]string) []string {
	var states []string
	for _, word := range strings.Fields(k.states) {
		if values, is := constants[word]; is {
			states = append(states, values...)
		} else {
			states = append(states, word)
		}
	}
	return states
}

// fieldsOf lists the fields of a shape as the table names them: through objects and lists down to
// what has no parts, or is a kind of its own.
func fieldsOf(of reflect.Type) []string {
	own := map[reflect.Type]bool{}
	for _, k := range kinds() {
		own[reflect.TypeOf(k.shape)] = true
	}
	var all []string
	var walk func(at string, of reflect.Type)
	walk = func(at string, of reflect.Type) {
		for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice {
			of = of.Elem()
		}
		if of.Kind() != reflect.Struct || of == reflect.TypeFor[wire.Instant]() || at != "" && own[of] {
			all = append(all, at)
			return
		}
		for _, f := range reflect.VisibleFields(of) {
			if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" && !f.Anonymous {
				walk(strings.TrimPrefix(at+"."+name, "."), f.Type)
			}
		}
	}
	walk("", of)
	return all
}

// TestVisibilityIsWholeForEveryKind holds the hand-written table to the shapes and states in the
// source: a kind, a relation, a state or a field that it leaves out fails, and so does one that is
// gone.
func TestVisibilityIsWholeForEveryKind(t *testing.T) {
	t.Parallel()
	table, constants := readVisibility(t), stateConstants(t)
	var known []string
	for _, k := range kinds() {
		known = append(known, k.name)
		for _, gap := range table.Gaps(k.name, statesOf(k, constants), fieldsOf(reflect.TypeOf(k.shape)), furtherOf(k.name)) {
			t.Error(gap)
		}
	}
	for _, kind := range table.Kinds() {
		if !slices.Contains(known, kind) {
			t.Errorf("visibility.csv speaks of the kind %s, which no answer holds", kind)
		}
	}
}

// TestVisibilityMissesEveryRow takes each cell out of the table in turn, then all that it says of one
// field under one relation, or in one state, and of the field itself: none goes unnoticed.
func TestVisibilityMissesEveryRow(t *testing.T) {
	t.Parallel()
	table, constants, taken := readVisibility(t), stateConstants(t), 0
	for _, k := range kinds() {
		whole, states := table.Of(k.name), statesOf(k, constants)
		for _, field := range fieldsOf(reflect.TypeOf(k.shape)) {
			of := whole.Without(func(_, _, _, f string) bool { return f != field })
			groups := map[[2]string]bool{{}: true}
			of.Cells(func(_, relation, state, _ string) {
				groups[[2]string{relation, state}], groups[[2]string{relation}], groups[[2]string{"", state}] = true, true, true
			})
			for g := range groups {
				less := of.Without(func(_, relation, state, _ string) bool {
					return (g[0] == "" || g[0] == relation) && (g[1] == "" || g[1] == state)
				})
				if taken++; len(less.Gaps(k.name, states, []string{field}, furtherOf(k.name))) == 0 {
					t.Errorf("visibility.csv can do without %s,%s,%s,%s", k.name, g[0], g[1], field)
				}
			}
		}
	}
	t.Logf("figure: %d cells and groups of cells of visibility.csv were taken out, and each was missed", taken)
}

// stateConstants reads the constants of every type of package care whose name ends in State.
func stateConstants(t *testing.T) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	for _, file := range sources(t, "../../matching/care") {
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			name, ok := spec.Type.(*ast.Ident)
			if !ok || !strings.HasSuffix(name.Name, "State") || len(spec.Values) != 1 {
				return true
			}
			value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			must(t, err)
			found[name.Name] = append(found[name.Name], value)
			return true
		})
	}
	if len(found) < 6 {
		t.Fatalf("only %d types of states were found", len(found))
	}
	return found
}

// TestEveryStateAndAnswerHasItsKind: a new type of states, and a new shape in an answer, say in
// kinds where they belong.
func TestEveryStateAndAnswerHasItsKind(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	shapes := map[string]bool{}
	for _, k := range kinds() {
		for _, word := range strings.Fields(k.states) {
			used[word] = true
		}
		shapes[reflect.TypeOf(k.shape).Name()] = true
	}
	for name := range stateConstants(t) {
		if !used[name] {
			t.Errorf("care.%s belongs to no kind of visibility.csv: name it in kinds", name)
		}
	}
	spec := readSpec(t)
	for path, ops := range spec.Paths {
		for method, op := range ops {
			for status, r := range op.Responses {
				for media, m := range r.Content {
					if media == "text/html" {
						continue // the words of what its neighbour holds as JSON
					}
					name := strings.TrimPrefix(m.Schema.Ref, "#/components/schemas/")
					if strings.HasPrefix(path, "/sync/v1/") && media != "application/problem+json" {
						continue // an envelope: what is in it is judged by its own kind
					}
					if items := spec.Components.Schemas[name].Properties["items"].Items; items != nil {
						name = strings.TrimPrefix(items.Ref, "#/components/schemas/")
					}
					if name == "Keys" {
						name = "Key"
					}
					if !shapes[name] {
						t.Errorf("%s %s answers %s with %s, which is no kind of visibility.csv: add it to kinds, and its rows to the table", method, path, status, name)
					}
				}
			}
		}
	}
}
