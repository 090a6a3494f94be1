package index

import "slices"

// byCurve orders volunteers along a Hilbert curve over the square around them, so that those who
// follow each other live near each other.
func byCurve(all []Volunteer) []int32 {
	around := empty()
	for i := range all {
		p := all[i].At
		if !p.finite() {
			continue
		}
		around = around.around(rect{p.X, p.Y, p.X, p.Y})
	}
	side := max(around.x1-around.x0, around.y1-around.y0)
	scale := float32(0)
	if side > 0 {
		scale = cells / side
	}
	keys := make([]uint64, len(all))
	for i := range all {
		x, y := (all[i].At.X-around.x0)*scale, (all[i].At.Y-around.y0)*scale
		keys[i] = uint64(hilbert(uint32(x), uint32(y)))<<32 | uint64(i)
	}
	slices.Sort(keys)
	order := make([]int32, len(all))
	for i, k := range keys {
		order[i] = int32(k & (1<<32 - 1))
	}
	return order
}

// cells is how fine the curve is, in one direction.
const cells = 1<<16 - 1

// hilbert is how far along the curve a cell is.
func hilbert(x, y uint32) uint32 {
	d := uint32(0)
	for s := uint32(1 << 15); s > 0; s >>= 1 {
		right, up := x&s != 0, y&s != 0
		switch {
		case right && !up:
			d += 3 * s * s
		case right:
			d += 2 * s * s
		case up:
			d += s * s
		}
		if !up {
			if right {
				x, y = cells-x, cells-y
			}
			x, y = y, x
		}
	}
	return d
}
