package record

import (
	"strings"
	"time"

	"naober/api/app"
	"naober/matching/care"
)

const (
	ledgerKept = 180 * 24 * time.Hour // a phone that lay in a drawer for half a year may still send
	viewYears  = 5                    // how long a resident can see who looked: NEN 7513
)

// LedgerRecord is a stored app.LedgerRow.
type LedgerRecord struct {
	Key      app.LedgerKey   `json:"key" bson:"key"`
	Name     string          `json:"name,omitempty" bson:"name,omitempty"`
	ArgsHash []byte          `json:"argsHash,omitempty" bson:"argsHash,omitempty"`
	Subject  string          `json:"subject,omitempty" bson:"subject,omitempty"`
	State    app.LedgerState `json:"state,omitempty" bson:"state,omitempty"`
	Code     string          `json:"code,omitempty" bson:"code,omitempty"`
	Kind     care.ErrorKind  `json:"kind,omitempty" bson:"kind,omitempty"`
	By       string          `json:"by,omitempty" bson:"by,omitempty"`
	Since    time.Time       `json:"since,omitzero" bson:"since,omitempty"`
	At       time.Time       `json:"at,omitzero" bson:"at,omitempty"`
	Sent     []SentRecord    `json:"sent,omitempty" bson:"sent,omitempty"`
}

// SentRecord is a stored app.Sent.
type SentRecord struct {
	Writer string `json:"writer,omitempty" bson:"writer,omitempty"`
	Number int64  `json:"number,omitempty" bson:"number,omitempty"`
}

// TallyRecord is a stored app.Tally.
type TallyRecord struct {
	Key   string    `json:"key" bson:"key"`
	Count int       `json:"count,omitempty" bson:"count,omitempty"`
	From  time.Time `json:"from,omitzero" bson:"from,omitempty"`
	Until time.Time `json:"until,omitzero" bson:"until,omitempty"`
}

// ViewRecord is a stored app.View.
type ViewRecord struct {
	ID           string              `json:"id" bson:"id"`
	Whose        care.PersonID       `json:"whose,omitempty" bson:"whose,omitempty"`
	By           care.PersonID       `json:"by,omitempty" bson:"by,omitempty"`
	As           care.Party          `json:"as,omitempty" bson:"as,omitempty"`
	What         string              `json:"what,omitempty" bson:"what,omitempty"`
	Request      care.RequestID      `json:"request,omitempty" bson:"request,omitempty"`
	Community    care.CommunityID    `json:"community,omitempty" bson:"community,omitempty"`
	Organization care.OrganizationID `json:"organization,omitempty" bson:"organization,omitempty"`
	Basis        app.Basis           `json:"basis,omitempty" bson:"basis,omitempty"`
	At           time.Time           `json:"at,omitzero" bson:"at,omitempty"`
}

// Ledger translates the verdicts on intents.
func Ledger() Codec[app.LedgerRow, LedgerRecord] {
	return Codec[app.LedgerRow, LedgerRecord]{
		Kind: "ledger", Noun: "ledger_row",
		To: func(l app.LedgerRow) LedgerRecord {
			return LedgerRecord{Key: l.Key, Name: l.Name, ArgsHash: l.ArgsHash, Subject: l.Subject, State: l.State, Code: l.Code, Kind: l.Kind,
				By: l.By, Since: at(l.Since), At: at(l.At), Sent: each(l.Sent, func(s app.Sent) SentRecord { return SentRecord(s) })}
		},
		From: func(l LedgerRecord) app.LedgerRow {
			return app.LedgerRow{Key: l.Key, Name: l.Name, ArgsHash: l.ArgsHash, Subject: l.Subject, State: l.State, Code: l.Code, Kind: l.Kind,
				By: l.By, Since: at(l.Since), At: at(l.At), Sent: each(l.Sent, func(s SentRecord) app.Sent { return app.Sent(s) })}
		},
		Facts: func(l app.LedgerRow) Facts {
			var k keys
			account, _, _ := strings.Cut(string(l.Key), "/")
			for _, s := range l.Sent {
				k.add(app.BySent, app.SentKey(care.PersonID(account), s))
			}
			return Facts{Keys: k, Expires: after(later(l.At, l.Since), ledgerKept)}
		},
	}
}

// Tallies translates counts over a window; one has no use after its window.
func Tallies() Codec[app.Tally, TallyRecord] {
	return Codec[app.Tally, TallyRecord]{
		Kind: "tallies", Noun: "tally",
		To: func(t app.Tally) TallyRecord {
			t.From, t.Until = at(t.From), at(t.Until)
			return TallyRecord(t)
		},
		From: func(t TallyRecord) app.Tally {
			t.From, t.Until = at(t.From), at(t.Until)
			return app.Tally(t)
		},
		Facts: func(t app.Tally) Facts { return Facts{Expires: at(t.Until)} },
	}
}

// Views translates the access log that a person can read about themselves.
func Views() Codec[app.View, ViewRecord] {
	return Codec[app.View, ViewRecord]{
		Kind: "views", Noun: "view", Events: true,
		To: func(v app.View) ViewRecord {
			v.At = at(v.At)
			return ViewRecord(v)
		},
		From: func(v ViewRecord) app.View {
			v.At = at(v.At)
			return app.View(v)
		},
		Facts: func(v app.View) Facts {
			var k keys
			k.add(app.ByPerson, string(v.Whose))
			if v.At.IsZero() {
				return Facts{Keys: k}
			}
			return Facts{Keys: k, Expires: at(v.At.AddDate(viewYears, 0, 0))}
		},
	}
}
