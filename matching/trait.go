package matching

import (
	"hash/fnv"
	"math"
	"slices"
	"time"
	"unicode"

	"naober/matching/care"
	"naober/matching/index"
)

// What the index knows of an offer is whatever a hard rule asks that does not change by itself as time
// goes by: everything else is left to the rules. Words without end, such as skills, share bits; who
// shares one with what is asked for is proposed in vain.
const (
	kindBits     = 0 // one each, the last for a kind that we do not know
	genderBits   = 20
	vettingBits  = 24
	seatBits     = 28 // for at least 1, 2 ... 8 seats
	wheelchair   = 36
	walker       = 37
	approvedBit  = 38
	languageBits = 39
	skillBits    = 47

	genderMany, vettingMany, languageMany, skillMany, seatsMany = 4, 4, 8, 17, 8
)

func bit(at int) index.Traits { return 1 << at }

// traitsOf are those of an offer.
func traitsOf(c Candidate) index.Traits {
	o := c.Offer
	t := word(genderBits, genderMany, string(c.Gender))
	for _, k := range o.Kinds {
		t |= kindTrait(k)
	}
	for _, v := range c.Helper.Vettings {
		t |= word(vettingBits, vettingMany, string(v.Kind))
	}
	for i := range min(o.Vehicle.Seats, seatsMany) {
		t |= bit(seatBits + i)
	}
	if o.Vehicle.Wheelchair {
		t |= bit(wheelchair)
	}
	if o.Vehicle.Walker {
		t |= bit(walker)
	}
	if c.Helper.ApprovedIn(o.Community) {
		t |= bit(approvedBit)
	}
	spoken := o.Languages
	if len(spoken) == 0 {
		spoken = []string{"nl"} // as languageMissing takes it
	}
	return t | words(languageBits, languageMany, spoken) | words(skillBits, skillMany, o.Skills)
}

// neededBy are the traits without which a rule excludes, and those of which one must be there.
func neededBy(n Need) (all, any index.Traits) {
	wished := n.Request.Needs
	all = bit(approvedBit) | kindTrait(n.Request.Kind) | words(skillBits, skillMany, wished.Skills)
	if wished.Gender != "" {
		all |= word(genderBits, genderMany, string(wished.Gender))
	}
	for _, r := range requirements(n) {
		if !r.Seen(nil, n.Slot.End) { // a paper must have been seen; whether it still holds, the rule says
			all |= word(vettingBits, vettingMany, string(r))
		}
	}
	if d := n.Request.Ride; d != nil {
		if d.Passengers > 0 {
			all |= bit(seatBits + min(d.Passengers, seatsMany) - 1)
		}
		if d.Wheelchair {
			all |= bit(wheelchair)
		}
		if d.Walker {
			all |= bit(walker)
		}
	}
	return all, words(languageBits, languageMany, wished.Languages)
}

func kindTrait(k care.Kind) index.Traits {
	all := care.Kinds()
	if i := slices.Index(all, k); i >= 0 {
		return bit(kindBits + i)
	}
	return bit(kindBits + len(all))
}

// word is the trait that a word shares with others, the same for all that differ in case alone.
func word(first, many int, w string) index.Traits {
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(folded(w)))
	return bit(first + int(sum.Sum32()%uint32(many)))
}

func words(first, many int, all []string) index.Traits {
	t := index.Traits(0)
	for _, w := range all {
		t |= word(first, many, w)
	}
	return t
}

// folded writes each letter as the first of those that strings.EqualFold takes for it.
func folded(w string) string {
	letters := []rune(w)
	for i, r := range letters {
		least := r
		for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
			least = min(least, other)
		}
		letters[i] = least
	}
	return string(letters)
}

// mostBusy is how many stretches of somebody's book the index keeps, the last ones. An earlier one
// that it does not know is still in the book.
const mostBusy = 128

// lossMetres is more than the map's arithmetic may add to a line over the ground.
const lossMetres = 2

// volunteer is an offer as the index knows it. Its hours are drawn outward to whole quarters, what
// keeps from them inward, so that the index finds nobody busy who is not.
func volunteer(id uint32, c Candidate) index.Volunteer {
	o := c.Offer
	v := index.Volunteer{ID: id, At: drawn(c.Home), Reach: float32(float64(o.Radius) + lossMetres), Traits: traitsOf(c), Way: wayOf(o.Travel)}
	if last := lastAsked(c); !last.IsZero() { // what is left of a month, the rules say: it begins anew by itself
		v.Asked = quarterOf(float64(last.Unix()), math.Floor)
	}
	switch {
	case o.Boxed != nil: // its passengers share what stands in the book
		v.Free = []index.Span{outward(o.Boxed.At)}
		return v
	case o.Availability.Zone != homeZone:
		v.Weekly = []index.Hours{{From: 0, To: index.Week}}
	default:
		for _, w := range o.Availability.Weekly {
			v.Weekly = append(v.Weekly, quartersOf(w))
		}
	}
	for _, x := range o.Availability.Except {
		v.Busy = append(v.Busy, inward(care.Interval{From: x.From, Until: x.Until}))
	}
	for _, a := range c.Helper.Agreed {
		v.Busy = append(v.Busy, inward(a.At))
	}
	slices.SortFunc(v.Busy, func(a, b index.Span) int { return int(int64(a.From) - int64(b.From)) })
	v.Busy = v.Busy[max(0, len(v.Busy)-mostBusy):]
	return v
}

// homeZone is the zone whose weeks the index reads. An offer in another one is free all week to it.
const homeZone = "Europe/Amsterdam"

const quartersPerDay = 24 * 4

// quartersOf is a window in quarters of the week, which begins on Monday.
func quartersOf(w care.Window) index.Hours {
	end := w.End
	if end <= w.Start {
		end += 24 * 60
	}
	day := (int(w.Day) + 6) % 7 * quartersPerDay
	return index.Hours{From: uint16(day + int(w.Start)/15), To: uint16(day + (int(end)+14)/15)}
}

// queryOf is what a need asks of the index.
func queryOf(n Need) index.Query {
	q := index.Query{At: drawn(n.Request.Where.Point), Willing: true}
	q.Need, q.AnyOf = neededBy(n)
	// However the hour is chosen inside the slot, the visit takes all that lies between the latest
	// beginning and the earliest end.
	latest, earliest := n.Slot.LatestStart(), n.Slot.Start.Add(n.Slot.Takes())
	always := inward(care.Interval{From: latest, Until: earliest})
	if latest.Before(n.Slot.Start) || always.From >= always.To || always.To-always.From > quartersPerDay {
		return q
	}
	// Around a change of the clocks a local hour comes twice or not at all, and what a window means by
	// it is for the rules.
	zone, err := care.LoadZone(homeZone)
	if err != nil {
		return q
	}
	_, was := latest.Add(-26 * time.Hour).In(zone).Zone()
	_, will := earliest.Add(26 * time.Hour).In(zone).Zone()
	if was != will {
		return q
	}
	q.Span = always
	q.Hours = index.Local(always, func(at index.Quarter) uint16 {
		local := time.Unix(int64(at)*quarterSeconds+int64(was), 0).UTC()
		return uint16((int(local.Weekday())+6)%7*quartersPerDay + local.Hour()*4 + local.Minute()/15)
	})
	return q
}

const quarterSeconds = 15 * 60

// inward is the whole quarters inside a stretch; none where it holds none.
func inward(i care.Interval) index.Span {
	return index.Span{From: quarterOf(float64(i.From.Unix())+float64(i.From.Nanosecond())/1e9, math.Ceil),
		To: quarterOf(float64(i.Until.Unix()), math.Floor)}
}

// outward is the quarters that a stretch has any part in.
func outward(i care.Interval) index.Span {
	return index.Span{From: quarterOf(float64(i.From.Unix()), math.Floor),
		To: quarterOf(float64(i.Until.Unix())+float64(i.Until.Nanosecond())/1e9, math.Ceil)}
}

// quarterOf holds on to what a quarter can be: what lies before or after it is its first or last.
func quarterOf(seconds float64, round func(float64) float64) index.Quarter {
	return index.Quarter(min(max(round(seconds/quarterSeconds), 0), math.MaxUint32))
}
