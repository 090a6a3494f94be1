package offline

import (
	"slices"
	"sync"

	"naober/matching/care"
)

// How many streams are open at once: each holds a connection.
const (
	mostStreams = 400 // of a process
	// StreamsOfAccount is for each account; the oldest makes way for one more.
	StreamsOfAccount = 4
)

// Hub knows the streams of this process, and wakes them. The zero value is ready.
type Hub struct {
	mu      sync.Mutex
	streams []*Stream // the oldest first
	closed  bool
}

// Stream is one device that listens.
type Stream struct {
	account care.PersonID
	offices []string
	poked   chan struct{}
	ended   chan struct{}
}

// Poked tells that something may have changed; several pokes become one.
func (s *Stream) Poked() <-chan struct{} { return s.poked }

// Ended is closed when the stream has to end.
func (s *Stream) Ended() <-chan struct{} { return s.ended }

// Open begins a stream of an account that works in these offices. It is refused where the process has no room.
func (h *Hub) Open(account care.PersonID, offices []string) (*Stream, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var own []*Stream
	for _, s := range h.streams {
		if s.account == account {
			own = append(own, s)
		}
	}
	if len(own) >= StreamsOfAccount {
		h.end(own[0])
	}
	if h.closed || len(h.streams) >= mostStreams {
		return nil, care.E(care.Unavailable, "streams_full", "too many listen here; pull from time to time")
	}
	s := &Stream{account: account, offices: offices, poked: make(chan struct{}, 1), ended: make(chan struct{})}
	h.streams = append(h.streams, s)
	return s, nil
}

// Close ends a stream; once more changes nothing.
func (h *Hub) Close(s *Stream) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.end(s)
}

func (h *Hub) end(s *Stream) {
	if i := slices.Index(h.streams, s); i >= 0 {
		h.streams = slices.Delete(h.streams, i, i+1)
		close(s.ended)
	}
}

// Shut ends all streams, and lets none begin.
func (h *Hub) Shut() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for len(h.streams) > 0 {
		h.end(h.streams[0])
	}
}

// Count is how many listen.
func (h *Hub) Count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.streams)
}

// Listens reports whether a device of the account listens here.
func (h *Hub) Listens(account care.PersonID) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.ContainsFunc(h.streams, func(s *Stream) bool { return s.account == account })
}

// Poke wakes these people, and whoever works in one of these offices.
func (h *Hub) Poke(people []care.PersonID, offices []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, s := range h.streams {
		if !slices.Contains(people, s.account) && !slices.ContainsFunc(s.offices, func(o string) bool { return slices.Contains(offices, o) }) {
			continue
		}
		select {
		case s.poked <- struct{}{}:
		default: // it is awake already
		}
	}
}
