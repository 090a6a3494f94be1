package rest

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"naober/api/app"
	"naober/matching/care"
)

// admitAddress counts the call for the network that it comes from, before anything is read.
func (s *Server) admitAddress(c *fiber.Ctx) error {
	if err := s.app.AdmitAddress(c.UserContext(), s.address(c)); err != nil {
		return err
	}
	return c.Next()
}

// admitNobody counts a call of a route that takes no token.
func (s *Server) admitNobody(class app.CallClass) fiber.Handler {
	return func(c *fiber.Ctx) error {
		if err := s.app.AdmitNobody(c.UserContext(), class, s.address(c)); err != nil {
			return err
		}
		return c.Next()
	}
}

// admitPerson counts a call for whom signedIn has proven.
func (s *Server) admitPerson(class app.CallClass) fiber.Handler {
	return func(c *fiber.Ctx) error {
		if err := s.app.AdmitPerson(c.UserContext(), class, caller(c).Person); err != nil {
			return err
		}
		return c.Next()
	}
}

// refusedToken is what somebody gets whose token does not count: its reason, until they try too many.
func (s *Server) refusedToken(c *fiber.Ctx, reason error) error {
	if err := s.app.AdmitRefused(c.UserContext(), s.address(c)); err != nil {
		return err
	}
	if care.IsKind(reason, care.Gone) && !strings.HasPrefix(c.Path(), "/sync/") {
		return app.SignedOut() // where no device's store is at stake
	}
	return reason
}
