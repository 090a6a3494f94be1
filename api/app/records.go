package app

import (
	"time"

	"naober/matching/care"
)

// SessionID names one device's signed-in life. It is a ULID.
type SessionID string

// Session is one device on which a person is signed in: a family of refresh tokens.
type Session struct {
	ID        SessionID
	Person    care.PersonID
	Device    string // what the person sees in their list: "Fairphone 5"
	Salt      []byte // goes into every refresh token of the family
	Used      int64  // the highest refresh token number that was presented
	CreatedAt time.Time
	UsedAt    time.Time // rounded to the hour
	EndedAt   time.Time
	EndReason string // signed_out, revoked, stolen_token
	PushToken string // registration at FCM; belongs to this session and ends with it
	// Paper: it began with a code from the desk, and gives no role of trust.
	Paper bool
}

// FlowID names one attempt to sign in. It is a ULID.
type FlowID string

// Flow is one attempt to sign in: a code that was sent or handed out on paper.
type Flow struct {
	ID        FlowID
	Persons   []care.PersonID // whom the contact belongs to; empty where nobody has it
	Contact   string          // keyed hash of the contact that got the code; empty on paper
	CodeHash  []byte
	Paper     bool
	IssuedBy  care.PersonID // the desk worker, for a code on paper
	Attempts  int
	CreatedAt time.Time
	ExpiresAt time.Time
	UsedAt    time.Time
	Session   SessionID // that the code was used for; a repeated call gets the same
}

// SigningKey is one key pair of the access tokens.
type SigningKey struct {
	ID        string
	Sealed    []byte // the private key, sealed under the service key
	Public    []byte
	CreatedAt time.Time
	RetiredAt time.Time
}

// LedgerKey is account and nonce, joined by a slash.
type LedgerKey string

// LedgerState is where an intent stands.
type LedgerState string

// The states of a ledger row.
const (
	Judging  LedgerState = "judging"
	Applied  LedgerState = "applied"
	Rejected LedgerState = "rejected"
)

// LedgerRow remembers one intent of an account: what it was, what it made and how it was judged.
type LedgerRow struct {
	Key      LedgerKey
	Name     string // the command
	ArgsHash []byte // keyed hash: another body under the same key is refused
	Subject  string // id of the document that the command makes or changes
	State    LedgerState
	Code     string // of the refusal
	Kind     care.ErrorKind
	By       string    // the process at work on it
	Since    time.Time // since when
	At       time.Time // when it was judged
	// Sent are the numbers under which devices sent it; a device that was copied sends it under another.
	Sent []Sent
}

// Sent is a number of a writer.
type Sent struct {
	Writer string
	Number int64
}

// Tally counts how often something happened in a window of time: attempts, codes, calls.
type Tally struct {
	Key   string
	Count int
	From  time.Time // begin of the window
	Until time.Time
}

// View is one reading of somebody's personal data by somebody else, for that person to see.
type View struct {
	ID      string
	Whose   care.PersonID
	By      care.PersonID
	As      care.Party // or a relation, for those who hold an office
	What    string     // code, as the column logged of visibility.csv has it
	Request care.RequestID
	// Community and Organization are in whose name somebody read; a helper reads in nobody's.
	Community    care.CommunityID
	Organization care.OrganizationID
	Basis        Basis
	At           time.Time
}
