package rest

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"naober/api/app"
	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// planRides serves GET /v1/communities/:community/plan/rides: who drives the open rides of a day.
func (s *Server) planRides(c *fiber.Ctx) error {
	in, err := id[care.CommunityID](c, "community")
	if err != nil {
		return err
	}
	date, err := planDate(c, "date")
	if err != nil {
		return err
	}
	view, err := s.app.PlanRides(c.UserContext(), caller(c), in, date)
	if err != nil {
		return err
	}
	return c.JSON(wire.RideDay{Rides: list(view.Rides, toOpenRide), Tours: list(view.Tours, toTour)})
}

func toOpenRide(t app.PlannedTime) wire.OpenRide {
	return wire.OpenRide{Request: string(t.Request), Urgency: string(t.Urgency), Slot: toSlot(t.Slot), State: string(t.State), Questions: t.Questions,
		Counts: each(t.Counts, toRuleCount)}
}

func toTour(t app.TourView) wire.Tour {
	return wire.Tour{Driver: *toPersonRef(&t.Driver), Offer: string(t.Offer), TogetherMinutes: int(t.Together / time.Minute), ApartMinutes: int(t.Apart / time.Minute),
		Rides: list(t.Rides, toTourRide), Stops: list(t.Stops, toJourneyStop)}
}

func toTourRide(r app.TourRide) wire.TourRide {
	return wire.TourRide{Request: string(r.Request), Slot: string(r.Slot), Step: string(r.Step), Turn: r.Turn, From: wire.Instant(r.Hour.From), Until: wire.Instant(r.Hour.Until),
		DetourMinutes: int(r.Detour / time.Minute), Visit: string(r.Visit)}
}
