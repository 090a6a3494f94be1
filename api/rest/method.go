package rest

import (
	"slices"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// refuseUnknownMethods answers a method that Fiber does not know as a problem, as everything else;
// Fiber would answer it in plain text before any middleware.
func (s *Server) refuseUnknownMethods() {
	server := s.fiber.Server()
	next, known := server.Handler, s.fiber.Config().RequestMethods
	server.Handler = func(raw *fasthttp.RequestCtx) {
		if slices.Contains(known, string(raw.Method())) {
			next(raw)
			return
		}
		c := s.fiber.AcquireCtx(raw)
		defer s.fiber.ReleaseCtx(c)
		if err := s.problem(c, fiber.ErrMethodNotAllowed); err != nil {
			c.Status(fiber.StatusInternalServerError)
		}
	}
}
