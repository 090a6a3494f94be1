package index

import (
	"math"
	"slices"
)

// homes tells where the volunteer of an id lives, so that they are found again. Ids may be any
// numbers, but a page is kept for each thousand of them, so they had better be dense.
type homes struct{ pages []*page }

const paged = 1024

type page [paged]Point

// claim makes room for an id.
func (h homes) claim(id uint32) homes {
	n := int(id/paged) + 1
	if n <= len(h.pages) && h.pages[n-1] != nil {
		return h
	}
	pages := make([]*page, max(n, len(h.pages)))
	copy(pages, h.pages)
	pages[n-1] = &page{}
	for i := range pages[n-1] {
		pages[n-1][i] = nowhere()
	}
	return homes{pages: pages}
}

// own makes the page of an id one's own to change.
func (h homes) own(id uint32) homes {
	pages := slices.Clone(h.pages)
	mine := *pages[id/paged]
	pages[id/paged] = &mine
	return homes{pages: pages}
}

func nowhere() Point { return Point{X: float32(math.NaN())} }

func (h homes) set(id uint32, at Point) { h.pages[id/paged][id%paged] = at }

func (h homes) unset(id uint32) { h.set(id, nowhere()) }

func (h homes) get(id uint32) (Point, bool) {
	if int(id/paged) >= len(h.pages) || h.pages[id/paged] == nil {
		return Point{}, false
	}
	at := h.pages[id/paged][id%paged]
	return at, at.X == at.X
}
