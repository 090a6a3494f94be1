package rest

import (
	"github.com/gofiber/fiber/v2"

	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// mergePersons serves POST /v1/communities/:community/persons/merge. It answers with the merges of the
// record that stays.
func (s *Server) mergePersons(c *fiber.Ctx) error {
	in, err := id[care.CommunityID](c, "community")
	if err != nil {
		return err
	}
	body, err := decode[wire.Merging](c)
	if err != nil {
		return err
	}
	from, err := bodyID[care.PersonID]("person", body.Person)
	if err != nil {
		return err
	}
	into, err := bodyID[care.PersonID]("into", body.Into)
	if err != nil {
		return err
	}
	if err := s.app.MergePersons(c.UserContext(), caller(c), in, from, into); err != nil {
		return err
	}
	return s.mergesOf(c, into)
}

// unmerge serves POST /v1/persons/:person/unmerge, of the record that went.
func (s *Server) unmerge(c *fiber.Ctx) error {
	if err := act(c, "person", s.app.UndoMerge); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

// merges serves GET /v1/persons/:person/merges.
func (s *Server) merges(c *fiber.Ctx) error {
	key, err := id[care.PersonID](c, "person")
	if err != nil {
		return err
	}
	return s.mergesOf(c, key)
}

func (s *Server) mergesOf(c *fiber.Ctx, key care.PersonID) error {
	found, err := s.app.Merges(c.UserContext(), caller(c), key)
	if err != nil {
		return err
	}
	return pageOf(c, each(found, toMerge), "")
}

func toMerge(m care.Absorbed) wire.Merge {
	state := "merged"
	switch {
	case !m.UndoneAt.IsZero():
		state = "undoing"
	case !m.Settled:
		state = "merging"
	}
	return wire.Merge{ID: string(m.ID), Person: string(m.Person), Community: string(m.In), By: string(m.By), At: wire.Instant(m.At),
		UndoUntil: wire.Instant(m.Until()), State: state}
}
