package rest

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"naober/api/app"
	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// visit serves GET /v1/visits/:visit: the request that holds it, as the caller sees it.
func (s *Server) visit(c *fiber.Ctx) error {
	key, err := id[care.VisitID](c, "visit")
	if err != nil {
		return err
	}
	request, err := s.app.RequestOfVisit(c.UserContext(), caller(c), key)
	if err != nil {
		return err
	}
	return s.answerRequest(c, request)
}

// confirmVisit serves POST /v1/visits/:visit/confirm.
func (s *Server) confirmVisit(c *fiber.Ctx) error { return s.onVisit(c, s.app.ConfirmVisit) }

// startVisit serves POST /v1/visits/:visit/start.
func (s *Server) startVisit(c *fiber.Ctx) error { return s.onVisit(c, s.app.StartVisit) }

// finishVisit serves POST /v1/visits/:visit/finish.
func (s *Server) finishVisit(c *fiber.Ctx) error { return s.onVisit(c, s.app.FinishVisit) }

// reportNoShow serves POST /v1/visits/:visit/no-show.
func (s *Server) reportNoShow(c *fiber.Ctx) error { return s.onVisit(c, s.app.ReportNoShow) }

// moveVisit serves POST /v1/visits/:visit/move.
func (s *Server) moveVisit(c *fiber.Ctx) error {
	return changeVisit(s, c, func(ctx context.Context, who app.Caller, key care.VisitID, body wire.Move) error {
		return s.app.MoveVisit(ctx, who, key, time.Time(body.At))
	})
}

// cancelVisit serves POST /v1/visits/:visit/cancel.
func (s *Server) cancelVisit(c *fiber.Ctx) error {
	err := actWith(c, "visit", func(ctx context.Context, who app.Caller, key care.VisitID, body wire.Reason) error {
		return s.app.CancelVisit(ctx, who, key, body.Reason)
	})
	if err != nil {
		return err
	}
	// Whoever is out of a visit no longer sees its request: it is done, and there is nothing to show.
	if err := s.visit(c); !care.IsKind(err, care.NotFound) {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

func (s *Server) onVisit(c *fiber.Ctx, run func(context.Context, app.Caller, care.VisitID) error) error {
	if err := act(c, "visit", run); err != nil {
		return err
	}
	return s.visit(c)
}

func changeVisit[T any](s *Server, c *fiber.Ctx, run func(context.Context, app.Caller, care.VisitID, T) error) error {
	if err := actWith(c, "visit", run); err != nil {
		return err
	}
	return s.visit(c)
}

// revealAddress serves GET /v1/visits/:visit/address: the one place where an exact address leaves,
// and each time it does is in the person's log.
func (s *Server) revealAddress(c *fiber.Ctx) error {
	key, err := id[care.VisitID](c, "visit")
	if err != nil {
		return err
	}
	address, err := s.app.RevealAddress(c.UserContext(), caller(c), key)
	if err != nil {
		return err
	}
	return c.JSON(toAddress(address))
}
