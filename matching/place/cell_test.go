package place

import (
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"naober/matching/care"
)

// TestCellsAreThoseThatMergingGives holds the table to the rule that made it. UPDATE_CELLS=1 writes
// it anew, which moves borders that people may have seen: do so with a reason.
func TestCellsAreThoseThatMergingGives(t *testing.T) {
	made := mergeCells()
	if os.Getenv("UPDATE_CELLS") != "" {
		if err := os.WriteFile("cells.csv", []byte(made), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if made != cellTable {
		t.Error("cells.csv is not what merging gives")
	}
}

func TestEveryCellHoldsEnoughResidents(t *testing.T) {
	all, err := parseCells(cellTable)
	if err != nil {
		t.Fatal(err)
	}
	of, squares, seen := map[ID][]Cell{}, map[ID]int{}, map[square]CellID{}
	for _, c := range all {
		of[c.Place.ID] = append(of[c.Place.ID], c)
		squares[c.Place.ID] += len(c.squares)
		for _, s := range c.squares {
			if other, twice := seen[s]; twice {
				t.Errorf("%v is in %s and in %s", s, other, c.ID)
			}
			seen[s] = c.ID
		}
	}
	for _, p := range places() {
		t.Run(p.Label(), func(t *testing.T) {
			if squares[p.ID] == 0 {
				t.Fatal("the place has no squares")
			}
			each := float64(p.Population) / float64(squares[p.ID])
			for _, c := range of[p.ID] {
				if held := each * float64(len(c.squares)); held < LeastResidents && len(of[p.ID]) > 1 {
					t.Errorf("%s holds %.1f residents", c.ID, held)
				}
			}
			if home := CellOf(p.Point); home.Place.ID != p.ID {
				t.Errorf("its own point lies in %s", home.ID)
			}
		})
	}
}

func TestCellOf(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		p := care.Point{Lat: 52.6 + random.Float64()*0.62, Lon: 6.1 + random.Float64()}
		c := CellOf(p)
		if again := CellOf(c.Centre); again.ID != c.ID && !strings.HasSuffix(string(c.ID), "-0") {
			t.Fatalf("the centre of %s lies in %s", c.ID, again.ID)
		}
		if inside := within(c.Outline(), p); inside == strings.HasSuffix(string(c.ID), "-0") {
			t.Fatalf("%v lies in %s; its outline says %t", p, c.ID, inside)
		}
	}
	for name, p := range map[string]care.Point{
		"the pole": {Lat: 90}, "the other side": {Lat: -52.9, Lon: -173}, "no number": {Lat: math.NaN(), Lon: math.NaN()}, "beyond all": {Lat: math.Inf(1)},
	} {
		if c := CellOf(p); c.ID == "" || len(c.Outline()) > 0 {
			t.Errorf("%s lies in %+v", name, c)
		}
	}
}

// within counts how often a line to the east crosses the rings.
func within(rings [][]care.Point, p care.Point) bool {
	inside := false
	for _, ring := range rings {
		for i, a := range ring {
			b := ring[(i+1)%len(ring)]
			if (a.Lat > p.Lat) != (b.Lat > p.Lat) && p.Lon < a.Lon+(p.Lat-a.Lat)/(b.Lat-a.Lat)*(b.Lon-a.Lon) {
				inside = !inside
			}
		}
	}
	return inside
}

func BenchmarkCellOf(b *testing.B) {
	for b.Loop() {
		CellOf(care.Point{Lat: 52.9348, Lon: 6.6657})
	}
}
