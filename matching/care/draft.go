package care

import (
	"slices"
	"time"
)

// DraftRequest begins a request. It belongs to its community's fixed worker from this moment, also
// while it is a draft, and always has a time at which somebody looks at it again.
func DraftRequest(r Request, by Actor, now time.Time) (Request, []Event, error) {
	if err := r.validate(now); err != nil {
		return r, nil, err
	}
	r.Phase, r.Stage, r.CreatedAt = Drafted, StageVillage, now
	r.Owner = Chair{Kind: ChairWorker, Community: r.Community}
	r.Emergency = Emergency{Words: EmergencyWords(r.Words)}
	if r.Emergency.Pending() {
		r.Urgency = Urgent
	}
	r.schedule(now)
	return r, []Event{r.event(RequestDrafted, by, now)}, nil
}

// Publish opens a draft to the village. Where the words sound like an emergency it needs the
// person's "this is no emergency" once; the flag stays.
func (r Request) Publish(by Actor, noEmergency bool, now time.Time) (Request, []Event, error) {
	switch {
	case !by.is(Requester, Owner):
		return r, nil, notYours()
	case r.Phase != Drafted:
		return r, nil, E(Conflict, "request_not_draft", "the request is already %s", r.State(now))
	case r.Emergency.Pending() && !noEmergency:
		return r, nil, E(Conflict, "emergency_unanswered", "call 112 now; say that it is no emergency to send this to the village")
	case r.Handover != nil:
		return r, nil, E(Conflict, "request_handed_over", "formal care is being asked")
	case r.Series == nil && !slices.ContainsFunc(r.Slots, func(s Slot) bool { return s.LatestStart().After(now) }):
		return r, nil, E(Conflict, "slots_past", "every time asked for has passed")
	}
	next := r.clone()
	if next.Emergency.Pending() {
		next.Emergency.DeniedAt = now
	}
	next.Phase, next.PublishedAt = Live, now
	events := []Event{next.event(RequestPublished, by, now)}
	if next.Series != nil {
		added, err := next.layOut(now)
		if err != nil {
			return r, nil, err
		}
		if len(next.Slots) == 0 {
			return r, nil, E(Conflict, "slots_past", "the series gives no time in the next six weeks")
		}
		events = append(events, added...)
	}
	next.clearDesk()
	next.schedule(now)
	return next, events, nil
}

// EditDraft replaces what is asked, as long as nobody has been asked for it.
func (r Request) EditDraft(next Request, by Actor, now time.Time) (Request, []Event, error) {
	switch {
	case !by.is(Requester, Owner):
		return r, nil, notYours()
	case r.Phase != Drafted:
		return r, nil, E(Conflict, "request_not_draft", "only a draft can be edited")
	case r.Handover != nil:
		return r, nil, E(Conflict, "request_handed_over", "formal care is being asked")
	}
	kept := r
	kept.Kind, kept.Words, kept.Needs, kept.Circumstances = next.Kind, next.Words, next.Needs, next.Circumstances
	kept.Where, kept.Ride, kept.Series, kept.Slots = next.Where, next.Ride, next.Series, next.Slots
	kept.Urgency, kept.PersonalYes = next.Urgency, next.PersonalYes
	if err := kept.validate(now); err != nil {
		return r, nil, err
	}
	if heard := EmergencyWords(kept.Words); !slices.Equal(heard, kept.Emergency.Words) {
		kept.Emergency = Emergency{Words: heard}
		kept.done(TodoEmergency)
	}
	if kept.Emergency.Pending() {
		kept.Urgency = Urgent
	}
	if kept.Emergency.Pending() && kept.Emergency.OwnerTold.IsZero() {
		kept.Todo, kept.OwnerDue = TodoNone, now.Add(emergencyTime)
	}
	kept.schedule(now)
	return kept, []Event{kept.event(RequestChanged, by, now)}, nil
}

func (r Request) validate(now time.Time) error {
	_, known := Rules(r.Kind)
	switch {
	case !known:
		return Amiss("kind", "kind_unknown", "there is no such kind of help")
	case !longText(r.Words, 0, 2000):
		return Amiss("words", "words_invalid", "the words are at most 2,000 characters of text")
	case r.Where.amiss() != "":
		return Amiss("where."+r.Where.amiss(), "place_invalid", "a request needs a point on earth and a town; street and post code are short texts")
	case r.Kind == RideKind && r.Ride == nil:
		return Amiss("ride", "ride_missing", "a ride says where it goes")
	case r.Kind != RideKind && r.Ride != nil:
		return Amiss("ride", "ride_unexpected", "only a ride goes somewhere")
	case !r.Urgency.Known():
		return Amiss("urgency", "urgency_unknown", "there is no such urgency")
	case r.Series == nil && len(r.Slots) == 0:
		return Amiss("slots", "slots_missing", "a request needs at least one time")
	case r.Series != nil && len(r.Slots) > 0:
		return Amiss("slots", "slots_unexpected", "a series makes its own times")
	case len(r.Slots) > 40:
		return Amiss("slots", "slots_too_many", "a request has at most 40 times; a series has more")
	case r.OnBehalf != nil && r.OnBehalf.By == r.For:
		return Amiss("for", "on_behalf_of_self", "nobody asks on their own behalf")
	}
	if err := r.Needs.validate(); err != nil {
		return Within("needs", err)
	}
	if r.OnBehalf != nil {
		if err := r.OnBehalf.validate(); err != nil {
			return err
		}
	}
	if r.Ride != nil {
		if err := r.Ride.validate(); err != nil {
			return Within("ride", err)
		}
		if !r.returnsInTime(now) {
			return Amiss("ride.returnAt", "return_invalid", "the way back begins once the way there can have ended, within a day after the time asked for")
		}
	}
	if r.Series != nil {
		return Within("series", r.Series.Validate())
	}
	return validateSlots(r.Slots, now)
}

func (n Needs) validate() error {
	switch {
	case len(n.Languages) > 8:
		return Amiss("languages", "needs_too_many", "at most 8 languages and 8 skills")
	case len(n.Skills) > 8:
		return Amiss("skills", "needs_too_many", "at most 8 languages and 8 skills")
	}
	if err := tongues(n.Languages); err != nil {
		return err
	}
	if err := crafts(n.Skills); err != nil {
		return err
	}
	switch n.Gender {
	case "", Woman, Man, Other:
		return nil
	}
	return Amiss("gender", "gender_unknown", "there is no such gender wish")
}

// tongues and crafts refuse a list of languages or skills at the first that is none.
func tongues(all []string) error {
	for i, l := range all {
		if !isLanguage(l) {
			return member("languages", i, E(Invalid, "language_invalid", "a language is two lower-case letters"))
		}
	}
	return nil
}

func crafts(all []string) error {
	for i, s := range all {
		if !plainText(s, 1, 40) {
			return member("skills", i, E(Invalid, "skill_invalid", "a skill is a word of at most 40 characters"))
		}
	}
	return nil
}

func (b OnBehalf) validate() error {
	if !b.Channel.Known() {
		return Amiss("channel", "channel_unknown", "there is no such channel")
	}
	return b.Consent.validate()
}
