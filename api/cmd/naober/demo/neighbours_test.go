package demo

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"naober/api/contact"
	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// hamlet is one neighbour at a phone, an API that answers from hand, and a clock in hand.
type hamlet struct {
	*Neighbours
	t       *testing.T
	at      time.Time
	request wire.Request
	status  []int // what the next changes are answered with; 200 once it is used up
	calls   []string
	keys    []string
}

func newHamlet(t *testing.T, name string) *hamlet {
	h := &hamlet{t: t, at: founded.Add(15 * time.Hour)} // midnight: nobody thinks of something to ask
	api := httptest.NewServer(h)
	t.Cleanup(api.Close)
	who := care.Person{ID: care.PersonID(name), FirstName: name, Home: care.Place{Town: "Rolde"}}
	phones := &Phones{api: api.URL, http: api.Client(), access: map[care.PersonID]string{who.ID: "token of " + name}}
	h.Neighbours = &Neighbours{world: &World{Seed: 1, At: founded}, phones: phones, now: func() time.Time { return h.at },
		out: io.Discard, log: slog.New(slog.DiscardHandler), people: map[string]care.Person{phoneOf(who.ID): who}, known: map[string]bool{}}
	h.request = wire.Request{ID: "request", Kind: "groceries", Asks: []wire.Ask{{ID: "ask", Helper: wire.Person{ID: name}, State: "asked",
		LapsesAt: wire.Instant(h.at.AddDate(0, 0, 1))}}}
	return h
}

func (h *hamlet) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet {
		if err := json.NewEncoder(w).Encode(h.request); err != nil {
			h.t.Error(err)
		}
		return
	}
	h.calls, h.keys = append(h.calls, r.URL.Path), append(h.keys, r.Header.Get("Idempotency-Key"))
	if len(h.status) > 0 {
		w.WriteHeader(h.status[0])
		h.status = h.status[1:]
	}
}

// lives lets so much of the demo's time pass, second by second.
func (h *hamlet) lives(d time.Duration) {
	for end := h.at.Add(d); h.at.Before(end); h.at = h.at.Add(time.Second) {
		h.Step(h.t.Context())
	}
}

func (h *hamlet) push(key string) {
	h.Hear(phoneOf(care.PersonID(h.request.Asks[0].Helper.ID)), key, map[string]string{"request": "request", "ask": "ask", "visit": "visit"})
}

func TestNeighbourAnswersOnceAfterAWhile(t *testing.T) {
	answers := map[string]int{}
	for i := range 60 {
		h := newHamlet(t, "neighbour"+string(rune('a'+i)))
		h.request.Asks[0].ID = "ask" + string(rune('a'+i))
		h.push("ask.new")
		h.lives(4 * time.Second)
		if len(h.calls) > 0 {
			t.Fatalf("answered within four seconds: %v", h.calls)
		}
		h.lives(time.Minute)
		h.push("ask.new") // a push may come twice
		h.lives(time.Minute)
		if len(h.calls) > 1 {
			t.Fatalf("answered more than once: %v", h.calls)
		}
		answers[strings.Join(h.calls, "")[strings.LastIndex(strings.Join(h.calls, ""), "/")+1:]]++
		for _, k := range h.keys {
			if len(k) < 16 || len(k) > 64 {
				t.Errorf("the key is %q", k)
			}
		}
	}
	if answers["accept"] < 15 || answers["decline"] < 5 {
		t.Errorf("of 60 neighbours: %v", answers)
	}
}

func TestNeighbourComesAndFinishes(t *testing.T) {
	h := newHamlet(t, "Grietje")
	from := h.at.Add(2 * time.Hour)
	h.request.Asks[0].State = "accepted"
	h.request.Visits = []wire.Visit{{ID: "visit", Helper: wire.Person{ID: "Grietje"}, State: "planned", From: wire.Instant(from), Until: wire.Instant(from.Add(time.Hour))}}
	h.push("visit.planned_helper")
	h.lives(110 * time.Minute)
	if len(h.calls) > 0 {
		t.Fatalf("ten minutes before: %v", h.calls)
	}
	h.lives(25 * time.Minute)
	if !slices.Equal(h.calls, []string{"/v1/visits/visit/start"}) {
		t.Fatalf("at a quarter past: %v", h.calls)
	}
	h.lives(time.Hour)
	h.push("visit.how_was_it")
	h.lives(21 * time.Minute)
	if !slices.Equal(h.calls, []string{"/v1/visits/visit/start", "/v1/visits/visit/finish", "/v1/visits/visit/feedback"}) {
		t.Errorf("afterwards: %v", h.calls)
	}
}

func TestNeighbourTriesAgainAfterAFailureAndNotAfterARefusal(t *testing.T) {
	for name, tc := range map[string]struct {
		status []int
		calls  int
	}{
		"a failure is tried again":       {[]int{500, 503}, 3},
		"a limit is tried again":         {[]int{429}, 2},
		"a refusal ends it":              {[]int{409}, 1},
		"what keeps failing is given up": {[]int{500, 500, 500, 500, 500, 500}, 4},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHamlet(t, "Jannes")
			h.status = tc.status
			h.intend("finish", h.people[phoneOf("Jannes")], h.at, func(ctx context.Context) error {
				return h.onVisit(ctx, h.people[phoneOf("Jannes")], "visit", "finish")
			})
			h.lives(2 * time.Minute)
			if len(h.calls) != tc.calls {
				t.Errorf("%d calls, want %d", len(h.calls), tc.calls)
			}
			for _, k := range h.keys {
				if k != h.keys[0] {
					t.Errorf("another try has another key: %v", h.keys)
				}
			}
		})
	}
}

func TestTheCastNeverActsByItself(t *testing.T) {
	w := newWorld(t, 1, founded)
	n := NewNeighbours(w, nil, standing, io.Discard, slog.New(slog.DiscardHandler))
	for _, p := range w.Cast {
		n.Hear(phoneOf(p.Person), "ask.new", map[string]string{"request": "request", "ask": "ask"})
		for _, asks := range n.asking {
			if asks.ID == p.Person {
				t.Errorf("%s asks for help by themselves", p.Name)
			}
		}
	}
	if len(n.plans) > 0 {
		t.Errorf("the cast plans %d things", len(n.plans))
	}
	if len(n.asking) < 100 {
		t.Errorf("%d people ask for help", len(n.asking))
	}
}

func TestWishesAreWordsThatNobodyNeedWorryAbout(t *testing.T) {
	w := newWorld(t, 1, founded)
	rides := 0
	for i := range 500 {
		r := dice(uint64(i), "wish")
		village := w.Communities[i%len(w.Communities)]
		asked := wishOf(r, village, founded)
		if words := care.EmergencyWords(asked.Words); len(words) > 0 || contact.BSN(asked.Words) || asked.Words == "" {
			t.Errorf("%q sounds like %v", asked.Words, words)
		}
		s := asked.Slots[0]
		if start := time.Time(s.Start); !start.After(founded) || !time.Time(s.End).After(start) {
			t.Errorf("from %s to %s", start, time.Time(s.End))
		}
		if _, known := care.Rules(care.Kind(asked.Kind)); !known || (asked.Kind == string(care.RideKind)) != (asked.Ride != nil) {
			t.Errorf("%s with ride %v", asked.Kind, asked.Ride)
		}
		if asked.Ride != nil {
			rides++
			if village.Town == stage {
				t.Error("a ride on the stage")
			}
		}
	}
	if rides < 30 {
		t.Errorf("%d rides of 500", rides)
	}
}
