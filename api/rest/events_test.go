package rest

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// listening is a stream of events as a device reads it.
type listening struct {
	t      *testing.T
	events chan string // name and data; closed at its end
}

// listen opens a stream, by the address and one header.
func (w *world) listen(path string, h header) *listening {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), "GET", w.base+path, nil)
	must(w.t, err)
	req.Header.Set("Accept", "text/event-stream")
	req.Header.Set(h.name, h.value)
	res, err := http.DefaultClient.Do(req)
	must(w.t, err)
	if res.StatusCode != 200 || res.Header.Get("Content-Type") != "text/event-stream" || res.Header.Get("X-Accel-Buffering") != "no" {
		w.t.Fatalf("the stream is %d %v", res.StatusCode, res.Header)
	}
	l := &listening{t: w.t, events: make(chan string, 100)}
	go func() {
		defer close(l.events)
		defer func() { _ = res.Body.Close() }()
		var event string
		for lines := bufio.NewScanner(res.Body); lines.Scan(); {
			switch name, rest, _ := strings.Cut(lines.Text(), ": "); name {
			case "event":
				event = rest
			case "data":
				l.events <- event + " " + rest
			}
		}
	}()
	return l
}

func (w *world) listensAs(name string) *listening {
	w.t.Helper()
	l := w.listen("/sync/v1/events", header{"Authorization", "Bearer " + w.bearer(name)})
	l.next("hello {\"epoch\":")
	return l
}

// next waits for an event that begins so.
func (l *listening) next(want string) {
	l.t.Helper()
	select {
	case got, open := <-l.events:
		if !open || !strings.HasPrefix(got, want) {
			l.t.Fatalf("got %q, open %v, want %q", got, open, want)
		}
	case <-time.After(10 * time.Second):
		l.t.Fatalf("no %q", want)
	}
}

// still holds that nothing comes for a while.
func (l *listening) still() {
	l.t.Helper()
	select {
	case got, open := <-l.events:
		l.t.Errorf("got %q, open %v", got, open)
	case <-time.After(100 * time.Millisecond):
	}
}

// over waits for the end of the stream.
func (l *listening) over() {
	l.t.Helper()
	for range 3 {
		select {
		case _, open := <-l.events:
			if !open {
				return
			}
		case <-time.After(10 * time.Second):
		}
	}
	l.t.Error("the stream goes on")
}

func (w *world) ticket(name string) string {
	w.t.Helper()
	var t wire.EventsTicket
	must(w.t, json.Unmarshal(w.call(name, "POST", "/sync/v1/events/ticket", "", header{"Idempotency-Key", ""}).want(200).body, &t))
	if t.ExpiresInMs != 60_000 {
		w.t.Errorf("it opens a stream for %d ms", t.ExpiresInMs)
	}
	return t.Ticket
}

// A change wakes whoever it concerns and whoever works in the village, at most once a second, and nobody else.
func TestEventsWakeWhomAChangeConcerns(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		w.arrive("Anna", care.Resident)
		w.arrive("Berend", care.Resident)
		w.arrive("Wim", care.FixedWorker)
		w.settle() // what their coming brings
		anna, berend, wim := w.listensAs("Anna"), w.listensAs("Berend"), w.listensAs("Wim")
		began := time.Now()
		for range 3 {
			w.call("Anna", "POST", "/v1/requests", strings.Replace(w.needs("x"), `"id":"x",`, "", 1)).want(201)
			w.settle()
		}
		anna.next("poke {}")
		wim.next("poke {}")
		anna.next("poke {}") // what came within the second
		if took := time.Since(began); took < pokeEvery {
			t.Errorf("two pokes within %v", took)
		}
		berend.still()
		if next := w.nextPoll("Anna"); next != listenedPoll {
			t.Errorf("who listens polls after %v", next)
		}
		w.arrive("Dina", care.Resident)
		if next := w.nextPoll("Dina"); next != time.Minute {
			t.Errorf("who does not polls after %v", next)
		}
	})
}

func (w *world) nextPoll(name string) time.Duration {
	w.t.Helper()
	var page wire.PullAnswer
	body := fmt.Sprintf(`{"pullVersion":1,"clientGroupID":%q,"schemaVersion":"1","cookie":null}`, w.phone(name).group)
	must(w.t, json.Unmarshal(w.call(name, "POST", "/sync/v1/pull", body, header{"Idempotency-Key", ""}).want(200).body, &page))
	return time.Duration(page.NextPollMs) * time.Millisecond
}

// A ticket opens one stream of its session, within a minute.
func TestATicketOpensOneStream(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		w.arrive("Anna", care.Resident)
		at := func(ticket string) string { return "/sync/v1/events?ticket=" + ticket }
		sse, none := header{"Accept", "text/event-stream"}, header{"Authorization", ""}
		refused := func(ticket, code string, status int) {
			t.Helper()
			if a := w.call("", "GET", at(ticket), "", sse, none).want(status); a.text("code") != code {
				t.Errorf("got %s, want %s", a.body, code)
			}
		}
		ticket := w.ticket("Anna")
		w.call("", "GET", at(ticket), "").want(400) // it was no stream that was asked for, and opens one yet
		l := w.listen(at(ticket), header{"X-Nothing", "1"})
		l.next("hello")
		refused(ticket, "ticket_invalid", 401)
		for _, wrong := range []string{"", "x", "a.b.c.d.e", strings.Replace(w.ticket("Anna"), "01", "02", 1), w.ticket("Anna") + "A", w.ticket("Anna")[:60]} {
			refused(wrong, "ticket_invalid", 401)
		}
		late := w.ticket("Anna")
		w.pass(time.Minute)
		refused(late, "ticket_invalid", 401)
		unused := w.ticket("Anna")
		var devices struct{ Items []wire.Device }
		must(t, json.Unmarshal(w.call("Anna", "GET", "/v1/me/devices", "").want(200).body, &devices))
		w.call("Anna", "DELETE", "/v1/me/devices/"+devices.Items[0].ID, "").want(204)
		refused(unused, "session_ended", 401)
	})
}

// Of an account four devices listen: one more takes the place of the oldest, which is told to come again.
func TestTheOldestOfFiveStreamsMakesWay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.arrive("Anna", care.Resident)
	var all []*listening
	for range 5 {
		all = append(all, w.listensAs("Anna"))
	}
	all[0].next("bye {\"retryMs\":")
	all[0].over()
	for _, l := range all[1:] {
		l.still()
	}
}

// A stream does not keep the service from ending, and holds no place once its device is gone.
func TestStreamsEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.arrive("Anna", care.Resident)
	l := w.listensAs("Anna")
	gone, leave := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(gone, "GET", w.base+"/sync/v1/events", nil)
	must(t, err)
	req.Header.Set("Accept", "text/event-stream")
	req.Header.Set("Authorization", "Bearer "+w.bearer("Anna"))
	res, err := http.DefaultClient.Do(req)
	must(t, err)
	leave()
	_ = res.Body.Close()
	often, late := time.NewTicker(50*time.Millisecond), time.After(20*time.Second)
	defer often.Stop()
	for w.server.hub.Count() > 1 { // a write or two notice it
		w.server.hub.Poke([]care.PersonID{w.people["Anna"].id}, nil)
		select {
		case <-often.C:
		case <-late:
			t.Fatalf("%d listen", w.server.hub.Count())
		}
	}
	other := newWorld(t)
	other.arrive("Anna", care.Resident)
	l2 := other.listensAs("Anna")
	began := time.Now()
	must(t, other.server.Shutdown(t.Context()))
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("the end took %v", took)
	}
	l2.next("bye")
	l2.over()
	l.next("poke {}")
}

func TestSyncConfigSaysTheBounds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.call("", "GET", "/sync/v1/config", "").want(200)
	var c wire.SyncConfig
	must(t, json.Unmarshal(a.body, &c))
	w.arrive("Anna", care.Resident)
	p := w.phone("Anna")
	var all []wire.Mutation
	for range c.MaxMutations {
		all = append(all, p.does("outcome.dismiss", `{"nonce":"nonce-of-nothing-at-all"}`))
	}
	if got := p.push(200, all...); len(got.Results) != c.MaxMutations {
		t.Errorf("%d results", len(got.Results))
	}
	w.call("Anna", "POST", "/sync/v1/push", fmt.Sprintf(`{"pushVersion":%d,"clientGroupID":%q,"schemaVersion":%q,"mutations":[]}`, c.PushVersion, p.group, c.SchemaVersion),
		header{"Idempotency-Key", ""}).want(200)
}
