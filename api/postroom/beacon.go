package postroom

import (
	"context"
	"time"

	"naober/api/app"
	"naober/notifications"
)

// beacon pushes echoes past arbiter and relay: nobody is disturbed by what no screen shows, and an echo
// that comes late is worth nothing.
type beacon struct{ to notifications.Push }

// Beacon makes the app's beacon of a push service; none where pushes are switched off.
func Beacon(to notifications.Push) app.Beacon {
	if to == nil {
		return nil
	}
	return beacon{to}
}

// Beckon implements app.Beacon.
func (b beacon) Beckon(ctx context.Context, pushToken string, echo app.PushEcho) error {
	ctx, stop := context.WithTimeout(ctx, 5*time.Second)
	defer stop()
	return b.to.Push(ctx, notifications.Message{Token: pushToken, Key: "push.echo", Params: map[string]string{"echo": string(echo)},
		Collapse: "push.echo", TTL: 10 * time.Minute, High: true, Silent: true})
}
