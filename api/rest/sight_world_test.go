package rest

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"naober/api/app"
	"naober/api/port"
	"naober/api/rest/sight"
	"naober/matching/care"
)

// watched is two villages in which things happen at random, and a copy of every entry that is
// written into somebody's log of readings.
type watched struct {
	*world
	random    *rand.Rand
	order     *rand.Rand // of looking: apart, so that looking more often changes no life
	relations map[string]int
	met       map[sight.Row]int
	table     sight.Table
	villages  []string
	formal    string
	clockwork *app.Clockwork
	entries   []app.View
	trail     []string // the changes so far, to say how it came to be
}

// readings is the store of the log of readings; it keeps what is written into it.
type readings struct {
	port.Documents[string, app.View]
	keep func(app.View)
}

func (r readings) Insert(ctx context.Context, id string, v app.View, events []care.Event, w port.Write) (port.Stored[app.View], error) {
	stored, err := r.Documents.Insert(ctx, id, v, events, w)
	if err == nil {
		r.keep(v)
	}
	return stored, err
}

// still is a monotonic clock that stands.
type still struct{}

func (still) Elapsed() time.Duration { return 0 }

func (still) After(time.Duration) (<-chan time.Time, func()) { return nil, func() {} }

// newWatched peoples two villages. In the first are residents, volunteers, a professional who asks
// for others, desk, two fixed workers of whom one refers, a deputy, a moderator, an administrator, a
// guarantor and formal care; the second has one of most, who are strangers here.
func newWatched(t *testing.T, seed uint64) *watched {
	t.Helper()
	v := &watched{world: newWorld(t), random: rand.New(rand.NewPCG(seed, 7)), order: rand.New(rand.NewPCG(seed, 8)),
		relations: map[string]int{}, met: map[sight.Row]int{}, table: readVisibility(t)}
	v.settings.Stores.Views = readings{v.stores.Views, func(e app.View) { v.entries = append(v.entries, e) }}
	v.app = app.New(v.settings)
	must(t, v.app.LoadKeys(t.Context()))
	v.stores = v.settings.Stores
	v.serve(New(v.app, v.ground, v.settings.Log, nil))
	v.clockwork = v.app.NewClockwork(still{})
	body := func(kind care.OrganizationKind, name string) care.OrganizationID {
		id, err := v.app.CreateOrganization(t.Context(), care.Organization{Kind: kind, Name: name})
		must(t, err)
		return id
	}
	board, duty, practice := body(care.Association, "Dorpsbelang"), body(care.Professional, "Sociaal team"), body(care.Professional, "Huisartsen")
	v.formal = string(v.care)
	next, err := v.app.CreateCommunity(t.Context(), care.Community{Name: "Elders", Town: "Beilen", Point: witteveen, Zone: "Europe/Amsterdam", Guarantor: duty})
	must(t, err)
	home, err := v.app.CreateCommunity(t.Context(), care.Community{Name: "Bij ons", Town: "Witteveen", Point: witteveen, Zone: "Europe/Amsterdam", Association: board, Guarantor: duty})
	must(t, err)
	v.villages = []string{string(home), string(next)}
	v.settle()
	v.village = next
	v.cast("Eva", care.Resident, care.DeskWorker)
	v.cast("Egon", care.Moderator, care.FixedWorker)
	v.cast("Ernst", care.Resident, care.Volunteer)
	v.village = home
	cast := map[string][]care.Role{"Geesje": {care.Resident}, "Trijn": {care.Resident}, "Roelof": {care.Resident},
		"Jan": {care.Resident, care.Volunteer}, "Piet": {care.Resident, care.Volunteer}, "Hilje": {care.Resident, care.Volunteer},
		"Wim": {care.FixedWorker}, "Dok": {care.FixedWorker}, "Dirk": {care.DeskWorker}, "Ina": {care.Moderator}, "Bea": nil, "Gon": nil, "Zorg": {care.ProfessionalRole}}
	for _, name := range slices.Sorted(maps.Keys(cast)) { // in order, so that a seed gives everybody the same home again
		v.cast(name, cast[name]...)
	}
	v.grant("Bea", board, "", care.Administrator, false)
	v.grant("Gon", duty, "", care.GuarantorRole, false)
	v.grant("Dok", practice, "", care.ProfessionalRole, false)
	v.grant("Trijn", "", home, care.FixedWorker, true)
	v.cast("Pra", care.ProfessionalRole)
	v.furnish()
	v.enrol()
	return v
}

// cast is arrive, with a home and a name of their own.
func (v *watched) cast(name string, roles ...care.Role) {
	v.t.Helper()
	v.arrive(name, roles...)
	id := v.people[name].id
	_, err := v.stores.Persons.Update(v.t.Context(), id, port.Write{}, func(p care.Person) (care.Person, []care.Event, error) {
		p.LastName, p.Home.Street = "Eising van "+name, "Hoofdstraat "+name
		p.Home.Point = care.Point{Lat: witteveen.Lat + v.random.Float64()/50, Lon: witteveen.Lon + v.random.Float64()/50}
		p.Contacts = append(p.Contacts, care.Contact{Kind: care.Phone, Value: fmt.Sprintf("+3159312%04d", len(v.people))})
		return p, nil, nil
	})
	must(v.t, err)
}

func (v *watched) grant(name string, o care.OrganizationID, in care.CommunityID, role care.Role, deputy bool) {
	v.t.Helper()
	_, err := v.app.GrantFirstRole(v.t.Context(), care.Membership{Person: v.people[name].id, Community: in, Organization: o, Role: role, Deputy: deputy})
	must(v.t, err)
}

func (v *watched) furnish() {
	v.t.Helper()
	for _, name := range []string{"Jan", "Piet", "Hilje"} {
		v.call(name, "PUT", "/v1/me/helper/quiet", `{"zone":"Europe/Amsterdam","nightStart":"23:00","nightEnd":"06:00","restDays":[],"monthlyLimit":20,"minGapMinutes":0}`).want(200)
		v.call(name, "POST", "/v1/offers", strings.ReplaceAll(offerBody, "{village}", v.villages[0])).want(201)
		v.call(name, "POST", "/v1/me/helper/applications", fmt.Sprintf(`{"community":%q}`, v.villages[0])).want(200)
		v.call("Ina", "POST", "/v1/communities/"+v.villages[0]+"/helpers/"+string(v.people[name].id)+"/approve", `{"rule":"house_rules.1@1","reason":"Bekend."}`).want(200)
	}
	v.settle()
}

// telling is the truth now.
func (v *watched) telling() truth { return tellTruth(v.world) }

// eyes are somebody's, and what is true now.
func (v *watched) eyes(name string) watcher {
	x := v.telling()
	return watcher{v.world, sight.Oracle{Table: v.table, World: x.World, Met: v.met}, x, string(v.people[name].id)}
}

// quick is call without the schema, which other tests hold the same answers to.
func (v *watched) quick(by string, l look) answer {
	v.t.Helper()
	return v.bare(by, l.method, l.path, l.body)
}

func (v *watched) judge(l look, by string, a answer, before int) {
	v.t.Helper()
	var body any
	must(v.t, json.Unmarshal(a.body, &body))
	if page, ok := body.(object); ok && strings.HasSuffix(l.path, "/search") {
		items, _ := page["items"].([]any) // they come in the order in which people joined
		slices.SortFunc(items, func(a, b any) int { return strings.Compare(fmt.Sprint(a.(object)["id"]), fmt.Sprint(b.(object)["id"])) })
	}
	var wrong []string
	switch {
	case l.reasons != "":
		wrong = l.judgeReasons(a, body)
	case l.desk != "":
		wrong = v.judgeDesk(l, by, a, body)
	case l.candidates:
		wrong = v.judgeCandidates(l, a, body)
	case a.status == 404 && len(l.want.Fields) == 0 && !l.list && !l.behind:
	case a.status == 404 && len(l.want.Fields) == 0 && l.behind && strings.Contains(l.path, "/helpers/"):
	case a.status == 403 && len(l.want.Fields) == 0 && l.behind:
	case a.status == 409 && len(l.want.Fields) == 0 && l.behind && a.text("code") == "address_hidden":
	case a.status == 200 && (l.behind || l.list || len(l.want.Fields) > 0):
		wrong = l.want.Differences(body)
	default:
		wrong = []string{fmt.Sprintf("status %d: %s; the table shows %d fields", a.status, a.body, len(l.want.Fields))}
	}
	if a.status == 200 && !l.candidates && l.reasons == "" && l.desk == "" {
		reader := ""
		if by != "" {
			reader = string(v.people[by].id)
		}
		wrong = append(wrong, v.unlogged(reader, l.want.Readings, before)...)
	}
	for _, w := range wrong {
		v.t.Errorf("%s %s by %s: %s", l.method, l.path, by, w)
	}
	if len(wrong) > 0 {
		v.t.Logf("after %d changes, the last of them:\n%s", len(v.trail), strings.Join(v.trail[max(0, len(v.trail)-8):], "\n"))
	}
}

// unlogged compares the log with what was shown. A reading repeated within a minute is one reading.
func (v *watched) unlogged(by string, want map[sight.Reading]bool, before int) []string {
	var wrong []string
	stands := map[sight.Reading]bool{}
	for i := len(v.entries) - 1; i >= 0; i-- {
		e := v.entries[i]
		if v.clock().Sub(e.At) >= time.Minute {
			break
		}
		r := sight.Reading{Whose: string(e.Whose), What: e.What, Request: string(e.Request)}
		if string(e.By) == by {
			stands[r] = true
		}
		own := e.Whose == e.By // that somebody searched stands in their own log, whatever they found
		if i >= before && !want[r] && !own {
			wrong = append(wrong, fmt.Sprintf("the log of %s says %q, and nothing of the kind was shown", r.Whose, r.What))
		}
	}
	for r := range want {
		if !stands[r] {
			wrong = append(wrong, fmt.Sprintf("the log of %s lacks %q", r.Whose, r.What))
		}
	}
	return wrong
}

// judgeReasons looks at whether the reasons are those of this ask, and of its helper alone.
func (l look) judgeReasons(a answer, body any) []string {
	own := l.want.Relation == "self"
	if !own && a.status == 404 {
		return nil
	}
	if !own || a.status != 200 || a.text("ask") != l.want.Fields["ask"] || a.text("reasons.1.key") == "" {
		return []string{fmt.Sprintf("status %d for %s: %s", a.status, l.want.Relation, a.body)}
	}
	for at, word := range sight.Flat(body) {
		known := []string{"same_place", "nearby", "known_face", "kind_offered", "free_then", "vehicle_fits", "language_spoken", "skills_match", "joins_journey"}
		if text, _ := word.(string); strings.HasSuffix(at, "key") && !slices.Contains(known, text) || strings.HasSuffix(at, "kind") && text != l.reasons {
			return []string{fmt.Sprintf("%s says %s", at, text)}
		}
	}
	return nil
}

// namedIn counts the answers for the desk in which somebody was named: no row of the table is called so.
func namedIn(kind string) sight.Row { return sight.Row{Kind: kind, Relation: "desk", State: "named"} }

// folded is an answer in which each slot, which has rows of its own, and the words that fill a reason are one
// value, as the table has them.
func folded(v any) any {
	switch v := v.(type) {
	case object:
		next := object{}
		for name, one := range v {
			if next[name] = folded(one); name == "slot" || name == "params" {
				next[name] = fmt.Sprint(one)
			}
		}
		return next
	case []any:
		var next []any
		for _, one := range v {
			next = append(next, folded(one))
		}
		return next
	}
	return v
}

// judgeDesk looks at what is made for the desk in the call itself: nobody else gets any of it, the desk gets
// what the table shows to it, and whoever is named finds the reading in their log.
func (v *watched) judgeDesk(l look, by string, a answer, body any) []string {
	answered, _ := folded(body).(object)
	switch {
	case l.want.Relation != "desk" && (l.behind && a.status == 403 && a.text("code") == "desk_only" || !l.behind && a.status == 404):
		return nil
	case l.want.Relation == "desk" && a.status == 404 && a.text("code") == "slot_not_found":
		return nil
	case l.want.Relation != "desk" || a.status != 200:
		return []string{fmt.Sprintf("status %d for %s: %s", a.status, l.want.Relation, a.body)}
	}
	reader := string(v.people[by].id)
	shown, err := sight.Oracle{Table: v.table, World: v.telling().World}.See(reader, sight.Doc{Kind: l.desk, State: "none", About: sight.About{Village: l.village}, Value: answered})
	if err != nil {
		return []string{err.Error()}
	}
	wrong := shown.Differences(answered)
	for at, id := range sight.Flat(body) {
		name := strings.HasSuffix(at, "person.id") || strings.HasSuffix(at, "driver.id")
		logged := slices.ContainsFunc(v.entries, func(e app.View) bool {
			return string(e.Whose) == id && string(e.By) == reader && e.What == "candidate" && v.clock().Sub(e.At) < time.Minute
		})
		if name && id != reader && !logged {
			wrong = append(wrong, fmt.Sprintf("the log of %s lacks that they were named", id))
		}
	}
	if strings.Contains(string(a.body), `"reasons"`) || strings.Contains(string(a.body), `"driver"`) {
		v.met[namedIn(l.desk)]++
	}
	return wrong
}

// judgeCandidates looks at who is named to whom, and at the words of the rules.
func (v *watched) judgeCandidates(l look, a answer, body any) []string {
	named := l.want.Relation == "desk" || l.want.Relation == "moderator"
	counted := named || slices.Contains([]string{"requester", "subject", "proxy", "owner"}, l.want.Relation)
	switch {
	case !l.behind && a.status == 404, l.behind && !counted && a.status == 403, l.behind && a.status == 404 && a.text("code") == "slot_not_found":
		return nil
	case a.status != 200 || !counted:
		return []string{fmt.Sprintf("status %d for %s: %s", a.status, l.want.Relation, a.body)}
	}
	var wrong []string
	seen, _ := body.(object)
	if !named && (seen["fitting"] != nil || seen["ruledOut"] != nil) {
		wrong = append(wrong, "names are shown to "+l.want.Relation)
	}
	private := []string{"not_approved", "paused", "blocked", "vetting_missing", "limit_reached", "no_moment_to_ask"}
	if l.want.Relation == "moderator" {
		private = []string{"not_approved", "blocked", "limit_reached", "no_moment_to_ask"}
	}
	for at, word := range sight.Flat(body) {
		text, _ := word.(string)
		if !named && strings.Contains(at, "who") {
			wrong = append(wrong, "who is brought by a change is told to "+l.want.Relation)
		}
		if text == "vetting_renewed" && l.want.Relation != "moderator" || text == "join_journey" && !named {
			wrong = append(wrong, fmt.Sprintf("%s is told to %s", text, l.want.Relation))
		}
		if strings.HasSuffix(at, "rule") && slices.Contains(private, text) {
			wrong = append(wrong, fmt.Sprintf("%s tells %s to %s", at, text, l.want.Relation))
		}
		if n, ok := word.(float64); ok && strings.HasSuffix(at, "people") && !named && n < 3 {
			wrong = append(wrong, fmt.Sprintf("%s counts %v to %s", at, n, l.want.Relation))
		}
		if strings.Contains(at, "params") && (text == "same_place" || text == "nearby") {
			wrong = append(wrong, "where a helper lives is told to "+l.want.Relation)
		}
	}
	return wrong
}
