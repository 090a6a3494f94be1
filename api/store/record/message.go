package record

import (
	"time"

	"naober/api/app"
	"naober/matching/care"
)

// MessageRecord is a stored care.Message.
type MessageRecord struct {
	ID       care.MessageID `json:"id" bson:"id"`
	Request  care.RequestID `json:"request,omitempty" bson:"request,omitempty"`
	Visit    care.VisitID   `json:"visit,omitempty" bson:"visit,omitempty"`
	From     care.PersonID  `json:"from,omitempty" bson:"from,omitempty"`
	To       care.PersonID  `json:"to,omitempty" bson:"to,omitempty"`
	Text     string         `json:"text,omitempty" bson:"text,omitempty" seal:"yes"`
	Withheld bool           `json:"withheld,omitempty" bson:"withheld,omitempty"`
	At       time.Time      `json:"at,omitzero" bson:"at,omitempty"`
}

// FeedbackRecord is a stored care.Feedback.
type FeedbackRecord struct {
	ID      care.FeedbackID `json:"id" bson:"id"`
	Request care.RequestID  `json:"request,omitempty" bson:"request,omitempty"`
	Visit   care.VisitID    `json:"visit,omitempty" bson:"visit,omitempty"`
	By      care.PersonID   `json:"by,omitempty" bson:"by,omitempty"`
	Side    care.Party      `json:"side,omitempty" bson:"side,omitempty"`
	Good    bool            `json:"good,omitempty" bson:"good,omitempty"`
	Again   bool            `json:"again,omitempty" bson:"again,omitempty"`
	Words   string          `json:"words,omitempty" bson:"words,omitempty" seal:"yes"`
	At      time.Time       `json:"at,omitzero" bson:"at,omitempty"`
}

// Messages translates messages, which both their persons find.
func Messages() Codec[care.Message, MessageRecord] {
	return Codec[care.Message, MessageRecord]{
		Kind: "messages", Noun: "message", Events: true,
		Owner: func(m MessageRecord) care.PersonID { return m.From },
		To: func(m care.Message) MessageRecord {
			m.At = at(m.At)
			return MessageRecord(m)
		},
		From: func(m MessageRecord) care.Message {
			m.At = at(m.At)
			return care.Message(m)
		},
		Facts: func(m care.Message) Facts {
			var k keys
			k.add(app.ByPerson, string(m.From))
			k.add(app.ByPerson, string(m.To))
			k.add(app.ByVisit, string(m.Visit))
			return Facts{Keys: k}
		},
	}
}

// Feedbacks translates feedback.
func Feedbacks() Codec[care.Feedback, FeedbackRecord] {
	return Codec[care.Feedback, FeedbackRecord]{
		Kind: "feedbacks", Noun: "feedback", Events: true,
		Owner: func(f FeedbackRecord) care.PersonID { return f.By },
		To: func(f care.Feedback) FeedbackRecord {
			f.At = at(f.At)
			return FeedbackRecord(f)
		},
		From: func(f FeedbackRecord) care.Feedback {
			f.At = at(f.At)
			return care.Feedback(f)
		},
		Facts: func(f care.Feedback) Facts {
			var k keys
			k.add(app.ByPerson, string(f.By))
			k.add(app.ByVisit, string(f.Visit))
			k.add(app.ByRequest, string(f.Request))
			return Facts{Keys: k}
		},
	}
}
