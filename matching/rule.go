package matching

import (
	"slices"
	"strings"
	"time"

	"naober/matching/care"
)

// RuleCode names a hard rule. Codes are stable and never reused; each is a message key.
type RuleCode string

// The hard rules, in the order in which they are tried.
const (
	NotApproved      RuleCode = "not_approved"
	Paused           RuleCode = "paused"
	Blocked          RuleCode = "blocked"
	IsRequester      RuleCode = "is_requester"
	KindNotOffered   RuleCode = "kind_not_offered"
	VettingMissing   RuleCode = "vetting_missing"
	KnownFaceMissing RuleCode = "known_face_missing"
	SkillMissing     RuleCode = "skill_missing"
	LanguageMissing  RuleCode = "language_missing"
	GenderWish       RuleCode = "gender_wish"
	VehicleUnfit     RuleCode = "vehicle_unfit"
	JourneyElsewhere RuleCode = "journey_elsewhere"
	TooFar           RuleCode = "too_far"
	NotFreeWeekly    RuleCode = "not_free_weekly"
	VisitAgreed      RuleCode = "visit_agreed"
	LimitReached     RuleCode = "limit_reached"
	NoMomentToAsk    RuleCode = "no_moment_to_ask"
	AskedAlready     RuleCode = "asked_already"
	OfferEnded       RuleCode = "offer_ended"
)

// rule is one reason for which a helper is not asked.
type rule struct {
	code     RuleCode
	excludes func(Need, Candidate) bool
}

// rules holds what binds the person first, then the offer, then the hour; the dear ones last.
func rules() []rule {
	return []rule{
		{NotApproved, notApproved},
		{Paused, paused},
		{Blocked, blocked},
		{IsRequester, isRequester},
		{KindNotOffered, kindNotOffered},
		{VettingMissing, vettingMissing},
		{KnownFaceMissing, knownFaceMissing},
		{SkillMissing, skillMissing},
		{LanguageMissing, languageMissing},
		{GenderWish, genderWish},
		{VehicleUnfit, vehicleUnfit},
		{JourneyElsewhere, journeyElsewhere},
		{TooFar, tooFar},
		{NotFreeWeekly, notFreeWeekly},
		{VisitAgreed, visitAgreed},
		{LimitReached, limitReached},
		{NoMomentToAsk, noMomentToAsk},
		{AskedAlready, askedAlready},
		{OfferEnded, offerEnded},
	}
}

// Rules lists the codes in the order in which the rules are tried.
func Rules() []RuleCode {
	var codes []RuleCode
	for _, r := range rules() {
		codes = append(codes, r.code)
	}
	return codes
}

func notApproved(n Need, c Candidate) bool { return !c.Helper.ApprovedIn(n.Request.Community) }

// paused also rules out who is away now, at the time asked for, or at any moment at which the question would
// wait for their answer.
func paused(n Need, c Candidate) bool {
	return c.Helper.Paused(n.Request.Community, n.Now) || away(n, c) || awayToAnswer(n, c)
}

func away(n Need, c Candidate) bool {
	return c.Helper.Gone(care.Interval{From: n.Now, Until: n.Now.Add(time.Second)}) ||
		c.Helper.Gone(care.Interval{From: n.Slot.Start, Until: n.Slot.End})
}

func awayToAnswer(n Need, c Candidate) bool {
	if c.Helper.Away == nil {
		return false
	}
	from, code := askFrom(n, c)
	return code == "" && c.Helper.Gone(care.Answering(from, lapsesAt(n, from)))
}

func blocked(n Need, c Candidate) bool { return c.Helper.Blocked(n.Request.For) }

func isRequester(n Need, c Candidate) bool {
	behalf := n.Request.OnBehalf
	return c.Person == n.Request.For || behalf != nil && behalf.By == c.Person
}

// kindNotOffered holds for another village's offer too: an offer is made to one community.
func kindNotOffered(n Need, c Candidate) bool {
	return c.Offer.Community != n.Request.Community || !slices.Contains(c.Offer.Kinds, n.Request.Kind)
}

// vettingMissing asks for validity up to the end of the slot, so that it holds at whatever hour is
// agreed inside it.
func vettingMissing(n Need, c Candidate) bool {
	return slices.ContainsFunc(requirements(n), func(r care.Requirement) bool { return !r.Seen(c.Helper.Vettings, n.Slot.End) })
}

// knownFaceMissing takes a slot with a second seat as one with a buddy. Vehicles have their own rule.
func knownFaceMissing(n Need, c Candidate) bool {
	around := care.Around{KnownFace: c.KnownFace, Buddy: n.Slot.Seats > 1, Vehicle: true}
	return slices.ContainsFunc(requirements(n), func(r care.Requirement) bool { return !around.Meets(r) })
}

func requirements(n Need) []care.Requirement {
	if n.memo != nil {
		return n.memo.required
	}
	return care.Requirements(n.Request.Kind, n.Request.Circumstances)
}

func skillMissing(n Need, c Candidate) bool {
	return slices.ContainsFunc(n.Request.Needs.Skills, func(s string) bool { return !has(c.Offer.Skills, s) })
}

// languageMissing takes an offer that names no language as one in Dutch.
func languageMissing(n Need, c Candidate) bool {
	wished, spoken := n.Request.Needs.Languages, c.Offer.Languages
	if len(spoken) == 0 {
		spoken = []string{"nl"}
	}
	return len(wished) > 0 && !slices.ContainsFunc(wished, func(l string) bool { return has(spoken, l) })
}

func has(words []string, word string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.EqualFold(w, word) })
}

func genderWish(n Need, c Candidate) bool {
	wish := n.Request.Needs.Gender
	return wish != "" && c.Gender != wish
}

// vehicleUnfit looks at the vehicle for a ride, and at the seats left for any boxed offer.
func vehicleUnfit(n Need, c Candidate) bool {
	if c.Offer.Boxed != nil && seatsLeft(c) < n.Seats() {
		return true
	}
	d, v := n.Request.Ride, c.Offer.Vehicle
	return d != nil && (v.Seats < d.Passengers || d.Wheelchair && !v.Wheelchair || d.Walker && !v.Walker)
}

func seatsLeft(c Candidate) int {
	left := c.Offer.Boxed.Seats
	for _, a := range c.Helper.Agreed {
		if shares(c, a.Offer) {
			left -= a.Seats
		}
	}
	for _, claim := range c.Helper.Claims {
		if claim.Purpose != care.ForQuestion && shares(c, claim.Offer) {
			left -= claim.Seats
		}
	}
	return left
}

// journeyElsewhere compares town names: a journey takes people to its own destination only.
func journeyElsewhere(n Need, c Candidate) bool {
	d, boxed := n.Request.Ride, c.Offer.Boxed
	return d != nil && boxed != nil && !strings.EqualFold(d.To.Town, boxed.To)
}

// tooFar is written so that a home without a point is too far.
func tooFar(n Need, c Candidate) bool { return !(n.metres(c) <= float64(c.Offer.Radius)) }

func notFreeWeekly(n Need, c Candidate) bool {
	_, ok := firstHour(whenAsked(n, c), c, nil)
	return !ok
}

func visitAgreed(n Need, c Candidate) bool {
	_, ok := Hour(whenAsked(n, c), c)
	return !ok
}

func limitReached(n Need, c Candidate) bool {
	_, code := askFrom(n, c)
	return code == care.MonthFull
}

// noMomentToAsk holds where the helper's rest lasts until it is too late to get there.
func noMomentToAsk(n Need, c Candidate) bool {
	from, code := askFrom(n, c)
	return code != "" || !from.Before(n.latest().Add(-travelTo(n, c)))
}

// undeliveredRest is how long a helper whom no channel reached is left alone for the same slot. A
// next wave a minute later would not reach them either and would keep others from being asked.
const undeliveredRest = 24 * time.Hour

// askedAlready leaves two to be asked anew: a reserve, who said yes once, and whoever was stood down
// before they could answer.
func askedAlready(n Need, c Candidate) bool {
	return slices.ContainsFunc(n.Request.Asks, func(a care.Ask) bool {
		if a.Helper != c.Person || a.Slot != n.Slot.ID || a.State == care.Reserved || a.State == care.StoodDown {
			return false
		}
		return a.State != care.Undelivered || n.Now.Sub(a.AskedAt) < undeliveredRest
	})
}

func offerEnded(n Need, c Candidate) bool { return !c.Offer.Active(n.Now) }

// askFrom is the first moment for a question to this helper, the questions on their way counted, or
// the code for which there is none.
func askFrom(n Need, c Candidate) (time.Time, string) {
	m := n.memo
	if m == nil {
		m = &memo{}
	}
	if m.asked {
		return m.from, m.code
	}
	m.moments = append(m.moments[:0], c.Helper.Questions...)
	for _, claim := range c.Helper.Claims {
		if claim.Purpose == care.ForQuestion {
			m.moments = append(m.moments, claim.Moment)
		}
	}
	m.asked = true
	m.from, m.code = c.Helper.Quiet.AskMoment(n.Now, m.moments, n.Request.Urgency)
	return m.from, m.code
}

// whenAsked is the need at the moment at which the helper would hear of it: no hour before that
// helps anybody.
func whenAsked(n Need, c Candidate) Need {
	if from, code := askFrom(n, c); code == "" {
		n.Now = from
	}
	return n
}
