package fleet

import "fmt"

// The kinds of what can be found.
const (
	forbidden = "forbidden" // a device held what its person may not see
	lostOnes  = "lost"      // an intent that has to have a verdict has none, or its effect is missing
	twice     = "twice"     // an intent changed something twice, or although it was refused
	stuck     = "stuck"     // an outbox does not empty
	differs   = "differs"   // a device holds something else than it may see, or was told what is not so
)

// finding is one thing that does not hold.
type finding struct{ what, text string }

// result is what came of one schedule.
type result struct {
	found           []finding
	mutations       int
	kills, restores int
}

func (r *result) find(what, format string, args ...any) {
	if len(r.found) < 100 {
		r.found = append(r.found, finding{what, fmt.Sprintf(format, args...)})
	}
}

func (r *result) count(what string) int {
	n := 0
	for _, f := range r.found {
		if f.what == what {
			n++
		}
	}
	return n
}
