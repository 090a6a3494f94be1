package postroom

import (
	"context"
	"time"

	"naober/api/port"
	"naober/matching/care"
	"naober/notifications"
)

// Deliveries keeps messages in the store's own documents.
type Deliveries struct {
	Docs port.Documents[string, notifications.Delivery]
}

// Add implements notifications.Deliveries. One that is there already stays as it is.
func (d Deliveries) Add(ctx context.Context, one notifications.Delivery) error {
	_, err := d.Docs.Insert(ctx, one.ID, one, nil, port.Write{})
	if care.CodeOf(err) == "id_taken" {
		return nil
	}
	return err
}

// Get implements notifications.Deliveries.
func (d Deliveries) Get(ctx context.Context, id string) (notifications.Delivery, error) {
	s, err := d.Docs.Get(ctx, id)
	return s.Value, err
}

// Due implements notifications.Deliveries.
func (d Deliveries) Due(ctx context.Context, now time.Time, limit int) ([]notifications.Delivery, error) {
	found, err := d.Docs.Due(ctx, now, limit)
	due := make([]notifications.Delivery, len(found))
	for i, f := range found {
		due[i] = f.Value
	}
	return due, err
}

// Change implements notifications.Deliveries.
func (d Deliveries) Change(ctx context.Context, id string, change func(notifications.Delivery) (notifications.Delivery, error)) (notifications.Delivery, error) {
	s, err := d.Docs.Update(ctx, id, port.Write{}, func(old notifications.Delivery) (notifications.Delivery, []care.Event, error) {
		next, err := change(old)
		return next, nil, err
	})
	return s.Value, err
}

var _ notifications.Deliveries = Deliveries{}
