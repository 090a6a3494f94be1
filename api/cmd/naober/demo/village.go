package demo

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"naober/matching/care"
	"naober/matching/place"
)

const (
	zone       = "Europe/Amsterdam"
	least      = 8     // invented residents of the smallest village
	teamFrom   = 2_500 // people; smaller villages share the staff of the nearest of these
	neighbours = 5
)

// village is one place with its community.
type village struct {
	place       place.Place
	own         int // people, those of its parts not counted
	invented    int // residents of the demo
	id          care.CommunityID
	association care.OrganizationID
	team        *team
}

// parts are the quarters that are counted in their town as well (see matching/place).
func parts(town string) []string {
	switch town {
	case "Assen":
		return []string{"Marsdijk", "Peelo"}
	case "Coevorden":
		return []string{"Ballast", "De Loo"}
	case "Emmen":
		return []string{"Angelslo", "Barger-Oosterveld", "Bargeres", "Emmerhout", "Emmermeer", "Emmerschans", "Noordbarge"}
	case "Hoogeveen":
		return []string{"Krakeel", "Wolfsbos"}
	}
	return nil
}

// villages spreads the invented residents over the places by population.
func villages(w *World, people int) []*village {
	var all []*village
	for _, p := range place.All() {
		v := &village{place: p, own: p.Population}
		for _, part := range parts(p.Name) {
			v.own -= place.ByName(part)[0].Population
		}
		v.id = id[care.CommunityID](w, "community", p.Label())
		v.association = id[care.OrganizationID](w, "association", p.Label())
		all = append(all, v)
	}
	spread(all, people)
	return all
}

// spread gives each village its least and the rest by largest remainder, so that the sum is exact
// and a bigger village never has fewer.
func spread(all []*village, people int) {
	total, given := 0, 0
	for _, v := range all {
		total += v.own
	}
	rest := max(people-least*len(all), 0)
	share := func(v *village) float64 { return float64(rest) * float64(v.own) / float64(total) }
	for _, v := range all {
		v.invented = least + int(share(v))
		given += int(share(v))
	}
	byRemainder := slices.SortedFunc(slices.Values(all), func(a, b *village) int {
		_, x := math.Modf(share(a))
		_, y := math.Modf(share(b))
		return cmp.Or(cmp.Compare(y, x), cmp.Compare(a.place.ID, b.place.ID))
	})
	for _, v := range byRemainder[:rest-given] {
		v.invented++
	}
}

// settle adds the communities with their associations, nearest neighbours and guarantors.
func (w *World) settle(all []*village) {
	guarantors := map[string]care.OrganizationID{}
	for _, v := range all {
		town := v.place.Municipality
		if guarantors[town] == "" {
			guarantors[town] = id[care.OrganizationID](w, "professional", town)
			w.Organizations = append(w.Organizations, care.Organization{ID: guarantors[town], Kind: care.Professional,
				Name: "Wijkteam " + town, CreatedAt: w.ago(2_000)})
		}
		w.Organizations = append(w.Organizations, care.Organization{ID: v.association, Kind: care.Association,
			Name: "Dorpsbelang " + v.place.Label(), CreatedAt: w.ago(2_000)})
		w.Communities = append(w.Communities, care.Community{ID: v.id, Name: v.place.Label(), Town: v.place.Label(), Point: v.place.Point,
			Zone: zone, Association: v.association, Guarantor: guarantors[town], Neighbours: nearest(v, all), CreatedAt: w.ago(2_000)})
	}
}

func nearest(of *village, all []*village) []care.CommunityID {
	others := slices.DeleteFunc(slices.Clone(all), func(v *village) bool { return v == of })
	slices.SortStableFunc(others, func(a, b *village) int {
		return cmp.Compare(place.Distance(of.place.Point, a.place.Point), place.Distance(of.place.Point, b.place.Point))
	})
	var ids []care.CommunityID
	for _, v := range others[:neighbours] {
		ids = append(ids, v.id)
	}
	return ids
}

// home is the nth of the village's houses: a sunflower, shaken a little. Villages are 400 m from
// the centre to the edge, towns 900 m.
func (v *village) home(r *rand.Rand, n int) care.Point {
	edge := 400 + 500*math.Min(float64(v.own)/10_000, 1)
	distance := edge*math.Sqrt((float64(n)+0.5)/float64(v.invented)) + 15*r.NormFloat64()
	angle := float64(n)*math.Pi*(3-math.Sqrt(5)) + 0.1*r.NormFloat64()
	return away(v.place.Point, distance, angle)
}

// away is the point so many metres from another; the angle is in radians, from north over east.
func away(from care.Point, metres, angle float64) care.Point {
	const degree = 111_195 // metres of a degree of latitude
	return care.Point{Lat: from.Lat + metres*math.Cos(angle)/degree,
		Lon: from.Lon + metres*math.Sin(angle)/(degree*math.Cos(from.Lat*math.Pi/180))}
}
