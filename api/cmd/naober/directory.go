package main

import (
	"context"
	"time"

	"naober/api/app"
	"naober/matching/care"
	"naober/notifications"
)

// directory lets notifications ask the commands what a message needs to know.
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
	gone, err := d.app.Gone(ctx, p)
	if err != nil {
		return notifications.Reach{}, err
	}
	sessions, err := d.app.PushSessions(ctx, p)
	reach := notifications.Reach{Quiet: quiet, Gone: gone}
	for _, s := range sessions {
		reach.Devices = append(reach.Devices, notifications.Device{ID: string(s.ID), Token: s.PushToken})
	}
	return reach, err
}

func (d directory) Facts(ctx context.Context, r care.RequestID, a care.AskID, v care.VisitID) (notifications.Facts, error) {
	m, err := d.app.MatterOf(ctx, r, a, v)
	return notifications.Facts{Ask: m.Ask, Visit: m.Visit, Urgency: m.Urgency, Barred: m.Barred, Silenced: m.Silenced}, err
}

func (d directory) Forget(ctx context.Context, device notifications.Device) error {
	return d.app.ForgetPush(ctx, app.SessionID(device.ID), device.Token)
}

func (d directory) Undelivered(ctx context.Context, r care.RequestID, a care.AskID) error {
	return d.app.AskUndelivered(ctx, r, a)
}

// deliveries keeps messages in the store's own documents.
type deliveries struct {
	docs app.Documents[string, notifications.Delivery]
}

func (d deliveries) Add(ctx context.Context, one notifications.Delivery) error {
	_, err := d.docs.Insert(ctx, one.ID, one, nil, app.Write{})
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
