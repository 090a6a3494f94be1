package plan

import (
	"time"

	"naober/matching"
	"naober/matching/care"
)

// RideDay is what is planned together: the open rides of a day, and who may drive.
type RideDay struct {
	Wishes []Wish
	// Drivers are people with a car. Who has several comes once with each, next to each other, and of equally good
	// ones the first is used.
	Drivers []Driver
	// Apart tells whether one of two residents blocked the other: nobody puts them into one car. Nil for
	// nobody.
	Apart func(one, other care.PersonID) bool
}

// Wish is an open ride, with those whom its resident knows.
type Wish struct {
	Need  matching.Need
	Faces map[care.PersonID]bool
}

// Driver is somebody with a car, and the rides of the day that stand in their book, by their hours.
type Driver struct {
	Candidate matching.Candidate
	Agreed    []Drive
}

// Roster is who drives what. It proposes: everything in it is judged anew by whoever asks.
type Roster struct {
	Tours []Tour // by driver, then by their hours
	Left  []int  // wishes that nobody drives, rising
	// Barred are those of them that no driver could drive, whatever the others do.
	Barred []int
	// Added is how much longer all drivers together are on the way than with what they have agreed to.
	Added time.Duration
}

// Tour is one journey of a driver, from home to home, with all rides that share it. At least one of
// them is proposed; the agreed ones are where they were.
type Tour struct {
	Driver int
	Parts  []Part
	Halts  []Halt // their Drive is the number of a part
	// Together is how long the driver is on the way with all of them, waiting and boarding left aside;
	// Apart is how long with each of them on its own. Both are rounded up to the minute.
	Together, Apart time.Duration
}

// Part is a ride of a tour. What is agreed comes first, and then what is proposed in the order in which
// it is to be asked: a ride that joins can be asked once one before it is agreed.
type Part struct {
	Step Step
	Ride int // which of the driver's agreed rides, or of the day's wishes
	// Turn is the how manyth question of the day to this driver it is, from 1: each hour is what it is with
	// those before it agreed. Zero for what is agreed already.
	Turn int
	Hour care.Interval
	// Detour is by how much a ride that joins lengthens the way, rounded up to the minute.
	Detour time.Duration
	// Visit is an agreed visit of the journey that a ride joins, by which it can be asked now; empty where
	// all that it joins is still to be agreed.
	Visit care.VisitID
}

// Step is how a ride comes into a tour.
type Step string

// The steps.
const (
	StepAgreed Step = "agreed" // it is in the driver's book
	StepAsk    Step = "ask"    // the driver is asked for it as anybody would be
	StepJoin   Step = "join"   // the driver is asked to take it along, as Join has it
)

// The bounds of the work, so that the same day takes as long everywhere and comes out the same.
const (
	MostWishes = 60    // rides of one day
	MostPairs  = 6_000 // rides times drivers
	mostRounds = 8     // how often a day is planned anew, with more that is forbidden
	// mostWork is after how much judging nothing more is mended or planned anew: each look at one ride more
	// counts the square of the rides that its driver then has. About two seconds.
	mostWork   = 100_000
	mostSteps  = 500 // of one round
	leastSteps = 60
)

// Rides plans a day's open rides over all drivers together. What is minimised, in this order: how many
// rides nobody drives (of equally many, urgent ones are driven first), and then Added.
//
// ride.Make proposes who drives what: on what may be driven by whom (each ride alone with each driver by
// the rules below), a way back with whoever drove there, and everything agreed where it is. What it
// proposes to a driver is then judged as it would be asked, one ride after the other, each with those
// before it in their book: by Join where it shares the car and by matching.Suit where it does not, so that
// every hard rule, the grace, the longest ride and the detour of each ride that joins hold for all of it.
// A ride that fails there is forbidden to that driver, and the day is planned once more, a bounded number
// of times. Who is left at the end, or is better off with somebody else, is moved one by one. The best
// roster that was seen comes out, and it is no worse than asking for one ride after the other. It is not
// proven to be the best.
//
// Whoever has several cars drives each journey in one of them, and one journey at a time.
//
// The same day gets the same answer. The caller keeps it within MostWishes and MostPairs.
func Rides(d RideDay) Roster {
	b := newCarpool(d)
	best := b.lineup()
	b.fill(&best)
	b.mend(&best)
	laid := b.layOut()
	for round := range mostRounds {
		next, failed := b.propose(laid, uint64(round))
		b.fill(&next)
		b.mend(&next)
		if next.cost.less(best.cost) {
			best = next
		}
		if !failed || b.work > mostWork {
			break
		}
	}
	return b.roster(best)
}
