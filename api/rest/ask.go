package rest

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"naober/api/app"
	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// ask serves GET /v1/asks/:ask: one's own ask, and the request as far as it is still for its helper.
func (s *Server) ask(c *fiber.Ctx) error {
	key, err := id[care.AskID](c, "ask")
	if err != nil {
		return err
	}
	request, ask, err := s.app.RequestOfAsk(c.UserContext(), caller(c), key)
	if err != nil {
		return err
	}
	me, err := s.app.Me(c.UserContext(), caller(c))
	if err != nil {
		return err
	}
	self := map[care.PersonID]app.PersonView{me.Value.ID: {ID: me.Value.ID, FirstName: me.Value.FirstName}}
	answer := wire.AskAnswer{Ask: toAsk(ask, self, self)}
	view, err := s.app.Request(c.UserContext(), caller(c), request)
	switch {
	case err == nil:
		shown := toRequest(view)
		answer.Request = &shown
		tag(c, view.Ver)
	case !care.IsKind(err, care.NotFound):
		return err
	}
	return c.JSON(answer)
}

// askReasons serves GET /v1/asks/:ask/reasons: why its helper was asked, for their own eyes.
func (s *Server) askReasons(c *fiber.Ctx) error {
	key, err := id[care.AskID](c, "ask")
	if err != nil {
		return err
	}
	ask, why, err := s.app.WhyAsked(c.UserContext(), caller(c), key)
	if err != nil {
		return err
	}
	return c.JSON(wire.AskReasons{Ask: string(ask.ID), Reasons: list(why, toMatch)})
}

// acceptAsk serves POST /v1/asks/:ask/accept.
func (s *Server) acceptAsk(c *fiber.Ctx) error {
	key, err := id[care.AskID](c, "ask")
	if err != nil {
		return err
	}
	body, err := decodeOptional[wire.Yes](c)
	if err != nil {
		return err
	}
	if _, err := s.app.AcceptAsk(c.UserContext(), caller(c), key, time.Time(body.At)); err != nil {
		return err
	}
	changed(c)
	return s.ask(c)
}

// declineAsk serves POST /v1/asks/:ask/decline.
func (s *Server) declineAsk(c *fiber.Ctx) error {
	return answerAsk(s, c, func(ctx context.Context, who app.Caller, key care.AskID, body wire.Reason) error {
		return s.app.DeclineAsk(ctx, who, key, body.Reason)
	})
}

// deferAsk serves POST /v1/asks/:ask/later.
func (s *Server) deferAsk(c *fiber.Ctx) error {
	return answerAsk(s, c, func(ctx context.Context, who app.Caller, key care.AskID, body wire.Later) error {
		return s.app.DeferAsk(ctx, who, key, time.Time(body.Until))
	})
}

func answerAsk[T any](s *Server, c *fiber.Ctx, run func(context.Context, app.Caller, care.AskID, T) error) error {
	if err := actWith(c, "ask", run); err != nil {
		return err
	}
	changed(c)
	return s.ask(c)
}
