package rest

import (
	"slices"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// refuseUnknownMethods lets a method that Fiber does not know be as TRACE, which no route takes: it is
// answered as a problem that names the methods of the path, as everything else is. Fiber would answer
// it in plain text before any middleware.
func (s *Server) refuseUnknownMethods() {
	server := s.fiber.Server()
	next, known := server.Handler, s.fiber.Config().RequestMethods
	server.Handler = func(raw *fasthttp.RequestCtx) {
		if !slices.Contains(known, string(raw.Method())) {
			raw.Request.Header.SetMethod(fiber.MethodTrace)
		}
		next(raw)
	}
}
