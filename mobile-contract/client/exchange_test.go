package client

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"naober/mobile-contract/wire"
)

// exchange is one file of fixtures/exchanges; fixtures/README.md says what each field means.
type exchange struct {
	Title string `json:"title"`
	Cases []int  `json:"cases"`
	Now   int64  `json:"now"`
	Steps []step `json:"steps"`
}

type step struct {
	Account string          `json:"account"`
	Process int             `json:"process"`
	Act     string          `json:"act"`
	Args    json.RawMessage `json:"args"`
	Nonce   string          `json:"nonce"`
	Times   int             `json:"times"`
	Refused bool            `json:"refused"`
	Sync    []*call         `json:"sync"`
	Report  map[string]any  `json:"report"`
	Clock   int64           `json:"clock"`
	Restart bool            `json:"restart"`
	Holds   *held           `json:"holds"`
}

type call struct {
	Push      any    `json:"push"`
	Pull      any    `json:"pull"`
	May       bool   `json:"may"`
	From      string `json:"from"`
	Refresh   string `json:"refresh"`
	Meanwhile []step `json:"meanwhile"`
	Answer    *struct {
		Status     int    `json:"status"`
		Type       string `json:"type"`
		RetryAfter int    `json:"retryAfter"`
		Body       any    `json:"body"`
		Text       string `json:"text"`
	} `json:"answer"`
}

type held struct {
	Outbox    []any          `json:"outbox"`
	Journal   []any          `json:"journal"`
	Unsure    []any          `json:"unsure"`
	Documents map[string]any `json:"documents"`
	MadeAt    map[string]any `json:"madeAt"`
}

// TestExchanges plays every file of fixtures/exchanges with this client.
func TestExchanges(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../fixtures/exchanges/*.json")
	if err != nil || len(files) < 40 {
		t.Fatalf("%d exchanges: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			t.Parallel()
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			play(t, raw)
		})
	}
}

// play plays one exchange.
func play(t *testing.T, raw []byte) {
	t.Helper()
	read := json.NewDecoder(bytes.NewReader(raw))
	read.DisallowUnknownFields()
	var x exchange
	if err := read.Decode(&x); err != nil {
		t.Fatal(err)
	}
	p := &player{t: t, dir: t.TempDir(), now: x.Now, names: names{}, open: map[string]*process{}}
	for i, s := range x.Steps {
		p.at = fmt.Sprintf("step %d", i+1)
		p.step(s)
	}
}

// player is the device on which an exchange is played: a store for each account, a client for each process.
type player struct {
	t     *testing.T
	dir   string
	now   int64
	at    string
	names names
	open  map[string]*process
}

func (p *player) NowMillis() int64 { return p.now }

// process is one run of the app, and its link.
type process struct {
	*Client
	p    *player
	due  []*call
	last *call
}

func (p *player) process(s step) *process {
	p.t.Helper()
	if s.Account == "" {
		s.Account = "ans"
	}
	name := fmt.Sprintf("%s/%d", s.Account, max(s.Process, 1))
	if p.open[name] == nil {
		pr := &process{p: p}
		c, err := Open(filepath.Join(p.dir, s.Account+".db"), s.Account, testKey, pr)
		p.must(err)
		c.UseClock(p)
		p.t.Cleanup(func() { _ = c.Close() })
		pr.Client, p.open[name] = c, pr
	}
	return p.open[name]
}

func (p *player) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatalf("%s: %v", p.at, err)
	}
}

func (p *player) step(s step) {
	p.t.Helper()
	pr := p.process(s)
	switch {
	case s.Act != "":
		p.act(pr, s)
	case s.Sync != nil:
		p.sync(pr, s)
	case s.Clock != 0:
		p.now += s.Clock
	case s.Restart:
		p.must(pr.Close())
		for name, other := range p.open {
			if other == pr {
				delete(p.open, name)
			}
		}
	case s.Holds != nil:
		p.holds(pr, s.Holds)
	default:
		p.t.Fatalf("%s says nothing", p.at)
	}
}

func (p *player) act(pr *process, s step) {
	p.t.Helper()
	args := p.args(s.Args)
	var long struct {
		Reason struct {
			Long int `json:"$long"`
		}
	}
	if json.Unmarshal(s.Args, &long) == nil && long.Reason.Long > 0 {
		args = fmt.Sprintf(`{"reason":%q}`, strings.Repeat("x", long.Reason.Long))
	}
	for range max(s.Times, 1) {
		nonce, err := pr.Do(s.Act, args)
		if (err != nil) != s.Refused {
			p.t.Fatalf("%s: %s %s: %v", p.at, s.Act, s.Args, err)
		}
		if s.Nonce != "" {
			p.must(p.names.match(s.Nonce, nonce, "nonce"))
		}
	}
}

// args are arguments with values in place of names.
func (p *player) args(raw json.RawMessage) string {
	p.t.Helper()
	if !bytes.Contains(raw, []byte(`"$nonce.`)) {
		return string(raw)
	}
	var v any
	p.must(json.Unmarshal(raw, &v))
	filled, err := p.names.fill(v, nil)
	p.must(err)
	raw, err = json.Marshal(filled)
	p.must(err)
	return string(raw)
}

func (p *player) sync(pr *process, s step) {
	p.t.Helper()
	at := p.at
	pr.due = s.Sync
	r, err := pr.Sync()
	p.at = at
	for _, c := range pr.due {
		if !c.May {
			p.t.Fatalf("%s: a call was not made: %+v; the sync ended with %+v %v", p.at, *c, *r, err)
		}
	}
	pr.due = nil
	told := map[string]any{"waiting": float64(r.Waiting), "complete": r.Complete, "retryAfter": float64(r.RetryAfter), "signIn": r.SignIn, "gone": r.Gone,
		"forbidden": r.Forbidden, "lost": r.Lost, "mismatch": r.Mismatch, "outdated": []any{}}
	if r.Outdated != "" {
		told["outdated"] = []any{r.Outdated}
	}
	for name, want := range s.Report {
		if !reflect.DeepEqual(told[name], want) {
			p.t.Errorf("%s: %s is %v, want %v: %+v %v", p.at, name, told[name], want, *r, err)
		}
	}
}

// Post implements Link by the script.
func (pr *process) Post(path string, body []byte) (*Reply, error) {
	p := pr.p
	p.t.Helper()
	var sent any
	p.must(json.Unmarshal(body, &sent))
	for len(pr.due) > 0 && pr.due[0].May && pr.due[0].path() != path {
		pr.due = pr.due[1:]
	}
	if len(pr.due) == 0 {
		p.t.Fatalf("%s: no further call is due: %s %s", p.at, path, body)
	}
	c := pr.due[0]
	pr.due, pr.last = pr.due[1:], c
	if c.path() != path {
		p.t.Fatalf("%s: %s is due, and not %s %s", p.at, c.path(), path, body)
	}
	want, shape := c.Push, any(&wire.Push{})
	if c.Pull != nil {
		want, shape = c.Pull, &wire.Pull{}
	}
	if err := p.names.match(want, sent, "$"); err != nil {
		p.t.Fatalf("%s: %s %s: %v", p.at, path, body, err)
	}
	strict := json.NewDecoder(bytes.NewReader(body))
	strict.DisallowUnknownFields()
	p.must(strict.Decode(shape))
	at := p.at
	for i, s := range c.Meanwhile {
		p.at = fmt.Sprintf("%s, meanwhile %d", at, i+1)
		p.step(s)
	}
	p.at = at
	if c.Answer == nil {
		return nil, errors.New("no connection")
	}
	return p.reply(c, sent), nil
}

func (c *call) path() string {
	if c.Pull != nil {
		return "/sync/v1/pull"
	}
	return "/sync/v1/push"
}

func (p *player) reply(c *call, sent any) *Reply {
	p.t.Helper()
	a := c.Answer
	r := &Reply{Status: a.Status, RetryAfter: a.RetryAfter, JSON: a.Type == "" || a.Type == "application/problem+json", Body: []byte(a.Text)}
	if a.Body != nil {
		body, err := p.names.fill(a.Body, sent)
		p.must(err)
		r.Body, err = json.Marshal(body)
		p.must(err)
	}
	return r
}

// Delete implements Link: no file has a store given up.
func (pr *process) Delete(path string) (*Reply, error) {
	pr.p.t.Fatalf("%s: no further call is due: DELETE %s", pr.p.at, path)
	return nil, nil
}

// Refresh implements Link by the script.
func (pr *process) Refresh() (bool, error) {
	switch said := pr.last.Refresh; said {
	case "fresh", "sign_in":
		return said == "fresh", nil
	default:
		pr.p.t.Fatalf("%s: no other token was due", pr.p.at)
		return false, nil
	}
}

func (p *player) holds(pr *process, h *held) {
	p.t.Helper()
	if h.Outbox != nil {
		p.list(h.Outbox, pr.rows(p, "outbox"), "outbox")
	}
	if h.Journal != nil {
		p.list(h.Journal, pr.rows(p, "journal"), "journal")
	}
	if h.Unsure != nil {
		raw, err := pr.Unsure()
		p.must(err)
		var unsure []entry
		p.must(json.Unmarshal([]byte(raw), &unsure))
		var nonces []any
		for _, e := range unsure {
			nonces = append(nonces, e.Nonce)
		}
		p.list(h.Unsure, nonces, "unsure")
	}
	for name, at := range h.MadeAt {
		made := p.names[name]
		if ms, ok := at.(float64); !ok || len(made) != 26 || made[:10] != idAt(time.UnixMilli(int64(ms)))[:10] {
			p.t.Errorf("%s: %s is %q, which was not made at %v", p.at, name, made, at)
		}
	}
	if h.Documents != nil {
		p.documents(pr, h.Documents)
	}
}

func (p *player) list(want, got []any, what string) {
	p.t.Helper()
	if got == nil {
		got = []any{}
	}
	if err := p.names.match(want, got, what); err != nil {
		p.t.Errorf("%s: %v in %v", p.at, err, got)
	}
}

// rows are the entries of a table, in the order of the acts.
func (pr *process) rows(p *player, table string) []any {
	p.t.Helper()
	raw, err := pr.list(`SELECT ` + entryColumns + ` FROM ` + table + ` ORDER BY seq`)
	p.must(err)
	var all []any
	p.must(json.Unmarshal([]byte(raw), &all))
	for _, one := range all {
		row := one.(map[string]any)
		var args any
		p.must(json.Unmarshal([]byte(row["args"].(string)), &args))
		row["args"] = args
	}
	return all
}

// documents compares what a screen would show.
func (p *player) documents(pr *process, want map[string]any) {
	p.t.Helper()
	raw, err := pr.Keys("")
	p.must(err)
	var keys []string
	p.must(json.Unmarshal([]byte(raw), &keys))
	shown := map[string]any{}
	for _, key := range keys {
		raw, err := pr.Document(key)
		p.must(err)
		var value any
		p.must(json.Unmarshal([]byte(raw), &value))
		shown[key] = value
	}
	filled, err := p.names.fill(any(want), nil)
	p.must(err)
	if err := p.names.match(filled, any(shown), "documents"); err != nil || len(shown) != len(want) {
		p.t.Errorf("%s: shows %v, want %v: %v", p.at, shown, filled, err)
	}
}
