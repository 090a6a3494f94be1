package leak_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"naober/api/port"
	"naober/api/postroom"
	"naober/notifications"
)

// pushed is a message that left for a phone.
type pushed struct {
	at time.Time
	notifications.Message
}

// phones implements notifications.Push for phones that always answer.
type phones struct {
	now func() time.Time
	mu  sync.Mutex // several people are served at once, each in order
	all []pushed
}

func (p *phones) Push(_ context.Context, m notifications.Message) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.all = append(p.all, pushed{p.now(), m})
	return nil
}

// to are the messages that somebody's phone got, as answers to nobody's call.
func (p *phones) to(a *actor) []answer {
	var got []answer
	for _, m := range p.all {
		if m.Token == phoneOf(a) {
			text := fmt.Sprint(m.at.Format(time.RFC3339), " ", m.Key, " ", sortedText(m.Params), " ", m.Collapse, " ", m.TTL, " ", m.High)
			got = append(got, answer{call: call{by: a, method: "PUSH", path: m.Key}, status: 200, body: text})
		}
	}
	return got
}

func sortedText(m map[string]string) string {
	var all []string
	for name, value := range m {
		all = append(all, name+"="+value)
	}
	slices.Sort(all)
	return strings.Join(all, ",")
}

func phoneOf(a *actor) string { return "phone-of-" + a.village + a.name }

// ring gives everybody a phone that takes pushes, and the world a relay that sends them.
func (w *world) ring(push notifications.Push) {
	w.Helper()
	relay := postroom.Relay(w.app, w.store.Deliveries(), push, w.clock, slog.New(slog.NewTextHandler(io.MultiWriter(w.log), nil)))
	w.listen = func(ctx context.Context, row port.Row) { w.must(postroom.Consumer(relay).Handle(ctx, row)) }
	w.deliver = relay.Step
	for _, a := range w.actors {
		w.do(a, "PUT", "/v1/me/push-token", fmt.Sprintf(`{"token":%q}`, phoneOf(a)))
	}
}
