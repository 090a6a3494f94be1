package index

import (
	"cmp"
	"math"
	"slices"

	"naober/matching/score"
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

// Way is how somebody travels, for a score.
type Way = score.Way

// The ways, as a score knows them.
const (
	OnFoot    = score.OnFoot
	ByBike    = score.ByBike
	ByCar     = score.ByCar
	ByTransit = score.ByTransit
	ways      = score.Ways
)

// seconds is how long a way takes of which the square of the straight line is given in square metres.
func seconds(w Way, square float32) int64 {
	return w.Seconds(float32(math.Sqrt(float64(square))))
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
