package index

import (
	"math"

	"naober/matching/score"
)

// Ranking asks for those whom a query fits in the order of a score. Of the query, K is how many.
type Ranking struct {
	Query
	Scale *score.Scale
	Now   Quarter
	// Known are those whom the resident knows, each once. Everybody else is worth score.Neutral in both.
	Known []Acquaintance
	// Driven says that everybody comes by car, however they travel otherwise.
	Driven bool
}

// seconds is how long somebody's way takes of which the square of the straight line is given.
func (r *Ranking) seconds(w Way, square float32) int64 {
	if r.Driven {
		w = ByCar
	}
	return seconds(w, square)
}

// Acquaintance is what a volunteer and the resident are to each other, as pillars.
type Acquaintance struct {
	ID          uint32
	Familiarity int32
	Reciprocity int32
}

// Ranked is a volunteer with what they are worth.
type Ranked struct {
	ID    uint32
	Score int64
	Worth score.Worth
}

// before is the order of a ranking: the better first, then the smaller id.
func (a Ranked) before(b Ranked) bool { return a.Score > b.Score || a.Score == b.Score && a.ID < b.ID }

// Judge is the score of a volunteer whom the query fits, worked out from the volunteer alone.
func (r *Ranking) Judge(v Volunteer) Ranked {
	worth := score.Worth{
		score.Nearness:    score.Near(r.seconds(v.Way, apart(v.At, r.At))),
		score.Time:        score.Most,
		score.Familiarity: score.Neutral,
		score.Fairness:    score.Fair(r.ago(v.Asked), score.Left(v.Done, v.Limit)),
		score.Reciprocity: score.Neutral,
	}
	if r.timed() {
		worth[score.Time] = score.Roomy(v.beside(&r.Query))
	}
	for _, k := range r.Known {
		if k.ID == v.ID {
			worth[score.Familiarity], worth[score.Reciprocity] = k.Familiarity, k.Reciprocity
		}
	}
	return Ranked{ID: v.ID, Score: r.Scale.Of(worth), Worth: worth}
}

// ago is how long ago a question was, in quarters; below zero for never.
func (r *Ranking) ago(asked Quarter) int64 {
	if asked == 0 {
		return -1
	}
	return max(int64(r.Now)-int64(asked), 0)
}

// beside counts the free quarters next to a visit, as far as score.Margin on either side. They are read
// off the week as if its clocks stood still.
func (v *Volunteer) beside(q *Query) int {
	return q.beside(func(local uint16, at Quarter) bool {
		return (v.weekly(local) || covers(v.Free, at)) && !covers(v.Busy, at)
	})
}

func (q *Query) beside(free func(local uint16, at Quarter) bool) int {
	if len(q.Hours) == 0 {
		return 0
	}
	count, first, last := 0, int(q.Hours[0].From), int(q.Hours[len(q.Hours)-1].To)-1
	for i := 1; i <= score.Margin() && int64(q.From) >= int64(i) && free(uint16((first-i+Week)%Week), q.From-Quarter(i)); i++ {
		count++
	}
	for i := 1; i <= score.Margin() && free(uint16((last+i)%Week), q.To-1+Quarter(i)); i++ {
		count++
	}
	return count
}

// Ranker finds the best. It keeps the room that it needs and allocates nothing once it has grown; it is
// for one goroutine. The zero Ranker is ready.
type Ranker struct {
	queue []scored
	best  []Ranked // sorted
	skip  []uint32 // who is known: looked at first, and not again
	sieve sieve
}

// scored is a part of the tree with the score that nobody in it surpasses.
type scored struct {
	bound int64
	away  float32
	node  *node
	block *block
}

// Best finds the K best volunteers whom the ranking's query fits, best first and of equals the smaller
// id first. What it returns stands until the ranker looks again.
func (f *Ranker) Best(w World, r *Ranking) []Ranked {
	f.queue, f.best, f.skip = f.queue[:0], f.best[:0], f.skip[:0]
	if w.root == nil || r.K <= 0 {
		return nil
	}
	limit := float32(math.Inf(1))
	if r.Within > 0 {
		limit = r.Within * r.Within
	}
	for i := range r.Known {
		if b, at := w.find(r.Known[i].ID); b != nil {
			f.skip = append(f.skip, r.Known[i].ID)
			if b.fits(at, &r.Query) {
				f.meet(seat{block: b, at: at, square: apart(b.self[at].home(), r.At)}, r, limit, &r.Known[i])
			}
		}
	}
	f.open(w.root, r, limit)
	for many := 2; f.gather(r, limit, many); many = min(2*many, wave) {
		f.sieve.sift(&r.Query)
		for _, s := range f.sieve.seats {
			f.meet(s, r, limit, nil)
		}
	}
	return f.best
}

// gather takes the blocks with the highest bounds out of the queue, and reports whether there are any.
func (f *Ranker) gather(r *Ranking, limit float32, many int) bool {
	f.sieve.blocks = f.sieve.blocks[:0]
	for len(f.sieve.blocks) < many && len(f.queue) > 0 && f.mayEnter(f.queue[0].bound, r.K) {
		s := f.pop()
		if s.node != nil {
			f.open(s.node, r, limit)
		} else {
			f.sieve.blocks = append(f.sieve.blocks, glance{block: s.block, away: s.away})
		}
	}
	return len(f.sieve.blocks) > 0
}

// mayEnter tells whether a score may still come among the best. An equal one may: its id may be smaller.
func (f *Ranker) mayEnter(bound int64, k int) bool {
	return len(f.best) < k || bound >= f.best[k-1].Score
}

// open puts those parts of a node into the queue in which somebody may be among the best.
func (f *Ranker) open(n *node, r *Ranking, limit float32) {
	for i := range n.count {
		away := n.homes[i].away(r.At)
		if away > limit || n.any[i]&r.Need != r.Need || r.Willing && !n.circles[i].holds(r.At) {
			continue
		}
		if bound := r.bound(away, n.peaks[i]); f.mayEnter(bound, r.K) {
			f.push(scored{bound: bound, away: away, node: n.nodes[i], block: n.blocks[i]})
		}
	}
}

// bound is the score that nobody surpasses who is that far away or further, is no acquaintance, and
// does not surpass a peak.
func (r *Ranking) bound(away float32, p peak) int64 {
	s := r.Scale
	return s.Term(score.Nearness, score.Near(r.seconds(p.way.Fastest(), away))) + s.Term(score.Time, score.Most) +
		s.Term(score.Familiarity, score.Neutral) + s.Term(score.Reciprocity, score.Neutral) +
		s.Term(score.Fairness, score.Fair(r.ago(p.asked), p.left))
}

// meet judges somebody who may fit; of whom is known it has been asked whether they do.
func (f *Ranker) meet(at seat, r *Ranking, limit float32, known *Acquaintance) {
	b, s := at.block, &at.block.self[at.at]
	if at.square > limit || r.Willing && at.square > s.reach*s.reach || r.excepts(s.id) {
		return
	}
	worth := score.Worth{
		score.Nearness:    score.Near(r.seconds(b.wayOf(at.at), at.square)),
		score.Time:        score.Most,
		score.Familiarity: score.Neutral,
		score.Fairness:    score.Fair(r.ago(s.asked), score.Left(s.done, s.limit)),
		score.Reciprocity: score.Neutral,
	}
	if known != nil {
		worth[score.Familiarity], worth[score.Reciprocity] = known.Familiarity, known.Reciprocity
	} else if !f.mayEnter(r.Scale.Of(worth), r.K) || f.skips(s.id) || !b.agrees(at.at, at.odd, &r.Query) {
		return
	}
	if r.timed() {
		worth[score.Time] = score.Roomy(b.beside(at.at, &r.Query))
	}
	f.enter(Ranked{ID: s.id, Score: r.Scale.Of(worth), Worth: worth}, r.K)
}

func (f *Ranker) skips(id uint32) bool {
	for _, x := range f.skip {
		if x == id {
			return true
		}
	}
	return false
}

func (b *block) beside(at int, q *Query) int {
	busy, rare := b.busyOf(at), b.rareOf(at)
	return q.beside(func(local uint16, when Quarter) bool {
		return (b.week[local]>>at&1 == 1 || covers(rare.free, when)) && !covers(busy, when)
	})
}

// enter puts somebody among the best if they belong there.
func (f *Ranker) enter(a Ranked, k int) {
	i := len(f.best)
	if i == k {
		if !a.before(f.best[k-1]) {
			return
		}
		i--
	} else {
		f.best = append(f.best, Ranked{})
	}
	for ; i > 0 && a.before(f.best[i-1]); i-- {
		f.best[i] = f.best[i-1]
	}
	f.best[i] = a
}

func (f *Ranker) push(s scored) {
	f.queue = append(f.queue, s)
	i := len(f.queue) - 1
	for i > 0 {
		up := (i - 1) / 2
		if f.queue[up].bound >= s.bound {
			break
		}
		f.queue[i] = f.queue[up]
		i = up
	}
	f.queue[i] = s
}

func (f *Ranker) pop() scored {
	top, end := f.queue[0], len(f.queue)-1
	last := f.queue[end]
	f.queue = f.queue[:end]
	if end == 0 {
		return top
	}
	i := 0
	for {
		c := 2*i + 1
		if c >= end {
			break
		}
		if c+1 < end && f.queue[c+1].bound > f.queue[c].bound {
			c++
		}
		if f.queue[c].bound <= last.bound {
			break
		}
		f.queue[i] = f.queue[c]
		i = c
	}
	f.queue[i] = last
	return top
}
