package faults

import (
	"cmp"
	"encoding/json"
	"strconv"

	"github.com/valyala/fasthttp"

	"naober/mobile-contract/wire"
)

// status is what a kind of fault answers as a problem, or 0.
func status(k Kind) int {
	switch k {
	case Unauthorized:
		return fasthttp.StatusUnauthorized
	case Unavailable:
		return fasthttp.StatusServiceUnavailable
	case Limited:
		return fasthttp.StatusTooManyRequests
	case TooLarge:
		return fasthttp.StatusRequestEntityTooLarge
	}
	return 0
}

// usual are the codes that the service itself would answer.
func usual(k Kind) string {
	switch k {
	case Unauthorized:
		return "token_expired"
	case Limited:
		return "too_many_calls"
	case TooLarge:
		return "body_too_large"
	}
	return "store_unavailable"
}

// write answers a call in place of the service, as that would, or as a network in between.
func (f Fault) write(c *fasthttp.RequestCtx) {
	switch f.Kind {
	case Portal:
		c.SetContentType("text/html; charset=utf-8")
		c.SetBodyString(portal)
		return
	case Outdated:
		answer(c, fasthttp.StatusOK, "application/json", wire.VersionRefused{Error: "VersionNotSupported", VersionType: f.Version, Min: "2", Max: "2"})
		return
	}
	code := cmp.Or(f.Code, usual(f.Kind))
	if f.RetryAfter > 0 {
		c.Response.Header.Set("Retry-After", strconv.Itoa(f.RetryAfter))
	}
	if f.Kind == Unauthorized {
		c.Response.Header.Set("WWW-Authenticate", "Bearer")
	}
	answer(c, status(f.Kind), "application/problem+json", wire.Problem{Type: "https://naober.example/problems/" + code, Title: code, Status: status(f.Kind), Code: code,
		Detail: "this was asked for at the fault switches", Instance: "fault-" + f.ID})
}

// portal is the page of a network that wants to be signed in to first.
const portal = "<!doctype html>\n<html><head><title>Free WiFi</title></head><body><h1>Welcome</h1><form>Accept our terms to go online</form></body></html>\n"

func answer(c *fasthttp.RequestCtx, status int, kind string, body any) {
	raw, err := json.Marshal(body)
	if err != nil {
		c.Error("the answer cannot be written", fasthttp.StatusInternalServerError)
		return
	}
	c.SetStatusCode(status)
	c.SetContentType(kind)
	c.SetBody(raw)
}
