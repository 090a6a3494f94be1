package score

// halfWay is the way of which the worth is half: assumed, a quarter of an hour.
const halfWay = 15 * 60

// Near is the worth of a way that takes so many seconds, one way.
func Near(seconds int64) int32 {
	return at(Most * halfWay / (halfWay + max(seconds, 0)))
}

// margin is how many quarters of an hour on either side of a visit make it an easy one.
const margin = 4

// Margin is how many quarters before, and after, a visit are looked at.
func Margin() int { return margin }

// Roomy is the worth of so many free quarters of an hour beside a visit, those before and those after
// together. Whoever has none can come as well, and has to hurry.
func Roomy(free int) int32 {
	free = min(max(free, 0), 2*margin)
	return at(int64(Most/2 + Most/2*free/(2*margin)))
}

// Neutral is what familiarity and reciprocity are worth of two who do not know each other.
const Neutral = Most / 2

// rest is how long after a question half of the worth has come back: assumed, a week.
const rest = 7 * 24 * 4

// Left is how much of their own limit somebody has left who has done so many visits, in thousandths. A
// limit of none is no limit.
func Left(done, limit uint8) int32 {
	if limit == 0 {
		return Most
	}
	return Most * int32(limit-min(done, limit)) / int32(limit)
}

// Fair is the worth of somebody who was last asked so many quarters of an hour ago, below zero for
// never, and has so much left of their limit, in thousandths.
func Fair(ago int64, left int32) int32 {
	worth := int64(Most)
	if ago >= 0 {
		worth = Most * ago / (ago + rest)
	}
	return at(worth * int64(left) / Most)
}

func at(worth int64) int32 { return int32(min(max(worth, Least), Most)) }
