package main

import (
	"cmp"

	"github.com/tidwall/rtree"

	"naober/api/cmd/naober/bench/region"
	"naober/matching/index"
)

// tree is a well-made R-tree of the same volunteers in the same process: of points, and of the squares
// around the circles that they come to. Whoever it gives is then looked at one by one, with the cheapest
// look first.
type tree struct {
	all     []index.Volunteer
	homes   rtree.RTreeGN[float32, uint32]
	circles rtree.RTreeGN[float32, uint32]
	best    []index.Hit
}

func treeOf(all []index.Volunteer) *tree {
	p := &tree{all: all}
	for i := range all {
		v := &all[i]
		at := [2]float32{v.At.X, v.At.Y}
		p.homes.Insert(at, at, v.ID)
		p.circles.Insert([2]float32{v.At.X - v.Reach, v.At.Y - v.Reach}, [2]float32{v.At.X + v.Reach, v.At.Y + v.Reach}, v.ID)
	}
	return p
}

func (p *tree) name() string            { return "tidwall/rtree" }
func (p *tree) floor() error            { return nil }
func (p *tree) can(of region.Case) bool { return of != region.S6 }
func (p *tree) Close() error            { return nil }

func (p *tree) ask(of region.Case, k *index.Ranking) ([]index.Hit, error) {
	q := &k.Query
	at := [2]float32{q.At.X, q.At.Y}
	p.best = p.best[:0]
	if of == region.S5 {
		p.circles.Search(at, at, func(_, _ [2]float32, id uint32) bool {
			if v := &p.all[id]; square(v.At, q.At) <= v.Reach*v.Reach {
				p.best = append(p.best, index.Hit{ID: id})
			}
			return true
		})
		return p.best, nil
	}
	away := rtree.BoxDist[float32, uint32](at, at, nil)
	dist := func(low, high [2]float32, id uint32, item bool) float64 { return float64(away(low, high, id, item)) }
	p.homes.Nearby(dist, func(_, _ [2]float32, id uint32, away float64) bool {
		if away > float64(q.Within*q.Within) {
			return false
		}
		if v := &p.all[id]; v.Traits&q.Need == q.Need && q.Fits(*v) {
			p.best = append(p.best, index.Hit{ID: id, Square: square(v.At, q.At)})
		}
		return len(p.best) < q.K
	})
	return p.best, nil
}

func square(a, b index.Point) float32 {
	dx, dy := a.X-b.X, a.Y-b.Y
	return float32(dx*dx) + float32(dy*dy)
}

func byDistance(a, b index.Hit) int {
	return cmp.Or(cmp.Compare(a.Square, b.Square), cmp.Compare(a.ID, b.ID))
}
