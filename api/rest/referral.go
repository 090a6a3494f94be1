package rest

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"naober/api/app"
	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// referRequest serves POST /v1/requests/:request/referrals.
func (s *Server) referRequest(c *fiber.Ctx) error {
	request, err := id[care.RequestID](c, "request")
	if err != nil {
		return err
	}
	body, err := decode[wire.NewReferral](c)
	if err != nil {
		return err
	}
	n, err := fromReferral(body, request)
	if err != nil {
		return err
	}
	made, err := s.app.ReferRequest(c.UserContext(), caller(c), n)
	if err != nil {
		return err
	}
	f, side, err := s.app.Referral(c.UserContext(), caller(c), made)
	if err != nil {
		return err
	}
	tag(c, f.Ver)
	return created(c, "/v1/referrals/"+f.ID, toReferral(f.Value, side))
}

// referrals serves GET /v1/referrals.
func (s *Server) referrals(c *fiber.Ctx) error {
	p, err := page(c)
	if err != nil {
		return err
	}
	word, err := wordIn(c, "side", string(app.Subject))
	if err != nil {
		return err
	}
	side := app.Side(word)
	found, err := s.app.Referrals(c.UserContext(), caller(c), side, p)
	if err != nil {
		return err
	}
	next := nextAfter(found, p.Limit, func(f care.Referral) string { return string(f.ID) })
	return pageOf(c, each(found, func(f care.Referral) wire.Referral { return toReferral(f, side) }), next)
}

// referral serves GET /v1/referrals/:referral.
func (s *Server) referral(c *fiber.Ctx) error {
	key, err := id[care.ReferralID](c, "referral")
	if err != nil {
		return err
	}
	f, side, err := s.app.Referral(c.UserContext(), caller(c), key)
	if err != nil {
		return err
	}
	tag(c, f.Ver)
	return c.JSON(toReferral(f.Value, side))
}

// acceptReferral serves POST /v1/referrals/:referral/accept.
func (s *Server) acceptReferral(c *fiber.Ctx) error { return s.onReferral(c, s.app.AcceptReferral) }

// startReferral serves POST /v1/referrals/:referral/start.
func (s *Server) startReferral(c *fiber.Ctx) error { return s.onReferral(c, s.app.StartReferral) }

// completeReferral serves POST /v1/referrals/:referral/complete.
func (s *Server) completeReferral(c *fiber.Ctx) error { return s.onReferral(c, s.app.CompleteReferral) }

func (s *Server) onReferral(c *fiber.Ctx, run func(context.Context, app.Caller, care.ReferralID) error) error {
	if err := act(c, "referral", run); err != nil {
		return err
	}
	return s.referral(c)
}

// rejectReferral serves POST /v1/referrals/:referral/reject.
func (s *Server) rejectReferral(c *fiber.Ctx) error {
	err := actWith(c, "referral", func(ctx context.Context, who app.Caller, key care.ReferralID, body wire.Rejection) error {
		return s.app.RejectReferral(ctx, who, key, body.Reason)
	})
	if err != nil {
		return err
	}
	return s.referral(c)
}
