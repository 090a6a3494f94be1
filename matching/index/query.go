package index

import "math/bits"

// Query is what is looked for. Its zero values ask for nothing: everybody fits.
type Query struct {
	At     Point
	Within float32 // metres at most; 0 for no limit
	K      int     // how many, nearest first
	Need   Traits  // each of these
	AnyOf  Traits  // and one of these at least
	Except []uint32
	// Willing asks for volunteers who come that far.
	Willing bool
	// From and To is when they must be free throughout, and Hours the same in quarters of their week,
	// none over its end: see Local.
	Span
	Hours []Hours
}

// Local is a span as the quarters of the week that it touches in local time, for a query. quarterAt
// tells the quarter of the week, from Monday 0:00, at which a quarter lies; where clocks go back an
// hour is touched twice, and where they go forward one is not touched at all.
func Local(s Span, quarterAt func(Quarter) uint16) []Hours {
	var out []Hours
	for q := s.From; q < s.To; q++ {
		at := quarterAt(q) % Week
		if k := len(out); k > 0 && out[k-1].To == at {
			out[k-1].To++
		} else {
			out = append(out, Hours{From: at, To: at + 1})
		}
	}
	return out
}

// Fits tells whether a volunteer is what a query looks for, its limit of distance aside, worked out
// from the volunteer alone.
func (q *Query) Fits(v Volunteer) bool {
	had := v.Traits
	if q.timed() {
		had = holding(v.Traits, v.Valid, q.Span)
	}
	if had&q.Need != q.Need || q.AnyOf != 0 && had&q.AnyOf == 0 || q.excepts(v.ID) {
		return false
	}
	if q.Willing && !within(v.At, q.At, v.Reach) {
		return false
	}
	return !q.timed() || v.freeIn(q)
}

func (q *Query) timed() bool { return q.From < q.To }

func (q *Query) excepts(id uint32) bool {
	for _, x := range q.Except {
		if x == id {
			return true
		}
	}
	return false
}

func within(a, b Point, metres float32) bool { return apart(a, b) <= metres*metres }

// apart is the square of the distance.
func apart(a, b Point) float32 {
	dx, dy := a.X-b.X, a.Y-b.Y
	return float32(dx*dx) + float32(dy*dy) // not fused: the same on every processor
}

// holding are the traits that count throughout a span: those without dates, and those of which one
// date holds all of it.
func holding(had Traits, valid []Validity, s Span) Traits {
	var dated, hold Traits
	for _, v := range valid {
		dated |= v.Traits
		if v.From <= s.From && s.To <= v.To {
			hold |= v.Traits
		}
	}
	return had&^dated | had&hold
}

func (v *Volunteer) freeIn(q *Query) bool {
	at := q.From
	for _, h := range q.Hours {
		for local := h.From; local < h.To; local++ {
			if !v.weekly(local) && !covers(v.Free, at) {
				return false
			}
			at++
		}
	}
	for _, b := range v.Busy { // in any order
		if b.From < q.To && q.From < b.To && b.From < b.To {
			return false
		}
	}
	return true
}

func (v *Volunteer) weekly(local uint16) bool {
	for _, h := range v.Weekly {
		from, to := h.From%Week, h.To
		if to > Week || to <= from {
			if local >= from || local < to%Week {
				return true
			}
		} else if from <= local && local < to {
			return true
		}
	}
	return false
}

func covers(spans []Span, at Quarter) bool {
	for _, s := range spans {
		if s.From <= at && at < s.To {
			return true
		}
	}
	return false
}

func (b *block) anyOf(traits Traits) uint64 {
	m := uint64(0)
	for t := uint64(traits); t != 0; t &= t - 1 {
		m |= b.traits[bits.TrailingZeros64(t)]
	}
	return m
}

// weekly are those of some who offer all of a query's hours every week.
func (b *block) weekly(m uint64, q *Query) uint64 {
	for _, h := range q.Hours {
		for _, word := range b.week[h.From:h.To] {
			m &= word
		}
	}
	return m
}

// meets tells whether any of some ordered spans has a part in another.
func meets(spans []Span, o Span) bool {
	for _, s := range spans {
		if s.From >= o.To {
			return false
		}
		if s.To > o.From {
			return true
		}
	}
	return false
}

func (b *block) freeBesides(at int, free []Span, q *Query) bool {
	when := q.From
	for _, h := range q.Hours {
		for local := h.From; local < h.To; local++ {
			if b.week[local]>>at&1 == 0 && !covers(free, when) {
				return false
			}
			when++
		}
	}
	return true
}
