package place

import (
	"cmp"
	_ "embed"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"

	"naober/matching/care"
)

//go:embed cells.csv
var cellTable string

// CellID names a cell: the id of its place, and a number of its own there. Number 0 is for
// everything that is nearest to the place but lies beyond its squares.
type CellID string

// Cell is an area of whole square kilometres around one place, in which at least LeastResidents
// live. Before a confirmed yes it stands for every house in it. Cells are data: they are the same
// for everybody and do not change, so that looking often tells nothing more.
type Cell struct {
	ID      CellID
	Place   Place
	Centre  care.Point // of one of its squares; of the place where the cell has none
	squares []square
}

// LeastResidents is how many people live in a cell at least, by the population of its place spread
// evenly over the place's squares.
const LeastResidents = 50

// CellOf is the cell in which a point lies. There is always one.
func CellOf(p care.Point) Cell {
	if c, ok := cells()[squareOf(p)]; ok {
		return *c
	}
	near := Nearest(p)
	return Cell{ID: CellID(near.ID) + "-0", Place: near, Centre: near.Point}
}

// Cells lists the cells with squares, nearest first: those whose centre lies closest to a point.
func Cells(to care.Point) []Cell {
	var all []Cell
	for s, c := range cells() {
		if s == c.squares[0] {
			all = append(all, *c)
		}
	}
	slices.SortFunc(all, func(a, b Cell) int {
		return cmp.Or(cmp.Compare(Distance(to, a.Centre), Distance(to, b.Centre)), cmp.Compare(a.ID, b.ID))
	})
	return all
}

// Outline is the border of the cell: closed rings of points without their first point repeated, to
// be filled by the even-odd rule. It is empty for what lies beyond all squares.
func (c Cell) Outline() [][]care.Point {
	var rings [][]care.Point
	for _, ring := range border(c.squares) {
		points := make([]care.Point, len(ring))
		for i, at := range ring {
			points[i] = at.point(0, 0)
		}
		rings = append(rings, points)
	}
	return rings
}

// square is one of the squares of a kilometre, counted east and north from a corner south-west of
// the province.
type square struct{ x, y int }

// The grid: degrees of its corner, and kilometres in a degree at the latitude of Drenthe's middle. A
// square is a kilometre wide to within one per cent all over the province.
const (
	cornerLat, cornerLon = 52.4, 5.9
	kmPerLat             = care.EarthRadius / 1000 * math.Pi / 180
	cosOfMiddle          = 0.60388 // of 52.85 degrees
	kmPerLon             = kmPerLat * cosOfMiddle
)

func squareOf(p care.Point) square {
	x, y := (p.Lon-cornerLon)*kmPerLon, (p.Lat-cornerLat)*kmPerLat
	if !(math.Abs(x) < 1e6 && math.Abs(y) < 1e6) {
		return square{-1, -1}
	}
	return square{int(math.Floor(x)), int(math.Floor(y))}
}

// point is so many kilometres east and north of the square's south-west corner.
func (s square) point(east, north float64) care.Point {
	return care.Point{Lat: cornerLat + (float64(s.y)+north)/kmPerLat, Lon: cornerLon + (float64(s.x)+east)/kmPerLon}
}

func (s square) centre() care.Point { return s.point(0.5, 0.5) }

// cells reads the table once; nothing changes it afterwards.
var cells = sync.OnceValue(func() map[square]*Cell {
	all, err := parseCells(cellTable)
	if err != nil {
		panic("place: cells.csv: " + err.Error()) // a broken table is a broken build
	}
	found := map[square]*Cell{}
	for _, c := range all {
		for _, s := range c.squares {
			found[s] = &c
		}
	}
	return found
})

func parseCells(text string) ([]Cell, error) {
	byID := map[ID]Place{}
	for _, p := range places() {
		byID[p.ID] = p
	}
	var all []Cell
	for i, line := range strings.Split(strings.TrimSpace(text), "\n") {
		id, runs, _ := strings.Cut(line, ",")
		if i == 0 {
			continue
		}
		owner, _, _ := strings.Cut(id, "-")
		c := Cell{ID: CellID(id), Place: byID[ID(owner)]}
		if c.Place.ID == "" {
			return nil, fmt.Errorf("line %d: no place %s", i+1, owner)
		}
		for run := range strings.SplitSeq(runs, " ") {
			squares, err := parseRun(run)
			if err != nil {
				return nil, fmt.Errorf("line %d: %w", i+1, err)
			}
			c.squares = append(c.squares, squares...)
		}
		c.Centre = middle(c.squares).centre()
		all = append(all, c)
	}
	return all, nil
}

// parseRun reads squares that lie side by side: 31:20-23 is row 31, from 20 to 23 east.
func parseRun(run string) ([]square, error) {
	row, span, ok := strings.Cut(run, ":")
	from, to, isSpan := strings.Cut(span, "-")
	if !isSpan {
		to = from
	}
	y, errY := strconv.Atoi(row)
	x, errX := strconv.Atoi(from)
	end, errEnd := strconv.Atoi(to)
	if !ok || errY != nil || errX != nil || errEnd != nil || end < x {
		return nil, fmt.Errorf("%q is no run of squares", run)
	}
	var squares []square
	for ; x <= end; x++ {
		squares = append(squares, square{x, y})
	}
	return squares, nil
}

// middle is the square nearest to the mean of all of them, so that the centre of a cell of any form
// lies inside it.
func middle(squares []square) square {
	var x, y float64
	for _, s := range squares {
		x, y = x+float64(s.x), y+float64(s.y)
	}
	n := float64(len(squares))
	return slices.MinFunc(squares, func(a, b square) int {
		return cmpNear(a, b, x/n, y/n)
	})
}

// cmpNear orders squares by their distance from a spot; of two at the same distance the more
// south-western comes first.
func cmpNear(a, b square, x, y float64) int {
	far := func(s square) float64 { return math.Hypot(float64(s.x)-x, float64(s.y)-y) }
	return cmp.Or(cmp.Compare(far(a), far(b)), bySouthWest(a, b))
}

func bySouthWest(a, b square) int { return cmp.Or(cmp.Compare(a.y, b.y), cmp.Compare(a.x, b.x)) }
