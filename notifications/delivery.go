package notifications

import (
	"time"

	"naober/matching/care"
)

// State is where a delivery stands.
type State string

// The states of a delivery. Waiting and Sending are not final.
const (
	Waiting     State = "waiting"
	Sending     State = "sending" // a call is out; after a kill it is made again
	Sent        State = "sent"
	Dropped     State = "dropped"     // too late to be of use
	Unreachable State = "unreachable" // no channel reaches the person
)

// Class is how pressing a message is; the arbiter knows what each may break.
type Class string

// The classes.
const (
	Question Class = "question" // to a helper, at the moment that the wave has chosen
	Notice   Class = "notice"   // waits for the person's hours
	Pressing Class = "pressing" // about today: may come on a rest day, never at night
	Duty     Class = "duty"     // to who sits in a chair, about somebody who waits
)

// Delivery is one message to one person, with the sentence why it was sent, held or dropped.
type Delivery struct {
	ID        string // made of the fact, the receiver and the key: the same fact is one message
	Person    care.PersonID
	Key       string // message key, such as ask.new
	Class     Class
	Request   care.RequestID
	Ask       care.AskID
	Visit     care.VisitID
	VisitAt   time.Time // begin of the visit that it is about; zero for none
	State     State
	Why       string // code of the arbiter's reason
	DueAt     time.Time
	ExpiresAt time.Time
	Tries     int
	SentTo    []string // devices that took it, so that a retry does not repeat it there
	CreatedAt time.Time
	DoneAt    time.Time
}

// Final reports whether nothing more happens to the delivery.
func (d Delivery) Final() bool { return d.State != Waiting && d.State != Sending }

// params is what the payload carries: ids, for the app to look up.
func (d Delivery) params() map[string]string {
	p := map[string]string{}
	for name, id := range map[string]string{"request": string(d.Request), "ask": string(d.Ask), "visit": string(d.Visit)} {
		if id != "" {
			p[name] = id
		}
	}
	return p
}

// collapse names what a later message about the same thing replaces on the phone.
func (d Delivery) collapse() string {
	if d.Request == "" {
		return d.Key
	}
	return d.Key + ":" + string(d.Request)
}
