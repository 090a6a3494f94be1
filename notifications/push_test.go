package notifications

import (
	"errors"
	"slices"
	"testing"
	"time"

	"naober/matching/care"
	"naober/notifications/egress"
	"naober/notifications/fcm"
	"naober/notifications/fcm/fcmtest"
)

// withFCM gives the world the real sender against a server that behaves like FCM.
func withFCM(t *testing.T, w *world) *fcmtest.Server {
	t.Helper()
	server, err := fcmtest.Start(fcmtest.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	credentials, err := server.Credentials()
	if err != nil {
		t.Fatal(err)
	}
	sender, err := fcm.New(t.Context(), fcm.Config{ProjectID: fcmtest.DefaultProject, CredentialsJSON: credentials, Endpoint: server.URL, Guard: egress.Allowing(egress.ThisMachine()...)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sender.Close)
	push := FCMPush{Sender: sender}
	w.answer = func(m Message) error { return push.Push(t.Context(), m) }
	return server
}

func TestThroughFCM(t *testing.T) {
	const token = "token-" + string(berend)
	rows := []struct {
		name        string
		answers     []fcmtest.Answer
		state       State
		calls       int
		least       time.Duration // that it took
		arrived     int
		forgotten   int
		undelivered int
	}{
		{"a message arrives", nil, Sent, 1, 0, 1, 0, 0},
		{"an unregistered phone is forgotten, and the wave goes on", []fcmtest.Answer{fcmtest.Unregistered()}, Unreachable, 1, 0, 0, 1, 1},
		{"a spent quota is waited for", []fcmtest.Answer{fcmtest.Quota(10 * time.Minute)}, Sent, 2, 10 * time.Minute, 1, 0, 0},
		{"errors of the server are tried again", []fcmtest.Answer{fcmtest.Internal(), fcmtest.Unavailable(0), fcmtest.Internal()}, Sent, 4, 7 * time.Second, 1, 0, 0},
		{"a cut before it was taken loses nothing", []fcmtest.Answer{fcmtest.DropBefore()}, Sent, 2, time.Second, 1, 0, 0},
		{"a cut after it was taken sends it twice", []fcmtest.Answer{fcmtest.DropAfter()}, Sent, 2, time.Second, 2, 0, 0},
		{"a message that is refused forgets no phone", []fcmtest.Answer{fcmtest.InvalidArgument()}, Unreachable, 1, 0, 0, 0, 1},
		{"an outage ends with the question", []fcmtest.Answer{fcmtest.Always(fcmtest.Unavailable(0))}, Unreachable, 12, 4 * time.Hour, 0, 0, 1},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			w := newWorld(t)
			server := withFCM(t, w)
			server.Behave(token, row.answers...)
			w.handle(t, w.made())
			began := w.now
			w.run(t, 24*time.Hour)
			d := w.question()
			if d.State != row.state || d.DoneAt.Sub(began) < row.least {
				t.Errorf("%+v after %s", d, d.DoneAt.Sub(began))
			}
			if calls := len(server.Calls()); calls < row.calls || row.calls < 10 && calls != row.calls {
				t.Errorf("%d calls, want %d", calls, row.calls)
			}
			if got := len(server.Messages()); got != row.arrived || len(w.forgotten) != row.forgotten || w.undelivered != row.undelivered {
				t.Errorf("%d arrived, %d forgotten, %d undelivered", got, len(w.forgotten), w.undelivered)
			}
		})
	}
}

// FCM takes the message, and the process dies before it knows. A new one over the same store sends
// it again, under the same collapse key, so that the phone shows one.
func TestThroughFCMOverARestart(t *testing.T) {
	w := newWorld(t)
	server := withFCM(t, w)
	w.handle(t, w.made())
	push := w.answer
	w.answer = func(m Message) error {
		w.dead = true
		return push(m)
	}
	if _, err := w.relay().Step(t.Context()); !errors.Is(err, errKilled) {
		t.Fatal(err)
	}
	if d := w.question(); d.State != Sending || len(server.Messages()) != 1 {
		t.Fatalf("after the kill it stands as %+v", d)
	}
	w.dead, w.answer = false, push
	w.run(t, sendingTime-time.Second)
	if len(server.Messages()) != 1 {
		t.Fatal("another holder's call was not waited for")
	}
	w.run(t, time.Minute)
	if d := w.question(); d.State != Sent || len(server.Messages()) != 2 {
		t.Errorf("%+v, %d arrived", d, len(server.Messages()))
	}
}

// Every key of the table passes fcm's check of what a payload may hold, and FCM's own.
func TestEveryMessageOfTheTablePassesFCM(t *testing.T) {
	w := newWorld(t)
	server := withFCM(t, w)
	w.mods = []care.PersonID{wia}
	keys := map[string]bool{}
	for _, e := range eventTypes(t) {
		for _, line := range tellings(e) {
			for _, event := range []care.Event{w.happened(e), {Type: e, At: w.now, Community: village, Helper: berend, Person: anna}} {
				d := w.relay().draft("requests/1", line, berend, event, w.facts)
				for _, key := range []string{line.key, callPrefix + line.key} {
					if d.Key = key; key != line.key && !mustCall(line.key) {
						continue
					}
					keys[key] = true
					for _, ttl := range []time.Duration{leastTTL, 400 * 24 * time.Hour} {
						if err := w.answer(Message{Token: "t", Key: d.Key, Params: d.params(), Collapse: d.collapse(), TTL: ttl, High: true}); err != nil {
							t.Errorf("%s, collapse %q: %v", key, d.collapse(), err)
						}
					}
				}
			}
		}
	}
	arrived := server.Messages()
	for key := range keys {
		if !slices.ContainsFunc(arrived, func(m fcmtest.Received) bool { return m.Key == key }) {
			t.Errorf("%s did not arrive", key)
		}
	}
	if len(keys) < 35 {
		t.Errorf("only %d keys", len(keys))
	}
}

func TestALaterMessageReplacesTheQuestionOnThePhone(t *testing.T) {
	rows := []struct {
		name, first, second string
		same                bool
	}{
		{"thanks replace the question", askNew, askThanks, true},
		{"a visit that is off replaces its plan", "visit.planned", "visit.cancelled", true},
		{"a message replaces no plan", "visit.planned", "message.new", false},
		{"nor one owner's task another", "request.promise_lapsed", "request.owner_reminded", false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			a := Delivery{Key: row.first, Request: ride, Ask: theAsk, Visit: visit}
			b := a
			b.Key = row.second
			if (a.collapse() == b.collapse()) != row.same {
				t.Errorf("%s, %s", a.collapse(), b.collapse())
			}
		})
	}
}
