package notifications

import (
	"context"
	"time"

	"naober/matching/care"
)

// Deliveries stores messages until they are final. Every call is durable before it returns.
type Deliveries interface {
	// Add stores a delivery; one with an id that is there already is the same message.
	Add(ctx context.Context, d Delivery) error
	// Get finds one by its id, or fails with care.NotFound.
	Get(ctx context.Context, id string) (Delivery, error)
	// Due lists deliveries that are not final and whose DueAt is not after now, oldest first.
	Due(ctx context.Context, now time.Time, limit int) ([]Delivery, error)
	// Change replaces a delivery by compare-and-set; change may run more than once.
	Change(ctx context.Context, id string, change func(Delivery) (Delivery, error)) (Delivery, error)
}

// Device is one phone on which a person is signed in.
type Device struct {
	ID    string
	Token string // registration at the push service: a capability, never logged
}

// Reach is how a person can be reached and when.
type Reach struct {
	Quiet   care.Quiet
	Devices []Device
	Gone    bool // they died: nothing is sent to them any more
}

// Facts are what a message is about, as it stands now.
type Facts struct {
	Ask     care.Ask
	Visit   care.Visit
	Urgency care.Urgency // of the request
	// Silenced: whom the matter is for, or its helper, died; only its owner hears of it by message.
	Silenced bool
	Gone     bool // the receiver died; the relay knows it from their reach
	Barred   bool // the ask's helper may not help here any more, whatever the reason
	// Question is how the question of the ask fared, for its thank-you; empty for never written. The
	// relay knows it and the directory does not.
	Question State
}

// Directory answers what a message needs to know. Its errors are failures of the machine; somebody
// or something that is gone is an empty answer.
type Directory interface {
	// Requesters are the person a request is for and, with standing consent, who asked for them.
	Requesters(ctx context.Context, r care.RequestID) ([]care.PersonID, error)
	// Owners sit in the request's chair today.
	Owners(ctx context.Context, r care.RequestID) ([]care.PersonID, error)
	Moderators(ctx context.Context, c care.CommunityID) ([]care.PersonID, error)
	// Receivers are the professionals of an organisation who are present.
	Receivers(ctx context.Context, o care.OrganizationID) ([]care.PersonID, error)
	Reach(ctx context.Context, p care.PersonID) (Reach, error)
	// Facts are the ask and the visit as they stand; zero values where there is none.
	Facts(ctx context.Context, r care.RequestID, a care.AskID, v care.VisitID) (Facts, error)
	// Forget drops a device's registration, if it still is this one.
	Forget(ctx context.Context, device Device) error
	// Undelivered tells the wave that a question reached nobody. It may be told again.
	Undelivered(ctx context.Context, r care.RequestID, a care.AskID) error
}

// Message is what a push service carries: a key for the phone to look up, and ids.
type Message struct {
	Token    string
	Key      string
	Params   map[string]string
	Collapse string
	TTL      time.Duration
	High     bool
	Silent   bool // for the app alone: the system shows nothing
}

// Push sends one message to one device. Its errors are *Failure.
type Push interface {
	Push(ctx context.Context, m Message) error
}

// FailureClass says what a failed push means for the device and the message.
type FailureClass string

// The classes of failure.
const (
	Gone      FailureClass = "gone"      // the push service's own word: the device is forgotten
	Temporary FailureClass = "temporary" // tried again
	Permanent FailureClass = "permanent" // this message never arrives there; the device stays
)

// Failure is why a push did not go.
type Failure struct {
	Class      FailureClass
	RetryAfter time.Duration
	Code       string
}

func (f *Failure) Error() string { return "push: " + string(f.Class) + ": " + f.Code }
