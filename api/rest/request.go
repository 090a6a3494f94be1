package rest

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"naober/api/app"
	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// askForHelp serves POST /v1/requests. Words that sound like an emergency come back pending, so
// that the client puts 112 first.
func (s *Server) askForHelp(c *fiber.Ctx) error {
	body, err := decode[wire.NewRequest](c)
	if err != nil {
		return err
	}
	n, err := fromRequest(body)
	if err != nil {
		return err
	}
	made, err := s.app.AskForHelp(c.UserContext(), caller(c), n)
	if err != nil {
		return err
	}
	changed(c)
	view, err := s.app.Request(c.UserContext(), caller(c), made)
	if err != nil {
		return err
	}
	tag(c, view.Ver)
	return created(c, "/v1/requests/"+string(made), toRequest(view))
}

// requests serves GET /v1/requests.
func (s *Server) requests(c *fiber.Ctx) error {
	p, err := page(c)
	if err != nil {
		return err
	}
	in, err := idIn[care.CommunityID](c, "community")
	if err != nil {
		return err
	}
	scope, err := wordIn(c, "scope", "mine")
	if err != nil {
		return err
	}
	views, next, err := s.app.RequestsBy(c.UserContext(), caller(c), scope, in, p)
	if err != nil {
		return err
	}
	return pageOf(c, each(views, toRequest), next)
}

// request serves GET /v1/requests/:request.
func (s *Server) request(c *fiber.Ctx) error {
	key, err := id[care.RequestID](c, "request")
	if err != nil {
		return err
	}
	return s.answerRequest(c, key)
}

// answerRequest shows a request as the caller sees it now, read anew.
func (s *Server) answerRequest(c *fiber.Ctx, key care.RequestID) error {
	view, err := s.app.Request(c.UserContext(), caller(c), key)
	if err != nil {
		return err
	}
	tag(c, view.Ver)
	return c.JSON(toRequest(view))
}

// editRequest serves PUT /v1/requests/:request.
func (s *Server) editRequest(c *fiber.Ctx) error {
	return changeRequest(s, c, func(ctx context.Context, who app.Caller, key care.RequestID, body wire.RequestEdit) error {
		n, err := fromRequestEdit(body)
		if err != nil {
			return err
		}
		return s.app.EditRequest(ctx, who, key, n)
	})
}

// publishRequest serves POST /v1/requests/:request/publish.
func (s *Server) publishRequest(c *fiber.Ctx) error {
	return changeRequest(s, c, func(ctx context.Context, who app.Caller, key care.RequestID, body wire.Publishing) error {
		return s.app.PublishRequest(ctx, who, key, body.NoEmergency)
	})
}

// withdrawRequest serves POST /v1/requests/:request/withdraw.
func (s *Server) withdrawRequest(c *fiber.Ctx) error {
	return changeRequest(s, c, func(ctx context.Context, who app.Caller, key care.RequestID, body wire.Reason) error {
		return s.app.WithdrawRequest(ctx, who, key, body.Reason)
	})
}

// refuseRequest serves POST /v1/requests/:request/refuse.
func (s *Server) refuseRequest(c *fiber.Ctx) error {
	return changeRequest(s, c, func(ctx context.Context, who app.Caller, key care.RequestID, body wire.RequestRefusal) error {
		return s.app.RefuseRequest(ctx, who, key, body.Reason, care.Channel(body.ToldBy))
	})
}

// withdrawConsent serves POST /v1/requests/:request/withdraw-consent.
func (s *Server) withdrawConsent(c *fiber.Ctx) error { return s.endRequest(c, s.app.WithdrawConsent) }

// closeRequest serves POST /v1/requests/:request/close.
func (s *Server) closeRequest(c *fiber.Ctx) error { return s.endRequest(c, s.app.CloseRequest) }

// settleRequest serves POST /v1/requests/:request/settle.
func (s *Server) settleRequest(c *fiber.Ctx) error { return s.endRequest(c, s.app.SettleRequest) }

// endRequest runs a command that takes no body, and shows what the request has become.
func (s *Server) endRequest(c *fiber.Ctx, run func(context.Context, app.Caller, care.RequestID) error) error {
	if err := act(c, "request", run); err != nil {
		return err
	}
	changed(c)
	return s.request(c)
}

// changeRequest runs a command with a body, and shows what the request has become.
func changeRequest[T any](s *Server, c *fiber.Ctx, run func(context.Context, app.Caller, care.RequestID, T) error) error {
	if err := actWith(c, "request", run); err != nil {
		return err
	}
	changed(c)
	return s.request(c)
}

// history serves GET /v1/requests/:request/history.
func (s *Server) history(c *fiber.Ctx) error {
	key, err := id[care.RequestID](c, "request")
	if err != nil {
		return err
	}
	p, err := page(c)
	if err != nil {
		return err
	}
	views, next, err := s.app.History(c.UserContext(), caller(c), key, p)
	if err != nil {
		return err
	}
	return pageOf(c, each(views, toHistory), next)
}
