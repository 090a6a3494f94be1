// Package postroom joins notifications to the commands and the store: what a message needs to know,
// where it is kept, and how events come to it. It decides nothing about messages.
package postroom

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"naober/api/app"
	"naober/api/feed"
	"naober/api/port"
	"naober/notifications"
)

// Docs are the messages in the store's own documents.
type Docs = port.Documents[string, notifications.Delivery]

// Relay writes down the messages of one service and sends them.
func Relay(a *app.App, docs Docs, push notifications.Push, now func() time.Time, log *slog.Logger) *notifications.Relay {
	return notifications.NewRelay(Deliveries{docs}, Directory{a}, push, now, log)
}

// Consumer hands each event to the relay under the name of its row, so that one that comes again
// makes no second message.
func Consumer(r *notifications.Relay) feed.Consumer {
	return feed.Consumer{Name: "notifications", Stored: true, Handle: func(ctx context.Context, row port.Row) error {
		return r.Handle(ctx, fmt.Sprintf("%s/%s/%d", row.Doc.Kind, row.Doc.ID, row.Seq), row.Event)
	}}
}

// Work sends what is due.
func Work(r *notifications.Relay) feed.Work { return feed.Work{Name: "relay", Step: r.Step} }
