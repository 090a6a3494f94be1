package rest

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"naober/api/app"
	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// helperIn serves GET /v1/communities/:community/helpers/:person.
func (s *Server) helperIn(c *fiber.Ctx) error {
	in, person, err := helperPath(c)
	if err != nil {
		return err
	}
	h, who, err := s.app.HelperIn(c.UserContext(), caller(c), in, person)
	if err != nil {
		return err
	}
	tag(c, h.Ver)
	return c.JSON(toModerated(h.Value, *toPersonRef(&who)))
}

func helperPath(c *fiber.Ctx) (care.CommunityID, care.PersonID, error) {
	in, err := id[care.CommunityID](c, "community")
	if err != nil {
		return "", "", err
	}
	person, err := id[care.PersonID](c, "person")
	return in, person, err
}

// approveHelper serves POST /v1/communities/:community/helpers/:person/approve.
func (s *Server) approveHelper(c *fiber.Ctx) error { return s.decide(c, s.app.ApproveHelper) }

// refuseHelper serves POST /v1/communities/:community/helpers/:person/refuse.
func (s *Server) refuseHelper(c *fiber.Ctx) error { return s.decide(c, s.app.RefuseHelper) }

// pauseHelper serves POST /v1/communities/:community/helpers/:person/pause.
func (s *Server) pauseHelper(c *fiber.Ctx) error { return s.decide(c, s.app.PauseHelper) }

func (s *Server) decide(c *fiber.Ctx, run func(context.Context, app.Caller, care.CommunityID, care.PersonID, care.Decision) error) error {
	in, person, err := helperPath(c)
	if err != nil {
		return err
	}
	body, err := decode[wire.NewDecision](c)
	if err != nil {
		return err
	}
	if err := run(c.UserContext(), caller(c), in, person, fromDecision(body)); err != nil {
		return err
	}
	return s.helperIn(c)
}

// resumeHelper serves POST /v1/communities/:community/helpers/:person/resume.
func (s *Server) resumeHelper(c *fiber.Ctx) error {
	in, err := id[care.CommunityID](c, "community")
	if err != nil {
		return err
	}
	err = act(c, "person", func(ctx context.Context, who app.Caller, person care.PersonID) error {
		return s.app.ResumeHelper(ctx, who, in, person)
	})
	if err != nil {
		return err
	}
	return s.helperIn(c)
}

// vetHelper serves POST /v1/communities/:community/helpers/:person/vettings.
func (s *Server) vetHelper(c *fiber.Ctx) error {
	in, err := id[care.CommunityID](c, "community")
	if err != nil {
		return err
	}
	err = actWith(c, "person", func(ctx context.Context, who app.Caller, person care.PersonID, body wire.NewVetting) error {
		v := care.Vetting{Kind: care.VettingKind(body.Kind), ValidUntil: time.Time(body.ValidUntil)}
		return s.app.VetHelper(ctx, who, in, person, v)
	})
	if err != nil {
		return err
	}
	return s.helperIn(c)
}

// queue serves GET /v1/communities/:community/queue.
func (s *Server) queue(c *fiber.Ctx) error {
	in, err := id[care.CommunityID](c, "community")
	if err != nil {
		return err
	}
	q, err := s.app.ModeratorQueue(c.UserContext(), caller(c), in)
	if err != nil {
		return err
	}
	var applications []wire.ModeratedHelper
	for _, h := range q.Applications {
		seen, who, err := s.app.HelperIn(c.UserContext(), caller(c), in, h.Person)
		if err != nil {
			return err
		}
		applications = append(applications, toModerated(seen.Value, *toPersonRef(&who)))
	}
	stuck, err := s.stuck(c, q.Stuck)
	if err != nil {
		return err
	}
	return c.JSON(toQueue(q, applications, stuck))
}

// stuck shows stuck requests through the one view of requests: a moderator reads what waits and
// since when, not the words. One that the caller helps in is not theirs to see from here.
func (s *Server) stuck(c *fiber.Ctx, found []care.Request) ([]wire.Request, error) {
	var shown []wire.Request
	for _, r := range found {
		view, err := s.app.Request(c.UserContext(), caller(c), r.ID)
		if care.IsKind(err, care.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		shown = append(shown, toRequest(view))
	}
	return shown, nil
}
