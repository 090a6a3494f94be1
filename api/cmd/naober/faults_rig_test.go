package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
)

// rig is a demo with fault switches, and a phone of its resident.
type rig struct {
	*running
	access, store, writer string
	next                  int64
}

// came is what came of a call; failed is set where nothing whole did.
type came struct {
	failed error
	status int
	header http.Header
	text   string
	took   time.Duration
}

func (r *rig) send(method, url, body string) came {
	r.t.Helper()
	call, err := http.NewRequestWithContext(r.t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	call.Header.Set("Content-Type", "application/json")
	call.Header.Set("Authorization", "Bearer "+r.access)
	began := time.Now()
	// A connection of its own: one that was cut before is not tried again by itself.
	answer, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(call)
	if err != nil {
		return came{failed: err, took: time.Since(began)}
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return came{err, answer.StatusCode, answer.Header, string(text), time.Since(began)}
}

// test calls a switch.
func (r *rig) test(method, path, body string) string {
	r.t.Helper()
	got := r.send(method, r.ports.Control+"/test/"+path, body)
	if got.failed != nil || got.status != http.StatusOK {
		r.t.Fatalf("%s %s %s: %d %s %v", method, path, body, got.status, got.text, got.failed)
	}
	return got.text
}

func (r *rig) set(fault string) { r.t.Helper(); r.test("POST", "fault", fault) }

// pull pulls from nothing.
func (r *rig) pull() came {
	return r.pullFrom("null")
}

func (r *rig) pullFrom(cookie string) came {
	return r.send("POST", r.ports.API+"/sync/v1/pull", `{"pullVersion":1,"schemaVersion":"1","clientGroupID":"`+r.store+`","cookie":`+cookie+`}`)
}

// mutation is the next one of this phone's writer.
func (r *rig) mutation(name, args string) string {
	r.next++
	raw, _ := json.Marshal(map[string]any{"clientID": r.writer, "id": r.next, "nonce": ulid.Make().String(), "name": name, "args": json.RawMessage(args)})
	return string(raw)
}

func (r *rig) push(mutations ...string) came {
	return r.send("POST", r.ports.API+"/sync/v1/push",
		`{"pushVersion":1,"schemaVersion":"1","clientGroupID":"`+r.store+`","mutations":[`+strings.Join(mutations, ",")+`]}`)
}

// quiet is an intent that is always applied.
func (r *rig) quiet() string {
	return r.mutation("outcome.dismiss", `{"nonce":"`+ulid.Make().String()+`"}`)
}

// results are the statuses of a push, or what came in place of an answer.
func (c came) results() string {
	var answer struct {
		Results []struct{ Status, Of, Code string }
	}
	if c.failed != nil || json.Unmarshal([]byte(c.text), &answer) != nil {
		return "none"
	}
	var all []string
	for _, r := range answer.Results {
		all = append(all, strings.Trim(r.Status+" "+r.Of+" "+r.Code, " "))
	}
	return strings.Join(all, ",")
}

// page is what a pull brought.
type page struct {
	Epoch  string
	Cookie json.RawMessage
	Last   map[string]int64 `json:"lastMutationIDChanges"`
	Patch  []struct{ Op, Key string }
}

func (c came) page(t *testing.T) page {
	t.Helper()
	var p page
	if c.status != http.StatusOK || json.Unmarshal([]byte(c.text), &p) != nil {
		t.Fatalf("a pull brings %d %s %v", c.status, c.text, c.failed)
	}
	return p
}

func (p page) has(op, key string) bool {
	return slices.ContainsFunc(p.Patch, func(o struct{ Op, Key string }) bool { return o.Op == op && o.Key == key })
}

// in gives a test a phone that nobody used before, and takes back what others have set.
func (r *rig) in(t *testing.T) *rig {
	t.Helper()
	fresh := *r.running
	fresh.t = t
	in := &rig{running: &fresh, access: r.access, store: ulid.Make().String(), writer: ulid.Make().String()}
	in.test("DELETE", "fault", "")
	return in
}

// groceries are what a resident asks for, three days from now.
func (r *rig) groceries(id string) string {
	start := time.Now().UTC().Truncate(time.Hour).AddDate(0, 0, 3)
	raw, _ := json.Marshal(map[string]any{"id": id, "community": r.cast["resident"].Community, "kind": "groceries", "urgency": "ordinary", "words": "Melk",
		"slots": []any{map[string]any{"start": start, "end": start.Add(time.Hour)}}})
	return string(raw)
}

// listen opens a stream, and gives its lines that say something; ended is told how it ended.
func (r *rig) listen(t *testing.T) (lines chan string, ended chan error) {
	t.Helper()
	call, err := http.NewRequestWithContext(t.Context(), "GET", r.ports.API+"/sync/v1/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	call.Header.Set("Accept", "text/event-stream")
	call.Header.Set("Authorization", "Bearer "+r.access)
	answer, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(call)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatal(answer, err)
	}
	lines, ended = make(chan string, 100), make(chan error, 1)
	go func() {
		defer answer.Body.Close()
		var heard bytes.Buffer
		piece := make([]byte, 512)
		for {
			n, err := answer.Body.Read(piece)
			heard.Write(piece[:n])
			for {
				line, rest, whole := bytes.Cut(heard.Bytes(), []byte("\n"))
				if !whole {
					break
				}
				if strings.HasPrefix(string(line), "event:") {
					lines <- string(line)
				}
				heard = *bytes.NewBuffer(bytes.Clone(rest))
			}
			if err != nil {
				close(lines)
				if errors.Is(err, io.EOF) {
					err = nil
				}
				ended <- err
				return
			}
		}
	}()
	return lines, ended
}
