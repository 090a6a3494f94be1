package notifications

import (
	"strings"
	"time"

	"naober/matching/care"
)

// State is where a delivery stands.
type State string

// The states of a delivery. Waiting, Sending and Telling are not final.
const (
	Waiting     State = "waiting"
	Sending     State = "sending"     // a call is out; after a kill it is made again
	Telling     State = "telling"     // reached nobody and is sent no more; who must act on that is told
	Sent        State = "sent"        // at least one device has it, as far as the push service says
	Dropped     State = "dropped"     // not sent on purpose
	Unreachable State = "unreachable" // no channel reached the person
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

// The keys that the relay itself must know.
const (
	askNew    = "ask.new"
	askAgain  = "ask.again"
	askThanks = "ask.stood_down_thanks"
	// callPrefix makes the owner's key of a message that reached nobody: they phone instead.
	callPrefix = "call."
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
	VisitAt   time.Time // begin of the visit for whose sake it may break any rest; zero for none
	State     State
	Why       string // code of the arbiter's or the relay's reason
	DueAt     time.Time
	ExpiresAt time.Time // from here it is of no use
	Tries     int       // calls and failed looks; with State it tells a stale holder from the present one
	SentTo    []string  // devices that took it, so that a retry does not repeat it there
	CreatedAt time.Time
	DoneAt    time.Time
}

// Final reports whether nothing more happens to the delivery.
func (d Delivery) Final() bool {
	return d.State == Sent || d.State == Dropped || d.State == Unreachable
}

// questionID is the id of the delivery that brought an ask, so that later messages can look up
// whether it did.
func questionID(ask care.AskID) string { return "ask/" + string(ask) + "/" + askNew }

// finish makes the delivery final. What one device has is sent, whatever became of the others.
func (d *Delivery) finish(as State, why string, now time.Time) {
	if len(d.SentTo) > 0 {
		as, why = Sent, "sent"
	}
	d.State, d.Why, d.DoneAt = as, why, now
}

// lose ends a delivery that reached nobody, by way of Telling where somebody must act on that.
func (d *Delivery) lose(why string, now time.Time) {
	if d.finish(Unreachable, why, now); d.State == Unreachable && (d.Key == askNew || mustCall(d.Key)) {
		d.State, d.DueAt, d.DoneAt = Telling, now, time.Time{}
	}
}

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

// collapse names what a later message replaces on the phone. All about one ask, or one visit, is
// one: whoever looks at their phone late finds how it stands, not a question that is over.
func (d Delivery) collapse() string {
	noun, _, _ := strings.Cut(d.Key, ".")
	switch {
	case noun == "ask" && d.Ask != "":
		return "ask:" + string(d.Ask)
	case noun == "visit" && d.Visit != "":
		return "visit:" + string(d.Visit)
	case d.Visit != "":
		return d.Key + ":" + string(d.Visit)
	case d.Request != "":
		return d.Key + ":" + string(d.Request)
	}
	return d.Key
}
