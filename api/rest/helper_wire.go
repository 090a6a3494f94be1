package rest

import (
	"time"

	"naober/api/app"
	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// recentQuestions is over how many days a helper's book counts the questions they got.
const recentQuestions = 30

func toBook(h care.Helper, now time.Time) wire.Helper {
	asked := 0
	for _, q := range h.Questions {
		if !q.After(now) && q.After(now.AddDate(0, 0, -recentQuestions)) {
			asked++
		}
	}
	shown := wire.Helper{Person: string(h.Person), Approvals: list(h.Approvals, toApproval), Pauses: list(h.Pauses, toPause),
		Blocks: texts(h.Blocks), Vettings: list(h.Vettings, toVetting), Agreed: list(h.Agreed, toAgreed), Questions: asked}
	if h.Quiet.Zone != "" {
		quiet := toQuiet(h.Quiet)
		shown.Quiet = &quiet
	}
	return shown
}

// toModerated shows a book that app has cut down to one village.
func toModerated(h care.Helper, p wire.Person) wire.ModeratedHelper {
	shown := wire.ModeratedHelper{Person: p, Pauses: list(h.Pauses, toPause), Vettings: list(h.Vettings, toVetting)}
	if len(h.Approvals) > 0 {
		approval := toApproval(h.Approvals[0])
		shown.Approval = &approval
	}
	return shown
}

func toApproval(a care.Approval) wire.Approval {
	shown := wire.Approval{Community: string(a.Community), State: string(a.State), AppliedAt: wire.Instant(a.AppliedAt)}
	if a.Decision.ID != "" {
		decision := toDecision(a.Decision)
		shown.Decision = &decision
	}
	return shown
}

func toPause(p care.Pause) wire.Pause {
	return wire.Pause{Community: string(p.Community), Decision: toDecision(p.Decision), EndedAt: wire.Instant(p.EndedAt)}
}

func toDecision(d care.Decision) wire.Decision {
	return wire.Decision{ID: string(d.ID), Rule: d.Rule, Reason: d.Reason, At: wire.Instant(d.At), Until: wire.Instant(d.Until)}
}

func fromDecision(d wire.NewDecision) care.Decision {
	return care.Decision{Rule: d.Rule, Reason: d.Reason, Until: time.Time(d.Until)}
}

func toVetting(v care.Vetting) wire.Vetting {
	return wire.Vetting{Kind: string(v.Kind), SeenAt: wire.Instant(v.SeenAt), ValidUntil: wire.Instant(v.ValidUntil)}
}

func toAgreed(a care.Agreed) wire.Agreed {
	return wire.Agreed{Request: string(a.Request), Slot: string(a.Slot), Visit: string(a.Visit), At: toInterval(a.At)}
}

func toQuiet(q care.Quiet) wire.Quiet {
	return wire.Quiet{Zone: q.Zone, NightStart: q.Night.Start.String(), NightEnd: q.Night.End.String(),
		RestDays:     list(q.RestDays, func(d time.Weekday) int { return int(d) }),
		MonthlyLimit: q.MonthlyLimit, MinGapMinutes: inMinutes(q.MinGap), Paused: each(q.Paused, toInterval)}
}

func fromQuiet(q wire.Quiet) (care.Quiet, error) {
	gap, err := minutes("minGapMinutes", q.MinGapMinutes)
	if err != nil {
		return care.Quiet{}, err
	}
	start, err := care.ParseClock(q.NightStart)
	if err != nil {
		return care.Quiet{}, care.Within("nightStart", err)
	}
	end, err := care.ParseClock(q.NightEnd)
	return care.Quiet{Zone: q.Zone, Night: care.Night{Start: start, End: end}, MonthlyLimit: q.MonthlyLimit, MinGap: gap,
		RestDays: each(q.RestDays, func(d int) time.Weekday { return time.Weekday(d) }),
		Paused:   each(q.Paused, fromInterval)}, care.Within("nightEnd", err)
}

// toQueue shows what waits for the moderators. The names were read under their rights.
func toQueue(q app.Queue, applications []wire.ModeratedHelper, stuck []wire.Request) wire.Queue {
	return wire.Queue{Applications: present(applications), Reports: list(q.Reports, toReport), Stuck: present(stuck)}
}
