package faults

import (
	"context"
	"sync"
	"time"

	"github.com/valyala/fasthttp"

	"naober/api/app"
	"naober/api/offline"
)

// Switches are all that can go wrong at one server. They outlive the service that they stand around, which is
// built anew whenever the data go back.
type Switches struct {
	board   Board
	streams streams
	ended   <-chan struct{}
	past    past

	mu      sync.Mutex
	service Service
}

// Service is what the switches act on.
type Service struct {
	App     *app.App
	Devices offline.Stores
	Now     func() time.Time
	// Save copies the data into a new folder; nil where they lie on a server.
	Save func(ctx context.Context, folder string) error
}

// New makes switches of which none is set. They end with the context; marks of the data are kept below a folder,
// which is theirs alone.
func New(ctx context.Context, folder string) *Switches {
	return &Switches{ended: ctx.Done(), past: past{folder: folder, asked: make(chan *request)}}
}

// Attach says which service the switches stand around from now on.
func (s *Switches) Attach(to Service) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.service = to
}

func (s *Switches) attached() Service {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.service
}

// accountOf is whose token a call carries; nobody's where it counts for nothing.
func (s *Switches) accountOf(c *fasthttp.RequestCtx) string {
	const scheme = "Bearer "
	head := string(c.Request.Header.Peek("Authorization"))
	if len(head) < len(scheme) {
		return ""
	}
	who, err := s.attached().App.Authenticate(c, head[len(scheme):])
	if err != nil {
		return ""
	}
	return string(who.Person)
}
