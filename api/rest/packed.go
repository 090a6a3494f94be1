package rest

import (
	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

const (
	// packedFrom is the length from which an answer is packed, in bytes. A shorter one goes in one packet anyhow.
	packedFrom = 1 << 10
	// packedLevel is gzip's usual one: pages shrink to a tenth with it.
	packedLevel = fasthttp.CompressDefaultCompression
)

// sendPacked answers with JSON, gzipped for whoever says that they take it. It is for pages of documents alone: they are
// long, and go over the slowest networks. The length of what is packed tells something of what is in it, to whoever
// listens and can put words of their own beside it. A page holds nothing but what has changed, and is asked for with a
// token that no other site can make a browser send.
func sendPacked(c *fiber.Ctx, body any) error {
	c.Vary(fiber.HeaderAcceptEncoding)
	if err := c.JSON(body); err != nil {
		return err
	}
	answer := c.Response()
	if len(answer.Body()) < packedFrom || !takesGzip(c) {
		return nil
	}
	answer.SetBodyRaw(fasthttp.AppendGzipBytesLevel(nil, answer.Body(), packedLevel))
	c.Set(fiber.HeaderContentEncoding, "gzip")
	return nil
}

// takesGzip reads what a client takes. Without the header it is anything (RFC 9110, 12.5.3), but who does not ask may
// not unpack.
func takesGzip(c *fiber.Ctx) bool {
	return c.Get(fiber.HeaderAcceptEncoding) != "" && c.AcceptsEncodings("gzip") == "gzip"
}
