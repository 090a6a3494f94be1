package rest

import (
	"encoding/json"
	"maps"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

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
