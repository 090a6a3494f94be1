package fcmtest

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// Received is one message that was accepted, as a phone would get it.
type Received struct {
	At      time.Time
	Name    string // projects/<project>/messages/<id>, as answered
	Token   string
	Key     string            // data["key"]
	Params  map[string]string // the rest of data
	Message json.RawMessage   // the message object exactly as it came
	Header  http.Header       // of the call, without its authorization
}

// Call is one line of the log: a send with any outcome. Of the token it holds the end only.
type Call struct {
	N        int               `json:"n"` // counts from 1 without a gap
	At       time.Time         `json:"at"`
	Key      string            `json:"key"`
	Params   map[string]string `json:"params,omitempty"`
	TokenEnd string            `json:"tokenEnd"`         // last 4 characters
	Status   int               `json:"status,omitempty"` // as answered; absent when the connection was cut
	Code     string            `json:"code,omitempty"`   // the FcmError code, or "dropped"
}

// Messages gives the accepted messages, oldest first.
func (h *Handler) Messages() []Received {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.messages)
}

// Calls gives the log, oldest first: refused calls too.
func (h *Handler) Calls() []Call {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.calls)
}

// Wait gives the first accepted message that the function likes, past ones included. It returns
// with the context's error when that ends first.
func (h *Handler) Wait(ctx context.Context, likes func(Received) bool) (Received, error) {
	for {
		h.mu.Lock()
		messages, changed := slices.Clone(h.messages), h.changed
		h.mu.Unlock()
		if i := slices.IndexFunc(messages, likes); i >= 0 {
			return messages[i], nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return Received{}, ctx.Err()
		}
	}
}

// record keeps a message and wakes everybody who waits for one.
func (h *Handler) record(message Received) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.messages = newest(append(h.messages, message))
	close(h.changed)
	h.changed = make(chan struct{})
}

func (h *Handler) log(call Call) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.logged++
	call.N = h.logged
	h.calls = newest(append(h.calls, call))
}

// newest lets the oldest half go once there is twice as much as is kept.
func newest[T any](all []T) []T {
	if len(all) < 2*keep {
		return all
	}
	return slices.Clone(all[len(all)-keep:])
}

// serveLog serves GET /log, with ?after=N for the calls later than number N.
func (h *Handler) serveLog(w http.ResponseWriter, r *http.Request) {
	after, err := strconv.Atoi(r.URL.Query().Get("after"))
	if err != nil {
		after = 0
	}
	calls := slices.DeleteFunc(h.Calls(), func(c Call) bool { return c.N <= after })
	if calls == nil {
		calls = []Call{}
	}
	writeJSON(w, http.StatusOK, calls)
}
