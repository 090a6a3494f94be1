package faults

import (
	"bytes"
	"net"

	"github.com/valyala/fasthttp"
)

// hangUp ends the connection without a word. What was done stays done.
func hangUp(c *fasthttp.RequestCtx) {
	c.Response.Reset() // a stream that was begun ends too
	c.HijackSetNoResponse(true)
	c.Hijack(func(net.Conn) {}) // it is closed after this
}

// breakOff sends the head of the answer and half of its body. A stream and an answer without a body break off
// before the first byte.
func breakOff(c *fasthttp.RequestCtx) {
	if c.Response.IsBodyStream() || len(c.Response.Body()) == 0 {
		hangUp(c)
		return
	}
	var whole bytes.Buffer
	if _, err := c.Response.WriteTo(&whole); err != nil {
		hangUp(c)
		return
	}
	half := whole.Bytes()[:whole.Len()-(len(c.Response.Body())+1)/2]
	c.HijackSetNoResponse(true)
	c.Hijack(func(conn net.Conn) {
		_, _ = conn.Write(half) // whoever is gone misses nothing
	})
}
