package rest

import (
	"time"

	"naober/api/app"
	"naober/matching/care"
	"naober/matching/place"
	"naober/mobile-contract/wire"
)

// emergencyNumber is what a client dials where words sound like an emergency.
const emergencyNumber = "112"

func toRequest(v app.RequestView) wire.Request {
	r := v.Request
	shown := wire.Request{ID: string(r.ID), Relation: string(v.Relation), Community: string(r.Community), Kind: string(r.Kind),
		State: string(v.State), Outcome: string(r.Outcome), Reason: r.Reason, Urgency: string(r.Urgency), Words: r.Words,
		For: toPersonRef(v.For), By: toPersonRef(v.By), Where: toWhere(r.Where, v.Exact, v.Area), Ride: toRide(r.Ride, v.Exact, v.ToArea),
		Series: toSeries(r.Series), Needs: toNeeds(r.Needs), Circumstances: toCircumstances(r.Circumstances),
		PersonalYes: r.PersonalYes, Emergency: toEmergency(r.Emergency), Slots: each(r.Slots, toSlot),
		Owner: toOwner(r.Owner, v.Owners), Stage: string(r.Stage), Todo: string(r.Todo), TodoDueAt: wire.Instant(r.OwnerDue),
		NextAction: string(r.NextAction), NextActionAt: wire.Instant(r.NextActionAt), CreatedAt: wire.Instant(r.CreatedAt),
		PublishedAt: wire.Instant(r.PublishedAt), ClosedAt: wire.Instant(r.ClosedAt)}
	shown.Asks = each(r.Asks, func(a care.Ask) wire.Ask { return toAsk(a, v.People, v.Asked) })
	shown.Visits = each(r.Visits, func(x care.Visit) wire.Visit { return toVisit(x, v.People) })
	if r.OnBehalf != nil {
		shown.Channel, shown.Consent = string(r.OnBehalf.Channel), toConsent(r.OnBehalf.Consent)
	}
	if r.Handover != nil {
		shown.Referral = string(r.Handover.Referral)
	}
	return shown
}

// toWhere shows an exact place, the area in which it is, or nothing: to a reader who may know neither, and
// to everybody once whose place it was is forgotten.
func toWhere(p care.Place, exact bool, in place.Cell) *wire.Place {
	switch {
	case exact && p != (care.Place{}):
		shown := toPlace(p, true)
		return &shown
	case exact, in.ID == "":
		return nil
	}
	shown := toArea(in)
	return &shown
}

func toRide(d *care.Ride, exact bool, in place.Cell) *wire.Ride {
	if d == nil {
		return nil
	}
	to := toWhere(d.To, exact, in)
	if to == nil {
		return nil // a ride to nowhere: whose it was is forgotten
	}
	return &wire.Ride{To: *to, ReturnAt: wire.Instant(d.ReturnAt), Passengers: d.Passengers,
		Wheelchair: d.Wheelchair, Walker: d.Walker}
}

func toSeries(s *care.Series) *wire.Series {
	if s == nil {
		return nil
	}
	swap := func(w care.Swap) wire.Swap { return wire.Swap{Date: w.Date, To: string(w.To)} }
	return &wire.Series{Rule: s.Rule, Start: string(s.Start), DurationMinutes: inMinutes(s.Duration), Zone: s.Zone,
		Skipped: s.Skipped, Swapped: each(s.Swapped, swap)}
}

func toNeeds(n care.Needs) *wire.Needs {
	if len(n.Languages) == 0 && len(n.Skills) == 0 && n.Gender == "" {
		return nil
	}
	return &wire.Needs{Languages: n.Languages, Skills: n.Skills, Gender: string(n.Gender)}
}

func toCircumstances(c care.Circumstances) *wire.Circumstances {
	if c == (care.Circumstances{}) {
		return nil
	}
	shown := wire.Circumstances(c)
	return &shown
}

func toEmergency(e care.Emergency) *wire.Emergency {
	if len(e.Words) == 0 {
		return nil
	}
	return &wire.Emergency{Call: emergencyNumber, Words: e.Words, Pending: e.Pending()}
}

func toConsent(c care.Consent) *wire.Consent {
	if c.Basis == "" {
		return nil
	}
	return &wire.Consent{Basis: string(c.Basis), At: wire.Instant(c.At), WithdrawnAt: wire.Instant(c.WithdrawnAt)}
}

func toOwner(ch care.Chair, people []app.PersonView) *wire.Owner {
	if ch.Kind == "" {
		return nil
	}
	return &wire.Owner{Chair: string(ch.Kind), People: list(people, func(p app.PersonView) wire.Person { return *toPersonRef(&p) })}
}

func fromRequest(n wire.NewRequest) (app.NewRequest, error) {
	made, err := fromRequestEdit(n.RequestEdit)
	if err != nil {
		return made, err
	}
	if made.Community, err = bodyID[care.CommunityID]("community", n.Community); err != nil {
		return made, err
	}
	if made.For, err = optionalID[care.PersonID]("for", n.For); err != nil {
		return made, err
	}
	made.Channel, made.Consent = care.Channel(n.Channel), care.ConsentBasis(n.Consent)
	// Whoever asks for themselves has no use for either; what is said must be a word of ours all the same.
	switch {
	case made.Channel != "" && !made.Channel.Known():
		return made, care.Amiss("channel", "channel_unknown", "there is no such channel")
	case made.Consent != "" && !made.Consent.Known():
		return made, care.Amiss("consent", "consent_basis_unknown", "consent names how it was given")
	}
	made.Publish, made.NoEmergency = n.Publish, n.NoEmergency
	return made, nil
}

func fromRequestEdit(n wire.RequestEdit) (app.NewRequest, error) {
	edit := app.NewRequest{Kind: care.Kind(n.Kind), Words: n.Words, Circumstances: care.Circumstances(n.Circumstances),
		Needs:   care.Needs{Languages: n.Needs.Languages, Skills: n.Needs.Skills, Gender: care.Gender(n.Needs.Gender)},
		Urgency: care.Urgency(n.Urgency), PersonalYes: n.PersonalYes, Ride: fromRide(n.Ride)}
	var err error
	if n.Where != nil {
		where := fromPlace(*n.Where)
		edit.Where = &where
	}
	if edit.Series, err = fromSeries(n.Series); err != nil {
		return edit, err
	}
	edit.Slots, err = fromSlots(n.Slots)
	return edit, err
}

func fromRide(d *wire.NewRide) *care.Ride {
	if d == nil {
		return nil
	}
	return &care.Ride{To: fromPlace(d.To), ReturnAt: time.Time(d.ReturnAt), Passengers: d.Passengers, Wheelchair: d.Wheelchair, Walker: d.Walker}
}

func fromSeries(s *wire.Series) (*care.Series, error) {
	if s == nil {
		return nil, nil
	}
	lasts, err := minutes("series.durationMinutes", s.DurationMinutes)
	swap := func(w wire.Swap) care.Swap { return care.Swap{Date: w.Date, To: care.LocalTime(w.To)} }
	return &care.Series{Rule: s.Rule, Start: care.LocalTime(s.Start), Duration: lasts, Zone: s.Zone,
		Skipped: s.Skipped, Swapped: each(s.Swapped, swap)}, err
}
