package faults

import (
	"encoding/json"

	"github.com/valyala/fasthttp"
)

// single lets the service see the first mutation of a push alone, and says with 202 that others are left: as a
// server does whose time for one push was over.
func single(work fasthttp.RequestHandler) fasthttp.RequestHandler {
	return func(c *fasthttp.RequestCtx) {
		body, left := firstOf(c.Request.Body())
		if left {
			c.Request.SetBody(body)
		}
		work(c)
		if left && c.Response.StatusCode() == fasthttp.StatusOK {
			c.SetStatusCode(fasthttp.StatusAccepted)
		}
	}
}

// firstOf is a push with its first mutation alone; left tells that it had more. What is no push stays as it is.
func firstOf(body []byte) (shorter []byte, left bool) {
	var push map[string]json.RawMessage
	var mutations []json.RawMessage
	if json.Unmarshal(body, &push) != nil || json.Unmarshal(push["mutations"], &mutations) != nil || len(mutations) < 2 {
		return body, false
	}
	first, err := json.Marshal(mutations[:1])
	if err != nil {
		return body, false
	}
	push["mutations"] = first
	shorter, err = json.Marshal(push)
	return shorter, err == nil
}
