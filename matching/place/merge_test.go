package place

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// beyond is how far from its place a square may lie, in metres. Farther away nobody of the province
// lives.
const beyond = 6_000

// gridSize bounds the grid, in kilometres; the province and what surrounds it lie inside.
const gridSize = 110

// mergeCells makes the table of cells from the table of places. It is how cells.csv came to be; the
// product reads the table, so that a new count of residents moves no border by itself.
func mergeCells() string {
	var out strings.Builder
	out.WriteString("cell,squares\n")
	of := map[ID][]square{}
	for y := range gridSize {
		for x := range gridSize {
			s := square{x, y}
			if near := Nearest(s.centre()); Distance(s.centre(), near.Point) <= beyond {
				of[near.ID] = append(of[near.ID], s)
			}
		}
	}
	for _, p := range places() {
		for i, cell := range mergeSquares(of[p.ID], p.Population) {
			fmt.Fprintf(&out, "%s-%d,%s\n", p.ID, i+1, runs(cell))
		}
	}
	return out.String()
}

// mergeSquares merges the squares of one place until each cell holds enough residents. It begins
// where a square has the fewest neighbours left, so that no corner stays behind alone; what does
// joins the smallest cell beside it.
func mergeSquares(squares []square, residents int) [][]square {
	size := int(math.Ceil(LeastResidents * float64(len(squares)) / float64(max(residents, 1))))
	if size >= len(squares) {
		return [][]square{squares}
	}
	free := map[square]bool{}
	for _, s := range squares {
		free[s] = true
	}
	var cells, rest [][]square
	for len(free) > 0 {
		if cell := grow(loneliest(squares, free), size, free); len(cell) == size {
			cells = append(cells, cell)
		} else {
			rest = append(rest, cell)
		}
	}
	for _, part := range rest {
		i := nearestCell(cells, part)
		cells[i] = append(cells[i], part...)
	}
	for _, cell := range cells {
		slices.SortFunc(cell, bySouthWest)
	}
	slices.SortFunc(cells, func(a, b []square) int { return bySouthWest(a[0], b[0]) })
	return cells
}

// loneliest is the free square with the fewest free neighbours, the most south-western of several.
func loneliest(squares []square, free map[square]bool) square {
	best, fewest := square{}, 9
	for _, s := range squares {
		if !free[s] {
			continue
		}
		n := 0
		for _, other := range s.neighbours() {
			if free[other] {
				n++
			}
		}
		if n < fewest {
			best, fewest = s, n
		}
	}
	return best
}

// grow takes free squares side by side, those nearest to the first one first.
func grow(from square, size int, free map[square]bool) []square {
	cell, edge := []square{from}, []square{}
	delete(free, from)
	for len(cell) < size {
		for _, s := range cell[len(cell)-1].neighbours() {
			if free[s] && !slices.Contains(edge, s) {
				edge = append(edge, s)
			}
		}
		if len(edge) == 0 {
			break
		}
		next := slices.MinFunc(edge, func(a, b square) int { return cmpNear(a, b, float64(from.x), float64(from.y)) })
		edge = slices.DeleteFunc(edge, func(s square) bool { return s == next })
		cell = append(cell, next)
		delete(free, next)
	}
	return cell
}

// nearestCell finds the cell that lies closest to a part, the smallest of several.
func nearestCell(cells [][]square, part []square) int {
	best, least := 0, math.Inf(1)
	for i, cell := range cells {
		for _, a := range cell {
			for _, b := range part {
				d := math.Hypot(float64(a.x-b.x), float64(a.y-b.y)) + float64(len(cell))/1e6
				if d < least {
					best, least = i, d
				}
			}
		}
	}
	return best
}

func (s square) neighbours() [4]square {
	return [4]square{{s.x + 1, s.y}, {s.x, s.y + 1}, {s.x - 1, s.y}, {s.x, s.y - 1}}
}

// runs writes squares row by row, those side by side as one.
func runs(squares []square) string {
	var words []string
	for i := 0; i < len(squares); {
		first, last := squares[i], squares[i]
		for i++; i < len(squares) && squares[i] == (square{last.x + 1, last.y}); i++ {
			last = squares[i]
		}
		if first == last {
			words = append(words, fmt.Sprintf("%d:%d", first.y, first.x))
		} else {
			words = append(words, fmt.Sprintf("%d:%d-%d", first.y, first.x, last.x))
		}
	}
	return strings.Join(words, " ")
}
