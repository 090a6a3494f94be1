package rest

import (
	"bufio"
	"net/http"
	"strings"
	"testing"

	"github.com/valyala/fasthttp"
)

// FuzzHeads looks for a head that passes and that net/http, as a reader before us, would end elsewhere.
func FuzzHeads(f *testing.F) {
	for _, seed := range []string{"Content-Length: 3\r\n", "Transfer-Encoding: chunked\r\n", "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
		"Transfer-Encoding:\tchunked\r\n", "X: y\r\n Content-Length: 3\r\n", "X: y\nContent-Length: 3\n", "Content-Length : 3\r\n", "Content-Length:\r\n", "Content-Length: 03\r\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, lines string) {
		raw := "POST / HTTP/1.1\r\nHost: x\r\n" + lines + "\r\n"
		var ours fasthttp.RequestHeader
		if ours.Read(bufio.NewReaderSize(strings.NewReader(raw), headLimit)) != nil {
			return
		}
		if readsTwice(&ours) {
			return
		}
		theirs, err := http.ReadRequest(bufio.NewReader(strings.NewReader(raw)))
		if err != nil {
			return // who refuses it lets nothing through
		}
		length, chunked := max(ours.ContentLength(), 0), ours.ContentLength() == -1
		if theirs.Host != string(ours.Host()) || chunked != (len(theirs.TransferEncoding) > 0) || !chunked && int64(length) != theirs.ContentLength {
			t.Errorf("%q: host %q and length %d here, %q, %d and %v there", lines, ours.Host(), ours.ContentLength(), theirs.Host, theirs.ContentLength, theirs.TransferEncoding)
		}
	})
}
