package rest

import (
	"github.com/gofiber/fiber/v2"

	"naober/api/app"
	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// requestCode serves POST /v1/sign-in/codes. It answers the same for known and unknown contacts.
func (s *Server) requestCode(c *fiber.Ctx) error {
	body, err := decode[wire.CodeRequest](c)
	if err != nil {
		return err
	}
	flow, err := s.app.RequestCode(c.UserContext(), body.Contact, s.address(c))
	if err != nil {
		return err
	}
	return c.Status(fiber.StatusAccepted).JSON(wire.Flow{Flow: string(flow)})
}

// redeemCode serves POST /v1/sign-in/tokens.
func (s *Server) redeemCode(c *fiber.Ctx) error {
	body, err := decode[wire.Redemption](c)
	if err != nil {
		return err
	}
	r, err := s.redemption(c, body.Flow, body.Code, body.Device)
	if err != nil {
		return err
	}
	if r.Person, err = optionalID[care.PersonID]("person", body.Person); err != nil {
		return err
	}
	r.BirthYear = body.BirthYear
	return s.redeem(c, r)
}

// redeemPaper serves POST /v1/sign-in/paper.
func (s *Server) redeemPaper(c *fiber.Ctx) error {
	body, err := decode[wire.PaperRedemption](c)
	if err != nil {
		return err
	}
	key, err := nonce(c)
	if err != nil {
		return err
	}
	return s.redeem(c, app.Redemption{Code: body.Code, Device: body.Device, Address: s.address(c), Nonce: key})
}

func (s *Server) redeem(c *fiber.Ctx, r app.Redemption) error {
	outcome, err := s.app.RedeemCode(c.UserContext(), r)
	if err != nil {
		return err
	}
	return c.JSON(toSignedIn(outcome))
}

// redemption reads what every use of a mailed code has. A flow that cannot be one is refused here,
// because an empty one means a code on paper.
func (s *Server) redemption(c *fiber.Ctx, rawFlow, code, device string) (app.Redemption, error) {
	flow, err := bodyID[app.FlowID]("flow", rawFlow)
	if err != nil {
		return app.Redemption{}, err
	}
	key, err := nonce(c)
	return app.Redemption{Flow: flow, Code: code, Device: device, Address: s.address(c), Nonce: key}, err
}

// register serves POST /v1/registrations.
func (s *Server) register(c *fiber.Ctx) error {
	body, err := decode[wire.Registration](c)
	if err != nil {
		return err
	}
	r, err := s.redemption(c, body.Flow, body.Code, body.Device)
	if err != nil {
		return err
	}
	in, err := bodyID[care.CommunityID]("person.community", body.Person.Community)
	if err != nil {
		return err
	}
	n := fromNewPerson(wire.NewDeskPerson{ProfileEdit: body.Person.ProfileEdit, Contacts: []string{body.Person.Contact}}, in)
	tokens, err := s.app.Register(c.UserContext(), r, n)
	if err != nil {
		return care.Within("person", oneContact(err))
	}
	return created(c, "/v1/me", toTokens(tokens))
}

// refreshTokens serves POST /v1/tokens.
func (s *Server) refreshTokens(c *fiber.Ctx) error {
	body, err := decode[wire.Refresh](c)
	if err != nil {
		return err
	}
	tokens, err := s.app.Refresh(c.UserContext(), body.Refresh)
	if err != nil {
		return err
	}
	return c.JSON(toTokens(tokens))
}
