package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"naober/api/app"
	"naober/api/offline"
	"naober/api/port"
	"naober/matching/care"
	"naober/mobile-contract/bundle"
	"naober/mobile-contract/wire"
)

// told is what a file of fixtures says that the service answers.
type told struct {
	Status     int     `json:"status"`
	Type       *string `json:"type"`
	RetryAfter *int    `json:"retryAfter"`
	Body       any     `json:"body"`
	Text       string  `json:"text"`
}

func (f told) kind() string {
	if f.Type == nil {
		return "application/json"
	}
	return *f.Type
}

// fixtures reads all files of a folder of mobile-contract/fixtures, by their names.
func fixtures[T any](t *testing.T, folder string) map[string]T {
	t.Helper()
	files, err := filepath.Glob("../../mobile-contract/fixtures/" + folder + "/*.json")
	must(t, err)
	all := map[string]T{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		must(t, err)
		read := json.NewDecoder(bytes.NewReader(raw))
		read.DisallowUnknownFields()
		var one T
		if err := read.Decode(&one); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all[strings.TrimSuffix(filepath.Base(file), ".json")] = one
	}
	return all
}

// message is one file of fixtures/messages.
type message struct {
	Title   string `json:"title"`
	Call    string `json:"call"`
	Request any    `json:"request"`
	Answer  told   `json:"answer"`
}

// TestMessagesAreWhatTheServiceAnswers brings each situation of fixtures/messages about, and compares the form of the
// answer with the file: a file that the service would not answer fails.
func TestMessagesAreWhatTheServiceAnswers(t *testing.T) {
	t.Parallel()
	ways, all := answersByFile(), fixtures[message](t, "messages")
	for _, name := range slices.Sorted(maps.Keys(ways)) {
		if _, there := all[name]; !there {
			t.Errorf("there is no fixture %s", name)
		}
	}
	for name, m := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			holdMessage(t, w.spec, m)
			way, ok := ways[name]
			if !ok {
				t.Fatal("nothing brings it about")
			}
			w.arrive("Anna", care.Resident)
			got := way(w)
			kind, _, _ := strings.Cut(got.head.Get("Content-Type"), ";")
			if kind != m.Answer.kind() || got.status != m.Answer.Status || (got.head.Get("Retry-After") != "") != (m.Answer.RetryAfter != nil) {
				t.Fatalf("%s: the service answers %d %s %v", m.Call, got.status, kind, got.head)
			}
			var real any
			if len(got.body) > 0 {
				must(t, json.Unmarshal(got.body, &real))
			}
			if want, is := formOf(m.Answer.Body, ""), formOf(real, ""); !reflect.DeepEqual(want, is) {
				t.Errorf("%s answers\n%s\nand the fixture is\n%s", m.Call, inJSON(t, is), inJSON(t, want))
			}
		})
	}
}

func inJSON(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	must(t, err)
	return string(raw)
}

// holdMessage holds a file by itself to openapi.yaml.
func holdMessage(t *testing.T, s spec, m message) {
	t.Helper()
	method, path, _ := strings.Cut(m.Call, " ")
	op, ok := s.operation(method, path)
	if !ok {
		t.Fatalf("%s is no route", m.Call)
	}
	if m.Request != nil && !strings.HasPrefix(m.Answer.kind(), "application/problem") {
		if err := s.fits(op.RequestBody.Content["application/json"].Schema, m.Request, "$"); err != nil {
			t.Errorf("%s: %v", m.Call, err)
		}
	}
	s.holdTold(t, method, path, m.Answer)
}

// holdTold checks an answer of a file as one of the service itself.
func (s spec) holdTold(t *testing.T, method, path string, f told) {
	t.Helper()
	if f.kind() == "text/event-stream" {
		return
	}
	a := answer{t: t, call: method + " " + path, status: f.Status, head: http.Header{"Content-Type": {f.kind()}}}
	if f.Body != nil {
		a.body = []byte(inJSON(t, f.Body))
	}
	s.hold(t, method, path, a)
}

// said are the words that are the same in each such answer.
var said = []string{"op", "status", "of", "code", "error", "versionType", "min", "max", "wipe", "hasMore", "name", "expectedID"}

// formOf is what two answers to the same have in common: names, words that stand for something, and what sort of value
// the others are. A list is the forms that stand in it, each once.
func formOf(v any, name string) any {
	switch v := v.(type) {
	case map[string]any:
		form := map[string]any{}
		for key, one := range v {
			if aULID.MatchString(key) {
				key = "a ULID"
			}
			form[key] = formOf(one, key)
		}
		if op := v["op"]; op == "put" {
			form["value"] = "a document" // schemas and visibility.csv hold it
		}
		return form
	case []any:
		forms := []any{}
		for _, one := range v {
			form := formOf(one, name)
			if !slices.ContainsFunc(forms, func(f any) bool { return reflect.DeepEqual(f, form) }) {
				forms = append(forms, form)
			}
		}
		return forms
	case string:
		if slices.Contains(said, name) {
			return v
		}
		if name == "instance" {
			return "random" // letters alone, now and then
		}
		return formOfText(v)
	}
	if slices.Contains(said, name) {
		return v
	}
	return fmt.Sprintf("%T", v)
}

var aULID = regexp.MustCompile(`^[0-7][0-9A-HJKMNP-TV-Z]{25}$`)

func formOfText(v string) string {
	kind, id, isKey := strings.Cut(v, "/")
	switch {
	case aULID.MatchString(v):
		return "a ULID"
	case isKey && aULID.MatchString(id):
		return kind + "/a ULID"
	case kind == "outcome":
		return "outcome/a nonce"
	case regexp.MustCompile(`^[a-z][A-Za-z]+$`).MatchString(v):
		return v // a word
	}
	return "a text"
}

// failing lets the service fail, or time pass, while it does an intent.
type failing struct {
	offline.Actor
	before func(name string) error
}

func (f failing) Act(ctx context.Context, c app.Caller, name string, args json.RawMessage) error {
	if err := f.before(name); err != nil {
		return err
	}
	return f.Actor.Act(ctx, c, name, args)
}

// sends pushes, and hands back the answer as it came.
func (p *phone) sends(all ...wire.Mutation) answer {
	p.w.t.Helper()
	raw, err := json.Marshal(wire.Push{PushVersion: 1, ClientGroupID: p.group, SchemaVersion: "1", Mutations: all})
	must(p.w.t, err)
	return p.w.call(p.who, "POST", "/sync/v1/push", string(raw), header{"Idempotency-Key", ""})
}

// pulls asks, and hands back the answer as it came.
func (p *phone) pulls(ops int) answer {
	p.w.t.Helper()
	raw, err := json.Marshal(wire.Pull{PullVersion: 1, ClientGroupID: p.group, SchemaVersion: "1", Cookie: p.cookie, MaxOps: ops})
	must(p.w.t, err)
	return p.w.call(p.who, "POST", "/sync/v1/pull", string(raw), header{"Idempotency-Key", ""})
}

// answersByFile are the ways to bring about what each file of fixtures/messages says, in a world with Anna in it.
func answersByFile() map[string]func(*world) answer {
	none := header{"Idempotency-Key", ""}
	asked := func(p *phone) wire.Mutation { return p.does("request.ask", p.w.needs(p.newID())) }
	missing := func(p *phone) wire.Mutation {
		return p.does("request.withdraw", fmt.Sprintf(`{"request":%q,"reason":"no_longer_needed"}`, p.newID()))
	}
	nameless := func(p *phone) wire.Mutation { return p.does("request.withdraw", `{"request":"x"}`) }
	return map[string]func(*world) answer{
		"keys":   func(w *world) answer { return w.call("Anna", "POST", "/sync/v1/keys", "", none) },
		"bundle": func(w *world) answer { return w.hand(w.hall(w.t, "Anna").export()) },
		"refused_400_bundle_invalid": func(w *world) answer {
			file := w.hall(w.t, "Anna").export()
			return w.hand(bytes.Replace(file, []byte(`"number":`), []byte(`"number":1`), 1))
		},
		"refused_400_bundle_expired": func(w *world) answer {
			file := w.hall(w.t, "Anna").export()
			w.pass(bundle.Life)
			return w.hand(file)
		},
		"refused_409_bundle_replayed": func(w *world) answer {
			h := w.hall(w.t, "Anna")
			file := h.export()
			w.hand(h.export())
			return w.hand(file)
		},
		"push_applied":  func(w *world) answer { p := w.phone("Anna"); return p.sends(asked(p)) },
		"push_rejected": func(w *world) answer { p := w.phone("Anna"); return p.sends(missing(p), nameless(p)) },
		"push_duplicate": func(w *world) answer {
			p := w.phone("Anna")
			all := []wire.Mutation{asked(p), missing(p), nameless(p), missing(p)}
			p.push(200, all...)
			row, err := w.stores.Ledger.Get(w.t.Context(), app.LedgerKey(string(w.people["Anna"].id)+"/"+all[3].Nonce))
			must(w.t, err)
			_, err = w.stores.Ledger.Update(w.t.Context(), row.Value.Key, port.Write{Quiet: true}, func(r app.LedgerRow) (app.LedgerRow, []care.Event, error) {
				r.Sent = nil // as where the row was forgotten
				return r, nil, nil
			})
			must(w.t, err)
			all[3].Nonce += "0"
			return p.sends(all...)
		},
		"push_time_over": func(w *world) answer {
			w.server.offline.Actor = failing{w.server.offline.Actor, func(string) error { w.pass(9 * time.Second); return nil }}
			p := w.phone("Anna")
			return p.sends(asked(p), asked(p))
		},
		"push_gap": func(w *world) answer {
			p := w.phone("Anna")
			p.push(200, asked(p))
			asked(p)
			return p.sends(asked(p))
		},
		"push_gap_of_an_unknown_writer": func(w *world) answer { p := w.phone("Anna"); asked(p); return p.sends(asked(p)) },
		"push_forked": func(w *world) answer {
			p := w.phone("Anna")
			first, second := asked(p), asked(p)
			p.push(200, first, second)
			second.Nonce += "x"
			return p.sends(second)
		},
		"push_retry": func(w *world) answer {
			w.server.offline.Actor = failing{w.server.offline.Actor, func(name string) error {
				if name == "request.withdraw" {
					return errors.New("planted")
				}
				return nil
			}}
			p := w.phone("Anna")
			return p.sends(asked(p), missing(p))
		},
		"push_too_old": func(w *world) answer {
			p := w.phone("Anna")
			p.writer = ulid.MustNew(ulid.Timestamp(w.clock().AddDate(-1, 0, -1)), ulid.DefaultEntropy()).String()
			return p.sends(asked(p))
		},
		"push_version_not_supported": func(w *world) answer {
			return w.call("Anna", "POST", "/sync/v1/push", fmt.Sprintf(`{"pushVersion":2,"clientGroupID":%q,"schemaVersion":"1","mutations":[]}`, w.phone("Anna").group), none)
		},
		"pull_version_not_supported": func(w *world) answer {
			return w.call("Anna", "POST", "/sync/v1/pull", fmt.Sprintf(`{"pullVersion":2,"clientGroupID":%q,"schemaVersion":"1","cookie":null}`, w.phone("Anna").group), none)
		},
		"pull_schema_not_supported": func(w *world) answer {
			return w.call("Anna", "POST", "/sync/v1/pull", fmt.Sprintf(`{"pullVersion":1,"clientGroupID":%q,"schemaVersion":"2","cookie":null}`, w.phone("Anna").group), none)
		},
		"pull_first":      func(w *world) answer { return w.phone("Anna").pulls(0) },
		"pull_first_page": func(w *world) answer { return w.phone("Anna").pulls(2) },
		"pull_difference": func(w *world) answer {
			w.arrive("Ada", care.Administrator)
			p := w.phone("Anna")
			p.pullAll()
			p.push(200, asked(p), missing(p))
			gone := strings.TrimPrefix(p.of("membership")[0], "membership/")
			w.call("Ada", "DELETE", "/v1/memberships/"+gone, "").want(200)
			return p.pulls(0)
		},
		"pull_nothing_changed": func(w *world) answer { p := w.phone("Anna"); p.pullAll(); return p.pulls(0) },
		"pull_unknown_cookie": func(w *world) answer {
			p := w.phone("Anna")
			p.pullAll()
			p.cookie = &wire.Cookie{Order: 7, V: "forged", E: p.cookie.E}
			return p.pulls(0)
		},
		"config": func(w *world) answer { return w.call("", "GET", "/sync/v1/config", "") },
		"ticket": func(w *world) answer { return w.call("Anna", "POST", "/sync/v1/events/ticket", "", none) },
		"group_given_up": func(w *world) answer {
			return w.call("Anna", "DELETE", "/sync/v1/groups/"+w.phone("Anna").group, "", none)
		},
		"events": func(w *world) answer {
			return answer{t: w.t, status: 200, head: http.Header{"Content-Type": {"text/event-stream"}}} // TestTheStreamIsWhatTheFixtureSays
		},
		"refused_400_body_invalid": func(w *world) answer {
			return w.call("Anna", "POST", "/sync/v1/push", fmt.Sprintf(`{"pushVersion":1,"clientGroupID":%q,"schemaVersion":"1"}`, w.phone("Anna").group), none)
		},
		"refused_400_mutation_invalid": func(w *world) answer { p := w.phone("Anna"); m := asked(p); m.ID = 0; return p.sends(m) },
		"refused_400_push_too_large": func(w *world) answer {
			p := w.phone("Anna")
			var all []wire.Mutation
			for range offline.MostIntents + 1 {
				all = append(all, missing(p))
			}
			return p.sends(all...)
		},
		"refused_401_token_expired": func(w *world) answer {
			old := w.bearer("Anna")
			w.pass(16 * time.Minute)
			return w.call("", "POST", "/sync/v1/push", `{}`, header{"Authorization", "Bearer " + old})
		},
		"refused_401_token_invalid": func(w *world) answer {
			return w.call("", "POST", "/sync/v1/pull", `{}`, header{"Authorization", "Bearer x"})
		},
		"refused_401_session_ended": func(w *world) answer {
			token := w.bearer("Anna")
			id := w.call("Anna", "GET", "/v1/me/devices", "").want(200).text("items.0.id")
			w.call("Anna", "DELETE", "/v1/me/devices/"+id, "").want(204)
			return w.call("", "POST", "/sync/v1/pull", `{}`, header{"Authorization", "Bearer " + token})
		},
		"refused_403_client_group_forbidden": func(w *world) answer {
			w.arrive("Berend", care.Resident)
			p, other := w.phone("Anna"), w.phone("Berend")
			other.push(200, asked(other))
			p.group = other.group
			return p.pulls(0)
		},
		"refused_409_group_ended": func(w *world) answer {
			p := w.phone("Anna")
			p.push(200, asked(p))
			w.call("Anna", "DELETE", "/sync/v1/groups/"+p.group, "", none).want(204)
			return p.sends(asked(p))
		},
		"refused_410_account_gone": func(w *world) answer {
			p := w.phone("Anna")
			w.call("Anna", "POST", "/v1/me/forget", `{"firstName":"Anna"}`).want(204)
			return p.pulls(0)
		},
		"refused_410_account_gone_at_tokens": func(w *world) answer {
			refresh := fmt.Sprintf(`{"refresh":%q}`, w.people["Anna"].tokens.Refresh)
			w.call("Anna", "POST", "/v1/me/forget", `{"firstName":"Anna"}`).want(204)
			return w.call("", "POST", "/v1/tokens", refresh, none)
		},
		"refused_413_body_too_large": func(w *world) answer {
			return w.call("Anna", "POST", "/sync/v1/push", `{"mutations":[`+strings.Repeat("1,", 20_000)+`1]}`, none) // too many, and no bytes that are in the way of the answer
		},
		"refused_415_media_type_unsupported": func(w *world) answer {
			return w.call("Anna", "POST", "/sync/v1/push", `{}`, none, header{"Content-Encoding", "gzip"})
		},
		"refused_429_too_many_calls": func(w *world) answer {
			w.narrow()
			p := w.phone("Anna")
			fill(w.t, func() error { return w.app.AdmitPerson(w.t.Context(), app.Writing, w.people["Anna"].id) })
			return p.sends(asked(p))
		},
		"refused_503_store_unavailable": func(w *world) answer {
			w.server.offline.Library = away{}
			return w.phone("Anna").pulls(0)
		},
	}
}

// away is a library whose store does not answer.
type away struct{}

func (away) Documents(context.Context, app.Caller) ([]offline.Document, error) {
	return nil, care.E(care.Unavailable, "store_unavailable", "the store does not answer now")
}

func (away) Standing(context.Context, care.PersonID) (string, error) { return "", nil }

// TestTheStreamIsWhatTheFixtureSays compares a stream of the service with the events of the file.
func TestTheStreamIsWhatTheFixtureSays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.arrive("Anna", care.Resident)
	text := fixtures[message](t, "messages")["events"].Answer.Text
	var want []string
	for _, m := range regexp.MustCompile(`(?m)^event: (\w+)\ndata: (.*)$`).FindAllStringSubmatch(text, -1) {
		form := map[string]any{}
		must(t, json.Unmarshal([]byte(m[2]), &form))
		want = append(want, m[1]+" "+strings.Join(slices.Sorted(maps.Keys(form)), ","))
	}
	var got []string
	read := func(l *listening) {
		select {
		case said := <-l.events:
			name, data, _ := strings.Cut(said, " ")
			form := map[string]any{}
			must(t, json.Unmarshal([]byte(data), &form))
			got = append(got, name+" "+strings.Join(slices.Sorted(maps.Keys(form)), ","))
		case <-time.After(10 * time.Second):
			t.Fatalf("no event after %v", got)
		}
	}
	l := w.listen("/sync/v1/events", header{"Authorization", "Bearer " + w.bearer("Anna")})
	read(l)
	w.settle()
	w.call("Anna", "POST", "/v1/requests", strings.Replace(w.needs("x"), `"id":"x",`, "", 1)).want(201)
	w.settle()
	read(l)
	for range 4 {
		w.listensAs("Anna")
	}
	for len(got) < 3 || strings.HasPrefix(got[len(got)-1], "poke") {
		if read(l); strings.HasPrefix(got[len(got)-1], "poke") {
			got = got[:len(got)-1]
		}
	}
	if !slices.Equal(got, want) || !strings.Contains(text, "\n:\n") {
		t.Errorf("the service says %q, and the fixture %q", got, want)
	}
}

// exchanged is what these tests read of a file of fixtures/exchanges; mobile-contract/client plays them.
type exchanged struct {
	Title string         `json:"title"`
	Cases []int          `json:"cases"`
	Now   int64          `json:"now"`
	Steps []exchangeStep `json:"steps"`
}

type exchangeStep struct {
	Account string           `json:"account"`
	Process int              `json:"process"`
	Act     string           `json:"act"`
	Args    json.RawMessage  `json:"args"`
	Nonce   string           `json:"nonce"`
	Times   int              `json:"times"`
	Refused bool             `json:"refused"`
	Sync    []exchangeCall   `json:"sync"`
	Report  map[string]any   `json:"report"`
	Clock   int64            `json:"clock"`
	Restart bool             `json:"restart"`
	Holds   *json.RawMessage `json:"holds"`
}

type exchangeCall struct {
	Push      any            `json:"push"`
	Pull      any            `json:"pull"`
	May       bool           `json:"may"`
	From      string         `json:"from"`
	Refresh   string         `json:"refresh"`
	Meanwhile []exchangeStep `json:"meanwhile"`
	Answer    *told          `json:"answer"`
}

// TestExchangesAreAnsweredAsTheServiceWould holds each answer in fixtures/exchanges to openapi.yaml and to the forms of
// fixtures/messages, which the service itself was seen to answer.
func TestExchangesAreAnsweredAsTheServiceWould(t *testing.T) {
	t.Parallel()
	s, seen := readSpec(t), resultForms(t)
	for name, x := range fixtures[exchanged](t, "exchanges") {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			holdSteps(t, s, seen, x.Steps)
		})
	}
}

// resultForms are the forms of results in fixtures/messages, with the status of their answer.
func resultForms(t *testing.T) map[string]bool {
	t.Helper()
	seen := map[string]bool{}
	for _, m := range fixtures[message](t, "messages") {
		for _, form := range resultsOf(t, m.Answer) {
			seen[form] = true
		}
	}
	if len(seen) < 8 {
		t.Fatalf("only %d forms of results were found", len(seen))
	}
	return seen
}

// resultsOf are the forms of the results of an answer. The last one settles the status of all.
func resultsOf(t *testing.T, f told) []string {
	t.Helper()
	body, _ := f.Body.(map[string]any)
	results, _ := body["results"].([]any)
	var forms []string
	for i, one := range results {
		form, _ := formOf(one, "").(map[string]any)
		if form["code"] != nil && form["code"] != "too_old" {
			form["code"] = "any"
		}
		if form["params"] != nil {
			form["params"] = "any"
		}
		form["id"], form["expectedID"] = nil, form["expectedID"] != nil
		where := "before the end"
		if status := form["status"]; i == len(results)-1 && (status == "gap" || status == "forked" || status == "retry") {
			where = strconv.Itoa(f.Status)
		}
		forms = append(forms, where+" "+inJSON(t, form))
	}
	return forms
}

func holdSteps(t *testing.T, s spec, seen map[string]bool, steps []exchangeStep) {
	t.Helper()
	for _, step := range steps {
		holdAct(t, s, step)
		for _, c := range step.Sync {
			holdSteps(t, s, seen, c.Meanwhile)
			if c.Answer == nil {
				continue
			}
			switch c.From {
			case "":
			case "a later service", "somebody else":
				continue
			default:
				t.Errorf("an answer comes from %q", c.From)
			}
			f := *c.Answer
			f.Body = unnamed(f.Body)
			path := "/sync/v1/push"
			if c.Pull != nil {
				path = "/sync/v1/pull"
			}
			s.holdTold(t, "POST", path, f)
			for _, form := range resultsOf(t, f) {
				if !seen[form] {
					t.Errorf("no message has a result of the form %s", form)
				}
			}
			s.holdKinds(t, f.Body)
		}
	}
}

// holdAct holds the arguments of an act to the schema of its mutation, but for those of the future and those that are
// there to be refused.
func holdAct(t *testing.T, s spec, step exchangeStep) {
	t.Helper()
	if step.Act == "" || step.Refused || step.Act == "request.fly" || strings.Contains(string(step.Args), "__proto__") {
		return
	}
	var args any
	must(t, json.Unmarshal(step.Args, &args))
	if err := s.fitsArguments(step.Act, json.RawMessage(inJSON(t, unnamed(args)))); err != nil {
		t.Error(err)
	}
}

// unnamed puts something of its form in the place of each name that an exchange gives.
func unnamed(v any) any {
	switch v := v.(type) {
	case map[string]any:
		if v["$each"] != nil {
			one := maps.Clone(v["$each"].(map[string]any))
			one["clientID"], one["id"] = unnamed("$ulid.each"), 1.0
			return []any{one}
		}
		if keys, is := v["$check"].([]any); is {
			return map[string]any{"n": float64(len(keys)), "h": "00"}
		}
		all := map[string]any{}
		for key, one := range v {
			all[unnamed(key).(string)] = unnamed(one)
		}
		return all
	case []any:
		all := []any{}
		for _, one := range v {
			all = append(all, unnamed(one))
		}
		return all
	case string:
		v = regexp.MustCompile(`\$ulid\.[a-z0-9]+`).ReplaceAllString(v, "01JDB8Q4M2ZT6R0V9XKFW3E7ZZ")
		return regexp.MustCompile(`\$nonce\.`).ReplaceAllString(v, "nonce-of-a-file-named-")
	}
	return v
}
