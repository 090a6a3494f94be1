package plan

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"naober/matching/assign"
	"naober/matching/care"
)

// brute is the least cost of all assignments in which everybody's tasks fit together, tried one by one.
func (b *board) brute() int64 {
	arcs, has := make([]int32, len(b.places)), make([][]int32, len(b.people))
	least := int64(1) << 62
	var try func(place int32)
	try = func(place int32) {
		if int(place) == len(b.places) {
			least = min(least, b.cost(arcs))
			return
		}
		arcs[place] = assign.Nobody
		try(place + 1)
		for a := b.all.Start[place]; a < b.all.Start[place+1]; a++ {
			w := b.all.Worker[a]
			if len(has[w]) == len(b.all.Load[w]) {
				continue
			}
			was := has[w]
			has[w] = append(slices.Clone(was), place)
			slices.SortFunc(has[w], func(x, y int32) int { return int(b.order[x] - b.order[y]) })
			if b.room(w, has[w]) == len(has[w]) {
				arcs[place] = a
				try(place + 1)
			}
			has[w] = was
		}
	}
	try(0)
	return least
}

// allowed says what is wrong with an assignment: somebody twice at one task, or two visits that meet.
func allowed(t *testing.T, tasks []Task, a Assignment) {
	t.Helper()
	at := map[care.PersonID][]care.Interval{}
	asked, calm := map[care.PersonID]int{}, map[care.PersonID][]time.Time{}
	for _, p := range a.Proposals {
		who, n := p.Fit.Candidate, tasks[p.Task].Need
		for _, other := range append(at[who.Person], booked(who.Helper)...) {
			if other.Overlaps(p.Fit.Bound) {
				t.Errorf("%s is at two places from %s", who.Person, p.Fit.Bound.From)
			}
		}
		if p.Fit.Visit.From.Before(n.Slot.Start) || p.Fit.Visit.Until.After(n.Slot.End) {
			t.Errorf("%s comes outside the window of %s", who.Person, n.Slot.ID)
		}
		at[who.Person] = append(at[who.Person], p.Fit.Bound)
		if n.Request.Urgency == care.Ordinary {
			for _, other := range calm[who.Person] {
				if gap := other.Sub(p.Fit.AskFrom).Abs(); gap < who.Helper.Quiet.MinGap {
					t.Errorf("%s is asked again after %s", who.Person, gap)
				}
			}
			calm[who.Person] = append(calm[who.Person], p.Fit.AskFrom)
		}
		if asked[who.Person]++; asked[who.Person] > who.Helper.Quiet.MonthlyLimit {
			t.Errorf("%s is asked beyond their limit", who.Person)
		}
	}
}

func booked(h care.Helper) []care.Interval {
	var all []care.Interval
	for _, a := range h.Agreed {
		all = append(all, a.At)
	}
	return all
}

func TestBatchIsTheBestOfAllAllowed(t *testing.T) {
	for _, fixed := range []bool{true, false} {
		crowded, above := 0, 0
		for seed := range uint64(400) {
			tasks := draw(rand.New(rand.NewPCG(seed, 5)), fixed)
			got, b := Batch(tasks), newBoard(tasks)
			allowed(t, tasks, got)
			want := b.brute()
			if root := b.relax(nil); root.bound < got.Cost {
				crowded++
			}
			if got.Cost < want || fixed && got.Cost != want || got.Cost != want && want >= undone && got.Cost/undone != want/undone {
				t.Fatalf("seed %d, fixed %v: cost %d, the best is %d", seed, fixed, got.Cost, want)
			}
			if !got.Exact() {
				t.Fatalf("seed %d: cost %d, proven %d", seed, got.Cost, got.Bound)
			}
			if got.Cost != want {
				above++
			}
			if t.Failed() {
				t.Fatalf("seed %d, fixed %v", seed, fixed)
			}
		}
		t.Logf("fixed hours %v: %d worlds in which tasks meet, %d above the best", fixed, crowded, above)
		if crowded < 40 {
			t.Errorf("only %d worlds in which one person's tasks meet", crowded)
		}
	}
}

// TestBatchIsProven checks each bound of a search by the certificate of its problem.
func TestBatchIsProven(t *testing.T) {
	for seed := range uint64(200) {
		b := newBoard(draw(rand.New(rand.NewPCG(seed, 6)), false))
		if err := b.all.Check(); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		bans := []ban{}
		for {
			p, _ := b.without(bans)
			s := assign.Sparse(p)
			if err := p.Verify(s); err != nil {
				t.Fatalf("seed %d with bans %v: %v", seed, bans, err)
			}
			n := b.relax(bans)
			if n.bound != s.Cost {
				t.Fatalf("seed %d: bound %d, certificate %d", seed, n.bound, s.Cost)
			}
			w, set := b.firstConflict(n.found)
			if set == nil {
				break
			}
			bans = append(bans, b.branches(w, set)[0]...)
		}
	}
}

func TestBatchDoesNotDependOnOrder(t *testing.T) {
	for seed := range uint64(100) {
		r := rand.New(rand.NewPCG(seed, 7))
		tasks := draw(r, false)
		one := Batch(tasks)
		for i := range tasks {
			tasks[i].Fitting = slices.Clone(tasks[i].Fitting)
			r.Shuffle(len(tasks[i].Fitting), func(x, y int) {
				f := tasks[i].Fitting
				f[x], f[y] = f[y], f[x]
			})
		}
		if two := Batch(tasks); !reflect.DeepEqual(one, two) {
			t.Fatalf("seed %d: %+v and %+v", seed, one, two)
		}
	}
}

func who(a Assignment) []care.PersonID {
	var people []care.PersonID
	for _, p := range a.Proposals {
		people = append(people, p.Fit.Candidate.Person)
	}
	return people
}

func TestBatch(t *testing.T) {
	near, far := helper("near", 500), helper("far", 6_000)
	short := far
	short.Offer.Radius = 1_000
	morning, same := need("anna", at(3, 10, 0), time.Hour), need("bert", at(3, 10, 0), time.Hour)
	later := need("cor", at(3, 10, 0), 4*time.Hour)
	urgent := same
	urgent.Request.Urgency = care.Urgent
	faced := task(morning, near, far)
	faced.Face = "far"
	for _, c := range []struct {
		what  string
		tasks []Task
		want  []care.PersonID
		left  []int
	}{
		{"nothing to do", nil, nil, nil},
		{"the nearest comes", []Task{task(morning, near, far)}, []care.PersonID{"near"}, nil},
		{"whoever can only do one of two does that one", []Task{task(morning, near, far), task(same, near)}, []care.PersonID{"far", "near"}, nil},
		{"nobody is at two places", []Task{task(morning, near), task(same, near)}, []care.PersonID{"near"}, []int{1}},
		{"the urgent one comes first", []Task{task(morning, near), task(urgent, near)}, []care.PersonID{"near"}, []int{0}},
		{"a window leaves room for both", []Task{task(morning, near), task(later, near)}, []care.PersonID{"near", "near"}, nil},
		{"a face is kept", []Task{faced}, []care.PersonID{"far"}, nil},
		{"nobody comes that far", []Task{task(morning, short)}, nil, []int{0}},
	} {
		got := Batch(c.tasks)
		if people := who(got); !slices.Equal(people, c.want) || !slices.Equal(got.Left, c.left) {
			t.Errorf("%s: %v and left %v, want %v and %v", c.what, people, got.Left, c.want, c.left)
		}
	}
}

// A week of a village: 150 times among 120 people.
func TestBatchOfAWeek(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 8))
	tasks := week(r, 150, 120)
	begun := time.Now()
	got := Batch(tasks)
	took := time.Since(begun)
	allowed(t, tasks, got)
	t.Logf("figure: a week of %d times: %d proposed, %d left, cost %d, proven %d, %s", len(tasks), len(got.Proposals), len(got.Left), got.Cost, got.Bound, took)
	if got.Bound*100 < got.Cost*99 {
		t.Errorf("cost %d, proven only %d", got.Cost, got.Bound)
	}
}
