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

	"naober/api/app"
	"naober/matching/care"
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
	relay := notifications.NewRelay(deliveries{w.store.Deliveries()}, directory{w.app}, push, w.clock, slog.New(slog.NewTextHandler(io.MultiWriter(w.log), nil)))
	w.listen = func(ctx context.Context, row app.Row) {
		w.must(relay.Handle(ctx, fmt.Sprintf("%s/%s/%d", row.Doc.Kind, row.Doc.ID, row.Seq), row.Event))
	}
	w.deliver = func(ctx context.Context) (int, error) { return relay.Step(ctx) }
	for _, a := range w.actors {
		w.do(a, "PUT", "/v1/me/push-token", fmt.Sprintf(`{"token":%q}`, phoneOf(a)))
	}
}

// directory and deliveries are the service's own wiring once more: its binary cannot be imported.
type directory struct{ app *app.App }

func (d directory) Requesters(ctx context.Context, r care.RequestID) ([]care.PersonID, error) {
	return d.app.Requesters(ctx, r)
}

func (d directory) Owners(ctx context.Context, r care.RequestID) ([]care.PersonID, error) {
	return d.app.Owners(ctx, r)
}

func (d directory) Moderators(ctx context.Context, c care.CommunityID) ([]care.PersonID, error) {
	return d.app.Moderators(ctx, c)
}

func (d directory) Receivers(ctx context.Context, o care.OrganizationID) ([]care.PersonID, error) {
	return d.app.Professionals(ctx, o)
}

func (d directory) Reach(ctx context.Context, p care.PersonID) (notifications.Reach, error) {
	quiet, err := d.app.QuietOf(ctx, p)
	if err != nil {
		return notifications.Reach{}, err
	}
	sessions, err := d.app.PushSessions(ctx, p)
	reach := notifications.Reach{Quiet: quiet}
	for _, s := range sessions {
		reach.Devices = append(reach.Devices, notifications.Device{ID: string(s.ID), Token: s.PushToken})
	}
	return reach, err
}

func (d directory) Facts(ctx context.Context, r care.RequestID, a care.AskID, v care.VisitID) (notifications.Facts, error) {
	m, err := d.app.MatterOf(ctx, r, a, v)
	return notifications.Facts{Ask: m.Ask, Visit: m.Visit, Urgency: m.Urgency, Barred: m.Barred}, err
}

func (d directory) Forget(ctx context.Context, device notifications.Device) error {
	return d.app.ForgetPush(ctx, app.SessionID(device.ID), device.Token)
}

func (d directory) Undelivered(ctx context.Context, r care.RequestID, a care.AskID) error {
	return d.app.AskUndelivered(ctx, r, a)
}

type deliveries struct {
	docs app.Documents[string, notifications.Delivery]
}

func (d deliveries) Add(ctx context.Context, n notifications.Delivery) error {
	_, err := d.docs.Insert(ctx, n.ID, n, nil, app.Write{})
	if care.CodeOf(err) == "id_taken" {
		return nil
	}
	return err
}

func (d deliveries) Get(ctx context.Context, id string) (notifications.Delivery, error) {
	s, err := d.docs.Get(ctx, id)
	return s.Value, err
}

func (d deliveries) Due(ctx context.Context, now time.Time, limit int) ([]notifications.Delivery, error) {
	found, err := d.docs.Due(ctx, now, limit)
	due := make([]notifications.Delivery, len(found))
	for i, f := range found {
		due[i] = f.Value
	}
	return due, err
}

func (d deliveries) Change(ctx context.Context, id string, change func(notifications.Delivery) (notifications.Delivery, error)) (notifications.Delivery, error) {
	s, err := d.docs.Update(ctx, id, app.Write{}, func(old notifications.Delivery) (notifications.Delivery, []care.Event, error) {
		next, err := change(old)
		return next, nil, err
	})
	return s.Value, err
}
