package place

import "naober/matching/care"

// Destination is somewhere that people are often driven to.
type Destination struct {
	Name  string
	Town  string
	Point care.Point // good to about a kilometre
}

// Destinations lists the hospitals for Drenthe; Stadskanaal lies just across the border of the
// province. A form offers them; a ride may go anywhere.
func Destinations() []Destination {
	return []Destination{
		{"Wilhelmina Ziekenhuis", "Assen", care.Point{Lat: 52.993, Lon: 6.549}},
		{"Treant Scheper", "Emmen", care.Point{Lat: 52.775, Lon: 6.915}},
		{"Treant Bethesda", "Hoogeveen", care.Point{Lat: 52.729, Lon: 6.469}},
		{"Treant Refaja", "Stadskanaal", care.Point{Lat: 52.990, Lon: 6.955}},
	}
}
