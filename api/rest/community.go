package rest

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"naober/api/app"
	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// communities serves GET /v1/communities: all of them, or the nearest to a point.
func (s *Server) communities(c *fiber.Ctx) error {
	p, err := page(c)
	if err != nil {
		return err
	}
	near, err := point(c)
	if err != nil {
		return err
	}
	found, err := s.app.Communities(c.UserContext(), near, p)
	if err != nil {
		return err
	}
	next := ""
	if near == nil {
		next = nextAfter(found, p.Limit, func(v care.Community) string { return string(v.ID) })
	}
	return pageOf(c, each(found, toCommunity), next)
}

// community serves GET /v1/communities/:community.
func (s *Server) community(c *fiber.Ctx) error {
	key, err := id[care.CommunityID](c, "community")
	if err != nil {
		return err
	}
	found, err := s.app.Community(c.UserContext(), key)
	if err != nil {
		return err
	}
	tag(c, found.Ver)
	return c.JSON(toCommunity(found.Value))
}

// weighCommunity serves PUT /v1/communities/:community/weights.
func (s *Server) weighCommunity(c *fiber.Ctx) error {
	err := actWith(c, "community", func(ctx context.Context, who app.Caller, in care.CommunityID, body wire.Weights) error {
		return s.app.WeighCommunity(ctx, who, in, care.Weights(body))
	})
	if err != nil {
		return err
	}
	changed(c)
	return s.community(c)
}

// organizations serves GET /v1/organizations.
func (s *Server) organizations(c *fiber.Ctx) error {
	p, err := page(c)
	if err != nil {
		return err
	}
	found, err := s.app.Organizations(c.UserContext(), p)
	if err != nil {
		return err
	}
	next := nextAfter(found, p.Limit, func(o care.Organization) string { return string(o.ID) })
	return pageOf(c, each(found, toOrganization), next)
}
