package faults

import (
	"slices"
	"strconv"
	"sync"

	"naober/matching/care"
)

// mostFaults is how many are set at once: somebody forgot to clear them.
const mostFaults = 1000

// Board holds the faults that are set, the oldest first. It is safe for concurrent use; the zero value is empty.
type Board struct {
	mu   sync.Mutex
	last int
	set  []*Fault
}

// Set adds a fault and gives it its id.
func (b *Board) Set(f Fault) (Fault, error) {
	if err := f.check(); err != nil {
		return f, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.set) >= mostFaults {
		return f, care.E(care.Limited, "too_many_faults", "%d faults are set: clear some", mostFaults)
	}
	b.last++
	f.ID, f.Met = strconv.Itoa(b.last), 0
	if !f.Kind.lasting() {
		if f.Path == "" {
			f.Path = everySync
		}
		if f.Times == 0 && !f.Always {
			f.Times = 1
		}
	}
	b.set = append(b.set, &f)
	return f, nil
}

// All lists what is set; one that has befallen as many calls as it should is there no more.
func (b *Board) All() []Fault {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := make([]Fault, len(b.set))
	for i, f := range b.set {
		all[i] = *f
	}
	return all
}

// Clear takes back one fault, or all where no id is given.
func (b *Board) Clear(id string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	before := len(b.set)
	b.set = slices.DeleteFunc(b.set, func(f *Fault) bool { return id == "" || f.ID == id })
	if id != "" && len(b.set) == before {
		return care.E(care.NotFound, "fault_not_found", "no such fault is set; one that has done what it should is gone by itself")
	}
	return nil
}

// meet takes the faults of one call: delays and singles that fit, and the first that answers it.
func (b *Board) meet(c call) []Fault {
	b.mu.Lock()
	defer b.mu.Unlock()
	var met []Fault
	answered := false
	for _, f := range b.set {
		if f.Kind.lasting() || f.Kind.answers() && answered || !f.fits(c) {
			continue
		}
		if f.After > 0 {
			f.After--
			continue
		}
		answered = answered || f.Kind.answers()
		f.Met++
		if met = append(met, *f); !f.Always {
			f.Times--
		}
	}
	b.set = slices.DeleteFunc(b.set, func(f *Fault) bool { return !f.Kind.lasting() && !f.Always && f.Times == 0 })
	return met
}

// lasting are the faults of a kind that befall no calls.
func (b *Board) lasting(k Kind) []Fault {
	return slices.DeleteFunc(b.All(), func(f Fault) bool { return f.Kind != k })
}
