package rest

import (
	"github.com/gofiber/fiber/v2"

	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// forgetMe serves POST /v1/me/forget. Its caller is signed out with the answer.
func (s *Server) forgetMe(c *fiber.Ctx) error {
	body, err := decode[wire.Forgetting](c)
	if err != nil {
		return err
	}
	if err := s.app.ForgetMe(c.UserContext(), caller(c), body.FirstName); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

// forgetPerson serves POST /v1/persons/:person/forget.
func (s *Server) forgetPerson(c *fiber.Ctx) error {
	key, err := id[care.PersonID](c, "person")
	if err != nil {
		return err
	}
	body, err := decode[wire.Forgetting](c)
	if err != nil {
		return err
	}
	if err := s.app.ForgetPerson(c.UserContext(), caller(c), key, body.FirstName); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}
