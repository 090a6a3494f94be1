package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"reflect"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"naober/api/app"
	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// decode reads the body as one JSON value of type T: content type JSON, the fields of T and all that
// are required, nothing after it, nested at most depthLimit deep. It is the only place where a body is read.
func decode[T any](c *fiber.Ctx) (T, error) {
	var value T
	kind, _, err := mime.ParseMediaType(c.Get(fiber.HeaderContentType))
	if err != nil || kind != fiber.MIMEApplicationJSON {
		return value, fiber.ErrUnsupportedMediaType
	}
	return decodeBody[T](c.Request().Body()) // as it came: Ctx.Body would unpack it
}

func decodeBody[T any](body []byte) (T, error) {
	var value T
	lacks, err := checkBody(body, reflect.TypeFor[T]())
	if err != nil {
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
	return value, lacks
}

// bodyInvalid names the field at fault where the decoder knows it, but never its value.
func bodyInvalid(err error) error {
	refused := &care.Error{Kind: care.Invalid, Code: "body_invalid", Text: "the body is not the JSON that this call takes"}
	var mistyped *json.UnmarshalTypeError
	if errors.As(err, &mistyped) && mistyped.Field != "" {
		return refused.With("field", wireField(mistyped.Field))
	}
	return refused
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

// tag sets the ETag of what is shown.
func tag(c *fiber.Ctx, ver int64) { c.Set(fiber.HeaderETag, strconv.Quote(strconv.FormatInt(ver, 10))) }
