package app

import (
	"sync"
	"time"
)

// ProbeEvery is how long it counts that a store could be written, or could not.
const ProbeEvery = 3 * time.Second

// Probe says whether a store can be written, by a small write every few seconds at most, however often
// it is asked: a disk that is full still answers readings. Its zero value has not looked yet.
type Probe struct {
	mu   sync.Mutex
	at   time.Time
	last error
}

// Check writes where the last write is long ago, and otherwise tells what became of that one. Whoever
// asks while another writes is told the same.
func (p *Probe) Check(now time.Time, write func() error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if age := now.Sub(p.at); p.at.IsZero() || age < 0 || age >= ProbeEvery {
		p.last, p.at = write(), now
	}
	return p.last
}
