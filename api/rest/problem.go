package rest

import (
	"context"
	"errors"
	"log/slog"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// problem answers an error as RFC 9457 JSON. Only care's errors and Fiber's own may speak to the
// client; anything else is logged with its route and answered as internal. It also answers what
// never reached a route: a body or head that is too large, or that is no HTTP.
func (s *Server) problem(c *fiber.Ctx, err error) error {
	secured(c)
	p := s.explain(c, err)
	p.Instance, p.Type, p.Title = named(c), problemType+p.Code, p.Code
	if wait := retryAfter(p); wait != "" {
		c.Set(fiber.HeaderRetryAfter, wait)
	}
	if p.Status == fiber.StatusUnauthorized {
		c.Set(fiber.HeaderWWWAuthenticate, "Bearer")
	}
	return c.Status(p.Status).JSON(p, "application/problem+json")
}

func (s *Server) explain(c *fiber.Ctx, err error) wire.Problem {
	var ruled *care.Error
	var framed *fiber.Error
	switch {
	case errors.As(err, &ruled) && ruled.Kind == care.NotFound:
		// The same words whether it is absent or not for this reader: the texts of two layers differ.
		return wire.Problem{Status: fiber.StatusNotFound, Code: ruled.Code, Detail: "there is no such thing, or it is not yours to see"}
	case errors.As(err, &ruled):
		if ruled.Kind == care.Unavailable {
			s.log.LogAttrs(c.UserContext(), slog.LevelWarn, "unavailable", slog.String("id", named(c)),
				slog.String("route", c.Route().Path), slog.String("code", ruled.Code), slog.String("reason", reasonOf(err)))
		}
		p := wire.Problem{Status: statusOf(ruled), Code: ruled.Code, Detail: ruled.Text, Params: ruled.Params}
		if ruled.Kind == care.Gone {
			p.Error, p.Wipe = "AccountGone", true
		}
		return p
	case errors.As(err, &framed):
		return wire.Problem{Status: framed.Code, Code: frameCode(framed.Code), Detail: frameText(framed.Code)}
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return wire.Problem{Status: fiber.StatusServiceUnavailable, Code: "deadline", Detail: "the time for this call is over; try again"}
	}
	s.log.LogAttrs(c.UserContext(), slog.LevelError, "internal", slog.String("id", named(c)),
		slog.String("route", c.Route().Path), slog.String("error", err.Error()))
	return wire.Problem{Status: fiber.StatusInternalServerError, Code: "internal", Detail: "something failed on our side; it has been noted"}
}

// problemType begins the URI of each problem. The README of mobile-contract lists the codes.
const problemType = "https://naober.example/problems/"

// statusOf is the one map from a refusal to a status.
func statusOf(e *care.Error) int {
	if e.Code == "key_reused" {
		return fiber.StatusUnprocessableEntity
	}
	switch e.Kind {
	case care.Invalid:
		return fiber.StatusBadRequest
	case care.Unauthenticated:
		return fiber.StatusUnauthorized
	case care.Forbidden:
		return fiber.StatusForbidden
	case care.NotFound:
		return fiber.StatusNotFound
	case care.Conflict:
		return fiber.StatusConflict
	case care.Stale:
		return fiber.StatusPreconditionFailed
	case care.Gone:
		return fiber.StatusGone
	case care.Limited:
		return fiber.StatusTooManyRequests
	case care.Unavailable:
		return fiber.StatusServiceUnavailable
	}
	return fiber.StatusInternalServerError
}

func frameCode(status int) string {
	switch status {
	case fiber.StatusNotFound:
		return "route_not_found"
	case fiber.StatusMethodNotAllowed:
		return "method_not_allowed"
	case fiber.StatusRequestTimeout:
		return "call_too_slow"
	case fiber.StatusRequestEntityTooLarge:
		return "body_too_large"
	case fiber.StatusUnsupportedMediaType:
		return "media_type_unsupported"
	case fiber.StatusRequestHeaderFieldsTooLarge:
		return "headers_too_large"
	}
	return "call_invalid"
}

func frameText(status int) string {
	switch status {
	case fiber.StatusNotFound:
		return "there is no such route"
	case fiber.StatusMethodNotAllowed:
		return "the route takes the methods in Allow"
	case fiber.StatusRequestEntityTooLarge:
		return "a body has at most a mebibyte and 20,000 names and values; without a token, 64 KiB"
	case fiber.StatusUnsupportedMediaType:
		return "a body is application/json, and not compressed"
	}
	return "the call could not be read"
}

// retryAfter tells when to come back: what the refusal itself knows, or a second where the server
// is only busy.
func retryAfter(p wire.Problem) string {
	if seconds := p.Params["retryAfter"]; seconds != "" {
		return seconds
	}
	if p.Status == fiber.StatusServiceUnavailable {
		return strconv.Itoa(1)
	}
	return ""
}
