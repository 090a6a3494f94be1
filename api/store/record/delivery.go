package record

import (
	"context"
	"time"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
	"naober/notifications"
)

// deliveryKept is how long "why did I (not) get this" can be answered.
const deliveryKept = 30 * 24 * time.Hour

// DeliveryRecord is a stored notifications.Delivery.
type DeliveryRecord struct {
	ID        string              `json:"id" bson:"id"`
	Person    care.PersonID       `json:"person,omitempty" bson:"person,omitempty"`
	Key       string              `json:"key,omitempty" bson:"key,omitempty"`
	Class     notifications.Class `json:"class,omitempty" bson:"class,omitempty"`
	Request   care.RequestID      `json:"request,omitempty" bson:"request,omitempty"`
	Ask       care.AskID          `json:"ask,omitempty" bson:"ask,omitempty"`
	Visit     care.VisitID        `json:"visit,omitempty" bson:"visit,omitempty"`
	VisitAt   time.Time           `json:"visitAt,omitzero" bson:"visitAt,omitempty"`
	State     notifications.State `json:"state,omitempty" bson:"state,omitempty"`
	Why       string              `json:"why,omitempty" bson:"why,omitempty"`
	DueAt     time.Time           `json:"dueAt,omitzero" bson:"dueAt,omitempty"`
	ExpiresAt time.Time           `json:"expiresAt,omitzero" bson:"expiresAt,omitempty"`
	Tries     int                 `json:"tries,omitempty" bson:"tries,omitempty"`
	SentTo    []string            `json:"sentTo,omitempty" bson:"sentTo,omitempty"`
	CreatedAt time.Time           `json:"createdAt,omitzero" bson:"createdAt,omitempty"`
	DoneAt    time.Time           `json:"doneAt,omitzero" bson:"doneAt,omitempty"`
}

// Deliveries translates messages on their way to a person.
func Deliveries() Codec[notifications.Delivery, DeliveryRecord] {
	return Codec[notifications.Delivery, DeliveryRecord]{
		Kind: "deliveries", Noun: "delivery",
		To: func(d notifications.Delivery) DeliveryRecord {
			d.VisitAt, d.DueAt, d.ExpiresAt, d.CreatedAt, d.DoneAt = at(d.VisitAt), at(d.DueAt), at(d.ExpiresAt), at(d.CreatedAt), at(d.DoneAt)
			return DeliveryRecord(d)
		},
		From: func(d DeliveryRecord) notifications.Delivery {
			d.VisitAt, d.DueAt, d.ExpiresAt, d.CreatedAt, d.DoneAt = at(d.VisitAt), at(d.DueAt), at(d.ExpiresAt), at(d.CreatedAt), at(d.DoneAt)
			return notifications.Delivery(d)
		},
		Facts: func(d notifications.Delivery) Facts {
			var k keys
			if k.add(app.ByPerson, string(d.Person)); d.Final() {
				return Facts{Keys: k, Expires: after(later(d.DoneAt, d.CreatedAt), deliveryKept)}
			}
			return Facts{Keys: k, Due: at(d.DueAt)}
		},
	}
}

// Pushes answers which messages reached somebody, from the deliveries of a store.
type Pushes struct {
	Deliveries port.Documents[string, notifications.Delivery]
}

// Sent implements app.Pushes.
func (p Pushes) Sent(ctx context.Context, records []care.PersonID, page port.Page) ([]app.Push, string, error) {
	found, err := app.FindUnder(ctx, p.Deliveries, app.ByPerson, records, page)
	if err != nil {
		return nil, "", err
	}
	var sent []app.Push
	for _, d := range found {
		if v := d.Value; v.State == notifications.Sent {
			sent = append(sent, app.Push{ID: v.ID, Key: v.Key, Request: v.Request, Ask: v.Ask, Visit: v.Visit, At: v.DoneAt})
		}
	}
	if len(found) < page.Limit {
		return sent, "", nil
	}
	return sent, found[len(found)-1].ID, nil
}
