package rest

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"naober/api/app"
	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// memberships serves GET /v1/me/memberships: those that give rights now.
func (s *Server) memberships(c *fiber.Ctx) error {
	found, err := s.app.Memberships(c.UserContext(), caller(c))
	if err != nil {
		return err
	}
	return pageOf(c, each(found, toMembership), "")
}

// membership serves GET /v1/memberships/:membership.
func (s *Server) membership(c *fiber.Ctx) error {
	key, err := id[care.MembershipID](c, "membership")
	if err != nil {
		return err
	}
	m, err := s.app.Membership(c.UserContext(), caller(c), key)
	if err != nil {
		return err
	}
	tag(c, m.Ver)
	return c.JSON(toMembership(m.Value))
}

// join serves POST /v1/communities/:community/members.
func (s *Server) join(c *fiber.Ctx) error {
	in, err := id[care.CommunityID](c, "community")
	if err != nil {
		return err
	}
	body, err := decode[wire.Joining](c)
	if err != nil {
		return err
	}
	made, err := s.app.Join(c.UserContext(), caller(c), in, care.Role(body.Role))
	if err != nil {
		return err
	}
	return s.membershipMade(c, made)
}

// grantRole serves POST /v1/communities/:community/roles.
func (s *Server) grantRole(c *fiber.Ctx) error {
	in, err := id[care.CommunityID](c, "community")
	if err != nil {
		return err
	}
	body, err := decode[wire.Grant](c)
	if err != nil {
		return err
	}
	g := app.Grant{Community: in, Role: care.Role(body.Role), Deputy: body.Deputy}
	if g.Person, err = bodyID[care.PersonID]("person", body.Person); err != nil {
		return err
	}
	if g.Organization, err = optionalID[care.OrganizationID]("organization", body.Organization); err != nil {
		return err
	}
	made, err := s.app.GrantRole(c.UserContext(), caller(c), g)
	if err != nil {
		return err
	}
	return s.membershipMade(c, made)
}

func (s *Server) membershipMade(c *fiber.Ctx, made care.MembershipID) error {
	m, err := s.app.Membership(c.UserContext(), caller(c), made)
	if err != nil {
		return err
	}
	tag(c, m.Ver)
	return created(c, "/v1/memberships/"+m.ID, toMembership(m.Value))
}

// leave serves DELETE /v1/me/memberships/:membership.
func (s *Server) leave(c *fiber.Ctx) error {
	if err := act(c, "membership", s.app.Leave); err != nil {
		return err
	}
	return s.membership(c)
}

// endMembership serves DELETE /v1/memberships/:membership.
func (s *Server) endMembership(c *fiber.Ctx) error {
	if err := act(c, "membership", s.app.EndMembership); err != nil {
		return err
	}
	return s.membership(c)
}

// setLeave serves PUT /v1/memberships/:membership/leave.
func (s *Server) setLeave(c *fiber.Ctx) error {
	err := actWith(c, "membership", func(ctx context.Context, who app.Caller, key care.MembershipID, body wire.Leave) error {
		return s.app.SetLeave(ctx, who, key, time.Time(body.From), time.Time(body.Until))
	})
	if err != nil {
		return err
	}
	return s.membership(c)
}
