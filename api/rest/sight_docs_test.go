package rest

import (
	"naober/api/rest/sight"
	"naober/matching/care"
)

func decision(d care.Decision) object {
	if d.ID == "" {
		return nil
	}
	return object{"id": string(d.ID), "rule": d.Rule, "reason": d.Reason, "at": instant(d.At), "until": instant(d.Until)}
}

func approval(a care.Approval) object {
	return object{"community": string(a.Community), "state": string(a.State), "appliedAt": instant(a.AppliedAt), "decision": decision(a.Decision)}
}

func pause(p care.Pause) object {
	return object{"community": string(p.Community), "decision": decision(p.Decision), "endedAt": instant(p.EndedAt)}
}

func vetting(v care.Vetting) object {
	return object{"kind": string(v.Kind), "seenAt": instant(v.SeenAt), "validUntil": instant(v.ValidUntil)}
}

// book writes out a helper's book for themselves, and for each village of theirs.
func (x *truth) book(h care.Helper, people map[care.PersonID]care.Person) {
	b := sight.Book{Paused: map[string]bool{}, Apart: map[string]bool{}}
	for _, other := range append(append([]care.PersonID{}, h.Blocks...), h.BlockedBy...) {
		b.Apart[string(other)] = true
	}
	recent := 0
	for _, q := range h.Questions {
		if !q.After(x.Now) && q.After(x.Now.AddDate(0, 0, -30)) {
			recent++
		}
	}
	quiet := object{"zone": h.Quiet.Zone, "nightStart": h.Quiet.Night.Start.String(), "nightEnd": h.Quiet.Night.End.String(), "monthlyLimit": whole(h.Quiet.MonthlyLimit),
		"minGapMinutes": inMin(h.Quiet.MinGap), "paused": objects(h.Quiet.Paused, span)}
	var rest []any
	for _, day := range h.Quiet.RestDays {
		rest = append(rest, whole(int(day)))
	}
	quiet["restDays"] = rest
	x.docs = append(x.docs, sight.Doc{Kind: "helper", ID: string(h.Person), State: "none", Whose: string(h.Person), About: sight.About{Person: string(h.Person)},
		Value: object{"person": string(h.Person), "approvals": objects(h.Approvals, approval), "pauses": objects(h.Pauses, pause), "blocks": words(h.Blocks),
			"vettings": objects(h.Vettings, vetting), "quiet": quiet, "questions": whole(recent), "agreed": objects(h.Agreed, func(a care.Agreed) object {
				return object{"request": string(a.Request), "slot": string(a.Slot), "visit": string(a.Visit), "at": span(a.At)}
			})}})
	for village := range x.Villages {
		d := sight.Doc{Kind: "helper_in_community", ID: string(h.Person), State: "none", Whose: string(h.Person), About: sight.About{Person: string(h.Person), Village: village},
			Value: object{"person": personOf(people, h.Person), "vettings": objects(h.Vettings, vetting)}}
		var here []care.Pause
		for _, p := range h.Pauses {
			if string(p.Community) == village || p.Community == "" {
				here = append(here, p)
				b.Paused[village] = b.Paused[village] || p.EndedAt.IsZero() && !x.Now.Before(p.Decision.At) && x.Now.Before(p.Decision.Until)
			}
		}
		d.Value["pauses"] = objects(here, pause)
		known := x.joined(string(h.Person), village)
		for _, a := range h.Approvals {
			if string(a.Community) == village {
				d.State, d.Value["approval"], known = string(a.State), approval(a), true
			}
		}
		if known {
			x.docs = append(x.docs, d)
		}
	}
	x.Books[string(h.Person)] = b
}

// unopened are the books of those who never helped: they read of their quiet as it would be.
func (x *truth) unopened(people map[care.PersonID]care.Person) {
	for id := range people {
		if _, has := x.Books[string(id)]; !has {
			x.docs = append(x.docs, sight.Doc{Kind: "helper", ID: string(id), State: "none", Whose: string(id), About: sight.About{Person: string(id)},
				Value: object{"person": string(id), "quiet": object{"zone": "Europe/Amsterdam", "nightStart": "21:00", "nightEnd": "08:00",
					"restDays": []any{whole(0)}, "monthlyLimit": whole(8), "minGapMinutes": whole(20 * 60)}}})
		}
	}
}

func (x *truth) joined(person, village string) bool {
	for _, m := range x.Members {
		if m.Active && m.Person == person && m.Village == village && (m.Role == "resident" || m.Role == "volunteer") {
			return true
		}
	}
	return false
}

// rest are the documents that decide nothing about others.
func (x *truth) rest(w *world) {
	for _, m := range all(w, w.stores.Messages) {
		d := sight.Doc{Kind: "message", ID: string(m.ID), State: "sent", About: sight.About{Request: string(m.Request), Visit: string(m.Visit), Person: string(m.From)},
			Value: object{"id": string(m.ID), "request": string(m.Request), "visit": string(m.Visit), "from": string(m.From), "to": string(m.To), "text": m.Text, "at": instant(m.At)}}
		if m.Withheld {
			d.State = "withheld"
		}
		x.docs = append(x.docs, d)
	}
	for _, f := range all(w, w.stores.Feedbacks) {
		x.docs = append(x.docs, sight.Doc{Kind: "feedback", ID: string(f.ID), State: "none", Whose: string(f.By), About: sight.About{Request: string(f.Request), Visit: string(f.Visit), Person: string(f.By)},
			Value: object{"id": string(f.ID), "request": string(f.Request), "visit": string(f.Visit), "by": string(f.By), "side": string(f.Side), "good": f.Good, "again": f.Again,
				"words": f.Words, "at": instant(f.At)}})
	}
	for _, p := range all(w, w.stores.Reports) {
		x.docs = append(x.docs, sight.Doc{Kind: "report", ID: string(p.ID), State: string(p.State), Whose: string(p.By),
			About: sight.About{Request: string(p.Request), Village: string(p.Community), Person: string(p.By), Other: string(p.About)},
			Value: object{"id": string(p.ID), "community": string(p.Community), "request": string(p.Request), "visit": string(p.Visit), "by": string(p.By), "about": string(p.About),
				"words": p.Words, "state": string(p.State), "takenBy": string(p.TakenBy), "answer": p.Answer, "filedAt": instant(p.FiledAt), "takenAt": instant(p.TakenAt), "closedAt": instant(p.ClosedAt)}})
	}
	for _, f := range all(w, w.stores.Referrals) {
		x.Referred = append(x.Referred, sight.Referred{Request: string(f.Request), Person: string(f.For), From: string(f.From), To: string(f.To), State: string(f.State)})
		x.docs = append(x.docs, sight.Doc{Kind: "referral", ID: string(f.ID), State: string(f.State), Whose: string(f.For),
			About: sight.About{Request: string(f.Request), Person: string(f.For), From: string(f.From), To: string(f.To)},
			Value: object{"id": string(f.ID), "side": "set for each reader", "community": string(f.Community), "request": string(f.Request), "for": string(f.For), "by": string(f.By),
				"from": string(f.From), "to": string(f.To), "theme": string(f.Theme), "urgency": string(f.Urgency), "words": f.Words, "consent": consent(f.Consent),
				"state": string(f.State), "reason": f.Reason, "askedAt": instant(f.AskedAt), "answeredAt": instant(f.AnsweredAt), "startedAt": instant(f.StartedAt), "doneAt": instant(f.DoneAt)}})
	}
	for _, o := range all(w, w.stores.Offers) {
		x.docs = append(x.docs, offerDoc(o))
	}
	for _, o := range all(w, w.stores.Organizations) {
		x.docs = append(x.docs, sight.Doc{Kind: "organization", ID: string(o.ID), State: "none", Value: object{"id": string(o.ID), "kind": string(o.Kind), "name": o.Name}})
	}
	for _, s := range all(w, w.stores.Sessions) {
		if s.EndedAt.IsZero() {
			x.docs = append(x.docs, sight.Doc{Kind: "device", ID: string(s.ID), State: "none", Whose: string(s.Person), About: sight.About{Person: string(s.Person)},
				Value: object{"id": string(s.ID), "name": s.Device, "createdAt": instant(s.CreatedAt), "usedAt": instant(s.UsedAt), "current": true}})
		}
	}
}

func offerDoc(o care.Offer) sight.Doc {
	state := "standing"
	if !o.EndedAt.IsZero() {
		state = "ended"
	}
	v := object{"id": string(o.ID), "helper": string(o.Helper), "community": string(o.Community), "createdAt": instant(o.CreatedAt), "endedAt": instant(o.EndedAt),
		"kinds": words(o.Kinds), "radius": whole(o.Radius), "travel": string(o.Travel), "languages": words(o.Languages), "skills": words(o.Skills), "note": o.Note,
		"vehicle": object{"seats": whole(o.Vehicle.Seats), "wheelchair": o.Vehicle.Wheelchair, "walker": o.Vehicle.Walker}}
	if b := o.Boxed; b != nil {
		v["boxed"] = object{"at": span(b.At), "from": b.From, "to": b.To, "seats": whole(b.Seats)}
	} else {
		v["availability"] = object{"zone": o.Availability.Zone,
			"weekly": objects(o.Availability.Weekly, func(x care.Window) object {
				return object{"day": whole(int(x.Day)), "start": x.Start.String(), "end": x.End.String()}
			}),
			"except": objects(o.Availability.Except, func(x care.Exception) object { return object{"from": instant(x.From), "until": instant(x.Until)} })}
	}
	return sight.Doc{Kind: "offer", ID: string(o.ID), State: state, Whose: string(o.Helper), About: sight.About{Person: string(o.Helper), Village: string(o.Community)}, Value: v}
}
