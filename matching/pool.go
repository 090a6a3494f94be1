package matching

import (
	"iter"
	"slices"

	"naober/matching/care"
	"naober/matching/index"
)

// Pool is the offers to one village, arranged so that those who would be ranked first come first. It
// is a value: With and Without return another one and leave it as it is, so any number may look while
// one changes it. The zero Pool is empty.
//
// It proposes. Propose leaves nobody out whom the rules admit, and lets some through whom they do
// not: Rank has the last word, over what is stored by then.
type Pool struct {
	world index.World
	pages []*page // by id, so that a change copies one page
}

const paged = 256

type page [paged]standing

// standing is one offer in the pool, among all that its helper makes to the village.
type standing struct {
	offers []Candidate
	at     int
}

// Standing is somebody who is to stand in a pool: their offers to its village, each with an id that
// nobody else's offer has there. Ids had better be dense.
type Standing struct {
	IDs    []uint32
	Offers []Candidate
}

// BuildPool makes a pool of many people at once.
func BuildPool(people []Standing) Pool {
	var p Pool
	var all []index.Volunteer
	for _, s := range people {
		for i, c := range s.Offers {
			p.claim(s.IDs[i])
			p.pages[s.IDs[i]/paged][s.IDs[i]%paged] = standing{s.Offers, i}
			all = append(all, volunteer(s.IDs[i], c))
		}
	}
	p.world = index.Build(all)
	return p
}

// With is the pool with somebody more. Nobody stands there under their ids.
func (p Pool) With(s Standing) Pool {
	p.pages = slices.Clone(p.pages)
	for i, c := range s.Offers {
		p.claim(s.IDs[i])
		p.set(s.IDs[i], standing{s.Offers, i})
		p.world = p.world.With(volunteer(s.IDs[i], c))
	}
	return p
}

// Without is the pool without whoever stands there under these ids.
func (p Pool) Without(ids []uint32) Pool {
	p.pages = slices.Clone(p.pages)
	for _, id := range ids {
		p.set(id, standing{})
		p.world = p.world.Without(id)
	}
	return p
}

// People gives everybody with all of their offers, in no order. They are the pool's own: to be read.
func (p Pool) People() iter.Seq[[]Candidate] {
	return func(yield func([]Candidate) bool) {
		for _, page := range p.pages {
			for _, s := range page {
				if len(s.offers) > 0 && s.at == 0 && !yield(s.offers) {
					return
				}
			}
		}
	}
}

// Len is how many offers there are that the index can place.
func (p Pool) Len() int { return p.world.Len() }

func (p Pool) candidate(id uint32) Candidate {
	s := p.pages[id/paged][id%paged]
	return s.offers[s.at]
}

// claim makes room for an id.
func (p *Pool) claim(id uint32) {
	for len(p.pages) <= int(id/paged) {
		p.pages = append(p.pages, &page{})
	}
}

// set changes a copy of the page; the list of pages is the caller's own.
func (p *Pool) set(id uint32, s standing) {
	mine := *p.pages[id/paged]
	mine[id%paged] = s
	p.pages[id/paged] = &mine
}

// The map is the Netherlands and what lies around. A degree of longitude is drawn as long as it is at a
// latitude further north than any offer to a place on the map can come from, whose radius is 50 km at
// most: so no line on the map is longer than the one over the ground.
const (
	mapSouth, mapNorth = 50.0, 54.0
	mapWest, mapEast   = 2.0, 9.0
	metresPerDegree    = 111_195.08 * 0.999
	cosNorth           = 0.57358 // of 55 degrees
)

func onMap(p care.Point) bool {
	return mapSouth <= p.Lat && p.Lat <= mapNorth && mapWest <= p.Lon && p.Lon <= mapEast
}

// drawn is a point on the map, in metres from its south-west corner.
func drawn(p care.Point) index.Point {
	return index.Point{X: float32((p.Lon - mapWest) * metresPerDegree * cosNorth), Y: float32((p.Lat - mapSouth) * metresPerDegree)}
}
