package rest

import (
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"naober/api/app"
	"naober/matching"
	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// plan serves GET /v1/communities/:community/plan: whom to ask first for the open times of some days.
func (s *Server) plan(c *fiber.Ctx) error {
	in, err := id[care.CommunityID](c, "community")
	if err != nil {
		return err
	}
	days, err := period(c)
	if err != nil {
		return err
	}
	view, err := s.app.PlanDays(c.UserContext(), caller(c), in, days)
	if err != nil {
		return err
	}
	return c.JSON(wire.Plan{Times: list(view.Times, toPlannedTime), Exact: view.Exact})
}

// period reads from and days from the query: a week from today where they are absent.
func period(c *fiber.Ctx) (app.Period, error) {
	p := app.Period{Days: 7}
	var err error
	if p.From, err = planDate(c, "from"); err != nil {
		return p, err
	}
	days, given, err := query(c, "days")
	if err != nil || !given {
		return p, err
	}
	n, err := strconv.ParseUint(days, 10, 8)
	if err != nil {
		return p, care.E(care.Invalid, "plan_days_invalid", "a plan is for 1 to 7 days")
	}
	p.Days = int(n)
	return p, nil
}

// planDate reads a date from the query; zero where it is absent.
func planDate(c *fiber.Ctx, name string) (time.Time, error) {
	text, given, err := query(c, name)
	if err != nil || !given {
		return time.Time{}, err
	}
	date, err := time.Parse(time.DateOnly, text)
	if err != nil || date.Year() < 1900 || date.Year() > 2999 {
		return time.Time{}, care.E(care.Invalid, "plan_date_invalid", "a plan begins on a date, YYYY-MM-DD")
	}
	return date, nil
}

// askPlanned serves POST /v1/communities/:community/plan/asks.
func (s *Server) askPlanned(c *fiber.Ctx) error {
	in, err := id[care.CommunityID](c, "community")
	if err != nil {
		return err
	}
	body, err := decode[wire.PlannedAsks](c)
	if err != nil {
		return err
	}
	asks, err := tryEach(body.Asks, fromPlannedAsk)
	if err != nil {
		return care.Within("asks", err)
	}
	answers, err := s.app.AskPlanned(c.UserContext(), caller(c), in, asks)
	if err != nil {
		return err
	}
	return c.JSON(wire.PlannedAnswers{Answers: list(answers, toPlannedAnswer)})
}

func fromPlannedAsk(k wire.PlannedAsk) (app.PlannedAsk, error) {
	request, err := bodyID[care.RequestID]("request", k.Request)
	if err != nil {
		return app.PlannedAsk{}, err
	}
	slot, err := bodyID[care.SlotID]("slot", k.Slot)
	if err != nil {
		return app.PlannedAsk{}, err
	}
	helper, err := bodyID[care.PersonID]("helper", k.Helper)
	if err != nil || k.Offer == "" {
		return app.PlannedAsk{Request: request, Slot: slot, Helper: helper}, err
	}
	offer, err := bodyID[care.OfferID]("offer", k.Offer)
	return app.PlannedAsk{Request: request, Slot: slot, Helper: helper, Offer: offer}, err
}

func toPlannedAnswer(k app.PlannedAnswer) wire.PlannedAnswer {
	return wire.PlannedAnswer{Request: string(k.Request), Slot: string(k.Slot), Helper: string(k.Helper), Ask: string(k.Ask), Refused: k.Refused}
}

func toPlannedTime(t app.PlannedTime) wire.PlannedTime {
	return wire.PlannedTime{Request: string(t.Request), Kind: string(t.Kind), Urgency: string(t.Urgency), Slot: toSlot(t.Slot), State: string(t.State), Questions: t.Questions,
		Helpers: each(t.Helpers, toCandidate), Counts: each(t.Counts, toRuleCount)}
}

func toCandidate(f app.NamedFit) wire.Candidate {
	return wire.Candidate{Person: *toPersonRef(&f.Person), Reasons: each(f.Reasons, toMatch)}
}

func toRuleCount(n matching.Count) wire.RuleCount {
	return wire.RuleCount{Rule: string(n.Rule), People: n.People}
}
