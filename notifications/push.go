package notifications

import (
	"context"
	"errors"

	"naober/notifications/fcm"
)

// FCMPush sends through Firebase Cloud Messaging.
type FCMPush struct{ Sender *fcm.Sender }

// Push implements Push.
func (p FCMPush) Push(ctx context.Context, m Message) error {
	one := fcm.Message{Token: m.Token, Key: m.Key, Params: m.Params, CollapseKey: m.Collapse, TTL: min(m.TTL, fcm.MaxTTL), High: m.High}
	if !m.Silent {
		one.TitleKey, one.BodyKey = m.Key+".title", m.Key+".body"
	}
	_, err := p.Sender.Send(ctx, one)
	var f *fcm.Failure
	if !errors.As(err, &f) {
		return err
	}
	class := Temporary
	switch f.Class {
	case fcm.Gone:
		class = Gone
	case fcm.Permanent:
		class = Permanent
	}
	return &Failure{Class: class, RetryAfter: f.RetryAfter, Code: f.Code}
}
