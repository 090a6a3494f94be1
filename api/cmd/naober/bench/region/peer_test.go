package region

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/tidwall/rtree"

	"naober/matching/index"
)

// peer is a well-made R-tree of the same volunteers: of points, and of the squares around the circles
// that they come to. Whoever it gives is then looked at one by one, with the cheapest look first.
type peer struct {
	all     []index.Volunteer
	homes   rtree.RTreeGN[float32, uint32]
	circles rtree.RTreeGN[float32, uint32]
	best    []index.Hit
	found   []uint32
}

func peerOf(all []index.Volunteer) *peer {
	p := &peer{all: all}
	for i := range all {
		v := &all[i]
		at := [2]float32{v.At.X, v.At.Y}
		p.homes.Insert(at, at, v.ID)
		p.circles.Insert([2]float32{v.At.X - v.Reach, v.At.Y - v.Reach}, [2]float32{v.At.X + v.Reach, v.At.Y + v.Reach}, v.ID)
	}
	return p
}

func (p *peer) ask(of Case, q *index.Query) {
	at := [2]float32{q.At.X, q.At.Y}
	if of == S5 {
		p.found = p.found[:0]
		p.circles.Search(at, at, func(_, _ [2]float32, id uint32) bool {
			if v := &p.all[id]; square(v.At, q.At) <= v.Reach*v.Reach {
				p.found = append(p.found, id)
			}
			return true
		})
		return
	}
	p.best = p.best[:0]
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
}

func square(a, b index.Point) float32 {
	dx, dy := a.X-b.X, a.Y-b.Y
	return float32(dx*dx) + float32(dy*dy)
}

// TestPeer puts the index beside the R-tree, in turns, and prints the ratios; NAOBER_PEER_N says how many
// volunteers. Both must find as many, and as far away.
func TestPeer(t *testing.T) {
	n := 20_000
	if text := os.Getenv("NAOBER_PEER_N"); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	all := Volunteers(1, n)
	w, p := index.Build(all), peerOf(all)
	for _, of := range []Case{S1, S2, S3, S5} {
		questions, a := rankings(of, 1, 600, n), &asker{of: of}
		var ours, theirs [][]time.Duration
		for range 3 {
			var us, them []time.Duration
			for i := range questions {
				began := time.Now()
				a.ask(w, &questions[i])
				us = append(us, time.Since(began))
				began = time.Now()
				p.ask(of, &questions[i].Query)
				them = append(them, time.Since(began))
				if !same(of, a, p) {
					t.Fatalf("%s, question %d: %v and %v", of, i, a.answers(), p.best)
				}
			}
			ours, theirs = append(ours, us), append(theirs, them)
		}
		var ratios []float64
		for i := range ours {
			ratios = append(ratios, percentile(theirs[i], 50)/percentile(ours[i], 50))
		}
		slices.Sort(ratios)
		t.Logf("figure: %s of %d: index %.1f us, R-tree %.1f us, %.1f times (%.1f to %.1f)", of, n, percentile(ours[1], 50), percentile(theirs[1], 50),
			ratios[1], ratios[0], ratios[2])
	}
}

// same compares what was found; the R-tree knows no order among equals.
func same(of Case, a *asker, p *peer) bool {
	if of == S5 {
		slices.Sort(p.found)
		slices.Sort(a.found)
		return slices.Equal(a.found, p.found)
	}
	far := func(h index.Hit) string { return fmt.Sprint(h.Square) }
	return slices.EqualFunc(a.hits, p.best, func(x, y index.Hit) bool { return far(x) == far(y) })
}
