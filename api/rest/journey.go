package rest

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"naober/api/app"
	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// journeys serves GET /v1/requests/:request/slots/:slot/journeys: what joining a journey of the same day
// costs.
func (s *Server) journeys(c *fiber.Ctx) error {
	key, slot, err := slotOf(c)
	if err != nil {
		return err
	}
	found, err := s.app.Journeys(c.UserContext(), caller(c), key, slot)
	if err != nil {
		return err
	}
	return c.JSON(wire.Lifts{Journeys: list(found, toJourney)})
}

// joinJourney serves POST /v1/requests/:request/slots/:slot/journeys.
func (s *Server) joinJourney(c *fiber.Ctx) error {
	slot, err := id[care.SlotID](c, "slot")
	if err != nil {
		return err
	}
	return changeRequest(s, c, func(ctx context.Context, who app.Caller, key care.RequestID, body wire.LiftAsk) error {
		visit, err := bodyID[care.VisitID]("visit", body.Visit)
		if err != nil {
			return err
		}
		_, err = s.app.AskJourney(ctx, who, key, slot, visit)
		return err
	})
}

func toJourney(j app.JourneyView) wire.Lift {
	return wire.Lift{Visit: string(j.Visit), Driver: *toPersonRef(&j.Driver), DetourMinutes: int(j.Detour / time.Minute),
		From: wire.Instant(j.Hour.From), Until: wire.Instant(j.Hour.Until), Stops: list(j.Stops, toJourneyStop)}
}

func toJourneyStop(s app.JourneyStop) wire.LiftStop {
	return wire.LiftStop{Request: string(s.Request), Back: s.Back, Out: s.Out, At: wire.Instant(s.At)}
}
