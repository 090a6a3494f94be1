package demo

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"naober/matching/care"
)

// Postman prints sign-in codes and remembers the last one per contact. It sends nothing to anybody,
// and tells outsiders codes: it is for invented people only. Safe for concurrent use.
type Postman struct {
	out io.Writer
	now func() time.Time

	mu   sync.Mutex
	last map[string]Code
}

// Code is the last code that went to a contact.
type Code struct {
	Contact string    `json:"contact"`
	Code    string    `json:"code"`
	At      time.Time `json:"at"` // on the demo's clock
}

// NewPostman makes a postman who prints to out.
func NewPostman(out io.Writer, now func() time.Time) *Postman {
	return &Postman{out: out, now: now, last: map[string]Code{}}
}

// SendCode implements app.Postman.
func (p *Postman) SendCode(_ context.Context, to care.Contact, _, code string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last[to.Value] = Code{Contact: to.Value, Code: code, At: p.now().UTC()}
	_, err := fmt.Fprintf(p.out, "code for %s: %s\n", to.Value, code)
	return err
}

// Last finds the last code that went to a contact.
func (p *Postman) Last(contact string) (Code, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c, ok := p.last[strings.ToLower(strings.TrimSpace(contact))]
	return c, ok
}
