package rest

import (
	"github.com/gofiber/fiber/v2"

	"naober/api/app"
	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// seeMeAs serves GET /v1/me/as/:relation: oneself, through the serializers of what others read.
func (s *Server) seeMeAs(c *fiber.Ctx) error {
	m, err := s.app.SeeMeAs(c.UserContext(), caller(c), app.Relation(c.Params("relation")))
	if err != nil {
		return err
	}
	shown := wire.Mirror{Relation: string(m.Relation), Requests: list(m.Requests, toRequest), Offers: list(m.Offers, toOffer),
		Helpers: list(m.Helpers, func(h care.Helper) wire.ModeratedHelper { return toModerated(h, *toPersonRef(&m.Self)) })}
	if m.Person != nil {
		person := toProfile(m.Person.Value)
		shown.Person = &person
	}
	return c.JSON(shown)
}
