package rest

import (
	"github.com/gofiber/fiber/v2"

	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// book serves GET /v1/me/helper.
func (s *Server) book(c *fiber.Ctx) error {
	h, err := s.app.Book(c.UserContext(), caller(c))
	if err != nil {
		return err
	}
	tag(c, h.Ver)
	return c.JSON(toBook(h.Value, s.app.Now()))
}

// setQuiet serves PUT /v1/me/helper/quiet.
func (s *Server) setQuiet(c *fiber.Ctx) error {
	body, err := decode[wire.Quiet](c)
	if err != nil {
		return err
	}
	quiet, err := fromQuiet(body)
	if err != nil {
		return err
	}
	if err := s.app.SetQuiet(c.UserContext(), caller(c), quiet); err != nil {
		return err
	}
	return s.book(c)
}

// applyAsHelper serves POST /v1/me/helper/applications.
func (s *Server) applyAsHelper(c *fiber.Ctx) error {
	body, err := decode[wire.Application](c)
	if err != nil {
		return err
	}
	in, err := bodyID[care.CommunityID]("community", body.Community)
	if err != nil {
		return err
	}
	if err := s.app.ApplyAsHelper(c.UserContext(), caller(c), in); err != nil {
		return err
	}
	return s.book(c)
}

// blockPerson serves POST /v1/me/blocks.
func (s *Server) blockPerson(c *fiber.Ctx) error {
	body, err := decode[wire.Block](c)
	if err != nil {
		return err
	}
	in, err := bodyID[care.CommunityID]("community", body.Community)
	if err != nil {
		return err
	}
	other, err := bodyID[care.PersonID]("person", body.Person)
	if err != nil {
		return err
	}
	if err := s.app.BlockPerson(c.UserContext(), caller(c), in, other); err != nil {
		return err
	}
	return s.book(c)
}
