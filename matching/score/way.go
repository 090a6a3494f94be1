package score

// Way is a way of travelling. The zero value is the slowest, and so is a number that is none.
type Way uint8

// The ways. Up to ByCar each is faster than those before it at any distance; ByTransit is slower than
// ByCar at any distance.
const (
	OnFoot Way = iota
	ByBike
	ByCar
	ByTransit
	Ways
)

// Known is the way itself, or the slowest for a number that is none.
func (w Way) Known() Way {
	if w >= Ways {
		return OnFoot
	}
	return w
}

// Fastest is the fastest of the ways up to this one.
func (w Way) Fastest() Way { return min(w.Known(), ByCar) }

// pace is how many seconds a metre of straight line takes: 4.5, 15, 50 and 20 km/h from door to door on
// roads 1.3 times as long, the figures of matching/travel.go.
func (w Way) pace() float32 {
	switch w {
	case ByCar:
		return 1.3 * 3.6 / 50
	case ByBike:
		return 1.3 * 3.6 / 15
	case ByTransit:
		return 1.3 * 3.6 / 20
	}
	return 1.3 * 3.6 / 4.5
}

// wait is how many seconds pass before the way begins: a bus comes every half hour.
func (w Way) wait() int64 {
	if w == ByTransit {
		return 15 * 60
	}
	return 0
}

// Seconds is how long a straight line of so many metres takes, one way. It never falls where the line
// grows.
func (w Way) Seconds(metres float32) int64 {
	return w.wait() + int64(min(float32(metres*w.pace()), 1<<40))
}
