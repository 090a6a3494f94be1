package plan

import (
	"cmp"
	"slices"

	"naober/matching"
	"naober/matching/assign"
	"naober/matching/care"
)

// board is the tasks laid out as a problem of assignment: one row for each place, one worker for each
// person who fits somewhere.
type board struct {
	tasks  []Task
	places []int // the task of each place
	people []care.PersonID
	all    assign.Problem // every arc
	fit    []int32        // by arc: which of the task's Fitting
	order  []int32        // by place: where it comes when a person's tasks are judged
	judged map[string]int // see room
	key    []byte         // scratch of room
}

func newBoard(tasks []Task) *board {
	b := &board{tasks: tasks, judged: map[string]int{}}
	for _, t := range tasks {
		for _, f := range t.Fitting {
			b.people = append(b.people, f.Candidate.Person)
		}
	}
	slices.Sort(b.people)
	b.people = slices.Compact(b.people)
	room := make([]int, len(b.people))
	b.all.Start = []int32{0}
	for i, t := range tasks {
		for range t.Places {
			b.places = append(b.places, i)
			b.addArcs(t, room)
		}
	}
	b.all.Load = b.loads(room)
	b.order = b.inTime()
	return b
}

// addArcs adds one place of a task, with everybody who may have it, in the order of people.
func (b *board) addArcs(t Task, room []int) {
	from := len(b.fit)
	for i, f := range t.Fitting {
		if len(matching.Plan(t.Need, matching.Ranking{Fitting: t.Fitting[i : i+1]}, 0)) == 0 {
			continue // they cannot be asked in time
		}
		w, _ := slices.BinarySearch(b.people, f.Candidate.Person)
		room[w] = max(room[w], questionsLeft(f))
		b.fit = append(b.fit, int32(i))
	}
	arcs := b.fit[from:]
	slices.SortFunc(arcs, func(x, y int32) int {
		return cmp.Compare(t.Fitting[x].Candidate.Person, t.Fitting[y].Candidate.Person)
	})
	for _, i := range arcs {
		f := t.Fitting[i]
		w, _ := slices.BinarySearch(b.people, f.Candidate.Person)
		b.all.Worker = append(b.all.Worker, int32(w))
		b.all.Cost = append(b.all.Cost, costOf(t, f))
	}
	b.all.Start = append(b.all.Start, int32(len(b.fit)))
	b.all.Undone = append(b.all.Undone, undoneOf(t.Need.Request.Urgency))
}

func undoneOf(u care.Urgency) int64 {
	switch u {
	case care.Urgent:
		return 2 * undone
	case care.Today:
		return undone + undone/2
	}
	return undone
}

func costOf(t Task, f matching.Fit) int64 {
	cost := min(max(-f.Score, 0), dearest)
	if t.Face != "" && t.Face != f.Candidate.Person {
		cost += newFace
	}
	return cost
}

// questionsLeft is how many questions more the helper takes in the month of this one.
func questionsLeft(f matching.Fit) int {
	quiet := f.Candidate.Helper.Quiet
	zone, err := care.LoadZone(quiet.Zone)
	if err != nil {
		return 0
	}
	left, month := quiet.MonthlyLimit, f.AskFrom.In(zone)
	for _, q := range f.Candidate.Helper.Questions {
		if y, m, _ := q.In(zone).Date(); y == month.Year() && m == month.Month() {
			left--
		}
	}
	return max(left, 0)
}

// loads lets each further question to one person cost more than the one before.
func (b *board) loads(room []int) [][]int64 {
	loads := make([][]int64, len(room))
	for w, n := range room {
		for k := range min(n, len(b.places)) {
			loads[w] = append(loads[w], int64(k)*again)
		}
	}
	return loads
}

// inTime ranks the places by their last possible beginning, then as they stand.
func (b *board) inTime() []int32 {
	sorted := make([]int32, len(b.places))
	for i := range sorted {
		sorted[i] = int32(i)
	}
	slices.SortStableFunc(sorted, func(x, y int32) int {
		return b.slot(x).LatestStart().Compare(b.slot(y).LatestStart())
	})
	order := make([]int32, len(sorted))
	for rank, place := range sorted {
		order[place] = int32(rank)
	}
	return order
}

func (b *board) slot(place int32) care.Slot { return b.tasks[b.places[place]].Need.Slot }

// bundles lists what each person has, in the order in which it is judged.
func (b *board) bundles(o outcome) [][]int32 {
	has := make([][]int32, len(b.people))
	for place, arc := range o.arc {
		if arc != assign.Nobody {
			w := b.all.Worker[arc]
			has[w] = append(has[w], int32(place))
		}
	}
	for _, places := range has {
		slices.SortFunc(places, func(x, y int32) int { return cmp.Compare(b.order[x], b.order[y]) })
	}
	return has
}
