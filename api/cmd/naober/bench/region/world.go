package region

import (
	"math"
	"math/rand/v2"

	"naober/matching/index"
)

// The plane: metres east and north of 50.7 N 3.3 E, as far as 53.6 N 7.3 E.
const (
	wide = 272_900
	high = 322_500
)

// Traits of the volunteers: attributes, five languages beside Dutch, two genders.
const (
	attributes = 32
	languages  = 5
	woman      = attributes + languages
	man        = woman + 1
)

// Weeks is how far ahead days are planned.
const Weeks = 12

// Monday is the first quarter of the first week. Clocks do not change in a region.
const Monday = index.Quarter(2_900 * index.Week)

type town struct{ x, y, weight, spread float64 }

// source draws one region.
type source struct {
	*rand.Rand
	towns []town
	sum   float64
}

// draw is the source of a seed's part. Towns are the same in all parts of a seed.
func draw(seed, part uint64) *source {
	s := &source{Rand: rand.New(rand.NewPCG(seed, 0))}
	for i := range 400 {
		w := 1 / math.Pow(float64(i+1), 0.8) // Zipf
		s.towns = append(s.towns, town{x: s.Float64() * wide, y: s.Float64() * high, weight: w, spread: 1000 + 2500*math.Sqrt(w)})
		s.sum += w
	}
	s.Rand = rand.New(rand.NewPCG(seed, part))
	return s
}

func (s *source) point() index.Point {
	for {
		x, y := s.Float64()*wide, s.Float64()*high
		if s.Float64() < 0.7 {
			t := s.town()
			x, y = t.x+s.NormFloat64()*t.spread, t.y+s.NormFloat64()*t.spread
		}
		if x >= 0 && x < wide && y >= 0 && y < high {
			return index.Point{X: float32(math.Round(x)), Y: float32(math.Round(y))}
		}
	}
}

func (s *source) town() town {
	u := s.Float64() * s.sum
	for _, t := range s.towns {
		if u -= t.weight; u <= 0 {
			return t
		}
	}
	return s.towns[len(s.towns)-1]
}

// volunteer has one to three stretches of two to five hours a week, three dates that are unlike others,
// of which one in thirty is an additional one and the others are days off, four visits agreed, and an
// own radius of which the median is six kilometres. One in thirty has a trait that ends.
func (s *source) volunteer(id uint32) index.Volunteer {
	v := index.Volunteer{ID: id, At: s.point(), Reach: float32(math.Round(6000 * math.Exp(0.6*s.NormFloat64())))}
	for range 1 + s.IntN(3) {
		v.Weekly = append(v.Weekly, s.hours())
	}
	for range 3 {
		if s.IntN(30) == 0 {
			v.Free = append(v.Free, s.span(20))
			continue
		}
		day := Monday + index.Quarter(s.IntN(7*Weeks)*96)
		v.Busy = append(v.Busy, index.Span{From: day, To: day + 96})
	}
	for range 4 {
		v.Busy = append(v.Busy, s.span(10))
	}
	for b := range attributes {
		if s.Float64() < 0.48 {
			v.Traits |= 1 << b
		}
	}
	if s.Float64() < 0.08 {
		v.Traits |= 1 << (attributes + s.IntN(languages))
	}
	v.Traits |= 1 << (woman + s.IntN(2))
	if s.IntN(30) == 0 {
		v.Valid = []index.Validity{{Traits: 1 << s.IntN(attributes), Span: index.Span{From: Monday - 96*365, To: Monday + index.Quarter(s.IntN(Weeks*index.Week))}}}
	}
	v.Way = index.Way(min(s.IntN(10)/2, 3) % 3)
	if s.IntN(10) >= 3 {
		v.Asked = Monday - index.Quarter(s.IntN(60*96))
	}
	v.Limit = uint8(s.IntN(9))
	v.Done = uint8(s.IntN(int(v.Limit) + 1))
	return v
}

func (s *source) hours() index.Hours {
	day := s.IntN(7) * 96
	from := day + 32 + s.IntN(41)
	return index.Hours{From: uint16(from), To: uint16(min(from+8+s.IntN(13), day+96))}
}

func (s *source) span(most int) index.Span {
	from := Monday + index.Quarter(s.IntN(7*Weeks)*96+32+s.IntN(48))
	return index.Span{From: from, To: from + 4 + index.Quarter(s.IntN(most-3))}
}

// Volunteers draws a region.
func Volunteers(seed uint64, n int) []index.Volunteer {
	s := draw(seed, 1)
	all := make([]index.Volunteer, n)
	for i := range all {
		all[i] = s.volunteer(uint32(i))
	}
	return all
}
