package rest

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"naober/api/app"
	"naober/matching/care"
)

// The names under which a call carries its facts from middleware to handler.
const (
	localRequestID = "request-id"
	localCaller    = "caller"
)

// idLength is how long an id is in a path: a ULID.
const idLength = 26

// errPanic stands for a panic; it is answered as internal.
var errPanic = errors.New("panic")

// recover turns a panic into an error. It stands twice: outermost, and inside observe, so that a
// handler's panic has its line in the log as well.
func (s *Server) recover(c *fiber.Ctx) (err error) {
	defer func() {
		if found := recover(); found != nil {
			// The type alone: what a panic says may hold what somebody sent.
			s.log.LogAttrs(c.UserContext(), slog.LevelError, "panic", slog.String("id", requestID(c)),
				slog.String("route", c.Route().Path), slog.String("type", fmt.Sprintf("%T", found)), slog.String("stack", string(debug.Stack())))
			err = errPanic
		}
	}()
	return c.Next()
}

// identify gives the call an id of our own making: a client's would let it write into our logs.
func (s *Server) identify(c *fiber.Ctx) error {
	named(c)
	return c.Next()
}

// named is the call's id, made where there is none yet: a call that could not be read never passes
// the middleware.
func named(c *fiber.Ctx) string {
	if text := requestID(c); text != "" {
		return text
	}
	var id [12]byte
	_, _ = rand.Read(id[:]) // it ends the process where it would fail
	text := base64.RawURLEncoding.EncodeToString(id[:])
	c.Locals(localRequestID, text)
	c.Set("X-Request-Id", text)
	return text
}

// observe logs one line a call: route, status, time. No path with ids, no body, no address.
func (s *Server) observe(c *fiber.Ctx) error {
	began := time.Now()
	err := c.Next()
	if err != nil {
		if failed := s.problem(c, err); failed != nil {
			return failed
		}
	}
	if s.watch != nil {
		s.watch.Call(c.Method(), c.Route().Path, c.Response().StatusCode(), time.Since(began))
	}
	s.log.LogAttrs(c.UserContext(), slog.LevelInfo, "call",
		slog.String("id", requestID(c)), slog.String("method", c.Method()), slog.String("route", c.Route().Path),
		slog.Int("status", c.Response().StatusCode()), slog.Duration("took", time.Since(began)))
	return nil
}

func requestID(c *fiber.Ctx) string {
	id, _ := c.Locals(localRequestID).(string)
	return id
}

// secure sets the headers that tell a browser to do nothing but read JSON.
func secure(c *fiber.Ctx) error {
	secured(c)
	return c.Next()
}

func secured(c *fiber.Ctx) {
	c.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	c.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
	c.Set("X-Content-Type-Options", "nosniff")
	c.Set("Referrer-Policy", "no-referrer")
	c.Set("Cache-Control", "no-store")
	c.Set("Cross-Origin-Resource-Policy", "same-origin")
}

// refuseEncoded answers 415 to every compressed body: fasthttp would unpack it without a limit. It
// looks at every such header and not at the first alone, which may be empty while a later one counts.
func refuseEncoded(c *fiber.Ctx) error {
	if len(c.Request().Header.PeekAll(fiber.HeaderContentEncoding)) > 0 {
		return fiber.NewError(fiber.StatusUnsupportedMediaType, "request bodies are sent as they are")
	}
	return c.Next()
}

// refuseLong refuses a body that only somebody with an account may make us read.
func refuseLong(c *fiber.Ctx) error {
	if len(c.Request().Body()) > openLimit {
		return fiber.ErrRequestEntityTooLarge
	}
	return c.Next()
}

// deadline ends a call after its time; Fiber sets none. All that a call reads which changes nothing
// is read as of one moment, and likewise who calls and what they may, where it changes something.
func deadline(c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(c.UserContext(), callTime)
	defer cancel()
	if c.Method() == fiber.MethodGet || c.Method() == fiber.MethodHead {
		ctx = app.WithMoment(ctx, c.Method(), c.OriginalURL(), c.Get(fiber.HeaderAuthorization))
	} else {
		ctx = app.WithPrelude(ctx, changeName(c)...)
	}
	c.SetUserContext(ctx)
	return c.Next()
}

// changed begins the answer of a call that has changed something: what it shows is read anew.
func changed(c *fiber.Ctx) {
	c.SetUserContext(app.WithPrelude(c.UserContext(), append(changeName(c), "answer")...))
}

// changeName is the same for all changes of one sort by one device: an id in the path counts for nothing.
func changeName(c *fiber.Ctx) []string {
	name := []string{c.Method(), c.Get(fiber.HeaderAuthorization)}
	for part := range strings.SplitSeq(c.Path(), "/") {
		if len(part) == idLength {
			part = "id"
		}
		name = append(name, part)
	}
	return name
}

// signedIn proves who calls. The token comes from the header alone.
func (s *Server) signedIn(c *fiber.Ctx) error {
	raw := bearer(c.Get(fiber.HeaderAuthorization))
	if raw == "" {
		return s.refusedToken(c, care.E(care.Unauthenticated, "token_missing", "sign in first"))
	}
	caller, err := s.app.Authenticate(c.UserContext(), raw)
	if err != nil {
		return s.refusedToken(c, err)
	}
	c.Locals(localCaller, caller)
	return c.Next()
}

// bearer is the token of an Authorization header, or nothing. A scheme may be written in either case, and
// one or more spaces follow it (RFC 9110, 11.1 and 11.4).
func bearer(header string) string {
	scheme, token, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "bearer") {
		return ""
	}
	return strings.TrimLeft(token, " ")
}

// keyed reads what makes a change safe to repeat and conditional. It refuses one without an
// Idempotency-Key, so that no client gets used to sending none.
func keyed(c *fiber.Ctx) error {
	who := caller(c)
	var err error
	if who.Nonce, err = nonce(c); err != nil {
		return err
	}
	if who.Nonce == "" {
		return care.E(care.Invalid, "idempotency_key_missing", "a change needs an Idempotency-Key")
	}
	if who.IfVer, err = ifMatch(c); err != nil {
		return err
	}
	c.Locals(localCaller, who)
	return c.Next()
}

func caller(c *fiber.Ctx) app.Caller {
	who, _ := c.Locals(localCaller).(app.Caller)
	return who
}

// nonce reads the Idempotency-Key: 16 to 64 letters, digits, - and _. Empty is as absent.
func nonce(c *fiber.Ctx) (care.Nonce, error) {
	key, given := oneHeader(c, "Idempotency-Key")
	if !given || key == "" {
		return "", nil
	}
	if n, ok := parseNonce(key); ok {
		return n, nil
	}
	return "", care.E(care.Invalid, "idempotency_key_invalid", "an Idempotency-Key has 16 to 64 letters, digits, - and _")
}

func parseNonce(key string) (care.Nonce, bool) {
	key = unquoted(key)
	bad := strings.IndexFunc(key, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_')
	}) >= 0
	return care.Nonce(key), !bad && len(key) >= 16 && len(key) <= 64
}

// ifMatch reads the version that the client saw. An empty header is refused: it would turn a change
// that was meant with a condition into one without.
func ifMatch(c *fiber.Ctx) (int64, error) {
	tag, given := oneHeader(c, fiber.HeaderIfMatch)
	if !given {
		return 0, nil
	}
	if ver, ok := parseTag(tag); ok {
		return ver, nil
	}
	return 0, care.E(care.Invalid, "if_match_invalid", "If-Match holds an ETag of ours")
}

// parseTag reads an ETag of ours; 0 is any.
func parseTag(tag string) (int64, bool) {
	if tag == "*" {
		return 0, true
	}
	tag = unquoted(tag)
	if tag == "" || tag[0] < '1' || tag[0] > '9' {
		return 0, false
	}
	ver, err := strconv.ParseInt(tag, 10, 64)
	return ver, err == nil
}

// oneHeader reads a header and whether it is there. Of several with one name all are joined, as HTTP
// says, so that none of them counts alone.
func oneHeader(c *fiber.Ctx, name string) (string, bool) {
	lines := c.Request().Header.PeekAll(name)
	return string(bytes.Join(lines, []byte(", "))), len(lines) > 0
}

// unquoted takes one pair of quotes away.
func unquoted(text string) string {
	if len(text) >= 2 && text[0] == '"' && text[len(text)-1] == '"' {
		return text[1 : len(text)-1]
	}
	return text
}
