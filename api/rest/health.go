package rest

import (
	"errors"
	"log/slog"

	"github.com/gofiber/fiber/v2"

	"naober/api/token"
	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// live serves GET /health/live: the process answers.
func (s *Server) live(c *fiber.Ctx) error { return c.JSON(wire.Health{Status: "live"}) }

// ready serves GET /health/ready: the store can be written, the service key opens what is sealed, and
// the index stands. The index is built before the server is, so that the store is all that can be away.
func (s *Server) ready(c *fiber.Ctx) error {
	if err := s.store.Check(c.UserContext()); err != nil {
		why := reasonOf(err)
		s.log.LogAttrs(c.UserContext(), slog.LevelWarn, "not ready", slog.String("reason", why), slog.String("error", err.Error()))
		if s.watch != nil {
			s.watch.NotReady(why)
		}
		return care.E(care.Unavailable, "not_ready", "the service cannot work now")
	}
	return c.JSON(wire.Health{Status: "ready"})
}

// reasonOf is why something cannot work now, in one word for log and figures: the error's own, or its code.
func reasonOf(err error) string {
	var own interface{ Reason() string }
	switch code := care.CodeOf(err); {
	case errors.As(err, &own):
		return own.Reason()
	case code != "":
		return code
	}
	return "failed"
}

// jwks serves GET /.well-known/jwks.json. It may be kept for a minute: a new key is published two
// before it signs.
func (s *Server) jwks(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, "public, max-age=60")
	keys := s.app.JWKS(s.app.Now())
	return c.JSON(wire.Keys{Keys: list(keys.Keys, func(k token.JWK) wire.Key {
		return wire.Key{Kty: k.KeyType, Crv: k.Curve, X: k.X, Kid: k.ID, Use: k.Use, Alg: k.Algorithm}
	})})
}
