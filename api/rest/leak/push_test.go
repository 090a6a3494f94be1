package leak_test

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	oklog "github.com/oklog/ulid/v2"

	"naober/matching/care"
)

// intent is a change that a device may hand in later, as sync.md lists it.
type intent struct {
	name  string
	route route
	makes bool // its arguments name what it makes
}

const pushRoute = "/sync/v1/push"

// readIntents reads the table of mutations; each must be a route of the contract.
func readIntents(t *testing.T, routes []route) []intent {
	t.Helper()
	raw, err := os.ReadFile("../../../mobile-contract/sync.md")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]route{}
	for _, r := range routes {
		known[r.method+" "+r.path] = r
	}
	var all []intent
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z0-9_.]+)` \\| `([A-Z]+ /v1/[^`]*)` \\| (.*) \\|$").FindAllStringSubmatch(string(raw), -1) {
		r, ok := known[regexp.MustCompile(`\{([a-z]+)\}`).ReplaceAllString(row[2], ":$1")]
		if !ok {
			t.Fatalf("%s is %s, which is no route", row[1], row[2])
		}
		all = append(all, intent{row[1], r, strings.Contains(row[3], "`id`")})
	}
	if len(all) < 50 {
		t.Fatalf("only %d mutations were found", len(all))
	}
	return all
}

// made draws an id as a device makes it.
func (d *drawer) made() string {
	var id oklog.ULID
	d.world.must(id.SetTime(uint64(d.world.clock().UnixMilli())))
	for i := 6; i < len(id); i++ {
		id[i] = byte(d.Uint32())
	}
	return id.String()
}

// group is the store on somebody's device; now and then that of another one of their village.
func (d *drawer) group(a *actor) string {
	if a == nil {
		return d.made()
	}
	if d.groups[a.id] == "" {
		d.groups[a.id] = d.made()
		d.stores[a.village] = append(d.stores[a.village], d.groups[a.id])
	}
	if d.IntN(20) == 0 {
		return d.pick(d.stores[a.village])
	}
	return d.groups[a.id]
}

// push hands in one to three intents of a new writer, each a change that might have been called at once.
func (d *drawer) push(a *actor) string {
	writer, intents := d.made(), []any{}
	for n := range 1 + d.IntN(3) {
		m := d.intent()
		args := d.args(a, m)
		intents = append(intents, map[string]any{"clientID": writer, "id": n + 1, "nonce": fmt.Sprintf("drawn-nonce-%020d", d.Uint64()), "name": m.name, "args": args})
	}
	raw, err := json.Marshal(map[string]any{"pushVersion": 1, "clientGroupID": d.group(a), "schemaVersion": "1", "mutations": intents})
	d.world.must(err)
	return string(raw)
}

// intent draws a mutation whose route might be drawn too.
func (d *drawer) intent() intent {
	for {
		m := d.intents[d.IntN(len(d.intents))]
		if (d.weight == nil || d.weight(m.route) > 0) && (d.spare == nil || !d.spare(call{method: m.route.method, route: m.route.path})) {
			return m
		}
	}
}

func (d *drawer) args(a *actor, m intent) map[string]any {
	if joins(m.route.path) {
		foreign := d.foreign
		d.foreign = pools{}
		defer func() { d.foreign = foreign }()
	}
	args := map[string]any{}
	if body, ok := d.rewrite(a, "", m.route.example).(map[string]any); ok {
		args = body
	}
	path, names := strings.Split(d.path(a, m.route), "/"), strings.Split(m.route.path, "/")
	for i, part := range names {
		if param, ok := strings.CutPrefix(part, ":"); ok {
			args[param] = path[i]
		}
	}
	if m.makes {
		args["id"] = d.made()
	}
	return args
}

// pull asks for everything.
func (d *drawer) pull(a *actor) string {
	return fmt.Sprintf(`{"pullVersion":1,"clientGroupID":%q,"schemaVersion":"1","cookie":null,"maxOps":%d}`, d.group(a), 20*d.IntN(10))
}

// endsInside reports whether somebody may be gone after a call: after itself, or after what it hands in.
func endsInside(c call) bool {
	return ends(c.route) || c.route == pushRoute && (strings.Contains(c.body, `"life.move"`) || strings.Contains(c.body, `"life.confirm_death"`))
}

// devices are the stores of people, by person and by village.
type devices struct {
	groups map[care.PersonID]string
	stores map[string][]string
}
