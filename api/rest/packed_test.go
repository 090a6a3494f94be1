package rest

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// TestPagesArePacked: a long page comes gzipped to who takes it, says so, and is the same page; who does not take it, or
// not this page's coding, gets it as it is.
func TestPagesArePacked(t *testing.T) {
	words := map[string]string{"words": string(bytes.Repeat([]byte("Boodschappen, en iets lekkers. "), 100))}
	long, err := json.Marshal(words)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		takes  string
		body   any
		packed bool
	}{
		{"gzip", words, true},
		{"gzip, deflate, br", words, true},
		{"br;q=1, gzip;q=0.5", words, true},
		{"gzip", map[string]string{"words": "kort"}, false},
		{"", words, false},
		{"identity", words, false},
		{"br", words, false},
		{"gzip;q=0", words, false},
	} {
		app := fiber.New()
		call := app.AcquireCtx(&fasthttp.RequestCtx{})
		if c.takes != "" {
			call.Request().Header.Set(fiber.HeaderAcceptEncoding, c.takes)
		}
		if err := sendPacked(call, c.body); err != nil {
			t.Fatal(err)
		}
		answer := call.Response()
		got := answer.Body()
		if says := string(answer.Header.ContentEncoding()) == "gzip"; says != c.packed {
			t.Errorf("to %q: packed %t", c.takes, says)
			continue
		}
		if string(answer.Header.Peek(fiber.HeaderVary)) != fiber.HeaderAcceptEncoding || string(answer.Header.ContentType()) != fiber.MIMEApplicationJSON {
			t.Errorf("to %q: %s", c.takes, answer.Header.String())
		}
		if !c.packed {
			continue
		}
		r, err := gzip.NewReader(bytes.NewReader(got))
		if err != nil {
			t.Fatal(err)
		}
		if plain, err := io.ReadAll(r); err != nil || !bytes.Equal(plain, long) {
			t.Errorf("to %q: %v, another body", c.takes, err)
		}
		if len(got) > len(long)/5 {
			t.Errorf("%d bytes of %d", len(got), len(long))
		}
	}
}
