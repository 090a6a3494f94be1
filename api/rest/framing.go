package rest

import (
	"bytes"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// heads are the lines of a call's head that say where its body ends and whom it is for.
type heads struct {
	lengths, codings, hosts int
	chunked                 bool // the last coding
}

// oneReading refuses a call that a proxy before us may read differently: fasthttp takes the last of
// two lengths, a coding over a length, any coding for chunks, and a folded line for part of the one
// before it. What follows on the connection is then whatever the other reader takes for a body, so the
// connection ends (RFC 9112, 3.2, 5.2, 6.1 and 6.3).
func oneReading(c *fiber.Ctx) error {
	if readsTwice(&c.Request().Header) {
		c.Context().SetConnectionClose()
		return fiber.NewError(fiber.StatusBadRequest, "the call has two readings")
	}
	return c.Next()
}

func readsTwice(head *fasthttp.RequestHeader) bool {
	h, plain := readHeads(head.RawHeaders())
	switch {
	case !plain, h.lengths > 1, h.codings > 1, h.hosts > 1:
		return true
	case h.codings == 1:
		return h.lengths > 0 || !h.chunked || !head.IsHTTP11()
	}
	return h.hosts == 0 && head.IsHTTP11()
}

// readHeads goes through the lines of a head, as they came. plain says that each is a name, a colon
// and a value.
func readHeads(raw []byte) (h heads, plain bool) {
	for line := range bytes.Lines(raw) {
		line = bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
		if len(line) == 0 {
			continue // the end of the head
		}
		name, value, found := bytes.Cut(line, []byte(":"))
		if !found || !isName(name) || bytes.ContainsAny(line, "\x00\r") {
			return h, false
		}
		switch {
		case bytes.EqualFold(name, []byte(fiber.HeaderContentLength)):
			h.lengths++
		case bytes.EqualFold(name, []byte(fiber.HeaderTransferEncoding)):
			h.codings++
			h.chunked = bytes.EqualFold(bytes.Trim(value, " \t"), []byte("chunked"))
		case bytes.EqualFold(name, []byte(fiber.HeaderHost)):
			h.hosts++
		}
	}
	return h, true
}

// isName reports whether a header's name is one: it is there, and of visible ASCII without separators.
func isName(name []byte) bool {
	for _, b := range name {
		if b <= ' ' || b >= 0x7f || bytes.IndexByte([]byte(`"(),/:;<=>?@[\]{}`), b) >= 0 {
			return false
		}
	}
	return len(name) > 0
}
