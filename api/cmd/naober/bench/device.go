package bench

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/valyala/fasthttp"

	"naober/mobile-contract/wire"
)

// What our clients take in a page.
const (
	deviceOps   = 200
	deviceBytes = 256 << 10
)

// device is one store of one account, over a connection of its own that is kept alive.
type device struct {
	client *fasthttp.HostClient
	base   string
	bearer string
	group  string
	writer string
	given  int64 // ids of the writer
	cookie *wire.Cookie
	wired  *atomic.Int64 // bytes on the connection, both ways
}

func newDevice(addr net.Addr, bearer string) *device {
	d := &device{base: "http://" + addr.String(), bearer: bearer, group: ulid.Make().String(), writer: ulid.Make().String(), wired: &atomic.Int64{}}
	d.client = &fasthttp.HostClient{Addr: addr.String(), MaxConns: 1, ReadTimeout: 30 * time.Second, WriteTimeout: 30 * time.Second,
		Dial: func(addr string) (net.Conn, error) {
			c, err := net.Dial("tcp", addr)
			return counted{c, d.wired}, err
		}}
	return d
}

// counted counts what goes over a connection.
type counted struct {
	net.Conn
	bytes *atomic.Int64
}

func (c counted) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.bytes.Add(int64(n))
	return n, err
}

func (c counted) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	c.bytes.Add(int64(n))
	return n, err
}

// reply is one answer: how long it took, and the length of its body as it was sent and unpacked.
type reply struct {
	took         time.Duration
	packed, size int
}

// post sends JSON and reads the answer into a value; nil reads nothing.
func (d *device) post(path string, body []byte, into any) (reply, error) {
	req, res := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(req)
	defer fasthttp.ReleaseResponse(res)
	req.Header.SetMethod("POST")
	req.SetRequestURI(d.base + path)
	req.Header.Set("Authorization", d.bearer)
	req.Header.Set("Accept-Encoding", "gzip")
	req.Header.SetContentType("application/json")
	req.SetBodyRaw(body)
	began := time.Now()
	err := d.client.Do(req, res)
	r := reply{took: time.Since(began), packed: len(res.Body())}
	switch {
	case err != nil:
		return r, fmt.Errorf("bench: %s: %w", path, err)
	case res.StatusCode() != 200:
		return r, fmt.Errorf("bench: %s answered %d: %s", path, res.StatusCode(), res.Body())
	}
	plain, err := res.BodyUncompressed()
	if r.size = len(plain); err != nil || into == nil {
		return r, err
	}
	return r, json.Unmarshal(plain, into)
}

// question is the body of the pull that the device makes next.
func (d *device) question() ([]byte, error) {
	return json.Marshal(wire.Pull{PullVersion: 1, ClientGroupID: d.group, SchemaVersion: "1", Cookie: d.cookie, MaxOps: deviceOps, MaxBytes: deviceBytes})
}

// full pulls everything anew, page by page.
func (d *device) full() (whole reply, docs, pages int, err error) {
	for d.cookie = nil; ; pages++ {
		body, err := d.question()
		if err != nil {
			return whole, docs, pages, err
		}
		var page wire.PullAnswer
		r, err := d.post("/sync/v1/pull", body, &page)
		if err != nil {
			return whole, docs, pages, err
		}
		whole.took, whole.packed, whole.size = whole.took+r.took, whole.packed+r.packed, whole.size+r.size
		d.cookie = &page.Cookie
		if !page.HasMore {
			if page.Check == nil {
				return whole, docs, pages, errors.New("bench: a whole pull says nothing of what a device holds")
			}
			return whole, page.Check.N, pages + 1, nil
		}
	}
}

// nothing is the same pull again and again while nothing changes; it fails where something does.
func (d *device) nothing(times int) (took []time.Duration, last reply, err error) {
	body, err := d.question()
	if err != nil {
		return nil, last, err
	}
	var page wire.PullAnswer
	if last, err = d.post("/sync/v1/pull", body, &page); err == nil && (len(page.Patch) > 0 || page.HasMore || page.Cookie != *d.cookie) {
		err = errors.New("bench: a pull after which nothing was done brought something")
	}
	for range times {
		if err != nil {
			return nil, last, err
		}
		var r reply
		if r, err = d.post("/sync/v1/pull", body, nil); err == nil && r.size != last.size {
			err = errors.New("bench: two pulls of nothing are not of one length")
		}
		took = append(took, r.took)
	}
	return took, last, err
}

// ask hands in one request for help.
func (d *device) ask(community, words string, at, until time.Time) error {
	const layout = "2006-01-02T15:04:05Z"
	args, err := json.Marshal(map[string]any{"id": ulid.Make().String(), "community": community, "kind": "groceries", "words": words, "urgency": "ordinary", "publish": true,
		"slots": []map[string]string{{"start": at.Format(layout), "end": until.Format(layout)}}})
	if err != nil {
		return err
	}
	var nonce [16]byte
	_, _ = rand.Read(nonce[:]) // it ends the process where it would fail
	d.given++
	body, err := json.Marshal(wire.Push{PushVersion: 1, ClientGroupID: d.group, SchemaVersion: "1", ClientNow: time.Now().UnixMilli(),
		Mutations: []wire.Mutation{{ClientID: d.writer, ID: d.given, Nonce: base64.RawURLEncoding.EncodeToString(nonce[:]), Name: "request.ask", Args: args}}})
	if err != nil {
		return err
	}
	var answer wire.PushAnswer
	if _, err := d.post("/sync/v1/push", body, &answer); err != nil {
		return err
	}
	if len(answer.Results) != 1 || answer.Results[0].Status != "applied" {
		return fmt.Errorf("bench: a push was answered with %+v", answer.Results)
	}
	return nil
}
