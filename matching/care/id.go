package care

import (
	"crypto/sha256"
	"time"

	"github.com/oklog/ulid/v2"
)

// Identifiers are ULIDs: 26 characters of Crockford base 32, sortable by the time of making.
// Each noun has a type of its own so that the compiler notices a swapped argument.
type (
	PersonID       string
	CommunityID    string
	OrganizationID string
	MembershipID   string
	OfferID        string
	RequestID      string
	SlotID         string
	AskID          string
	VisitID        string
	MessageID      string
	FeedbackID     string
	ReportID       string
	ReferralID     string
	DecisionID     string
	TaskID         string
	MergeID        string
)

// Nonce names one intent for ever: repeating it repeats nothing. Clients send one with every
// change, the server makes one for every claim.
type Nonce string

// ParseID reads an identifier that came from outside. It accepts the canonical upper-case spelling
// only, so that one document never has two names.
func ParseID[T ~string](raw string) (T, error) {
	id, err := ulid.ParseStrict(raw)
	if err != nil || id.String() != raw {
		return "", E(Invalid, "id_invalid", "an id is 26 characters of upper-case base 32")
	}
	return T(raw), nil
}

// DeriveID makes the identifier of something that must come out the same in every process, such as
// the slot that a series gives on one date. The time part is at; the rest is a hash of the parts.
func DeriveID[T ~string](at time.Time, parts ...string) T {
	sum := sha256.New()
	for _, part := range parts {
		sum.Write([]byte(part))
		sum.Write([]byte{0})
	}
	var id ulid.ULID
	// SetTime fails after the year 10889 and before 1970; both leave the time part zero.
	_ = id.SetTime(uint64(max(at.UnixMilli(), 0)))
	copy(id[6:], sum.Sum(nil))
	return T(id.String())
}
