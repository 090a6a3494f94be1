package place

import "slices"

// border walks around squares: the rings of corners where something of them lies on one side alone.
// A corner is named by the square of which it is the south-west one. Only corners where the way
// turns are kept.
func border(squares []square) [][]square {
	next := map[square][]square{}
	in := map[square]bool{}
	for _, s := range squares {
		in[s] = true
	}
	for _, s := range slices.SortedFunc(slices.Values(squares), bySouthWest) {
		sw, se, ne, nw := s, square{s.x + 1, s.y}, square{s.x + 1, s.y + 1}, square{s.x, s.y + 1}
		for _, side := range []struct{ beside, from, to square }{
			{square{s.x, s.y - 1}, sw, se}, {square{s.x + 1, s.y}, se, ne},
			{square{s.x, s.y + 1}, ne, nw}, {square{s.x - 1, s.y}, nw, sw},
		} {
			if !in[side.beside] {
				next[side.from] = append(next[side.from], side.to)
			}
		}
	}
	var rings [][]square
	for _, s := range slices.SortedFunc(slices.Values(squares), bySouthWest) {
		for len(next[s]) > 0 {
			rings = append(rings, straightened(ring(s, next)))
		}
	}
	return rings
}

// ring follows the sides from one corner until it is back there, and takes them away.
func ring(from square, next map[square][]square) []square {
	var corners []square
	for at := from; ; {
		corners = append(corners, at)
		ways := next[at]
		to := ways[len(ways)-1]
		next[at] = ways[:len(ways)-1]
		if at = to; at == from {
			return corners
		}
	}
}

func straightened(corners []square) []square {
	var kept []square
	for i, c := range corners {
		before, after := corners[(i+len(corners)-1)%len(corners)], corners[(i+1)%len(corners)]
		if (before.x == c.x) != (c.x == after.x) {
			kept = append(kept, c)
		}
	}
	return kept
}
