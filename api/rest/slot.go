package rest

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"naober/api/app"
	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// addSlots serves POST /v1/requests/:request/slots.
func (s *Server) addSlots(c *fiber.Ctx) error {
	return changeRequest(s, c, func(ctx context.Context, who app.Caller, key care.RequestID, body wire.NewSlots) error {
		times, err := fromSlots(body.Slots)
		if err != nil {
			return err
		}
		return s.app.AddSlots(ctx, who, key, times)
	})
}

// skipSlot serves POST /v1/requests/:request/slots/:slot/skip.
func (s *Server) skipSlot(c *fiber.Ctx) error {
	slot, err := id[care.SlotID](c, "slot")
	if err != nil {
		return err
	}
	return changeRequest(s, c, func(ctx context.Context, who app.Caller, key care.RequestID, body wire.Reason) error {
		return s.app.SkipSlot(ctx, who, key, slot, body.Reason)
	})
}

// swapSlot serves POST /v1/requests/:request/slots/:slot/swap.
func (s *Server) swapSlot(c *fiber.Ctx) error {
	slot, err := id[care.SlotID](c, "slot")
	if err != nil {
		return err
	}
	return changeRequest(s, c, func(ctx context.Context, who app.Caller, key care.RequestID, body wire.SlotSwap) error {
		to, err := care.ParseLocalTime(body.To)
		if err != nil {
			return care.Within("to", err)
		}
		return s.app.SwapSlot(ctx, who, key, slot, to)
	})
}

// candidates serves GET /v1/requests/:request/slots/:slot/candidates.
func (s *Server) candidates(c *fiber.Ctx) error {
	key, slot, err := slotOf(c)
	if err != nil {
		return err
	}
	view, err := s.app.ViewCandidates(c.UserContext(), caller(c), key, slot)
	if err != nil {
		return err
	}
	return c.JSON(toCandidates(view))
}

// slotOf is the request and the time in it that a route names.
func slotOf(c *fiber.Ctx) (care.RequestID, care.SlotID, error) {
	key, err := id[care.RequestID](c, "request")
	if err != nil {
		return "", "", err
	}
	slot, err := id[care.SlotID](c, "slot")
	return key, slot, err
}
