package fleet

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/valyala/fasthttp"
	"github.com/valyala/fasthttp/fasthttputil"

	"naober/api/app"
	"naober/api/contact"
	"naober/api/offline"
	"naober/api/rest"
	"naober/api/token"
)

// reply is what came back of a call.
type reply struct {
	status int
	json   bool
	after  int // Retry-After, in seconds
	body   []byte
}

// call is one call to the service. key is its Idempotency-Key, where it has one.
type call struct {
	method, path, token, key string
	body                     []byte
}

// caller carries a call. An error means that nobody knows whether it arrived.
type caller func(call) (reply, error)

// process is one running service on stores that others may work on too.
type process struct {
	app    *app.App
	server *rest.Server
	lines  *fasthttputil.InmemoryListener
	line   *fasthttp.HostClient
	served chan error
	ended  chan error // set by stop
}

// surface is what the surface asks of a store, with the stores of devices behind a tap.
type surface struct {
	backend
	devices offline.Stores
}

// Offline implements rest.Store.
func (s surface) Offline() offline.Stores { return s.devices }

func secret() []byte { return bytes.Repeat([]byte{7}, 32) }

// start wires a service as the command does, but for its loops, and lets it answer on a line in memory.
func start(ctx context.Context, b backend, stores app.Stores, devices offline.Stores, now func() time.Time, post app.Postman) (*process, error) {
	issuer, err := token.NewIssuer("https://fleet.naober.example", "naober")
	if err != nil {
		return nil, err
	}
	refresher, err := token.NewRefresher(token.Secret{ID: "1", Value: app.RefreshSecret(b.Vault().Secret())})
	if err != nil {
		return nil, err
	}
	log := slog.New(slog.DiscardHandler)
	a := app.New(app.Settings{Room: room, Stores: stores, Now: now, Log: log, Postman: post, Issuer: issuer, Refresher: refresher,
		Secret: b.Vault().Secret(), Vault: b.Vault(), Region: contact.HomeRegion})
	if err := errors.Join(a.LoadKeys(ctx), a.Rebuild(ctx)); err != nil {
		return nil, err
	}
	l := fasthttputil.NewInmemoryListener()
	p := &process{app: a, server: rest.New(a, surface{b, devices}, log, []string{"0.0.0.0"}), served: make(chan error, 1), lines: l}
	go func() { p.served <- p.server.Serve(l) }()
	p.line = &fasthttp.HostClient{Addr: "naober", Dial: func(string) (net.Conn, error) { return l.Dial() }, MaxResponseBodySize: mostBody}
	return p, nil
}

// room widens the limits on calls: a schedule does in an instant what people do in a day.
const room = 1_000

const mostBody = 8 << 20 // bytes

// stop ends the service, which has nothing left to answer. It does not wait for the line: ended tells.
func (p *process) stop() {
	p.line.CloseIdleConnections()
	p.ended = make(chan error, 1)
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		err := p.server.Shutdown(ctx)
		_ = p.lines.Close() // it may not have begun to listen, and then Shutdown finds nothing to close
		<-p.served
		p.ended <- err
	}()
}

// call implements caller.
func (p *process) call(c call) (reply, error) {
	var req fasthttp.Request
	var res fasthttp.Response
	req.Header.SetMethod(c.method)
	req.SetRequestURI("http://naober" + c.path)
	if c.body != nil {
		req.Header.SetContentType("application/json")
		req.SetBody(c.body)
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	if c.key != "" {
		req.Header.Set("Idempotency-Key", c.key)
	}
	if err := p.line.DoTimeout(&req, &res, 20*time.Second); err != nil {
		return reply{}, err
	}
	after, _ := strconv.Atoi(string(res.Header.Peek("Retry-After"))) // absent is 0
	return reply{status: res.StatusCode(), json: strings.Contains(string(res.Header.ContentType()), "json"), after: after, body: bytes.Clone(res.Body())}, nil
}
