package matching

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"naober/matching/care"
)

// ChangeKey names a sort of change to what is asked. Keys are stable and never reused; each is a
// message key.
type ChangeKey string

// The changes, in the order in which equal sizes are listed. Vettings are renewed by whoever may read
// of them, and nothing lifts an approval, a pause, a block, a limit or a rest.
const (
	Later             ChangeKey = "later"              // minutes
	Earlier           ChangeKey = "earlier"            // minutes
	JoinJourney       ChangeKey = "join_journey"       // minutes, below zero for earlier
	WiderRadius       ChangeKey = "wider_radius"       // km
	WithoutSkill      ChangeKey = "without_skill"      // skill
	AnyLanguage       ChangeKey = "any_language"       //
	AnyGender         ChangeKey = "any_gender"         //
	FewerPassengers   ChangeKey = "fewer_passengers"   // passengers
	WithoutWalker     ChangeKey = "without_walker"     //
	WithoutWheelchair ChangeKey = "without_wheelchair" //
	TwoTogether       ChangeKey = "two_together"       // in place of a known face
	VettingRenewed    ChangeKey = "vetting_renewed"    // vetting
)

// ChangeKeys lists the keys in their order.
func ChangeKeys() []ChangeKey {
	return []ChangeKey{Later, Earlier, JoinJourney, WiderRadius, WithoutSkill, AnyLanguage, AnyGender, FewerPassengers,
		WithoutWalker, WithoutWheelchair, TwoTogether, VettingRenewed}
}

// How far a change goes, and how much it asks of people: assumed, in quarters of an hour that they would
// move instead.
const (
	mostMoved     = 3 * time.Hour  // later or earlier
	mostJoined    = 12 * time.Hour // to the time of a journey
	mostFarther   = 15             // kilometres
	sizeOfKm      = 1
	sizeOfWish    = 8
	sizeOfRenewal = 16
)

// Change is one change to what is asked, and how much of it.
type Change struct {
	Key   ChangeKey
	By    time.Duration // of Later, Earlier and, signed, JoinJourney
	Count int           // kilometres or passengers
	Word  string        // a skill or a vetting
	Offer care.OfferID  // the journey that is joined
}

// Params fill the sentence of its key.
func (c Change) Params() map[string]string {
	switch c.Key {
	case Later, Earlier, JoinJourney:
		return map[string]string{"minutes": strconv.Itoa(int(c.By / time.Minute))}
	case WiderRadius:
		return map[string]string{"km": strconv.Itoa(c.Count)}
	case FewerPassengers:
		return map[string]string{"passengers": strconv.Itoa(c.Count)}
	case WithoutSkill:
		return map[string]string{"skill": c.Word}
	case VettingRenewed:
		return map[string]string{"vetting": c.Word}
	}
	return nil
}

// size is what the order of changes goes by.
func (c Change) size() int {
	switch c.Key {
	case Later, Earlier, JoinJourney:
		return int((c.By.Abs() + quarter - 1) / quarter)
	case WiderRadius:
		return c.Count * sizeOfKm
	case VettingRenewed:
		return sizeOfRenewal
	}
	return sizeOfWish
}

// Compare is the order of changes: the smaller first, then that of ChangeKeys; of passengers those that
// keep the most.
func (c Change) Compare(o Change) int {
	keys := ChangeKeys()
	return cmp.Or(
		cmp.Compare(c.size(), o.size()),
		cmp.Compare(slices.Index(keys, c.Key), slices.Index(keys, o.Key)),
		cmp.Compare(o.Count, c.Count),
		cmp.Compare(c.By.Abs(), o.By.Abs()),
		cmp.Compare(c.By, o.By),
		cmp.Compare(c.Word, o.Word),
		cmp.Compare(c.Offer, o.Offer),
	)
}

// Relaxes reports whether nobody who fits is lost by the change. One of the hour asks for something else.
func (c Change) Relaxes() bool { return c.By == 0 }

// Changes lists every change that there is for a need and a pool, the smallest first.
func Changes(n Need, pool []Candidate) []Change {
	all := ladder(n)
	for _, c := range pool {
		if ch, ok := joining(n, c); ok {
			all = append(all, ch)
		}
	}
	slices.SortFunc(all, Change.Compare)
	return slices.Compact(all)
}

// ladder lists what may change whoever the candidates are.
func ladder(n Need) []Change {
	all := append(hours(n), wishes(n)...)
	for km := 1; km <= mostFarther; km++ {
		all = append(all, Change{Key: WiderRadius, Count: km})
	}
	for _, r := range requirements(n) {
		_, training := r.Training()
		switch {
		case r == care.RequireVOG || training:
			all = append(all, Change{Key: VettingRenewed, Word: string(r)})
		case (r == care.RequireKnownFaceOrBuddy || r == care.RequireBuddy) && n.Slot.Seats == 1:
			all = append(all, Change{Key: TwoTogether})
		}
	}
	slices.SortFunc(all, Change.Compare)
	return slices.Compact(all)
}

// hours are the other times, by quarters of an hour. None is at night that was not before: the night
// asks for more than another hour.
func hours(n Need) []Change {
	var all []Change
	for by := quarter; by <= mostMoved; by += quarter {
		if !n.startlesIn(by) {
			all = append(all, Change{Key: Later, By: by})
		}
		if !n.startlesIn(-by) {
			all = append(all, Change{Key: Earlier, By: by})
		}
	}
	return all
}

func (n Need) startlesIn(by time.Duration) bool {
	return !n.Request.Circumstances.Night && !atNight(n.Request.Zone, n.Slot) && atNight(n.Request.Zone, n.moved(by).Slot)
}

func atNight(zone string, s care.Slot) bool {
	nights := care.Availability{Zone: zone}
	for day := range 7 {
		nights.Weekly = append(nights.Weekly, care.Window{Day: time.Weekday(day), Start: 23 * 60, End: 7 * 60})
	}
	touched, err := nights.Windows(care.Interval{From: s.Start, Until: s.End})
	return err == nil && len(touched) > 0
}

func wishes(n Need) []Change {
	var all []Change
	wished := n.Request.Needs
	for _, s := range wished.Skills {
		all = append(all, Change{Key: WithoutSkill, Word: s})
	}
	if len(wished.Languages) > 0 {
		all = append(all, Change{Key: AnyLanguage})
	}
	if wished.Gender != "" {
		all = append(all, Change{Key: AnyGender})
	}
	d := n.Request.Ride
	if d == nil {
		return all
	}
	for passengers := d.Passengers - 1; passengers > 0; passengers-- {
		all = append(all, Change{Key: FewerPassengers, Count: passengers})
	}
	if d.Walker {
		all = append(all, Change{Key: WithoutWalker})
	}
	if d.Wheelchair {
		all = append(all, Change{Key: WithoutWheelchair})
	}
	return all
}

// joining is the change that takes a resident along on somebody's journey, at its hour.
func joining(n Need, c Candidate) (Change, bool) {
	if n.Request.Ride == nil || c.Offer.Boxed == nil {
		return Change{}, false
	}
	by := c.Offer.Boxed.At.From.Sub(n.Slot.Start)
	if by == 0 || by.Abs() > mostJoined || n.startlesIn(by) {
		return Change{}, false
	}
	return Change{Key: JoinJourney, By: by, Offer: c.Offer.ID}, true
}
