package rest

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"naober/api/app"
	"naober/api/offline"
	"naober/api/port"
	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// How a stream of events lives.
const (
	streamLife  = 15 * time.Minute // as long as an access token
	streamBeat  = 25 * time.Second // between two signs of life
	pokeEvery   = time.Second      // at most
	streamWrite = 10 * time.Second // for what is sent at once
	streamAgain = 2 * time.Second  // after which a device listens again
)

const eventStream = "text/event-stream"

// eventsTicket serves POST /sync/v1/events/ticket.
func (s *Server) eventsTicket(c *fiber.Ctx) error {
	return c.JSON(wire.EventsTicket{Ticket: s.app.EventsTicket(caller(c)), ExpiresInMs: app.TicketLife.Milliseconds()})
}

// events serves GET /sync/v1/events: a word whenever something may have changed for the caller, and never what.
func (s *Server) events(c *fiber.Ctx) error {
	if !strings.Contains(c.Get(fiber.HeaderAccept), eventStream) {
		return care.E(care.Invalid, "accept_missing", "this is a stream: ask for text/event-stream")
	}
	who, err := s.listener(c)
	if err != nil {
		return s.refusedToken(c, err)
	}
	offices, err := s.app.OfficesOf(c.UserContext(), who.Person)
	if err != nil {
		return err
	}
	epoch, err := s.offline.Epoch(c.UserContext())
	if err != nil {
		return err
	}
	stream, err := s.hub.Open(who.Person, offices)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, eventStream)
	c.Set("X-Accel-Buffering", "no")
	if c.Method() == fiber.MethodHead {
		s.hub.Close(stream)
		return nil
	}
	conn := c.Context().Conn()
	c.Context().SetBodyStreamWriter(func(w *bufio.Writer) {
		defer s.hub.Close(stream)
		s.relay(sender{conn, w}, stream, who, fmt.Sprintf(`{"epoch":%q}`, epoch))
	})
	return nil
}

// listener is who asks for a stream, by a ticket or by a token.
func (s *Server) listener(c *fiber.Ctx) (app.Caller, error) {
	ticket, given, err := query(c, "ticket")
	if err != nil {
		return app.Caller{}, err
	}
	if given {
		return s.app.RedeemTicket(c.UserContext(), ticket)
	}
	raw := bearer(c.Get(fiber.HeaderAuthorization))
	if raw == "" {
		return app.Caller{}, care.E(care.Unauthenticated, "token_missing", "sign in first")
	}
	return s.app.Authenticate(c.UserContext(), raw)
}

// sender writes to a stream. A device that is gone is noticed by a write that fails.
type sender struct {
	conn net.Conn
	*bufio.Writer
}

func (s sender) send(text string) error {
	// Each piece has its own time: the server's counts from the beginning of the answer.
	if err := s.conn.SetWriteDeadline(time.Now().Add(streamWrite)); err != nil {
		return err
	}
	if _, err := s.WriteString(text); err != nil {
		return err
	}
	return s.Flush()
}

// relay sends what happens on a stream until it is over.
func (s *Server) relay(to sender, stream *offline.Stream, who app.Caller, hello string) {
	over, beat := time.NewTimer(streamLife), time.NewTicker(streamBeat)
	defer over.Stop()
	defer beat.Stop()
	if to.send("event: hello\ndata: "+hello+"\n\n") != nil {
		return
	}
	poked, ready := stream.Poked(), (<-chan time.Time)(nil)
	for {
		var failed error
		select {
		case <-poked:
			failed = to.send("event: poke\ndata: {}\n\n")
			poked, ready = nil, time.After(pokeEvery)
		case <-ready:
			poked, ready = stream.Poked(), nil
		case <-beat.C:
			if failed = to.send(":\n\n"); failed == nil && s.signedOut(who) {
				return
			}
		case <-over.C:
			s.bye(to)
			return
		case <-stream.Ended():
			s.bye(to)
			return
		}
		if failed != nil {
			return
		}
	}
}

func (s *Server) bye(to sender) {
	_ = to.send(fmt.Sprintf("event: bye\ndata: {\"retryMs\":%d}\n\n", streamAgain.Milliseconds())) // it may be gone already
}

// signedOut reports whether a device was signed out while it listened; where that cannot be known now it goes on.
func (s *Server) signedOut(who app.Caller) bool {
	ctx, cancel := context.WithTimeout(context.Background(), callTime)
	defer cancel()
	return app.Refusal(s.app.SessionLives(ctx, who))
}

// Wake tells devices that listen here that something may have changed for them. It handles rows of the feed; one
// that comes twice wakes twice, and one that is missed is made up for by the next pull.
func (s *Server) Wake(ctx context.Context, row port.Row) error {
	if s.hub.Count() == 0 {
		return nil
	}
	c, err := s.app.ConcernOf(ctx, row)
	if err != nil {
		return err
	}
	s.hub.Poke(c.People, c.Offices)
	return nil
}
