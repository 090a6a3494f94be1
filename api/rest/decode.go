package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"naober/api/app"
	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// decode reads the body as one JSON value of type T: content type JSON, no unknown fields, nothing
// after it, nested at most depthLimit deep. It is the only place where a body is read.
func decode[T any](c *fiber.Ctx) (T, error) {
	var value T
	kind, _, err := mime.ParseMediaType(c.Get(fiber.HeaderContentType))
	if err != nil || kind != fiber.MIMEApplicationJSON {
		return value, fiber.ErrUnsupportedMediaType
	}
	body := c.Request().Body() // as it came: Ctx.Body would unpack it
	if err := checkBody(body); err != nil {
		return value, err
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&value); err != nil {
		return value, bodyInvalid(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return value, care.E(care.Invalid, "body_invalid", "the body is one JSON value")
	}
	return value, nil
}

// bodyInvalid names the field at fault where the decoder knows it, but never its value.
func bodyInvalid(err error) error {
	refused := &care.Error{Kind: care.Invalid, Code: "body_invalid", Text: "the body is not the JSON that this call takes"}
	var mistyped *json.UnmarshalTypeError
	if errors.As(err, &mistyped) && mistyped.Field != "" {
		return refused.With("field", wireField(mistyped.Field))
	}
	if name, unknown := unknownField(err); unknown {
		return refused.With("field", name)
	}
	return refused
}

// unknownField names a field that T has not. The decoder has no type for this refusal, so its text
// is read; TestRefusedBodyNamesItsField fails where a new Go words it otherwise. The name is the
// caller's own word, and goes back to no one else.
func unknownField(err error) (string, bool) {
	quoted, found := strings.CutPrefix(err.Error(), "json: unknown field ")
	name, bad := strconv.Unquote(quoted)
	return name, found && bad == nil && len(name) <= 64
}

// wireField drops the names of our own embedded shapes from a field's path: "RequestEdit.slots.seats"
// is slots.seats to a client.
func wireField(path string) string {
	for {
		first, rest, nested := strings.Cut(path, ".")
		if !nested || first == "" || first[0] < 'A' || first[0] > 'Z' {
			return path
		}
		path = rest
	}
}

// decodeOptional is decode for a body that may be absent.
func decodeOptional[T any](c *fiber.Ctx) (T, error) {
	if len(c.Request().Body()) == 0 {
		var none T
		return none, nil
	}
	return decode[T](c)
}

// act runs a command on one document that takes no body, or {}.
func act[K ~string](c *fiber.Ctx, param string, run func(context.Context, app.Caller, K) error) error {
	key, err := id[K](c, param)
	if err != nil {
		return err
	}
	if _, err := decodeOptional[wire.Nothing](c); err != nil {
		return err
	}
	return run(c.UserContext(), caller(c), key)
}

// actWith runs a command on one document that takes a body.
func actWith[K ~string, T any](c *fiber.Ctx, param string, run func(context.Context, app.Caller, K, T) error) error {
	key, err := id[K](c, param)
	if err != nil {
		return err
	}
	body, err := decode[T](c)
	if err != nil {
		return err
	}
	return run(c.UserContext(), caller(c), key, body)
}

// id reads an identifier from the path.
func id[T ~string](c *fiber.Ctx, name string) (T, error) { return care.ParseID[T](c.Params(name)) }

// page reads after and limit from the query. limit is 1 to 200, 50 where it is absent.
func page(c *fiber.Ctx) (app.Page, error) {
	p := app.Page{After: c.Query("after"), Limit: 50}
	if raw := c.Query("limit"); raw != "" {
		n, err := strconv.Atoi(raw)
		if err != nil || n < 1 || n > 200 {
			return p, care.E(care.Invalid, "limit_invalid", "a limit is 1 to 200")
		}
		p.Limit = n
	}
	if p.After != "" {
		if _, err := care.ParseID[string](p.After); err != nil {
			return p, care.E(care.Invalid, "cursor_invalid", "a cursor is the one that the last page gave")
		}
	}
	return p, nil
}

// tag sets the ETag of what is shown.
func tag(c *fiber.Ctx, ver int64) { c.Set(fiber.HeaderETag, strconv.Quote(strconv.FormatInt(ver, 10))) }
