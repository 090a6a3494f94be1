package rest

import (
	"github.com/gofiber/fiber/v2"

	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// sendMessage serves POST /v1/visits/:visit/messages.
func (s *Server) sendMessage(c *fiber.Ctx) error {
	visit, err := id[care.VisitID](c, "visit")
	if err != nil {
		return err
	}
	body, err := decode[wire.NewMessage](c)
	if err != nil {
		return err
	}
	sent, err := s.app.SendMessage(c.UserContext(), caller(c), visit, body.Text)
	if err != nil {
		return err
	}
	m, err := s.app.Message(c.UserContext(), caller(c), sent)
	if err != nil {
		return err
	}
	tag(c, m.Ver)
	return created(c, "/v1/messages/"+m.ID, toMessage(m.Value))
}

// messages serves GET /v1/visits/:visit/messages.
func (s *Server) messages(c *fiber.Ctx) error {
	visit, err := id[care.VisitID](c, "visit")
	if err != nil {
		return err
	}
	p, err := page(c)
	if err != nil {
		return err
	}
	found, err := s.app.Messages(c.UserContext(), caller(c), visit, p)
	if err != nil {
		return err
	}
	next := nextAfter(found, p.Limit, func(m care.Message) string { return string(m.ID) })
	return pageOf(c, each(found, toMessage), next)
}

// message serves GET /v1/messages/:message.
func (s *Server) message(c *fiber.Ctx) error {
	key, err := id[care.MessageID](c, "message")
	if err != nil {
		return err
	}
	m, err := s.app.Message(c.UserContext(), caller(c), key)
	if err != nil {
		return err
	}
	tag(c, m.Ver)
	return c.JSON(toMessage(m.Value))
}
