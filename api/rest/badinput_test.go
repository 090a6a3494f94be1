package rest

import (
	"encoding/csv"
	"encoding/json"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/http/httpguts"

	"naober/mobile-contract/wire"
)

const badInputFile = "testdata/badinput.csv"

// furtherBodies are right bodies with parts that exclude those of bodies(). Only what lies under the
// named field is spoiled in them.
func furtherBodies() []struct{ route, under, body string } {
	const at = `"start":"2026-11-26T10:00:00Z","end":"2026-11-26T11:00:00Z"`
	head := `{"community":"{village}","urgency":"ordinary",`
	return []struct{ route, under, body string }{
		{"POST /v1/requests", "ride", head + `"kind":"ride","slots":[{` + at + `}],"ride":{"to":{"town":"Emmen","lat":52.78,"lon":6.9},"passengers":1}}`},
		{"POST /v1/requests", "series", head + `"kind":"company","series":{"rule":"FREQ=WEEKLY;BYDAY=TH","start":"2026-12-03T10:00","durationMinutes":60,"zone":"Europe/Amsterdam"}}`},
		{"POST /v1/offers", "boxed", `{"community":"{village}","kinds":["ride"],"radius":20000,"travel":"car","vehicle":{"seats":3},"boxed":{"at":{"from":"2026-11-26T10:00:00Z","until":"2026-11-26T12:00:00Z"},"from":"Witteveen","to":"Emmen","seats":2}}`},
	}
}

// TestBadInput puts each bad value into each field of each body and into each parameter, as somebody
// who may make the call, and compares the code of the refusal with testdata/badinput.csv, "ok" where the value is none too
// bad there. No answer is a 5xx; each has the status that errors.md gives its code (spec.hold); and after a
// refusal the store holds the same bytes as before it. UPDATE_BADINPUT=1 writes what the service does;
// read each new cell before it is kept.
func TestBadInput(t *testing.T) {
	t.Parallel()
	b := newBadInput(t)
	for _, r := range b.server.routes() {
		name := r.method + " " + r.path
		body, ok := bodies()[name]
		if !ok {
			continue
		}
		b.spoil(name, body, "")
		for _, further := range furtherBodies() {
			if further.route == name {
				b.spoil(name, further.body, further.under)
			}
		}
	}
	for _, r := range b.server.routes() {
		b.misname(r)
	}
	b.compare()
}

// badInput is one village that is put back after each call that changed it.
type badInput struct {
	matrix
	test     *testing.T
	kept     *snapshot
	allowed  map[string]string
	rows     [][]string
	cells    int
	answered answer // the last one
}

// untried stands for a cell that this run leaves out.
const untried = "?"

// due reports whether the next cell is tried. The race detector makes each call ten times as dear and
// has nothing to find between calls that follow each other: under it every sixteenth is tried, and
// deploy/test.sh tries them all without it.
func (b *badInput) due() bool {
	b.cells++
	return !underRace || b.cells%16 == 0
}

func newBadInput(t *testing.T) *badInput {
	t.Helper()
	b := &badInput{matrix: newMatrix(t), test: t, allowed: allowedOf(t)}
	b.furnishMore()
	_, err := b.server.offline.Epoch(t.Context()) // which the first of all calls begins
	must(t, err)
	b.kept = snapshotOf(t, b.file)
	return b
}

// allowedOf names somebody for each call who may make it.
func allowedOf(t *testing.T) map[string]string {
	all := map[string]string{}
	for name, row := range readMatrix(t) {
		all[name] = "Geesje"
		if i := slices.Index(row, "yes"); i >= 0 {
			all[name] = actors()[i]
		}
	}
	return all
}

// furnishMore makes what the calls of the matrix do not reach: a draft, a series, somebody who waits for
// approval and a worry that is taken up.
func (b *badInput) furnishMore() {
	draft := b.call("Geesje", "POST", "/v1/requests", b.fill(strings.Replace(groceriesBody, `"publish":true,`, "", 1))).want(201)
	b.matrix.kept["draft"] = draft.text("id")
	series := b.call("Geesje", "POST", "/v1/requests", b.fill(strings.Replace(furtherBodies()[1].body, `{`, `{"publish":true,`, 1))).want(201)
	b.matrix.kept["series"], b.matrix.kept["occurrence"] = series.text("id"), series.text("slots.0.id")
	fokke := b.call("Wim", "POST", b.fill("/v1/communities/{village}/persons"),
		`{"firstName":"Fokke","lastName":"Brand","birthDate":"1941-05-06","language":"nl","home":{"town":"Witteveen","lat":52.81,"lon":6.68}}`).want(201)
	b.matrix.kept["withoutApp"], b.allowed["POST /v1/persons/:person/forget"] = fokke.text("id"), "Wim"
	b.call("Trijn", "POST", "/v1/me/helper/applications", b.fill(`{"community":"{village}"}`)).want(200)
	b.call("Ina", "POST", b.fill("/v1/reports/{report}/take"), "").want(200)
	b.settle()
	b.drive()
}

// drive lets Jan drive Geesje on Thursday afternoon, when Trijn needs somebody too.
func (b *badInput) drive() {
	first := b.call("Geesje", "POST", "/v1/requests", b.fill(afternoonRide)).want(201)
	b.settle()
	for _, ask := range b.request("Wim", first.text("id")).Asks {
		if ask.Helper.FirstName == "Jan" {
			yes := b.call("Jan", "POST", "/v1/asks/"+ask.ID+"/accept", "").want(200)
			b.matrix.kept["driven"] = yes.text("request.visits.0.id")
		}
	}
	second := b.call("Trijn", "POST", "/v1/requests", b.fill(afternoonRide)).want(201)
	b.matrix.kept["joins"], b.matrix.kept["joinsAt"] = second.text("id"), second.text("slots.0.id")
	b.settle()
}

// request is a request as somebody reads it.
func (b *badInput) request(by, id string) wire.Request {
	var r wire.Request
	must(b.test, json.Unmarshal(b.call(by, "GET", "/v1/requests/"+id, "").want(200).body, &r))
	return r
}

// where is the path of a route, with the documents on which it can succeed.
func (b *badInput) where(route string) string {
	_, path, _ := strings.Cut(route, " ")
	switch route {
	case "PUT /v1/requests/:request":
		path = "/v1/requests/{draft}"
	case "POST /v1/requests/:request/slots/:slot/swap":
		path = "/v1/requests/{series}/slots/{occurrence}/swap"
	case "POST /v1/requests/:request/slots/:slot/journeys":
		path = "/v1/requests/{joins}/slots/{joinsAt}/journeys"
	case "POST /v1/persons/:person/forget":
		path = "/v1/persons/{withoutApp}/forget"
	case "POST /v1/communities/:community/helpers/:person/approve":
		path = "/v1/communities/{village}/helpers/{Trijn}/approve"
	}
	return b.fill(b.path(path))
}

// send makes one call and puts the village back. It reports the code, or ok.
func (b *badInput) send(route, path, body string, heads ...header) string {
	b.test.Helper()
	by := b.allowed[route]
	if by == "nobody" {
		by = ""
	}
	method, _, _ := strings.Cut(route, " ")
	a := b.call(by, method, path, body, heads...)
	b.answered = a
	var differs []string
	if b.kept.changed() {
		differs = b.kept.differs()
		b.kept.restore(differs)
		must(b.test, b.app.Rebuild(b.test.Context())) // whom it takes for whom is in its memory
	}
	if a.status < 300 {
		return "ok"
	}
	code := codeOf(a)
	if a.status >= 500 {
		b.test.Errorf("%s: status %d: %s\n%.300s\nthe log ends: %s", a.call, a.status, a.body, body, b.log.String()[max(0, len(b.log.String())-800):])
	}
	if len(differs) > 0 && !givenUp(path, code) {
		b.test.Errorf("%s: refused with %s, and yet %v changed\n%.300s", a.call, code, differs, body)
	}
	return code
}

// codeOf is the code of a refusal; a push says of its first intent what keeps it from a result.
func codeOf(a answer) string {
	if a.head.Get("Content-Type") == "application/problem+json" {
		return a.text("code")
	}
	return a.text("results.0.status")
}

// givenUp tells of what is written although a condition fails in the end: a book that was opened empty
// reads as none, and a claim that came before its commit is noted as void, so that nobody takes it up.
func givenUp(path, code string) bool {
	return code == "version_mismatch" && (strings.HasPrefix(path, "/v1/me/") || strings.HasSuffix(path, "/accept") || strings.HasSuffix(path, "/move") || strings.HasSuffix(path, "/journeys"))
}

// spoil puts every bad value into every field under a prefix, and leaves each field out.
func (b *badInput) spoil(route, body, under string) {
	method, _, _ := strings.Cut(route, " ")
	path := b.where(route)
	op, ok := b.spec.operation(method, path)
	if !ok {
		b.test.Fatalf("openapi.yaml has no %s", route)
	}
	shape, body := op.RequestBody.Content["application/json"].Schema, b.fill(body)
	if got := b.send(route, path, body); under == "" && got != "ok" {
		b.test.Logf("%s by %s: an unspoiled body is %s", route, b.allowed[route], got)
	}
	for _, field := range b.spec.fields(shape, nil) {
		name := strings.Join(field, ".")
		if under != "" && name != under && !strings.HasPrefix(name, under+".") {
			continue
		}
		row := []string{route, name}
		if under != "" {
			row[0] += " with " + under
		}
		for _, bad := range badValues() {
			if !b.due() {
				row = append(row, untried)
				continue
			}
			row = append(row, b.send(route, path, b.spec.spoiled(b.test, body, shape, field, bad.raw)))
			b.marks(route, shape, name, bad.name)
		}
		b.rows = append(b.rows, row)
	}
}

// marks holds that a refusal which errors.md lets a client mark at its field names a field of the body.
func (b *badInput) marks(route string, shape schema, spoiled, bad string) {
	if b.answered.status < 400 {
		return
	}
	code, _ := b.answered.find("code")
	if word, is := code.(string); !is || !b.spec.marked[word] {
		return
	}
	named, _ := b.answered.find("params.field")
	field, _ := named.(string)
	if !b.spec.holds(shape, field) {
		b.test.Errorf("%s: %s with %s is refused with %s, and the field is %q", route, spoiled, bad, code, field)
	}
}

// misname puts every bad value into each parameter of a route's path and query, and into the headers
// that its calls carry.
func (b *badInput) misname(r route) {
	route := r.method + " " + r.path
	body := b.fill(bodies()[route])
	op, ok := b.spec.operation(r.method, b.where(route))
	if !ok {
		b.test.Fatalf("openapi.yaml has no %s", route)
	}
	for _, p := range op.Parameters {
		if ref, is := strings.CutPrefix(p.Ref, "#/components/parameters/"); is {
			p = b.spec.Components.Parameters[ref]
		}
		row := []string{route, p.In + ":" + p.Name}
		for _, bad := range badValues() {
			if !b.due() {
				row = append(row, untried)
				continue
			}
			text, path := bad.text(), b.where(route)
			var heads []header
			switch p.In {
			case "path":
				path = b.fill(b.path(strings.Replace(r.path, ":"+p.Name, strings.ReplaceAll(url.PathEscape(text), ":", "%3A"), 1)))
			case "query":
				path += "?" + url.Values{p.Name: {text}}.Encode()
			case "header":
				if heads = append(heads, header{p.Name, text}); !httpguts.ValidHeaderFieldValue(text) || text == "" {
					row = append(row, "")
					continue
				}
			}
			row = append(row, b.send(route, path, body, heads...))
		}
		b.rows = append(b.rows, row)
	}
}

// compare holds the rows to the file.
func (b *badInput) compare() {
	t := b.test
	head := []string{"route", "field"}
	for _, bad := range badValues() {
		head = append(head, bad.name)
	}
	got := append([][]string{head}, b.rows...)
	if os.Getenv("UPDATE_BADINPUT") != "" && !underRace {
		f, err := os.Create(badInputFile)
		must(t, err)
		must(t, csv.NewWriter(f).WriteAll(got))
		must(t, f.Close())
	}
	f, err := os.Open(badInputFile)
	must(t, err)
	defer func() { must(t, f.Close()) }()
	want, err := csv.NewReader(f).ReadAll()
	must(t, err)
	known := map[string][]string{}
	for _, row := range want {
		known[row[0]+" "+row[1]] = row
	}
	for _, row := range got {
		name := row[0] + " " + row[1]
		kept, ok := known[name]
		delete(known, name)
		for i := range row {
			if !ok || i >= len(kept) || kept[i] != row[i] && row[i] != untried {
				t.Errorf("%s: %s gives %s; the table has %v", name, head[i], row[i], kept)
				break
			}
		}
	}
	for name := range known {
		t.Errorf("nothing is called %s any more", name)
	}
	t.Logf("figure: bad input: %d fields, each with %d values", len(b.rows), len(badValues()))
}
