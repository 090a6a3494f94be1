package care

import "time"

// Message is one line from one of the two of a visit to the other.
type Message struct {
	ID      MessageID
	Request RequestID
	Visit   VisitID
	From    PersonID
	To      PersonID
	Text    string
	// Withheld keeps a message from its receiver, because one of the two blocked the other. Its sender
	// sees no difference.
	Withheld bool
	At       time.Time
}

// Send checks a message. That both belong to the visit is the caller's to check: it takes the
// request.
func (m Message) Send(now time.Time) (Message, []Event, error) {
	switch {
	case !longText(m.Text, 1, 1000):
		return m, nil, Amiss("text", "text_invalid", "a message has 1 to 1,000 characters")
	case m.From == m.To:
		return m, nil, E(Invalid, "message_to_self", "a message goes to somebody else")
	}
	m.At = now
	if m.Withheld {
		return m, nil, nil
	}
	return m, []Event{{Type: MessageSent, At: now, By: m.From, Person: m.To, Request: m.Request, Visit: m.Visit, Message: m.ID}}, nil
}

// Feedback is what one side says about a visit afterwards. It is for the owner, not for the other
// side, and never a mark.
type Feedback struct {
	ID      FeedbackID
	Request RequestID
	Visit   VisitID
	By      PersonID
	Side    Party // Requester or HelperParty
	Good    bool  // it went well
	Again   bool  // gladly again with the same person
	Words   string
	At      time.Time
}

// Give checks feedback. It can be given once the visit has begun.
func (f Feedback) Give(v Visit, now time.Time) (Feedback, []Event, error) {
	switch {
	case f.Side != Requester && f.Side != HelperParty:
		return f, nil, E(Forbidden, "not_your_visit", "only the two of a visit give feedback")
	case v.State != VisitBegun && v.State != VisitFinished && v.State != VisitMissed:
		return f, nil, visitState(&v)
	case !longText(f.Words, 0, 1000):
		return f, nil, Amiss("words", "words_invalid", "the words are at most 1,000 characters")
	}
	f.At = now
	code := "good"
	if !f.Good {
		code = "bad"
	}
	return f, []Event{{Type: FeedbackGiven, At: now, By: f.By, Request: f.Request, Visit: f.Visit, Feedback: f.ID, Helper: v.Helper, Code: code}}, nil
}
