package care

import (
	"cmp"
	"slices"
	"time"
)

// Interval is the half-open stretch of time [From, Until): a visit that ends at noon
// and one that starts at noon do not overlap.
type Interval struct{ From, Until time.Time }

// Overlaps tells whether the two share at least an instant. An empty interval overlaps nothing.
func (i Interval) Overlaps(other Interval) bool {
	if !i.From.Before(i.Until) || !other.From.Before(other.Until) {
		return false
	}
	return i.From.Before(other.Until) && other.From.Before(i.Until)
}

// Contains tells whether the whole of other lies inside i; ends may coincide.
func (i Interval) Contains(other Interval) bool {
	return !other.From.Before(i.From) && !other.Until.After(i.Until)
}

// Holds tells whether the instant lies inside: From does, Until does not.
func (i Interval) Holds(t time.Time) bool {
	return !t.Before(i.From) && t.Before(i.Until)
}

// Duration is the elapsed time between the ends, whatever clocks on the wall did meanwhile.
func (i Interval) Duration() time.Duration { return i.Until.Sub(i.From) }

// Widen moves the ends outward, as travel before and after a visit does.
func (i Interval) Widen(before, after time.Duration) Interval {
	return Interval{From: i.From.Add(-before), Until: i.Until.Add(after)}
}

// IsZero tells whether neither end was set, which is how an optional interval says "none".
func (i Interval) IsZero() bool { return i.From.IsZero() && i.Until.IsZero() }

// Valid refuses an interval with an end missing, or that does not end after it starts.
func (i Interval) Valid() error {
	switch {
	case i.From.IsZero() || i.Until.IsZero():
		return E(Invalid, "interval_invalid", "an interval needs both a start and an end")
	case !i.From.Before(i.Until):
		return E(Invalid, "interval_invalid", "an interval must end after it starts")
	}
	return nil
}

// Merge sorts the intervals and joins those that overlap or touch; empty ones vanish.
// The argument is left as it was.
func Merge(intervals []Interval) []Interval { return slices.Clip(joined(slices.Clone(intervals))) }

// joined is Merge within the list itself.
func joined(sorted []Interval) []Interval {
	slices.SortFunc(sorted, byStart)
	merged := sorted[:0]
	for _, next := range sorted {
		if !next.From.Before(next.Until) {
			continue
		}
		last := len(merged) - 1
		if last < 0 || next.From.After(merged[last].Until) {
			merged = append(merged, next)
		} else if next.Until.After(merged[last].Until) {
			merged[last].Until = next.Until
		}
	}
	return merged
}

// Subtract returns what is left of free once busy is taken out, merged and in order.
// Both may come unsorted and overlapping.
func Subtract(free, busy []Interval) []Interval {
	taken := Merge(busy)
	var left []Interval
	for _, rest := range Merge(free) {
		for len(taken) > 0 && !taken[0].Until.After(rest.From) {
			taken = taken[1:]
		}
		for _, cut := range taken {
			if !cut.From.Before(rest.Until) {
				break
			}
			if rest.From.Before(cut.From) {
				left = append(left, Interval{From: rest.From, Until: cut.From})
			}
			rest.From = cut.Until
		}
		if rest.From.Before(rest.Until) {
			left = append(left, rest)
		}
	}
	return left
}

func byStart(a, b Interval) int {
	return cmp.Or(a.From.Compare(b.From), a.Until.Compare(b.Until))
}
