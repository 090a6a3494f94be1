package watch_test

import (
	"context"
	"errors"
	"maps"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"naober/api/app"
	"naober/api/feed"
	"naober/api/port"
	"naober/api/watch"
	"naober/matching/care"
	"naober/notifications"
)

// shelf is a store of sessions that holds one.
type shelf struct {
	port.Documents[app.SessionID, app.Session]
	held app.Session
	away error
}

func (s *shelf) Insert(_ context.Context, _ app.SessionID, v app.Session, _ []care.Event, _ port.Write) (port.Stored[app.Session], error) {
	s.held = v
	return port.Stored[app.Session]{Value: v}, s.away
}

func (s *shelf) Update(_ context.Context, _ app.SessionID, _ port.Write, change port.Change[app.Session]) (port.Stored[app.Session], error) {
	next, _, err := change(s.held)
	s.held = next
	return port.Stored[app.Session]{Value: next}, errors.Join(err, s.away)
}

type silence struct{}

func (silence) Push(context.Context, notifications.Message) error { return nil }

// lived is a watch that has seen one of everything, about somebody who must not show.
func lived(t *testing.T) string {
	t.Helper()
	w, ctx := watch.New(), t.Context()
	w.Call("POST", "/v1/sign-in/tokens", 200, time.Millisecond)
	w.NotReady("keys_closed")
	if err := w.Push(silence{}).Push(ctx, notifications.Message{Token: "geesje-phone", Key: "ask.new"}); err != nil {
		t.Fatal(err)
	}
	store := &shelf{}
	sessions := w.Stores(app.Stores{Sessions: store}).Sessions
	const id = "01KAS0GR0110000000000000AA"
	ended := func(s app.Session) (app.Session, []care.Event, error) {
		s.EndedAt = time.Unix(1, 0)
		return s, nil, nil
	}
	_, _ = sessions.Insert(ctx, id, app.Session{Device: "Geesje"}, nil, port.Write{})
	_, _ = sessions.Update(ctx, id, port.Write{}, ended)
	_, _ = sessions.Update(ctx, id, port.Write{}, ended) // it has ended already
	store.away = errors.New("geesje@example.org is away")
	_, _ = sessions.Insert(ctx, id, app.Session{}, nil, port.Write{})
	_, _ = sessions.Update(ctx, id, port.Write{}, ended)
	w.Intent("applied")
	w.Pulled("nothing")
	w.Streams(func() int { return 3 })
	w.Loops(func() app.LoopCounts {
		return app.LoopCounts{Rounds: 7, Matcher: app.MatcherCounts{Offers: 5, Rebuilt: 2, Age: 90 * time.Second}, Counts: feed.Counts{Moved: 1, Held: "restore", Consumers: map[string]feed.ConsumerCounts{"audit": {Lag: 3, Parked: 2}}}}
	}, func() map[string]int64 { return map[string]int64{"codes to a contact": 4} })
	answer := httptest.NewRecorder()
	w.Handler().ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
	return answer.Body.String()
}

func TestEveryFigureIsExplained(t *testing.T) {
	page, err := os.ReadFile("../../deploy/METRICS.md")
	if err != nil {
		t.Fatal(err)
	}
	explained, shown := map[string]bool{}, map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `(naober_[a-z_]+)`").FindAllStringSubmatch(string(page), -1) {
		explained[m[1]] = true
	}
	for _, m := range regexp.MustCompile("(?m)^# TYPE (naober_[a-z_]+)").FindAllStringSubmatch(lived(t), -1) {
		shown[m[1]] = true
	}
	if got, want := slices.Sorted(maps.Keys(shown)), slices.Sorted(maps.Keys(explained)); !slices.Equal(got, want) || len(got) < 16 {
		t.Errorf("shown     %v\nexplained %v", got, want)
	}
}

func TestFiguresCountAndNameNobody(t *testing.T) {
	figures := lived(t)
	for _, want := range []string{`naober_sessions_total{what="began"} 1`, `naober_sessions_total{what="ended"} 1`, `naober_store_failures_total{kind="sessions",operation="insert"} 1`,
		`naober_pushes_total{outcome="sent"} 1`, `naober_limits_hit_total{limit="codes to a contact"} 4`, `naober_consumer_lag{consumer="audit"} 3`,
		`naober_not_ready_total{reason="keys_closed"} 1`, `naober_consumer_parked{consumer="audit"} 2`, "naober_clock_rounds_total 7", "naober_held 1", "naober_matcher_offers 5", "naober_matcher_event_age_seconds 90", "naober_matcher_rebuilt_total 2"} {
		if !strings.Contains(figures, want+"\n") {
			t.Errorf("no %s in the figures", want)
		}
	}
	if found := regexp.MustCompile(`(?i)geesje|@|01KAS`).FindString(figures); found != "" {
		t.Errorf("the figures hold %q", found)
	}
}
