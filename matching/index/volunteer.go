package index

import (
	"cmp"
	"math"
	"slices"
)

// Week is how many quarters of an hour a week has. Weekly hours are kept by them, from Monday 0:00 in
// the local time of the volunteer's community.
const Week = 7 * 24 * 4

// Point is a place on a plane, in metres. The caller projects.
type Point struct{ X, Y float32 }

func (p Point) finite() bool { return p.X-p.X == 0 && p.Y-p.Y == 0 }

// Quarter counts quarters of an hour from 1970-01-01 0:00 UTC.
type Quarter uint32

// Span is a stretch of time from one quarter up to, and without, another.
type Span struct{ From, To Quarter }

// Hours is a stretch of every week, in quarters of the week. One that ends at or before its begin
// goes on over the end of the week.
type Hours struct{ From, To uint16 }

// Traits are up to 64 things that are so or not: kinds of help, skills, languages, ways of travelling.
// What each bit means is the caller's.
type Traits uint64

// Validity says that some traits count only within a time: a certificate, an approval.
type Validity struct {
	Traits Traits
	Span
}

// Volunteer is somebody as the index knows them.
type Volunteer struct {
	ID    uint32 // the caller's; equal distances are ordered by it
	At    Point
	Reach float32 // how far away they help, in metres of straight line
	Traits
	Weekly []Hours
	Busy   []Span     // dates on which they are not free, whatever the week says
	Free   []Span     // dates on which they are free besides
	Valid  []Validity // traits that hold for a time only
	Way               // how they travel
	// Asked is when they were last asked; 0 for never.
	Asked Quarter
	// Done is how many of the visits they have done that they set as their Limit; 0 for no limit.
	Done, Limit uint8
}

// Way is a way of travelling, for a score. The zero value is the slowest.
type Way uint8

// The ways, the slower first. Each is faster than those before it at any distance.
const (
	OnFoot Way = iota
	ByBike
	ByCar
	ways
)

// known is the way itself, or the slowest for a number that is none.
func (w Way) known() Way {
	if w >= ways {
		return OnFoot
	}
	return w
}

// pace is how many seconds a metre of straight line takes: 4.5, 15 and 50 km/h from door to door on
// roads 1.3 times as long, the figures of matching/travel.go.
func (w Way) pace() float32 {
	switch w {
	case ByCar:
		return 1.3 * 3.6 / 50
	case ByBike:
		return 1.3 * 3.6 / 15
	}
	return 1.3 * 3.6 / 4.5
}

// seconds is how long a way takes of which the square of the straight line is given in square metres.
// It never falls where the line grows.
func (w Way) seconds(square float32) int64 {
	metres := float32(math.Sqrt(float64(square)))
	return int64(min(float32(metres*w.pace()), 1<<40))
}

// tidy orders spans, joins those that touch, and drops empty ones.
func tidy(spans []Span) []Span {
	if len(spans) == 0 {
		return nil
	}
	all := slices.Clone(spans)
	slices.SortFunc(all, func(a, b Span) int { return cmp.Compare(a.From, b.From) })
	out := all[:0]
	for _, s := range all {
		switch k := len(out); {
		case s.From >= s.To:
		case k > 0 && s.From <= out[k-1].To:
			out[k-1].To = max(out[k-1].To, s.To)
		default:
			out = append(out, s)
		}
	}
	return out
}
