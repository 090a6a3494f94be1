package rest

import (
	"errors"
	"strings"

	"github.com/gofiber/fiber/v2"

	"naober/api/app"
	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// me serves GET /v1/me.
func (s *Server) me(c *fiber.Ctx) error {
	p, err := s.app.Me(c.UserContext(), caller(c))
	if err != nil {
		return err
	}
	tag(c, p.Ver)
	return c.JSON(toProfile(p.Value))
}

// editMe serves PUT /v1/me.
func (s *Server) editMe(c *fiber.Ctx) error {
	body, err := decode[wire.ProfileEdit](c)
	if err != nil {
		return err
	}
	if err := s.app.EditMe(c.UserContext(), caller(c), fromProfile(body)); err != nil {
		return err
	}
	return s.me(c)
}

// addContact serves POST /v1/me/contacts.
func (s *Server) addContact(c *fiber.Ctx) error {
	body, err := decode[wire.NewContact](c)
	if err != nil {
		return err
	}
	flow, err := bodyID[app.FlowID]("flow", body.Flow)
	if err != nil {
		return err
	}
	proof := app.Redemption{Flow: flow, Code: body.Code, Address: s.address(c)}
	if err := s.app.AddContact(c.UserContext(), caller(c), body.Contact, proof); err != nil {
		return oneContact(err)
	}
	return s.me(c)
}

// dropContact serves POST /v1/me/contacts/remove. The contact is in the body, for addresses are
// written into other people's logs.
func (s *Server) dropContact(c *fiber.Ctx) error {
	body, err := decode[wire.ContactRemoval](c)
	if err != nil {
		return err
	}
	if err := s.app.DropContact(c.UserContext(), caller(c), body.Contact); err != nil {
		return oneContact(err)
	}
	return s.me(c)
}

// oneContact says of what is amiss with somebody's contacts that it is the one which was sent.
func oneContact(err error) error {
	var e *care.Error
	if errors.As(err, &e) && strings.HasPrefix(e.Params["field"], "contacts") {
		return e.With("field", "contact")
	}
	return err
}

// views serves GET /v1/me/views: who saw what of the caller's data.
func (s *Server) views(c *fiber.Ctx) error {
	p, err := page(c)
	if err != nil {
		return err
	}
	found, err := s.app.Views(c.UserContext(), caller(c), p)
	if err != nil {
		return err
	}
	return pageOf(c, each(found, toView), nextAfter(found, p.Limit, func(v app.SeenView) string { return v.ID }))
}

// person serves GET /v1/persons/:person.
func (s *Server) person(c *fiber.Ctx) error {
	key, err := id[care.PersonID](c, "person")
	if err != nil {
		return err
	}
	return s.answerPerson(c, key, fiber.StatusOK)
}

func (s *Server) answerPerson(c *fiber.Ctx, key care.PersonID, status int) error {
	p, err := s.app.Person(c.UserContext(), caller(c), key)
	if err != nil {
		return err
	}
	tag(c, p.Ver)
	if status == fiber.StatusCreated {
		return created(c, "/v1/persons/"+p.ID, toProfile(p.Value))
	}
	return c.JSON(toProfile(p.Value))
}

// registerAtDesk serves POST /v1/communities/:community/persons.
func (s *Server) registerAtDesk(c *fiber.Ctx) error {
	in, err := id[care.CommunityID](c, "community")
	if err != nil {
		return err
	}
	body, err := decode[wire.NewDeskPerson](c)
	if err != nil {
		return err
	}
	n := fromNewPerson(body, in)
	made, err := s.app.RegisterAtDesk(c.UserContext(), caller(c), n)
	if err != nil {
		return err
	}
	return s.answerPerson(c, made, fiber.StatusCreated)
}

// duplicates serves POST /v1/communities/:community/persons/duplicates: who there is probably the person
// described. It changes nothing.
func (s *Server) duplicates(c *fiber.Ctx) error {
	in, err := id[care.CommunityID](c, "community")
	if err != nil {
		return err
	}
	body, err := decode[wire.NewDeskPerson](c)
	if err != nil {
		return err
	}
	found, err := s.app.Duplicates(c.UserContext(), caller(c), fromNewPerson(body, in))
	if err != nil {
		return err
	}
	return pageOf(c, each(found, toProfile), "")
}

// searchPersons serves POST /v1/communities/:community/persons/search. It changes nothing; the words
// are in the body, for addresses are written into other people's logs.
func (s *Server) searchPersons(c *fiber.Ctx) error {
	in, err := id[care.CommunityID](c, "community")
	if err != nil {
		return err
	}
	body, err := decode[wire.Search](c)
	if err != nil {
		return err
	}
	found, err := s.app.SearchPersons(c.UserContext(), caller(c), in, body.Query)
	if err != nil {
		return err
	}
	return pageOf(c, each(found, toProfile), "")
}

// issuePaperCode serves POST /v1/persons/:person/paper-codes. The code is in this answer alone.
func (s *Server) issuePaperCode(c *fiber.Ctx) error {
	key, err := id[care.PersonID](c, "person")
	if err != nil {
		return err
	}
	if _, err := decodeOptional[wire.Nothing](c); err != nil {
		return err
	}
	p, err := s.app.IssuePaperCode(c.UserContext(), caller(c), key)
	if err != nil {
		return err
	}
	return c.Status(fiber.StatusCreated).JSON(wire.PaperCode{Person: string(p.Person), Code: p.Code, ExpiresAt: wire.Instant(p.ExpiresAt)})
}
