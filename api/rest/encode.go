package rest

import (
	"errors"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// longest bounds a length in minutes, so that a hostile one cannot run over: a year.
const longest = 366 * 24 * 60

// each translates a list; an empty one becomes nil and is left out of the answer.
func each[A, B any](in []A, f func(A) B) []B {
	if len(in) == 0 {
		return nil
	}
	return list(in, f)
}

// list translates a list that is always there; an empty one is [] and never null.
func list[A, B any](in []A, f func(A) B) []B {
	out := make([]B, len(in))
	for i, v := range in {
		out[i] = f(v)
	}
	return out
}

// present makes an absent list an empty one.
func present[T any](in []T) []T {
	if in == nil {
		return []T{}
	}
	return in
}

// tryEach translates a list whose members may be refused; the refusal names which one by its number.
func tryEach[A, B any](in []A, f func(A) (B, error)) ([]B, error) {
	var out []B
	for i, v := range in {
		one, err := f(v)
		if err != nil {
			return nil, care.Within(strconv.Itoa(i), err)
		}
		out = append(out, one)
	}
	return out, nil
}

func texts[T ~string](in []T) []string { return list(in, func(v T) string { return string(v) }) }

// pageOf answers one page. next is the cursor of the page after it, empty on the last.
func pageOf[T any](c *fiber.Ctx, items []T, next string) error {
	return c.JSON(wire.Page[T]{Items: present(items), After: next})
}

// nextAfter is the cursor behind a page whose items carry their own ids.
func nextAfter[T any](found []T, limit int, id func(T) string) string {
	if len(found) < limit || limit == 0 {
		return ""
	}
	return id(found[len(found)-1])
}

// created answers 201 with where the new document is.
func created(c *fiber.Ctx, at string, body any) error {
	c.Location(at)
	return c.Status(fiber.StatusCreated).JSON(body)
}

func inMinutes(d time.Duration) int { return int(d / time.Minute) }

// minutes reads a length from the named field of a body.
func minutes(field string, n int) (time.Duration, error) {
	if n < 0 || n > longest {
		return 0, care.Amiss(field, "minutes_invalid", "a length is 0 to %d minutes", longest)
	}
	return time.Duration(n) * time.Minute, nil
}

// bodyID reads an identifier from the named field of a body.
func bodyID[T ~string](field, raw string) (T, error) {
	read, err := care.ParseID[T](raw)
	var refused *care.Error
	if errors.As(err, &refused) {
		return read, refused.With("field", field)
	}
	return read, err
}

// optionalID is bodyID for a field that may be absent.
func optionalID[T ~string](field, raw string) (T, error) {
	if raw == "" {
		return "", nil
	}
	return bodyID[T](field, raw)
}
