package plan

import (
	"naober/matching"
	"naober/matching/assign"
	"naober/matching/care"
)

// Task is one time of a request that looks for helpers, with everybody who may be asked for it now.
type Task struct {
	Need    matching.Need
	Fitting []matching.Fit // as matching.Rank gives them
	// Face is who comes to this request already: they are proposed before anybody else where they fit.
	// Empty for none.
	Face care.PersonID
	// Places is how many people are to be proposed.
	Places int
}

// Proposal is one person to ask for a task. The hour and the moment of the question are those that
// hold when everything proposed to them for an earlier time stands in their book.
type Proposal struct {
	Task int
	Fit  matching.Fit
}

// Assignment says whom to ask first for each task.
type Assignment struct {
	Proposals []Proposal // by task, then by person
	// Left lists the tasks that get fewer people than they have places.
	Left []int
	// Cost is what the assignment costs, and Bound what no allowed one can cost less than.
	Cost, Bound int64
}

// Exact reports whether the assignment is proven to be the best.
func (a Assignment) Exact() bool { return a.Cost == a.Bound }

// What an assignment costs. A fit costs its negated score (see score.Scale), at most dearest. The
// others are so far apart that no sum of one outweighs a single one of the next, within Most tasks:
// as many places as can be are filled, urgent ones first where not all can; then recurring help keeps
// its face; then the scores decide, with what asking one person several times costs.
const (
	dearest = int64(1) << 25
	// again is what each further question to one person costs more than the one before it: about what
	// the score takes for a way three times as long. Nobody is to carry a whole week.
	again   = int64(3) << 20
	newFace = int64(1) << 30
	undone  = int64(1) << 38
)

// Most is how many places one assignment fills at most.
const Most = 400

// Batch assigns all tasks together.
//
// A person may get several tasks where each still fits with the ones before it, by time, in their
// book: every hard rule is asked again by matching.Suit, so that the way between two visits, the month's
// limit, the rest between two questions and the seats of a journey all hold. What is exact: without
// such conflicts the assignment is the optimum, proven by the prices of assign.Sparse; with some it is
// branched over who of the two stays (see tree), and Exact tells whether the proof was finished
// within a fixed amount of work. What is bounded: of an assignment that was not finished, Cost - Bound
// is how much better another could be at most; and within a window in which the hour is not fixed a
// person's tasks are given hours in the order of their last possible beginning, so that another order
// of hours, which might have room for one more, is not looked for.
//
// The same tasks get the same answer, in whatever order their Fitting come.
func Batch(tasks []Task) Assignment {
	b := newBoard(tasks)
	best, bound := b.search()
	return b.assignment(best, bound)
}

// outcome is who has which place, with what that costs.
type outcome struct {
	arc  []int32 // by place: the arc of the board's problem, or assign.Nobody
	cost int64
}

func (b *board) assignment(o outcome, bound int64) Assignment {
	out := Assignment{Cost: o.cost, Bound: bound}
	fits := map[[2]int32]matching.Fit{}
	for w, has := range b.bundles(o) {
		judged, _ := b.judge(int32(w), has)
		for i, place := range has {
			fits[[2]int32{place, int32(w)}] = judged[i]
		}
	}
	for place, arc := range o.arc {
		task := b.places[place]
		if arc == assign.Nobody {
			if n := len(out.Left); n == 0 || out.Left[n-1] != task {
				out.Left = append(out.Left, task)
			}
			continue
		}
		out.Proposals = append(out.Proposals, Proposal{Task: task, Fit: fits[[2]int32{int32(place), b.all.Worker[arc]}]})
	}
	return out
}
