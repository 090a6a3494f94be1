package place

import "naober/matching/care"

// Distance is the length in metres of the straight line over the ground: care.Point.Metres, which the rules
// of a ride need too.
func Distance(a, b care.Point) float64 { return a.Metres(b) }
