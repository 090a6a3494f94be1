package rest

import (
	"regexp"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"naober/api/port"
	"naober/matching/care"
)

// query reads one parameter of the query, and whether it is there: an empty one is not an absent one.
// Twice the same name is refused, because readers differ in which of the two they take.
func query(c *fiber.Ctx, name string) (string, bool, error) {
	found := c.Context().QueryArgs().PeekMulti(name)
	if len(found) > 1 {
		return "", false, (&care.Error{Kind: care.Invalid, Code: "parameter_repeated", Text: "the query names a parameter twice"}).With("field", name)
	}
	if len(found) == 0 {
		return "", false, nil
	}
	return string(found[0]), true, nil
}

// page reads after and limit from the query. limit is 1 to 200, 50 where it is absent.
func page(c *fiber.Ctx) (port.Page, error) {
	p := port.Page{Limit: 50}
	if raw, given, err := query(c, "limit"); err != nil {
		return p, err
	} else if given {
		n, err := strconv.ParseUint(raw, 10, 8)
		if err != nil || n < 1 || n > 200 {
			return p, care.Amiss("limit", "limit_invalid", "a limit is 1 to 200")
		}
		p.Limit = int(n)
	}
	after, given, err := query(c, "after")
	if err != nil || !given {
		return p, err
	}
	if p.After, err = care.ParseID[string](after); err != nil {
		return p, care.E(care.Invalid, "cursor_invalid", "a cursor is the one that the last page gave")
	}
	return p, nil
}

// idIn reads an identifier from the query, empty where it is absent.
func idIn[T ~string](c *fiber.Ctx, name string) (T, error) {
	raw, given, err := query(c, name)
	if err != nil || !given {
		return "", err
	}
	return bodyID[T](name, raw)
}

// wordIn reads a word from the query, and another where it is absent.
func wordIn(c *fiber.Ctx, name, absent string) (string, error) {
	raw, given, err := query(c, name)
	if err != nil || given {
		return raw, err
	}
	return absent, nil
}

// point reads lat and lon from the query, both or neither.
func point(c *fiber.Ctx) (*care.Point, error) {
	rawLat, hasLat, err := query(c, "lat")
	if err != nil {
		return nil, err
	}
	rawLon, hasLon, err := query(c, "lon")
	if err != nil {
		return nil, err
	}
	if !hasLat && !hasLon {
		return nil, nil
	}
	lat, okLat := degrees(rawLat)
	lon, okLon := degrees(rawLon)
	switch {
	case !okLat:
		return nil, care.Amiss("lat", "place_invalid", "a point has a lat and a lon in degrees")
	case !okLon:
		return nil, care.Amiss("lon", "place_invalid", "a point has a lat and a lon in degrees")
	}
	return &care.Point{Lat: lat, Lon: lon}, nil
}

// degrees reads a number as JSON writes one: Go's own reader takes NaN, infinities and hexadecimals.
func degrees(raw string) (float64, bool) {
	if !regexp.MustCompile(`^-?\d{1,3}(\.\d{1,20})?([eE][-+]?\d{1,2})?$`).MatchString(raw) {
		return 0, false
	}
	n, err := strconv.ParseFloat(raw, 64)
	return n, err == nil
}
