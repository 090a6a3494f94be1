package postroom

import (
	"context"

	"naober/api/app"
	"naober/matching/care"
	"naober/notifications"
)

// Directory lets notifications ask the commands what a message needs to know.
type Directory struct{ App *app.App }

// Requesters implements notifications.Directory.
func (d Directory) Requesters(ctx context.Context, r care.RequestID) ([]care.PersonID, error) {
	return d.App.Requesters(ctx, r)
}

// Owners implements notifications.Directory.
func (d Directory) Owners(ctx context.Context, r care.RequestID) ([]care.PersonID, error) {
	return d.App.Owners(ctx, r)
}

// Moderators implements notifications.Directory.
func (d Directory) Moderators(ctx context.Context, c care.CommunityID) ([]care.PersonID, error) {
	return d.App.Moderators(ctx, c)
}

// Receivers implements notifications.Directory.
func (d Directory) Receivers(ctx context.Context, o care.OrganizationID) ([]care.PersonID, error) {
	return d.App.Professionals(ctx, o)
}

// Reach implements notifications.Directory.
func (d Directory) Reach(ctx context.Context, p care.PersonID) (notifications.Reach, error) {
	quiet, err := d.App.QuietOf(ctx, p)
	if err != nil {
		return notifications.Reach{}, err
	}
	gone, err := d.App.Gone(ctx, p)
	if err != nil {
		return notifications.Reach{}, err
	}
	sessions, err := d.App.PushSessions(ctx, p)
	reach := notifications.Reach{Quiet: quiet, Gone: gone}
	for _, s := range sessions {
		reach.Devices = append(reach.Devices, notifications.Device{ID: string(s.ID), Token: s.PushToken})
	}
	return reach, err
}

// Facts implements notifications.Directory.
func (d Directory) Facts(ctx context.Context, r care.RequestID, a care.AskID, v care.VisitID) (notifications.Facts, error) {
	m, err := d.App.MatterOf(ctx, r, a, v)
	return notifications.Facts{Ask: m.Ask, Visit: m.Visit, Urgency: m.Urgency, Barred: m.Barred, Silenced: m.Silenced}, err
}

// Forget implements notifications.Directory.
func (d Directory) Forget(ctx context.Context, device notifications.Device) error {
	return d.App.ForgetPush(ctx, app.SessionID(device.ID), device.Token)
}

// Undelivered implements notifications.Directory.
func (d Directory) Undelivered(ctx context.Context, r care.RequestID, a care.AskID) error {
	return d.App.AskUndelivered(ctx, r, a)
}

var _ notifications.Directory = Directory{}
