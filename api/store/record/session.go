package record

import (
	"time"

	"naober/api/app"
	"naober/matching/care"
)

const (
	sessionKept = 400 * 24 * time.Hour // after its last use; longer than a refresh token lives
	flowKept    = time.Hour            // after its code ran out, so that "too late" can still be said
)

// SessionRecord is a stored app.Session.
type SessionRecord struct {
	ID        app.SessionID `json:"id" bson:"id"`
	Person    care.PersonID `json:"person,omitempty" bson:"person,omitempty"`
	Device    string        `json:"device,omitempty" bson:"device,omitempty" seal:"yes"`
	Salt      []byte        `json:"salt,omitempty" bson:"salt,omitempty"`
	Used      int64         `json:"used,omitempty" bson:"used,omitempty"`
	CreatedAt time.Time     `json:"createdAt,omitzero" bson:"createdAt,omitempty"`
	UsedAt    time.Time     `json:"usedAt,omitzero" bson:"usedAt,omitempty"`
	EndedAt   time.Time     `json:"endedAt,omitzero" bson:"endedAt,omitempty"`
	EndReason string        `json:"endReason,omitempty" bson:"endReason,omitempty"`
	PushToken string        `json:"pushToken,omitempty" bson:"pushToken,omitempty" seal:"yes"`
	Paper     bool          `json:"paper,omitempty" bson:"paper,omitempty"`
}

// FlowRecord is a stored app.Flow.
type FlowRecord struct {
	ID        app.FlowID      `json:"id" bson:"id"`
	Persons   []care.PersonID `json:"persons,omitempty" bson:"persons,omitempty"`
	Contact   string          `json:"contact,omitempty" bson:"contact,omitempty"`
	CodeHash  []byte          `json:"codeHash,omitempty" bson:"codeHash,omitempty"`
	Paper     bool            `json:"paper,omitempty" bson:"paper,omitempty"`
	IssuedBy  care.PersonID   `json:"issuedBy,omitempty" bson:"issuedBy,omitempty"`
	Attempts  int             `json:"attempts,omitempty" bson:"attempts,omitempty"`
	CreatedAt time.Time       `json:"createdAt,omitzero" bson:"createdAt,omitempty"`
	ExpiresAt time.Time       `json:"expiresAt,omitzero" bson:"expiresAt,omitempty"`
	UsedAt    time.Time       `json:"usedAt,omitzero" bson:"usedAt,omitempty"`
	Session   app.SessionID   `json:"session,omitempty" bson:"session,omitempty"`
}

// SigningKeyRecord is a stored app.SigningKey.
type SigningKeyRecord struct {
	ID        string    `json:"id" bson:"id"`
	Sealed    []byte    `json:"sealed,omitempty" bson:"sealed,omitempty"`
	Public    []byte    `json:"public,omitempty" bson:"public,omitempty"`
	CreatedAt time.Time `json:"createdAt,omitzero" bson:"createdAt,omitempty"`
	RetiredAt time.Time `json:"retiredAt,omitzero" bson:"retiredAt,omitempty"`
}

// Sessions translates sessions.
func Sessions() Codec[app.Session, SessionRecord] {
	return Codec[app.Session, SessionRecord]{
		Kind: "sessions", Noun: "session",
		Owner: func(s SessionRecord) care.PersonID { return s.Person },
		To: func(s app.Session) SessionRecord {
			s.CreatedAt, s.UsedAt, s.EndedAt = at(s.CreatedAt), at(s.UsedAt), at(s.EndedAt)
			return SessionRecord(s)
		},
		From: func(s SessionRecord) app.Session {
			s.CreatedAt, s.UsedAt, s.EndedAt = at(s.CreatedAt), at(s.UsedAt), at(s.EndedAt)
			return app.Session(s)
		},
		Facts: func(s app.Session) Facts {
			var k keys
			k.add(app.ByPerson, string(s.Person))
			k.add(app.ByPush, app.PushKey(s.PushToken))
			return Facts{Keys: k, Expires: after(later(s.UsedAt, s.CreatedAt), sessionKept)}
		},
	}
}

// Flows translates attempts to sign in.
func Flows() Codec[app.Flow, FlowRecord] {
	return Codec[app.Flow, FlowRecord]{
		Kind: "flows", Noun: "flow",
		To: func(f app.Flow) FlowRecord {
			f.CreatedAt, f.ExpiresAt, f.UsedAt = at(f.CreatedAt), at(f.ExpiresAt), at(f.UsedAt)
			return FlowRecord(f)
		},
		From: func(f FlowRecord) app.Flow {
			f.CreatedAt, f.ExpiresAt, f.UsedAt = at(f.CreatedAt), at(f.ExpiresAt), at(f.UsedAt)
			return app.Flow(f)
		},
		Facts: func(f app.Flow) Facts { return Facts{Expires: after(f.ExpiresAt, flowKept)} },
	}
}

// SigningKeys translates the keys of the access tokens.
func SigningKeys() Codec[app.SigningKey, SigningKeyRecord] {
	return Codec[app.SigningKey, SigningKeyRecord]{
		Kind: "signing_keys", Noun: "signing_key", Facts: noFacts[app.SigningKey],
		To: func(k app.SigningKey) SigningKeyRecord {
			k.CreatedAt, k.RetiredAt = at(k.CreatedAt), at(k.RetiredAt)
			return SigningKeyRecord(k)
		},
		From: func(k SigningKeyRecord) app.SigningKey {
			k.CreatedAt, k.RetiredAt = at(k.CreatedAt), at(k.RetiredAt)
			return app.SigningKey(k)
		},
	}
}

// after is a moment of expiry; what has no begin has no end either.
func after(from time.Time, kept time.Duration) time.Time {
	if from.IsZero() {
		return time.Time{}
	}
	return at(from.Add(kept))
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
