package rest

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// makeOffer serves POST /v1/offers.
func (s *Server) makeOffer(c *fiber.Ctx) error {
	body, err := decode[wire.NewOffer](c)
	if err != nil {
		return err
	}
	n, err := fromOffer(body)
	if err != nil {
		return err
	}
	made, err := s.app.MakeOffer(c.UserContext(), caller(c), n)
	if err != nil {
		return err
	}
	o, err := s.app.Offer(c.UserContext(), caller(c), made)
	if err != nil {
		return err
	}
	tag(c, o.Ver)
	return created(c, "/v1/offers/"+o.ID, toOffer(o.Value))
}

// offers serves GET /v1/offers: one's own.
func (s *Server) offers(c *fiber.Ctx) error {
	p, err := page(c)
	if err != nil {
		return err
	}
	found, err := s.app.Offers(c.UserContext(), caller(c), p)
	if err != nil {
		return err
	}
	next := nextAfter(found, p.Limit, func(o port.Stored[care.Offer]) string { return o.ID })
	return pageOf(c, each(found, func(o port.Stored[care.Offer]) wire.Offer { return toOffer(o.Value) }), next)
}

// offer serves GET /v1/offers/:offer.
func (s *Server) offer(c *fiber.Ctx) error {
	key, err := id[care.OfferID](c, "offer")
	if err != nil {
		return err
	}
	o, err := s.app.Offer(c.UserContext(), caller(c), key)
	if err != nil {
		return err
	}
	tag(c, o.Ver)
	return c.JSON(toOffer(o.Value))
}

// editOffer serves PUT /v1/offers/:offer.
func (s *Server) editOffer(c *fiber.Ctx) error {
	err := actWith(c, "offer", func(ctx context.Context, who app.Caller, key care.OfferID, body wire.OfferEdit) error {
		next, err := fromOfferEdit(body)
		if err != nil {
			return err
		}
		return s.app.EditOffer(ctx, who, key, next)
	})
	if err != nil {
		return err
	}
	return s.offer(c)
}

// endOffer serves POST /v1/offers/:offer/end.
func (s *Server) endOffer(c *fiber.Ctx) error {
	if err := act(c, "offer", s.app.EndOffer); err != nil {
		return err
	}
	return s.offer(c)
}
