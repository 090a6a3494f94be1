package rest

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"naober/api/app"
	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// life serves GET /v1/persons/:person/life.
func (s *Server) life(c *fiber.Ctx) error {
	key, err := id[care.PersonID](c, "person")
	if err != nil {
		return err
	}
	p, _, err := s.app.LifeOf(c.UserContext(), caller(c), key)
	if err != nil {
		return err
	}
	tag(c, p.Ver)
	return c.JSON(toLife(p.Value, s.app.Now()))
}

// leaveFor serves POST /v1/persons/:person/life/leave.
func (s *Server) leaveFor(c *fiber.Ctx) error {
	err := actWith(c, "person", func(ctx context.Context, who app.Caller, key care.PersonID, body wire.Absence) error {
		rest := care.Rest{From: time.Time(body.From), Until: time.Time(body.Until)}
		return s.app.LeaveFor(ctx, who, key, care.Absence{State: care.LifeState(body.State), Rest: rest, Replaces: body.Replace})
	})
	if err != nil {
		return err
	}
	return s.life(c)
}

// returnFrom serves POST /v1/persons/:person/life/return.
func (s *Server) returnFrom(c *fiber.Ctx) error { return s.lived(c, s.app.ReturnFrom) }

// reportDeath serves POST /v1/persons/:person/life/death.
func (s *Server) reportDeath(c *fiber.Ctx) error { return s.lived(c, s.app.ReportDeath) }

// confirmDeath serves POST /v1/persons/:person/life/death/confirm.
func (s *Server) confirmDeath(c *fiber.Ctx) error { return s.lived(c, s.app.ConfirmDeath) }

// takeBackDeath serves POST /v1/persons/:person/life/death/take-back.
func (s *Server) takeBackDeath(c *fiber.Ctx) error { return s.lived(c, s.app.TakeBackDeath) }

func (s *Server) lived(c *fiber.Ctx, run func(context.Context, app.Caller, care.PersonID) error) error {
	if err := act(c, "person", run); err != nil {
		return err
	}
	return s.life(c)
}

// moveTo serves POST /v1/persons/:person/life/move. It answers with nothing: the person is the old
// desk's no more.
func (s *Server) moveTo(c *fiber.Ctx) error {
	err := actWith(c, "person", func(ctx context.Context, who app.Caller, key care.PersonID, body wire.Removal) error {
		from, err := bodyID[care.CommunityID]("from", body.From)
		if err != nil {
			return err
		}
		to, err := bodyID[care.CommunityID]("to", body.To)
		if err != nil {
			return err
		}
		return s.app.MoveTo(ctx, who, key, from, to, fromPlace(body.Home))
	})
	if err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

func toLife(p care.Person, now time.Time) wire.Life {
	l, state := p.Life, string(p.Life.Now(now))
	if state == "" {
		state = "here"
	}
	return wire.Life{Person: string(p.ID), State: state, Planned: string(l.Planned(now)), From: wire.Instant(l.From), Until: wire.Instant(l.Until), By: string(l.By),
		At: wire.Instant(l.At), ReportedBy: string(l.ProposedBy), ReportedAt: wire.Instant(l.ProposedAt)}
}
