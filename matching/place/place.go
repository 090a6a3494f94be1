// Package place knows the product's 94 places of Drenthe by name and point, and the distance
// between two points.
//
// It does not know who lives where, what an address is, or how long a way takes.
package place

import (
	"cmp"
	_ "embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"naober/matching/care"
)

//go:embed places.csv
var table string

// ID is the GeoNames id of a place. It stays when a place is renamed or joins a municipality.
type ID string

// Place is a village, a town or a part of a town. Name and Municipality together are unique.
type Place struct {
	ID           ID
	Name         string
	Municipality string
	Point        care.Point // off by up to half a kilometre
	Population   int        // a town includes its parts, which are places too
	doubled      bool       // another place of Drenthe has the same name, known to the product or not
}

// Label is the name as people see it. The municipality is added only where the name alone would
// send somebody to the wrong village.
func (p Place) Label() string {
	if p.doubled {
		return p.Name + " (" + p.Municipality + ")"
	}
	return p.Name
}

// All returns every place in the order of their names. The caller may change the slice.
func All() []Place { return slices.Clone(places()) }

// ByName finds the places of that name or label, in whatever case it is written; there is none for
// an unknown name.
func ByName(name string) []Place {
	name = strings.TrimSpace(name)
	var found []Place
	for _, p := range places() {
		if strings.EqualFold(p.Name, name) || strings.EqualFold(p.Label(), name) {
			found = append(found, p)
		}
	}
	return found
}

// Nearest is the place whose point lies closest, however far that is; of two at the same distance
// the one with the lower id.
func Nearest(to care.Point) Place {
	return slices.MinFunc(places(), nearerTo(to))
}

// Within lists the places at most so many metres away, nearest first.
func Within(of care.Point, metres float64) []Place {
	var found []Place
	for _, p := range places() {
		if Distance(of, p.Point) <= metres {
			found = append(found, p)
		}
	}
	slices.SortFunc(found, nearerTo(of))
	return found
}

func nearerTo(to care.Point) func(a, b Place) int {
	return func(a, b Place) int {
		return cmp.Or(cmp.Compare(Distance(to, a.Point), Distance(to, b.Point)), cmp.Compare(a.ID, b.ID))
	}
}

// places reads the table once; nothing changes it afterwards. A broken table is a broken build,
// which no caller could handle.
var places = sync.OnceValue(func() []Place {
	all, err := parse(table)
	if err != nil {
		panic("place: places.csv: " + err.Error())
	}
	return all
})

func parse(text string) ([]Place, error) {
	reader := csv.NewReader(strings.NewReader(text))
	reader.FieldsPerRecord = 8
	rows, err := reader.ReadAll()
	if err != nil {
		return nil, err
	}
	var all []Place
	for i, row := range rows {
		if i == 0 {
			continue
		}
		p, err := parsePlace(row)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
		all = append(all, p)
	}
	return all, nil
}

func parsePlace(row []string) (Place, error) {
	p := Place{ID: ID(row[0]), Name: row[1], Municipality: row[2], doubled: row[6] == "yes"}
	var err error
	if p.Point.Lat, err = strconv.ParseFloat(row[3], 64); err != nil {
		return p, err
	}
	if p.Point.Lon, err = strconv.ParseFloat(row[4], 64); err != nil {
		return p, err
	}
	if p.Population, err = strconv.Atoi(row[5]); err != nil {
		return p, err
	}
	if p.ID == "" || p.Name == "" || p.Municipality == "" || !p.Point.Valid() {
		return p, fmt.Errorf("place %q needs an id, a name, a municipality and a point on earth", row[1])
	}
	return p, nil
}
