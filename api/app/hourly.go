package app

import (
	"sync"
	"time"
)

// hourly lets what stands until somebody acts into the log once an hour, however often it is met. Its
// zero value has said nothing yet.
type hourly struct {
	mu   sync.Mutex
	said map[string]time.Time
}

// due reports whether a word is to be said now, and takes it for said.
func (h *hourly) due(word string, now time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if last, was := h.said[word]; was && now.Before(last.Add(time.Hour)) && !now.Before(last) {
		return false
	}
	if h.said == nil {
		h.said = map[string]time.Time{}
	}
	h.said[word] = now
	return true
}
