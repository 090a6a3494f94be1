package rest

import (
	"encoding/json"
	"go/ast"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"naober/mobile-contract/wire"
)

// shapes are all structs of package wire; TestShapesAreComplete holds the list to the source.
func shapes() []any {
	return []any{wire.Address{}, wire.Agreed{}, wire.Application{}, wire.Approval{}, wire.Area{}, wire.Ask{}, wire.AskAnswer{}, wire.AskReasons{}, wire.Availability{},
		wire.Block{}, wire.Candidate{}, wire.Candidates{}, wire.Change{}, wire.Choice{}, wire.Circumstances{}, wire.CodeRequest{}, wire.Community{},
		wire.Consent{}, wire.Contact{}, wire.ContactRemoval{}, wire.Forgetting{}, wire.Decision{}, wire.Device{}, wire.Emergency{}, wire.Exclusion{}, wire.Export{},
		wire.Feedback{}, wire.Flow{}, wire.Grant{}, wire.Health{}, wire.Helper{}, wire.History{}, wire.Installation{}, wire.Interval{}, wire.Joining{},
		wire.Journey{}, wire.Key{}, wire.Keys{}, wire.Later{}, wire.Leave{}, wire.Match{}, wire.Merge{}, wire.Merging{}, wire.Membership{}, wire.Message{}, wire.Mirror{},
		wire.ModeratedHelper{}, wire.Move{}, wire.Needs{}, wire.NewContact{}, wire.NewDecision{}, wire.NewDeskPerson{}, wire.NewFeedback{},
		wire.NewMessage{}, wire.NewOffer{}, wire.NewPerson{}, wire.NewPlace{}, wire.NewReferral{}, wire.NewReport{}, wire.NewRequest{}, wire.NewRide{}, wire.NewSlot{},
		wire.NewSlots{}, wire.NewVetting{}, wire.Nothing{}, wire.Offer{}, wire.OfferEdit{}, wire.Organization{}, wire.Owner{},
		wire.PaperCode{}, wire.PaperRedemption{}, wire.Pause{}, wire.Person{}, wire.Place{}, wire.Weights{}, wire.Lift{}, wire.LiftAsk{}, wire.LiftStop{}, wire.Lifts{}, wire.OpenRide{}, wire.RideDay{}, wire.Tour{}, wire.TourRide{}, wire.Plan{}, wire.PlannedAnswer{}, wire.PlannedAnswers{}, wire.PlannedAsk{}, wire.PlannedAsks{}, wire.PlannedTime{}, wire.Point{}, wire.Problem{}, wire.Profile{},
		wire.ProfileEdit{}, wire.Publishing{}, wire.PushToken{}, wire.Queue{}, wire.Quiet{}, wire.Reason{}, wire.Redemption{},
		wire.Referral{}, wire.Refresh{}, wire.Registration{}, wire.Rejection{}, wire.Report{}, wire.ReportAnswer{}, wire.Task{}, wire.Life{}, wire.Absence{}, wire.Removal{}, wire.Request{},
		wire.RequestEdit{}, wire.RequestRefusal{}, wire.Ride{}, wire.RuleCount{}, wire.Search{}, wire.Sent{}, wire.Series{}, wire.SignedIn{}, wire.Slot{},
		wire.SlotSwap{}, wire.Swap{}, wire.Tokens{}, wire.Vehicle{}, wire.Vetting{}, wire.View{}, wire.Visit{}, wire.Window{}, wire.Yes{},
		wire.Push{}, wire.Mutation{}, wire.PushAnswer{}, wire.MutationResult{}, wire.Pull{}, wire.Cookie{}, wire.PullAnswer{}, wire.PatchOp{}, wire.PullCheck{}, wire.HeldAddress{}, wire.Outcome{}, wire.EventsTicket{}, wire.DeviceKeys{}, wire.Bundle{}, wire.BundleReply{}, wire.SyncConfig{},
		wire.VersionRefused{}}
}

func TestShapesAreComplete(t *testing.T) {
	t.Parallel()
	known := map[string]bool{"Page": true, "Instant": true} // generic, and no struct on the wire
	for _, s := range shapes() {
		known[reflect.TypeOf(s).Name()] = true
	}
	for _, file := range sources(t, "../../mobile-contract/wire") {
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.TypeSpec); ok && !known[spec.Name.Name] {
				t.Errorf("wire.%s is missing from shapes", spec.Name.Name)
			}
			return true
		})
	}
}

// TestRoutesAreWrittenDown compares routes.go with openapi.yaml both ways.
func TestRoutesAreWrittenDown(t *testing.T) {
	t.Parallel()
	spec := readSpec(t)
	written := map[string]bool{}
	for path, ops := range spec.Paths {
		for method := range ops {
			written[strings.ToUpper(method)+" "+path] = true
		}
	}
	for _, r := range new(Server).routes() {
		name := r.method + " " + regexp.MustCompile(`:(\w+)`).ReplaceAllString(r.path, "{$1}")
		if !written[name] {
			t.Errorf("openapi.yaml lacks %s", name)
			continue
		}
		delete(written, name)
		method, path, _ := strings.Cut(name, " ")
		op := spec.Paths[path][strings.ToLower(method)]
		if open := op.Security != nil; open != (r.who == public) {
			t.Errorf("%s: openapi.yaml and routes.go differ in who may call", name)
		}
		if op.Summary == "" || !strings.HasPrefix(op.Description, "For ") {
			t.Errorf("%s: no summary, or the description does not begin with who may call", name)
		}
		if len(op.Description) < 60 || !strings.HasSuffix(op.Description, ".") {
			t.Errorf("%s: nobody can build a client from %q", name, op.Description)
		}
		holdParameters(t, spec, name, op, r)
	}
	for name := range written {
		t.Errorf("openapi.yaml has %s, which is no route", name)
	}
}

func holdParameters(t *testing.T, spec spec, name string, op operation, r route) {
	t.Helper()
	var inPath []string
	needsKey := false
	for _, p := range op.Parameters {
		if ref, is := strings.CutPrefix(p.Ref, "#/components/parameters/"); is {
			needsKey = needsKey || ref == "idempotencyKey"
			p = spec.Components.Parameters[ref]
		}
		if p.In == "path" {
			inPath = append(inPath, p.Name)
		}
	}
	var want []string
	for _, m := range regexp.MustCompile(`:(\w+)`).FindAllStringSubmatch(r.path, -1) {
		want = append(want, m[1])
	}
	if !slices.Equal(inPath, want) {
		t.Errorf("%s: path parameters %v, want %v", name, inPath, want)
	}
	if changes := r.method != "GET" && r.who == signedIn; changes != needsKey {
		t.Errorf("%s: openapi.yaml says a key is needed: %v, routes.go: %v", name, needsKey, changes)
	}
}

// TestShapesAreWrittenDown compares each struct of wire with its schema: names, what is required,
// and of which type.
func TestShapesAreWrittenDown(t *testing.T) {
	t.Parallel()
	spec := readSpec(t)
	for _, s := range shapes() {
		of := reflect.TypeOf(s)
		sc, ok := spec.Components.Schemas[of.Name()]
		if !ok {
			t.Errorf("openapi.yaml has no schema %s", of.Name())
			continue
		}
		fields := jsonFields(of)
		if got, want := slices.Sorted(maps.Keys(sc.Properties)), slices.Sorted(maps.Keys(fields)); !slices.Equal(got, want) {
			t.Errorf("%s: schema has %v, wire has %v", of.Name(), got, want)
		}
		for name, p := range sc.Properties {
			if p.Description == "" {
				t.Errorf("%s.%s is not described", of.Name(), name)
			}
		}
		for name, f := range fields {
			if slices.Contains(sc.Required, name) == f.optional {
				t.Errorf("%s.%s: required in openapi.yaml and optional in wire, or the other way", of.Name(), name)
			}
			if want := schemaOf(f.of); !matches(sc.Properties[name], name, want) {
				t.Errorf("%s.%s: schema %+v, want %s", of.Name(), name, sc.Properties[name], want)
			}
		}
	}
}

type field struct {
	of       reflect.Type
	optional bool
}

func jsonFields(of reflect.Type) map[string]field {
	fields := map[string]field{}
	for _, f := range reflect.VisibleFields(of) {
		name, rest, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous || name == "" {
			continue
		}
		fields[name] = field{of: f.Type, optional: rest != ""}
	}
	return fields
}

// schemaOf is the type of a Go value in JSON Schema, or the name of its own schema.
func schemaOf(of reflect.Type) string {
	if of == reflect.TypeFor[json.RawMessage]() {
		return "object"
	}
	switch of.Kind() {
	case reflect.Pointer:
		return schemaOf(of.Elem())
	case reflect.Struct:
		return of.Name()
	case reflect.Slice:
		return "array of " + schemaOf(of.Elem())
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "boolean"
	case reflect.Int, reflect.Int64:
		return "integer"
	case reflect.Float64:
		return "number"
	}
	return "object"
}

// matches compares a schema with the Go type of the field of that name. A string whose name says
// that it identifies something is an Id, and no other is; from and to are ids in some shapes and
// times in others.
func matches(sc schema, name, want string) bool {
	if items, is := strings.CutPrefix(want, "array of "); is {
		return sc.Type == "array" && sc.Items != nil && matches(*sc.Items, name, items)
	}
	sc = notNull(sc)
	ref := strings.TrimPrefix(sc.Ref, "#/components/schemas/")
	if want != "string" || name == "from" || name == "to" {
		return sc.Type == want || ref == want || (want == "string" && ref == "Id")
	}
	if name == "clientGroupID" || name == "clientID" {
		return ref == "DeviceName"
	}
	if slices.Contains(identifiers(), name) {
		return ref == "Id"
	}
	return sc.Type == want
}

// identifiers are the names of the fields that hold ids.
func identifiers() []string {
	return strings.Fields("about after ask association blocks by community flow for guarantor helper id neighbours organization person referral request" +
		" doneBy echo into offer other reportedBy session slot takenBy visit")
}

// TestExamplesFit checks every example of openapi.yaml against its own schema.
func TestExamplesFit(t *testing.T) {
	t.Parallel()
	spec := readSpec(t)
	for name, sc := range spec.Components.Schemas {
		if len(sc.Examples) == 0 {
			t.Errorf("%s has no example", name)
		}
		for _, example := range sc.Examples {
			if err := spec.fits(sc, example, name); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestCodesOfOperationsAreExplained holds the codes of openapi.yaml to those that the source gives.
func TestCodesOfOperationsAreExplained(t *testing.T) {
	t.Parallel()
	given := append(codesIn(t, speaking...), rulesTold()...)
	spec := readSpec(t)
	check := func(where string, r response) {
		for _, code := range r.Codes {
			if !slices.Contains(given, code) {
				t.Errorf("%s: nothing gives %s", where, code)
			}
		}
	}
	for name, r := range spec.Components.Responses {
		check(name, r)
	}
	for path, ops := range spec.Paths {
		for method, op := range ops {
			for status, r := range op.Responses {
				check(method+" "+path+" "+status, r)
			}
		}
	}
}

// TestBodiesHoldNothingOpen walks every request body: no interface, map or function in which a
// client could send what nobody expects.
func TestBodiesHoldNothingOpen(t *testing.T) {
	t.Parallel()
	byName := map[string]reflect.Type{}
	for _, s := range shapes() {
		byName[reflect.TypeOf(s).Name()] = reflect.TypeOf(s)
	}
	bodies := 0
	for path, ops := range readSpec(t).Paths {
		for _, op := range ops {
			m, ok := op.RequestBody.Content["application/json"]
			if !ok {
				continue
			}
			bodies++
			name := strings.TrimPrefix(m.Schema.Ref, "#/components/schemas/")
			if byName[name] == nil {
				t.Errorf("%s: no shape %s", path, name)
				continue
			}
			closed(t, name, byName[name])
		}
	}
	if bodies < 40 {
		t.Errorf("only %d bodies were found", bodies)
	}
}

func closed(t *testing.T, at string, of reflect.Type) {
	t.Helper()
	if of == reflect.TypeFor[json.RawMessage]() {
		return // the body of a route again: mutation.split takes it apart, and the route's own reader reads it
	}
	switch of.Kind() {
	case reflect.Pointer, reflect.Slice:
		closed(t, at, of.Elem())
	case reflect.Struct:
		if of == reflect.TypeFor[wire.Instant]() {
			return
		}
		for i := range of.NumField() {
			closed(t, at+"."+of.Field(i).Name, of.Field(i).Type)
		}
	case reflect.String, reflect.Bool, reflect.Int, reflect.Int64, reflect.Float64:
	default:
		t.Errorf("%s is a %s", at, of.Kind())
	}
}

// TestCommonAnswersAreWrittenDown: what the frame around all handlers may answer stands at every route.
func TestCommonAnswersAreWrittenDown(t *testing.T) {
	t.Parallel()
	spec := readSpec(t)
	for _, r := range new(Server).routes() {
		name := r.method + " " + r.path
		op, ok := spec.operation(r.method, regexp.MustCompile(`:\w+`).ReplaceAllString(r.path, "x"))
		if !ok {
			t.Errorf("openapi.yaml lacks %s", name)
			continue
		}
		want := []string{"415", "431", "500", "503"}
		if r.who != public {
			want = append(want, "401")
		}
		if r.path != "/health/live" {
			want = append(want, "429")
		}
		if r.method != "GET" {
			want = append(want, "413")
		}
		if r.method != "GET" && r.who == signedIn {
			want = append(want, "400", "412", "422")
		}
		for _, status := range want {
			if _, ok := op.Responses[status]; !ok {
				t.Errorf("%s: openapi.yaml has no answer %s", name, status)
			}
		}
	}
}
