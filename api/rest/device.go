package rest

import (
	"github.com/gofiber/fiber/v2"

	"naober/api/app"
	"naober/mobile-contract/wire"
)

// devices serves GET /v1/me/devices.
func (s *Server) devices(c *fiber.Ctx) error {
	found, err := s.app.Devices(c.UserContext(), caller(c))
	if err != nil {
		return err
	}
	return pageOf(c, each(found, toDevice), "")
}

// endDevice serves DELETE /v1/me/devices/:device: sign out there, or here.
func (s *Server) endDevice(c *fiber.Ctx) error {
	if err := act(c, "device", s.app.EndSession); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

// setPushToken serves PUT /v1/me/push-token.
func (s *Server) setPushToken(c *fiber.Ctx) error {
	body, err := decode[wire.PushToken](c)
	if err != nil {
		return err
	}
	echo, err := optionalID[app.PushEcho]("echo", body.Echo)
	if err != nil {
		return err
	}
	if err := s.app.SetPushToken(c.UserContext(), caller(c), body.Token, echo); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

// dropPushToken serves DELETE /v1/me/push-token.
func (s *Server) dropPushToken(c *fiber.Ctx) error {
	if _, err := decodeOptional[wire.Nothing](c); err != nil {
		return err
	}
	if err := s.app.DropPushToken(c.UserContext(), caller(c)); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}
