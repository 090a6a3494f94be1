package care

import "time"

// ReportState is where a worry stands.
type ReportState string

// The states of a report.
const (
	ReportOpen     ReportState = "open"
	ReportInHand   ReportState = "taken"
	ReportFinished ReportState = "closed"
)

// Report is a worry about a visit. It goes to the community's moderators and to nobody it is about.
type Report struct {
	ID        ReportID
	Community CommunityID
	Request   RequestID
	Visit     VisitID
	By        PersonID
	About     PersonID // the other side of the visit
	Words     string
	State     ReportState
	TakenBy   PersonID
	Answer    string // what was done, for the one who reported
	FiledAt   time.Time
	TakenAt   time.Time
	ClosedAt  time.Time
}

// File checks a worry and puts it into the moderators' queue.
func (p Report) File(now time.Time) (Report, []Event, error) {
	if !longText(p.Words, 1, 2000) {
		return p, nil, Amiss("words", "words_invalid", "a worry has 1 to 2,000 characters")
	}
	p.State, p.FiledAt = ReportOpen, now
	return p, []Event{p.event(ReportFiled, p.By, now)}, nil
}

// Take says who sees to the worry. Nobody takes a worry about themselves.
func (p Report) Take(by PersonID, now time.Time) (Report, []Event, error) {
	switch {
	case by == p.About || by == p.By:
		return p, nil, E(Forbidden, "own_case", "somebody else must see to this")
	case p.State != ReportOpen:
		return p, nil, E(Conflict, "report_not_open", "the report is %s", p.State)
	}
	p.State, p.TakenBy, p.TakenAt = ReportInHand, by, now
	return p, []Event{p.event(ReportTaken, by, now)}, nil
}

// Close ends a worry with an answer that its reporter reads.
func (p Report) Close(by PersonID, answer string, now time.Time) (Report, []Event, error) {
	switch {
	case by == p.About || by == p.By:
		return p, nil, E(Forbidden, "own_case", "somebody else must see to this")
	case p.State != ReportInHand:
		return p, nil, E(Conflict, "report_not_taken", "the report is %s", p.State)
	case !longText(answer, 1, 1000):
		return p, nil, Amiss("answer", "answer_missing", "a worry is closed with an answer")
	}
	p.State, p.Answer, p.ClosedAt = ReportFinished, answer, now
	return p, []Event{p.event(ReportClosed, by, now)}, nil
}

func (p Report) event(t EventType, by PersonID, now time.Time) Event {
	return Event{Type: t, At: now, By: by, Community: p.Community, Request: p.Request, Visit: p.Visit, Report: p.ID, Person: p.By}
}
