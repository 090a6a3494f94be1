package rest

import (
	"github.com/gofiber/fiber/v2"

	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// giveFeedback serves POST /v1/visits/:visit/feedback.
func (s *Server) giveFeedback(c *fiber.Ctx) error {
	visit, err := id[care.VisitID](c, "visit")
	if err != nil {
		return err
	}
	body, err := decode[wire.NewFeedback](c)
	if err != nil {
		return err
	}
	given, err := s.app.GiveFeedback(c.UserContext(), caller(c), visit, body.Good, body.Again, body.Words)
	if err != nil {
		return err
	}
	f, err := s.app.Feedback(c.UserContext(), caller(c), given)
	if err != nil {
		return err
	}
	tag(c, f.Ver)
	return created(c, "/v1/feedback/"+f.ID, toFeedback(f.Value))
}

// feedback serves GET /v1/feedback/:feedback.
func (s *Server) feedback(c *fiber.Ctx) error {
	key, err := id[care.FeedbackID](c, "feedback")
	if err != nil {
		return err
	}
	f, err := s.app.Feedback(c.UserContext(), caller(c), key)
	if err != nil {
		return err
	}
	tag(c, f.Ver)
	return c.JSON(toFeedback(f.Value))
}

// feedbacks serves GET /v1/requests/:request/feedback.
func (s *Server) feedbacks(c *fiber.Ctx) error {
	key, err := id[care.RequestID](c, "request")
	if err != nil {
		return err
	}
	found, err := s.app.Feedbacks(c.UserContext(), caller(c), key)
	if err != nil {
		return err
	}
	return pageOf(c, each(found, toFeedback), "")
}
