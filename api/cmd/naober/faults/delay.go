package faults

import "time"

// wait lets the time of a delay pass, or what is left of the server's life.
func (s *Switches) wait(f Fault) {
	t := time.NewTimer(time.Duration(f.DelayMs) * time.Millisecond)
	defer t.Stop()
	select {
	case <-t.C:
	case <-s.ended:
	}
}
