package matching

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"naober/matching/care"
)

// ruleCase is one row: what is changed in a candidate who fits, and the rule that then excludes; ""
// where they fit still.
type ruleCase struct {
	name   string
	need   func() Need
	change func(*Need, *Candidate)
	want   RuleCode
}

func runRules(t *testing.T, rows []ruleCase) {
	t.Helper()
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			need := company
			if row.need != nil {
				need = row.need
			}
			n, c := need(), neighbour()
			row.change(&n, &c)
			got := RuleCode("")
			if r := Rank(n, []Candidate{c}); len(r.RuledOut) > 0 {
				got = r.RuledOut[0].Rule
			} else if len(r.Fitting) != 1 {
				t.Fatalf("the candidate is neither fitting nor ruled out: %+v", r)
			}
			if got != row.want {
				t.Errorf("ruled out by %q, want %q", got, row.want)
			}
		})
	}
}

func decision(from, until time.Time) care.Decision {
	return care.Decision{At: from, Until: until}
}

func TestPersonRules(t *testing.T) {
	runRules(t, []ruleCase{
		{"nothing stands in the way of company", nil, func(*Need, *Candidate) {}, ""},
		{"nothing stands in the way of a ride", ride, func(*Need, *Candidate) {}, ""},
		{"who applied is not approved yet", nil, func(_ *Need, c *Candidate) { c.Helper.Approvals[0].State = care.Applied }, NotApproved},
		{"who was turned down is not approved", nil, func(_ *Need, c *Candidate) { c.Helper.Approvals[0].State = care.TurnedDown }, NotApproved},
		{"another village's approval is none here", nil, func(_ *Need, c *Candidate) { c.Helper.Approvals[0].Community = "elsewhere" }, NotApproved},
		{"a pause that begins now holds", nil, func(_ *Need, c *Candidate) {
			c.Helper.Pauses = []care.Pause{{Community: village, Decision: decision(now, now.Add(1))}}
		}, Paused},
		{"a pause that ends now holds no more", nil, func(_ *Need, c *Candidate) {
			c.Helper.Pauses = []care.Pause{{Community: village, Decision: decision(now.Add(-time.Hour), now)}}
		}, ""},
		{"a pause everywhere holds here", nil, func(_ *Need, c *Candidate) {
			c.Helper.Pauses = []care.Pause{{Decision: decision(now, now.Add(time.Hour))}}
		}, Paused},
		{"a pause in another village does not", nil, func(_ *Need, c *Candidate) {
			c.Helper.Pauses = []care.Pause{{Community: "elsewhere", Decision: decision(now, now.Add(time.Hour))}}
		}, ""},
		{"whom the helper blocked is not helped", nil, func(_ *Need, c *Candidate) { c.Helper.Blocks = []care.PersonID{"resident"} }, Blocked},
		{"who blocked the helper is not helped", nil, func(_ *Need, c *Candidate) { c.Helper.BlockedBy = []care.PersonID{"resident"} }, Blocked},
		{"a block of somebody else changes nothing", nil, func(_ *Need, c *Candidate) { c.Helper.Blocks = []care.PersonID{"other"} }, ""},
		{"nobody helps themselves", nil, func(n *Need, c *Candidate) { n.Request.For = c.Person }, IsRequester},
		{"who asked for somebody else is not asked", nil, func(n *Need, c *Candidate) { n.Request.OnBehalf = &care.OnBehalf{By: c.Person} }, IsRequester},
	})
}

func TestOfferRules(t *testing.T) {
	runRules(t, []ruleCase{
		{"another kind is not offered", nil, func(n *Need, _ *Candidate) { n.Request.Kind = care.GardenKind }, KindNotOffered},
		{"an offer to another village is none here", nil, func(_ *Need, c *Candidate) { c.Offer.Community = "elsewhere" }, KindNotOffered},
		{"a wished skill must be there", nil, func(n *Need, _ *Candidate) { n.Request.Needs.Skills = []string{"lifting"} }, SkillMissing},
		{"all wished skills must be there", nil, func(n *Need, _ *Candidate) { n.Request.Needs.Skills = []string{"dementia", "lifting"} }, SkillMissing},
		{"a skill counts in whatever case", nil, func(n *Need, _ *Candidate) { n.Request.Needs.Skills = []string{"Dementia"} }, ""},
		{"one of the wished languages is enough", nil, func(n *Need, _ *Candidate) { n.Request.Needs.Languages = []string{"ar", "nl"} }, ""},
		{"none of the wished languages is too few", nil, func(n *Need, _ *Candidate) { n.Request.Needs.Languages = []string{"ar"} }, LanguageMissing},
		{"who names no language speaks Dutch", nil, func(n *Need, c *Candidate) {
			n.Request.Needs.Languages, c.Offer.Languages = []string{"nl"}, nil
		}, ""},
		{"who names no language speaks nothing else", nil, func(n *Need, c *Candidate) {
			n.Request.Needs.Languages, c.Offer.Languages = []string{"ar"}, nil
		}, LanguageMissing},
		{"a gender wish that is met", nil, func(n *Need, _ *Candidate) { n.Request.Needs.Gender = care.Woman }, ""},
		{"a gender wish that is not met", nil, func(n *Need, _ *Candidate) { n.Request.Needs.Gender = care.Man }, GenderWish},
		{"who did not tell their gender meets no wish", nil, func(n *Need, c *Candidate) {
			n.Request.Needs.Gender, c.Gender = care.Woman, ""
		}, GenderWish},
		{"a home at the radius is inside", nil, func(_ *Need, c *Candidate) { c.Home = north(4_999.9) }, ""},
		{"a home beyond the radius is too far", nil, func(_ *Need, c *Candidate) { c.Home = north(5_001) }, TooFar},
		{"a home that is nowhere is too far", nil, func(_ *Need, c *Candidate) { c.Home.Lat = math.NaN() }, TooFar},
		{"an ended offer serves nothing", nil, func(_ *Need, c *Candidate) { c.Offer.EndedAt = now }, OfferEnded},
	})
}

func TestTrustRules(t *testing.T) {
	r3 := care.Circumstances{AloneIndoors: true, Keys: true}
	runRules(t, []ruleCase{
		{"a VOG that lapses at the end of the slot does not hold", nil, func(n *Need, c *Candidate) { c.Helper.Vettings[0].ValidUntil = n.Slot.End }, VettingMissing},
		{"a VOG that lapses after the slot holds", nil, func(n *Need, c *Candidate) { c.Helper.Vettings[0].ValidUntil = n.Slot.End.Add(1) }, ""},
		{"a VOG that holds today only does not", nil, func(_ *Need, c *Candidate) { c.Helper.Vettings[0].ValidUntil = at(1, 0, 0) }, VettingMissing},
		{"a ride needs no VOG", ride, func(_ *Need, c *Candidate) { c.Helper.Vettings = nil }, ""},
		{"money makes a ride need one", ride, func(n *Need, c *Candidate) {
			c.Helper.Vettings, n.Request.Circumstances.Money = nil, true
		}, VettingMissing},
		{"alone indoors with keys needs a known face", nil, func(n *Need, _ *Candidate) { n.Request.Circumstances = r3 }, KnownFaceMissing},
		{"a known face may", nil, func(n *Need, c *Candidate) { n.Request.Circumstances, c.KnownFace = r3, true }, ""},
		{"two together may", nil, func(n *Need, _ *Candidate) {
			n.Request.Circumstances, n.Slot.Seats, n.Request.Slots[0].Seats = r3, 2, 2
		}, ""},
		{"a training must have been seen", nil, func(n *Need, c *Candidate) {
			n.Request.Kind, c.Offer.Kinds, c.KnownFace = care.RespiteKind, []care.Kind{care.RespiteKind}, true
		}, VettingMissing},
	})
}

func TestRideRules(t *testing.T) {
	journey := func(c *Candidate, from, until time.Time) {
		c.Offer.Boxed = &care.Boxed{At: care.Interval{From: from, Until: until}, From: "Grolloo", To: "Assen", Seats: 2}
	}
	runRules(t, []ruleCase{
		{"every passenger has a seat", ride, func(n *Need, _ *Candidate) { n.Request.Ride.Passengers = 3 }, ""},
		{"one passenger has none", ride, func(n *Need, _ *Candidate) { n.Request.Ride.Passengers = 4 }, VehicleUnfit},
		{"the walking frame has no room", ride, func(_ *Need, c *Candidate) { c.Offer.Vehicle.Walker = false }, VehicleUnfit},
		{"the wheelchair has no room", ride, func(n *Need, _ *Candidate) { n.Request.Ride.Wheelchair = true }, VehicleUnfit},
		{"the wheelchair has room", ride, func(n *Need, c *Candidate) { n.Request.Ride.Wheelchair, c.Offer.Vehicle.Wheelchair = true, true }, ""},
		{"a journey there at that time fits", ride, func(_ *Need, c *Candidate) { journey(c, at(3, 10, 0), at(3, 13, 0)) }, ""},
		{"a journey home before the way back does not", ride, func(_ *Need, c *Candidate) { journey(c, at(3, 10, 0), at(3, 12, 10)) }, NotFreeWeekly},
		{"a journey to somewhere else does not", ride, func(_ *Need, c *Candidate) {
			journey(c, at(3, 10, 0), at(3, 13, 0))
			c.Offer.Boxed.To = "Emmen"
		}, JourneyElsewhere},
		{"passengers share a journey", ride, func(_ *Need, c *Candidate) {
			journey(c, at(3, 10, 0), at(3, 13, 0))
			c.Helper.Agreed = []care.Agreed{{At: c.Offer.Boxed.At, Offer: c.Offer.ID, Seats: 1}}
		}, ""},
		{"a journey whose seats are taken is full", ride, func(_ *Need, c *Candidate) {
			journey(c, at(3, 10, 0), at(3, 13, 0))
			c.Helper.Agreed = []care.Agreed{{At: c.Offer.Boxed.At, Offer: c.Offer.ID, Seats: 1}}
			c.Helper.Claims = []care.Claim{{Purpose: care.ForSeat, At: c.Offer.Boxed.At, Offer: c.Offer.ID, Seats: 1}}
		}, VehicleUnfit},
		{"another visit during the journey stands in the way", ride, func(_ *Need, c *Candidate) {
			journey(c, at(3, 10, 0), at(3, 13, 0))
			c.Helper.Agreed = []care.Agreed{booked(at(3, 11, 0), at(3, 12, 0))}
		}, VisitAgreed},
	})
}

// The neighbour bikes a kilometre: 1.3 km of road, 5.2 minutes, so 6.
func TestHourRules(t *testing.T) {
	runRules(t, []ruleCase{
		{"hours that are just the visit's are enough", nil, func(_ *Need, c *Candidate) { c.Offer.Availability = thursdays(14, 15) }, ""},
		{"hours that begin too late are not", nil, func(_ *Need, c *Candidate) {
			c.Offer.Availability = thursdays(14, 16)
			c.Offer.Availability.Weekly[0].Start++
		}, NotFreeWeekly},
		{"hours that end too soon are not", nil, func(_ *Need, c *Candidate) {
			c.Offer.Availability = thursdays(13, 15)
			c.Offer.Availability.Weekly[0].End--
		}, NotFreeWeekly},
		{"a dated absence beats the week", nil, func(_ *Need, c *Candidate) {
			c.Offer.Availability.Except = []care.Exception{{From: at(3, 14, 59), Until: at(3, 16, 0)}}
		}, NotFreeWeekly},
		{"hours in an unknown zone are none", nil, func(_ *Need, c *Candidate) { c.Offer.Availability.Zone = "Mars/Olympus" }, NotFreeWeekly},
		{"a visit that ends as they set out is no overlap", nil, func(_ *Need, c *Candidate) {
			c.Helper.Agreed = []care.Agreed{booked(at(3, 12, 0), at(3, 13, 54))}
		}, ""},
		{"a visit that ends while they travel is one", nil, func(_ *Need, c *Candidate) {
			c.Helper.Agreed = []care.Agreed{booked(at(3, 12, 0), at(3, 13, 55))}
		}, VisitAgreed},
		{"a visit that begins as they are home is none", nil, func(_ *Need, c *Candidate) {
			c.Helper.Agreed = []care.Agreed{booked(at(3, 15, 6), at(3, 16, 0))}
		}, ""},
		{"a visit that begins before is one", nil, func(_ *Need, c *Candidate) {
			c.Helper.Agreed = []care.Agreed{booked(at(3, 15, 5), at(3, 16, 0))}
		}, VisitAgreed},
		{"a yes being worked on holds its hours", nil, func(_ *Need, c *Candidate) {
			c.Helper.Claims = []care.Claim{{Purpose: care.ForSeat, At: care.Interval{From: at(3, 14, 0), Until: at(3, 15, 0)}}}
		}, VisitAgreed},
		{"a question on its way holds none", nil, func(_ *Need, c *Candidate) {
			c.Helper.Claims = []care.Claim{{Purpose: care.ForQuestion, At: care.Interval{From: at(3, 14, 0), Until: at(3, 15, 0)}, Moment: now.Add(-48 * time.Hour)}}
		}, ""},
		{"a wide window has room beside another visit", nil, func(n *Need, c *Candidate) {
			n.Slot.Start, n.Slot.Duration = at(3, 13, 0), time.Hour
			c.Helper.Agreed = []care.Agreed{booked(at(3, 14, 6), at(3, 16, 0))}
		}, ""},
		{"a wide window has no room between two", nil, func(n *Need, c *Candidate) {
			n.Slot.Start, n.Slot.Duration = at(3, 13, 0), time.Hour
			c.Helper.Agreed = []care.Agreed{booked(at(3, 12, 0), at(3, 13, 0)), booked(at(3, 14, 6), at(3, 16, 0))}
		}, VisitAgreed},
	})
}

func TestQuestionRules(t *testing.T) {
	eight := func(last time.Time) []time.Time {
		var all []time.Time
		for i := range 8 {
			all = append(all, last.AddDate(0, 0, -2*i))
		}
		return all
	}
	asked := func(state care.AskState, ago time.Duration) func(*Need, *Candidate) {
		return func(n *Need, c *Candidate) {
			n.Request.Asks = []care.Ask{{Helper: c.Person, Slot: n.Slot.ID, State: state, AskedAt: now.Add(-ago)}}
		}
	}
	gone := func(from, until time.Time) func(*Need, *Candidate) {
		return func(_ *Need, c *Candidate) { c.Helper.Away = &care.Rest{From: from, Until: until} }
	}
	runRules(t, []ruleCase{
		{"the month's last question may be asked", nil, func(_ *Need, c *Candidate) { c.Helper.Questions = eight(at(-2, 10, 0))[1:] }, ""},
		{"one more than the month's limit may not", nil, func(_ *Need, c *Candidate) { c.Helper.Questions = eight(at(-2, 10, 0)) }, LimitReached},
		{"a question on its way counts", nil, func(_ *Need, c *Candidate) {
			c.Helper.Questions = eight(at(-2, 10, 0))[1:]
			c.Helper.Claims = []care.Claim{{Purpose: care.ForQuestion, Moment: at(-4, 12, 0)}}
		}, LimitReached},
		{"last month's questions do not count", nil, func(_ *Need, c *Candidate) { c.Helper.Questions = eight(at(-24, 10, 0)) }, ""},
		{"urgency does not lift the limit", nil, func(n *Need, c *Candidate) {
			n.Request.Urgency, c.Helper.Questions = care.Urgent, eight(at(-2, 10, 0))
		}, LimitReached},
		{"who set a limit of none is never asked", nil, func(_ *Need, c *Candidate) { c.Helper.Quiet.MonthlyLimit = 0 }, LimitReached},
		{"their own pause without an end leaves no moment", nil, func(_ *Need, c *Candidate) { c.Helper.Quiet.Paused = []care.Interval{{From: now}} }, NoMomentToAsk},
		{"their own pause until they would have to leave leaves none", nil, func(n *Need, c *Candidate) {
			c.Helper.Quiet.Paused = []care.Interval{{From: now, Until: n.Slot.Start.Add(-6 * time.Minute)}}
		}, NoMomentToAsk},
		{"their own pause until just before leaves one", nil, func(n *Need, c *Candidate) {
			c.Helper.Quiet.Paused = []care.Interval{{From: now, Until: n.Slot.Start.Add(-7 * time.Minute)}}
		}, ""},
		{"who leaves while the question would wait is not asked", nil, gone(now.Add(24*time.Hour-1), now.Add(30*time.Hour)), Paused},
		{"who leaves when it has lapsed is", nil, gone(now.Add(24*time.Hour), now.Add(30*time.Hour)), ""},
		{"who is back when it may reach them is", nil, func(n *Need, c *Candidate) {
			c.Helper.Quiet.Paused = []care.Interval{{From: now, Until: now.Add(3 * time.Hour)}}
			gone(now.Add(time.Hour), now.Add(3*time.Hour))(n, c)
		}, ""},
		{"who is back a moment later is not", nil, func(n *Need, c *Candidate) {
			c.Helper.Quiet.Paused = []care.Interval{{From: now, Until: now.Add(3 * time.Hour)}}
			gone(now.Add(time.Hour), now.Add(3*time.Hour+1))(n, c)
		}, Paused},
		{"an open question is enough", nil, asked(care.Asked, time.Hour), AskedAlready},
		{"a no is an answer", nil, asked(care.Declined, time.Hour), AskedAlready},
		{"later is an answer", nil, asked(care.Deferred, time.Hour), AskedAlready},
		{"a reserve may be asked anew", nil, asked(care.Reserved, time.Hour), ""},
		{"who was stood down before an answer may be asked anew", nil, asked(care.StoodDown, time.Hour), ""},
		{"who was not reached is left alone for a day", nil, asked(care.Undelivered, 24*time.Hour-1), AskedAlready},
		{"who was not reached may be tried the next day", nil, asked(care.Undelivered, 24*time.Hour), ""},
		{"a question for another slot does not count", nil, func(n *Need, c *Candidate) {
			n.Request.Asks = []care.Ask{{Helper: c.Person, Slot: "other", State: care.Asked}}
		}, ""},
		{"somebody else's question does not count", nil, func(n *Need, _ *Candidate) {
			n.Request.Asks = []care.Ask{{Helper: "other", Slot: n.Slot.ID, State: care.Asked}}
		}, ""},
	})
}

func TestRulesHaveOneCodeEach(t *testing.T) {
	codes := Rules()
	for i, code := range codes {
		if slices.Index(codes, code) != i || code == NotAvailableNow || strings.ToLower(string(code)) != string(code) {
			t.Errorf("%q is not a code of its own", code)
		}
	}
}

func TestTheFirstRuleInTheOrderIsNamed(t *testing.T) {
	n, c := company(), neighbour()
	c.Offer.EndedAt, c.Home, c.Gender = now, north(9_000), care.Man
	n.Request.Needs.Gender = care.Woman
	c.Helper.Pauses = []care.Pause{{Decision: decision(now, now.Add(time.Hour))}}
	for _, step := range []struct {
		want RuleCode
		lift func()
	}{
		{Paused, func() { c.Helper.Pauses = nil }},
		{GenderWish, func() { n.Request.Needs.Gender = "" }},
		{TooFar, func() { c.Home = north(1_000) }},
		{OfferEnded, func() { c.Offer.EndedAt = time.Time{} }},
	} {
		r := Rank(n, []Candidate{c})
		if len(r.RuledOut) != 1 || r.RuledOut[0].Rule != step.want {
			t.Fatalf("ruled out as %v, want %s", r.RuledOut, step.want)
		}
		step.lift()
	}
	if r := Rank(n, []Candidate{c}); len(r.Fitting) != 1 {
		t.Errorf("with every rule lifted: %v", r.RuledOut)
	}
}
