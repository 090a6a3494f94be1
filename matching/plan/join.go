package plan

import (
	"math"
	"slices"
	"time"

	"naober/matching"
	"naober/matching/care"
)

// Drive is a ride that a driver has agreed to: the need, and the hour that was agreed.
type Drive struct {
	Need matching.Need
	At   care.Interval
}

const (
	// grace is how long somebody waits to be fetched beyond the time they asked for, and for the way back.
	// Assumed: a quarter of an hour, with whom a neighbour drives, and half an hour after an appointment.
	grace, graceBack = 15 * time.Minute, 30 * time.Minute
	boarding         = care.Boarding
	// mostDetour is what one ride more may cost a driver at most, there and back together. Assumed.
	mostDetour = 20 * time.Minute
	// inDay is how long before the first and after the last ride a driver's day may begin and end.
	inDay = 4 * time.Hour
)

// Joining is the number, in a journey's stops, of the ride that joins.
const Joining = -1

// Halt is one stop of a journey: where somebody gets in, or out.
type Halt struct {
	Drive     int // which of the agreed rides, or Joining
	Back, Out bool
	At        time.Time // when it begins, as early as may be
}

// Journey is how a driver takes one ride more along with those agreed on the same day.
type Journey struct {
	// Detour is how much longer they are on the way, there and back, rounded up to the minute.
	Detour time.Duration
	Halts  []Halt        // of all rides that share it, in order
	Visit  care.Interval // the hour of the ride that joins
	// With are the agreed visits that it shares the car with, as they stand in the driver's book.
	With []care.Agreed
	// At is what a yes takes in the book: everything that these take, and the way as it is together.
	// Alone is what is left of it when nobody else comes along any more; it lies inside At.
	At, Alone care.Interval
}

// Join finds how a driver takes one ride more along with those agreed on the same day, there and back.
// False where a rule keeps them out for another reason than the hours of these rides, and where Together
// is. The fit is for whoever asks the driver.
func Join(n matching.Need, driver matching.Candidate, agreed []Drive) (Journey, matching.Fit, bool) {
	if n.Request.Ride == nil || driver.Offer.Boxed != nil {
		return Journey{}, matching.Fit{}, false
	}
	j, ok := Together(n, driver, agreed, time.Time{})
	if !ok {
		return Journey{}, matching.Fit{}, false
	}
	fit, ok := mayDrive(n, driver, agreed)
	return j, fit, ok
}

// Together is Join without the rules of who may be asked, for a yes to what was asked already. A wish for
// an hour is the hour of the visit, to be fetched within the grace after it as for any other; without one it
// is the first that suits. False where it does not fit: the wish lies outside what was asked for, the car is too
// small, somebody would be fetched more than a quarter of an hour late or be under way half as long again
// and ten minutes, the detour is more than twenty minutes, it meets something else in the book, or it
// meets none of these rides and is a journey of its own.
//
// The way there goes to its best place among the stops as they stand, the way back to its best after
// that, and the other way round; the shorter counts. The agreed stops keep their order. Whoever joins has got
// out before their way back begins, and the hour is that of the way there.
func Together(n matching.Need, driver matching.Candidate, agreed []Drive, at time.Time) (Journey, bool) {
	if n.Request.Ride == nil || len(agreed) == 0 || !carries(driver.Offer.Vehicle, *n.Request.Ride) {
		return Journey{}, false
	}
	day, ok := dayOf(driver, agreed)
	if !ok {
		return Journey{}, false
	}
	from, latest := n.Slot.Start, n.Request.LatestStart(n.Slot)
	if latest.Before(from) {
		return Journey{}, false
	}
	if !at.IsZero() {
		if at.Before(from) || at.After(latest) {
			return Journey{}, false
		}
		from, latest = at, at
	}
	best, cost := outing{}, int64(math.MaxInt64)
	for _, order := range orders(legsOf(n, from, latest)) {
		if next, detour, ok := day.with(order, int64(mostDetour/time.Second)); ok && detour < cost {
			best, cost = next, detour
		}
	}
	if cost == math.MaxInt64 {
		return Journey{}, false
	}
	j := Journey{Detour: (time.Duration(cost)*time.Second + time.Minute - 1).Truncate(time.Minute), Halts: best.halts()}
	return j.booked(n, driver, agreed, best, at)
}

func carries(v care.Vehicle, d care.Ride) bool {
	return d.Passengers <= v.Seats && (!d.Wheelchair || v.Wheelchair) && (!d.Walker || v.Walker)
}

// booked works out what a journey takes in the driver's book: it begins with the stops of the ride that
// joins, and takes in each visit that it meets. False where that is none, or something else than these.
func (j Journey) booked(n matching.Need, driver matching.Candidate, agreed []Drive, o outing, at time.Time) (Journey, bool) {
	pickup := at
	if at.IsZero() {
		// Between the two ends of the window: within the grace beyond it the hour is still the last one.
		pickup = j.first(Joining).Truncate(time.Minute)
		if latest := n.Request.LatestStart(n.Slot); pickup.After(latest) {
			pickup = latest
		}
		if pickup.Before(n.Slot.Start) {
			pickup = n.Slot.Start
		}
	}
	j.Visit = care.Interval{From: pickup, Until: pickup.Add(n.Slot.Takes())}
	j.Alone = matching.BoundAt(n, driver, j.Visit)
	j.At = spanning(j.Alone, o.span([]int{Joining}))
	taken := map[care.VisitID]bool{}
	drives := []int{Joining}
	for grows := true; grows; {
		grows = false
		for _, a := range driver.Helper.Agreed {
			if taken[a.Visit] || !a.At.Overlaps(j.At) {
				continue
			}
			i := driveOf(agreed, a.Request, a.Slot)
			if i < 0 {
				return Journey{}, false
			}
			taken[a.Visit], grows = true, true
			drives, j.With = append(drives, i), append(j.With, a)
			j.At = spanning(spanning(j.At, a.At), o.span(drives))
		}
	}
	j.Halts = slices.DeleteFunc(j.Halts, func(h Halt) bool { return !slices.Contains(drives, h.Drive) })
	return j, len(j.With) > 0
}

// first is when a drive begins: its way there, which ends before its way back begins.
func (j Journey) first(drive int) time.Time {
	i := slices.IndexFunc(j.Halts, func(h Halt) bool { return h.Drive == drive })
	return j.Halts[i].At
}

func spanning(a, b care.Interval) care.Interval {
	if b.From.Before(a.From) {
		a.From = b.From
	}
	if b.Until.After(a.Until) {
		a.Until = b.Until
	}
	return a
}

// mayDrive asks the rules with the agreed rides out of the driver's book.
func mayDrive(n matching.Need, driver matching.Candidate, agreed []Drive) (matching.Fit, bool) {
	return matching.Suit(n, without(agreed, driver))
}

// Judged is what the rules say of a driver with the agreed rides out of their book, for whoever asks them to
// join or tells why they are not asked. Whether the journey has room is for Together to say.
func Judged(n matching.Need, driver matching.Candidate, agreed []Drive) matching.Ranking {
	return matching.Rank(n, []matching.Candidate{without(agreed, driver)})
}

func without(agreed []Drive, driver matching.Candidate) matching.Candidate {
	var book []care.Agreed
	for _, a := range driver.Helper.Agreed {
		if driveOf(agreed, a.Request, a.Slot) < 0 {
			book = append(book, a)
		}
	}
	driver.Helper.Agreed = book
	return driver
}

// driveOf is which of the rides that is; -1 for none.
func driveOf(agreed []Drive, r care.RequestID, s care.SlotID) int {
	return slices.IndexFunc(agreed, func(d Drive) bool { return d.Need.Request.ID == r && d.Need.Slot.ID == s })
}
