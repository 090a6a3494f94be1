package story

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"time"

	"naober/notifications/fcm/fcmtest"
)

// Phones stand for the push service and the phones behind it. They live in this process, so that
// they remember what they got when the server is killed, as the real ones do.
type Phones struct {
	server *fcmtest.Server
	tokens map[string]string // part -> registration
}

// NewPhones switches on a push service without phones.
func NewPhones() (*Phones, error) {
	s, err := fcmtest.Start(fcmtest.Config{})
	return &Phones{server: s, tokens: map[string]string{}}, err
}

// Close switches it off.
func (p *Phones) Close() error { return p.server.Close() }

// pushTime is how long a push may still be on its way after the loops came to rest: a kill between
// the two makes the next process send it.
const pushTime = 20 * time.Second

// Got finds the push with this key about this request on the phone of a part, and waits a while for
// it.
func (p *Phones) Got(ctx context.Context, part, key, request string) (fcmtest.Received, error) {
	ctx, stop := context.WithTimeout(ctx, pushTime)
	defer stop()
	m, err := p.server.Wait(ctx, func(m fcmtest.Received) bool { return p.is(m, part, key, request) })
	if err != nil {
		return m, mismatch(fmt.Sprintf("the push on the phone of %s", part), key+" about "+request, p.about(part))
	}
	return m, nil
}

// Count is how many times a push is on the phone of a part.
func (p *Phones) Count(part, key, request string) int {
	n := 0
	for _, m := range p.server.Messages() {
		if p.is(m, part, key, request) {
			n++
		}
	}
	return n
}

func (p *Phones) is(m fcmtest.Received, part, key, request string) bool {
	return m.Token == p.tokens[part] && m.Key == key && m.Params["request"] == request
}

// about lists what a part's phone did get.
func (p *Phones) about(part string) string {
	got := "only"
	for _, m := range p.server.Messages() {
		if m.Token == p.tokens[part] {
			got += fmt.Sprintf(" [%s %s]", m.Key, m.Params["request"])
		}
	}
	return got
}

// Delivered is how many messages were taken in all, and how often the service signed in for that.
func (p *Phones) Delivered() (messages, logins int) {
	return len(p.server.Messages()), p.server.Logins()
}

// impersonal reports what a push says besides ids, keys and the push service's own words.
func impersonal(m fcmtest.Received) error {
	var shape struct {
		Data map[string]string `json:"data"`
	}
	if err := json.Unmarshal(m.Message, &shape); err != nil {
		return err
	}
	form := regexp.MustCompile(`^([0-7][0-9A-HJKMNP-TV-Z]{25}|[a-z]+([._][a-z]+)*)$`)
	for name, value := range shape.Data {
		if !form.MatchString(value) {
			return mismatch("what a push says as "+name, "an id or a key", value)
		}
	}
	return nil
}
