package rest

import (
	"encoding/csv"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"naober/api/port"
	"naober/matching/care"
)

// actors are the columns of testdata/matrix.csv: everybody who can stand to the same documents.
func actors() []string {
	return []string{"nobody", "Geesje", "Jan", "Piet", "Trijn", "Wim", "Dirk", "Ina", "Bea", "Gon", "Dok", "Zorg", "Eva", "Ernst"}
}

// matrix is two villages and one document of each kind, all of them of the first.
type matrix struct {
	*world
	kept map[string]string
}

// newMatrix: Geesje asks for herself; Jan is asked; Piet agreed; Trijn is a neighbour. Wim is fixed
// worker and owner, Dirk the desk, Ina moderator, Bea administrator, Gon the guarantor on duty, Dok a
// professional who referred another request, Zorg formal care that accepted it. Eva holds every
// office of the next village, and Ernst lives there.
func newMatrix(t *testing.T) matrix {
	t.Helper()
	return newMatrixOn(t, newWorld(t))
}

func newMatrixOn(t *testing.T, w *world) matrix {
	t.Helper()
	ctx := t.Context()
	organization := func(kind care.OrganizationKind, name string) care.OrganizationID {
		id, err := w.app.CreateOrganization(ctx, care.Organization{Kind: kind, Name: name})
		must(t, err)
		return id
	}
	village := func(name string, board, duty care.OrganizationID) care.CommunityID {
		id, err := w.app.CreateCommunity(ctx, care.Community{Name: name, Town: name, Point: witteveen, Zone: "Europe/Amsterdam", Association: board, Guarantor: duty})
		must(t, err)
		return id
	}
	grant := func(p care.PersonID, o care.OrganizationID, role care.Role) {
		_, err := w.app.GrantFirstRole(ctx, care.Membership{Person: p, Community: w.village, Organization: o, Role: role})
		must(t, err)
	}
	board, duty := organization(care.Association, "Dorpsbelang"), organization(care.Professional, "Sociaal team")
	practice := organization(care.Professional, "Huisartsen")
	next := village("Elders", board, duty)
	w.village = next
	w.arrive("Eva", care.Resident, care.DeskWorker, care.FixedWorker, care.Moderator)
	grant(w.people["Eva"].id, organization(care.Association, "Elders Belang"), care.Administrator)
	w.arrive("Ernst", care.Resident, care.Volunteer)
	w.village = village("Witteveen bij ons", board, duty)
	for name, roles := range map[string][]care.Role{"Geesje": {care.Resident}, "Jan": {care.Resident, care.Volunteer}, "Piet": {care.Resident, care.Volunteer},
		"Trijn": {care.Resident}, "Wim": {care.FixedWorker}, "Dirk": {care.DeskWorker}, "Ina": {care.Moderator}, "Zorg": {care.ProfessionalRole}} {
		w.arrive(name, roles...)
	}
	grant(w.arrive("Bea").id, board, care.Administrator)
	grant(w.arrive("Gon").id, duty, care.GuarantorRole)
	grant(w.arrive("Dok", care.FixedWorker).id, practice, care.ProfessionalRole)
	m := matrix{world: w, kept: map[string]string{"relation": "staff", "village": string(w.village), "care": string(w.care), "elsewhere": string(next)}}
	m.furnish()
	return m
}

// furnish makes one of everything.
func (m matrix) furnish() {
	keep := func(name string, a answer, path string) { m.kept[name] = a.text(path) }
	post := func(by, path, body string) answer {
		a := m.call(by, "POST", m.fill(path), m.fill(body))
		if a.status > 299 {
			m.t.Fatalf("%s: %s", a.call, a.body)
		}
		m.settle()
		return a
	}
	for name, a := range m.people {
		m.kept[name] = string(a.id)
	}
	for _, name := range []string{"Jan", "Piet"} {
		keep("offer", post(name, "/v1/offers", offerBody), "id")
		post(name, "/v1/me/helper/applications", `{"community":"{village}"}`)
		post("Ina", "/v1/communities/{village}/helpers/{"+name+"}/approve", `{"rule":"house_rules.1@1","reason":"Bekend."}`)
	}
	keep("offer", m.call("Jan", "GET", "/v1/offers", ""), "items.0.id")
	handed := post("Geesje", "/v1/requests", strings.Replace(groceriesBody, `"groceries"`, `"pet"`, 1))
	m.kept["handed"] = handed.text("id")
	keep("referral", post("Dok", "/v1/requests/{handed}/referrals", `{"to":"{care}","theme":"company","urgency":"ordinary","words":"Alleen.","consent":"spoken"}`), "id")
	post("Zorg", "/v1/referrals/{referral}/accept", "")
	two := strings.Replace(groceriesBody, `11:00:00Z"`, `11:00:00Z","seats":2`, 1)
	asked := post("Geesje", "/v1/requests", two)
	m.kept["request"], m.kept["slot"] = asked.text("id"), asked.text("slots.0.id")
	keep("ask", m.call("Jan", "GET", "/v1/requests?scope=helping", ""), "items.0.asks.0.id")
	yes := post("Piet", "/v1/asks/"+m.call("Piet", "GET", "/v1/requests?scope=helping", "").text("items.0.asks.0.id")+"/accept", "")
	keep("visit", yes, "request.visits.0.id")
	keep("driven", yes, "request.visits.0.id")
	keep("message", post("Piet", "/v1/visits/{visit}/messages", `{"text":"Tot dan"}`), "id")
	keep("report", post("Geesje", "/v1/visits/{visit}/reports", `{"words":"Een zorg."}`), "id")
	keep("membership", m.call("Jan", "GET", "/v1/me/memberships", ""), "items.0.id")
	task := care.Task{ID: "01JDB8Q4M2ZT6R0V9XKFW3E7HN", Community: m.village, Kind: care.TaskDuplicate, Person: m.people["Jan"].id}
	_, err := m.app.Stores.Tasks.Insert(m.t.Context(), task.ID, task, nil, port.Write{})
	must(m.t, err)
	m.kept["task"] = string(task.ID)
	m.kept["session"] = m.people["Geesje"].tokens.Session
}

func (m matrix) fill(text string) string {
	for name, value := range m.kept {
		text = strings.ReplaceAll(text, "{"+name+"}", value)
	}
	return text
}

// bodies are what a route takes where that is not {}.
func bodies() map[string]string {
	decision := `{"rule":"house_rules.1@1","reason":"Bekend."}`
	const profile = `"firstName":"Trijn","lastName":"Wever","birthDate":"1939-01-02","language":"nl","home":{"town":"Witteveen","lat":52.81,"lon":6.68}`
	edit := `{"kind":"groceries","urgency":"ordinary","slots":[{"start":"2026-11-26T10:00:00Z","end":"2026-11-26T11:00:00Z"}]}`
	return map[string]string{
		"POST /sync/v1/push": `{"pushVersion":1,"clientGroupID":"{request}","schemaVersion":"1","mutations":[{"clientID":"{request}","id":1,` +
			`"nonce":"nonce-of-a-matrix","name":"outcome.dismiss","args":{"nonce":"nonce-of-nothing-1"}}]}`,
		"POST /sync/v1/pull":                                       `{"pullVersion":1,"clientGroupID":"{request}","schemaVersion":"1","cookie":{"order":1,"v":"none","e":"none"}}`,
		"POST /v1/sign-in/codes":                                   `{"contact":"geesje@example.org"}`,
		"POST /v1/sign-in/tokens":                                  `{"flow":"{request}","code":"0000 0000"}`,
		"POST /v1/sign-in/paper":                                   `{"code":"0000 0000 0000"}`,
		"POST /sync/v1/bundle":                                     `{"bundle":1,"way":"up","session":"{request}","number":1,"until":1,"sealed":"AAAA"}`,
		"POST /v1/tokens":                                          `{"refresh":"r1.none"}`,
		"POST /v1/registrations":                                   `{"flow":"{request}","code":"0000 0000","person":{` + profile + `,"contact":"trijn2@example.org","community":"{village}"}}`,
		"PUT /v1/me":                                               `{` + profile + `}`,
		"POST /v1/me/contacts":                                     `{"contact":"0591 123456","flow":"{request}","code":"0000 0000"}`,
		"POST /v1/me/contacts/remove":                              `{"contact":"geesje@example.org"}`,
		"POST /v1/me/forget":                                       `{"firstName":"Niemand"}`,
		"POST /v1/persons/:person/forget":                          `{"firstName":"Niemand"}`,
		"PUT /v1/me/push-token":                                    `{"token":"fLk3:APA91bE"}`,
		"PUT /v1/communities/:community/weights":                   `{"nearness":50,"fairness":20}`,
		"POST /v1/communities/:community/members":                  `{"role":"volunteer"}`,
		"POST /v1/communities/:community/persons":                  `{` + profile + `}`,
		"POST /v1/communities/:community/persons/search":           `{"query":"gees"}`,
		"POST /v1/communities/:community/persons/duplicates":       `{` + profile + `}`,
		"POST /v1/communities/:community/persons/merge":            `{"person":"{Jan}","into":"{Geesje}"}`,
		"POST /v1/persons/:person/life/leave":                      `{"state":"in_hospital"}`,
		"POST /v1/persons/:person/life/move":                       `{"from":"{village}","to":"{elsewhere}","home":{"town":"Elders","lat":52.81,"lon":6.68}}`,
		"POST /v1/communities/:community/plan/asks":                `{"asks":[{"request":"{request}","slot":"{slot}","helper":"{Trijn}"}]}`,
		"POST /v1/requests/:request/slots/:slot/journeys":          `{"visit":"{driven}"}`,
		"POST /v1/communities/:community/roles":                    `{"person":"{Trijn}","role":"moderator"}`,
		"POST /v1/communities/:community/helpers/:person/approve":  decision,
		"POST /v1/communities/:community/helpers/:person/refuse":   decision,
		"POST /v1/communities/:community/helpers/:person/pause":    `{"rule":"house_rules.3@1","reason":"Geld.","until":"2027-01-01T00:00:00Z"}`,
		"POST /v1/communities/:community/helpers/:person/vettings": `{"kind":"vog","validUntil":"2028-01-01T00:00:00Z"}`,
		"PUT /v1/memberships/:membership/leave":                    `{"from":"2026-12-01T00:00:00Z","until":"2026-12-08T00:00:00Z"}`,
		"PUT /v1/me/helper/quiet":                                  `{"zone":"Europe/Amsterdam","nightStart":"20:00","nightEnd":"10:00","restDays":[0],"monthlyLimit":2,"minGapMinutes":1440}`,
		"POST /v1/me/helper/applications":                          `{"community":"{village}"}`,
		"POST /v1/me/blocks":                                       `{"community":"{village}","person":"{Jan}"}`,
		"POST /v1/offers":                                          offerBody,
		"PUT /v1/offers/:offer":                                    `{"kinds":["company"],"radius":500,"travel":"walk","availability":{"zone":"Europe/Amsterdam","weekly":[{"day":2,"start":"22:00","end":"06:00"}]}}`,
		"POST /v1/requests":                                        groceriesBody,
		"PUT /v1/requests/:request":                                edit,
		"POST /v1/requests/:request/refuse":                        `{"reason":"unsafe","toldBy":"phone"}`,
		"POST /v1/requests/:request/slots":                         `{"slots":[{"start":"2026-11-27T10:00:00Z","end":"2026-11-27T11:00:00Z"}]}`,
		"POST /v1/requests/:request/slots/:slot/swap":              `{"to":"2026-12-04T11:00"}`,
		"POST /v1/asks/:ask/later":                                 `{"until":"2026-11-24T15:00:00Z"}`,
		"POST /v1/visits/:visit/move":                              `{"at":"2026-11-26T10:00:00Z"}`,
		"POST /v1/visits/:visit/messages":                          `{"text":"Dag"}`,
		"POST /v1/visits/:visit/feedback":                          `{"good":true,"again":true}`,
		"POST /v1/visits/:visit/reports":                           `{"words":"Een zorg."}`,
		"POST /v1/reports/:report/close":                           `{"answer":"Besproken."}`,
		"POST /v1/requests/:request/referrals":                     `{"to":"{care}","theme":"company","urgency":"ordinary","words":"Alleen.","consent":"spoken"}`,
		"POST /v1/referrals/:referral/reject":                      `{"reason":"no_capacity"}`,
	}
}

// params is which document of the matrix a route's parameter names.
func (m matrix) path(route string) string {
	for param, name := range map[string]string{":community": "village", ":person": "Jan", ":membership": "membership", ":device": "session", ":offer": "offer",
		":request": "request", ":slot": "slot", ":ask": "ask", ":visit": "visit", ":message": "message", ":feedback": "report", ":report": "report", ":task": "task", ":referral": "referral", ":relation": "relation"} {
		route = strings.ReplaceAll(route, param, m.kept[name])
	}
	return route
}

// verdict is what an actor's call comes to: yes where it is theirs to make, whatever else is wrong
// with it, a dash where the document is not there for them, or the code that forbids it.
func verdict(a answer) string {
	switch {
	case a.status == 404:
		return "-"
	case a.status == 401 || a.status == 403:
		return a.text("code")
	}
	return "yes"
}

// act calls a route as an actor.
func (m matrix) act(r route, by string) answer {
	body := bodies()[r.method+" "+r.path]
	if body == "" && (r.method == "POST" || r.method == "PUT") {
		body = "{}"
	}
	if by == "nobody" {
		by = ""
	}
	return m.call(by, r.method, m.path(r.path), m.fill(body))
}

// shared reports whether a change by one actor is met by the next: not where it is about themselves.
func shared(r route) bool {
	return strings.Contains(r.path, "/:") && !strings.HasSuffix(r.path, "/members") && !strings.HasSuffix(r.path, "/persons")
}

// TestMatrix calls every route as every actor and compares with testdata/matrix.csv, which is read
// and judged by people: a new route has no row there and fails. After a change the villages are built
// anew, so that the next one meets the same documents. UPDATE_MATRIX=1 writes what the service does;
// read each new cell before it is kept.
func TestMatrix(t *testing.T) {
	t.Parallel()
	want, routes := readMatrix(t), newMatrix(t).server.routes()
	rows := make([][]string, len(routes))
	t.Run("all", func(t *testing.T) {
		for n := range matrixShares {
			t.Run(strconv.Itoa(n), func(t *testing.T) {
				t.Parallel()
				m := newMatrix(t)
				for i := n; i < len(routes); i += matrixShares {
					rows[i], m = m.row(t, routes[i])
				}
			})
		}
	})
	for _, row := range rows {
		compareRow(t, want, row)
	}
	for name := range want {
		t.Errorf("there is no route %s", name)
	}
	if os.Getenv("UPDATE_MATRIX") != "" {
		writeMatrix(t, rows)
	}
}

// matrixShares is into how many parts the routes fall, each played in villages of its own.
const matrixShares = 4

// row lets everybody call a route, and gives back the village for the next one: a new one where this was changed.
func (m matrix) row(t *testing.T, r route) (row []string, next matrix) {
	row, dirty := []string{r.method + " " + r.path}, false
	for _, by := range actors() {
		a := m.act(r, by)
		if a.status >= 500 {
			t.Errorf("%s: %d %s", a.call, a.status, a.body)
		}
		row = append(row, verdict(a))
		changed := a.status < 300 && r.method != "GET" && r.who == signedIn
		if dirty = dirty || changed; changed && shared(r) {
			m, dirty = newMatrix(t), false
		}
	}
	if dirty {
		m = newMatrix(t)
	}
	return row, m
}

// compareRow holds what was answered against the table's row of that route, and strikes that one out.
func compareRow(t *testing.T, want map[string][]string, row []string) {
	t.Helper()
	name := row[0]
	kept, ok := want[name]
	delete(want, name)
	if !ok {
		t.Errorf("%s has no row: %v", name, row[1:])
		return
	}
	for i, by := range actors() {
		if i >= len(kept) || kept[i] != row[i+1] {
			t.Errorf("%s by %s: %s, want %s", name, by, row[i+1], kept[i:min(i+1, len(kept))])
		}
	}
}

const matrixFile = "testdata/matrix.csv"

func readMatrix(t *testing.T) map[string][]string {
	t.Helper()
	f, err := os.Open(matrixFile)
	must(t, err)
	defer func() { must(t, f.Close()) }()
	rows, err := csv.NewReader(f).ReadAll()
	must(t, err)
	if got, want := strings.Join(rows[0][1:], ","), strings.Join(actors(), ","); got != want {
		t.Fatalf("the columns are %s, want %s", got, want)
	}
	all := map[string][]string{}
	for _, row := range rows[1:] {
		all[row[0]] = row[1:]
	}
	return all
}

func writeMatrix(t *testing.T, rows [][]string) {
	t.Helper()
	var out strings.Builder
	fmt.Fprintf(&out, "route,%s\n", strings.Join(actors(), ","))
	for _, row := range rows {
		fmt.Fprintln(&out, strings.Join(row, ","))
	}
	must(t, os.WriteFile(matrixFile, []byte(out.String()), 0o644))
}
