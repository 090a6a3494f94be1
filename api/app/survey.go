package app

import (
	"slices"
	"strings"
	"sync"
	"time"

	"naober/api/port"
	"naober/matching"
	"naober/matching/care"
)

const (
	// surveyStep is how finely the clock is read for a look at candidates: a pause that ends, or an hour
	// of rest that begins, shows this much later at most. What is written shows as soon as this process's
	// index has read it.
	surveyStep = 10 * time.Second
	// surveysMost bounds the looks in memory: some 20 MB.
	surveysMost = 256
)

// surveyKey is everything that a look at candidates depends on, but for the moment.
type surveyKey struct {
	request care.RequestID
	rev     int64
	slot    care.SlotID
	index   indexVersion
	weights care.Weights
	known   string // whom the resident is tied to
}

// surveys remembers looks at a village, so that a screen that is drawn again does not judge everybody
// again. What it holds lasts for one step of the clock.
type surveys struct {
	mu   sync.Mutex
	step time.Time
	done map[surveyKey]matching.Explanation
}

// survey looks at who could be asked for a time of a request, why nobody else, and what would help.
func (a *App) survey(r port.Stored[care.Request], s care.Slot, known ties) matching.Explanation {
	need := a.need(r.Value, s)
	need.Now = need.Now.Truncate(surveyStep)
	key := surveyKey{request: r.Value.ID, rev: r.Rev, slot: s.ID, weights: a.weights.in(r.Value.Community), index: a.index.version(r.Value.Community), known: known.text()}
	if found, ok := a.surveys.find(need.Now, key); ok {
		return found
	}
	made := matching.Explain(need, shownCandidates, a.index.people(r.Value.Community, known))
	a.surveys.keep(need.Now, key, made)
	return made
}

func (m *surveys) find(step time.Time, key surveyKey) (matching.Explanation, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !step.Equal(m.step) {
		m.step, m.done = step, nil
	}
	found, ok := m.done[key]
	return found, ok
}

func (m *surveys) keep(step time.Time, key surveyKey, s matching.Explanation) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !step.Equal(m.step) {
		return
	}
	if m.done == nil || len(m.done) >= surveysMost {
		m.done = map[surveyKey]matching.Explanation{}
	}
	m.done[key] = s
}

// faces is a set of people as one text.
func faces(known map[care.PersonID]bool) string {
	ids := make([]string, 0, len(known))
	for p := range known {
		ids = append(ids, string(p))
	}
	slices.Sort(ids)
	return strings.Join(ids, " ")
}
