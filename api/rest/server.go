package rest

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
	"golang.org/x/net/netutil"

	"naober/api/app"
	"naober/api/offline"
)

// connections is how many are open at once. Each may announce a body of bodyLimit and hold its memory
// for readTime without having signed in: a gibibyte together at the worst.
const connections = 1000

// The limits of one call. They are far above what a phone sends and far below what hurts.
const (
	bodyLimit  = 1 << 20 // bytes
	headLimit  = 8 << 10 // bytes
	callTime   = 10 * time.Second
	readTime   = 9 * time.Second // a half call is closed within ten
	writeTime  = 30 * time.Second
	idleTime   = 60 * time.Second
	depthLimit = 8        // of JSON
	tokensMost = 20_000   // of JSON; the fullest offer has 3,000
	openLimit  = 64 << 10 // bytes, where no token is asked for
)

// Store is what the surface itself asks of the store.
type Store interface {
	// Check reports whether it can work now.
	Check(ctx context.Context) error
	Offline() offline.Stores
}

// Server is the HTTP surface of the service.
type Server struct {
	app     *app.App
	store   Store
	log     *slog.Logger
	proxies []netip.Prefix
	fiber   *fiber.App
	watch   Watcher // nil where nobody watches
	inner   *inner
	offline *offline.Server
	hub     offline.Hub
}

// Watcher is told of each answered call, its route as a template and never a path, why the service was not
// ready when it was asked, and what became of intents and pulls of devices.
type Watcher interface {
	Call(method, route string, status int, took time.Duration)
	NotReady(reason string)
	Intent(result string)
	Pulled(brought string)
	Streams(count func() int)
}

// Watch sets who is told of calls; before Serve.
func (s *Server) Watch(w Watcher) {
	s.watch = w
	w.Streams(s.hub.Count)
}

// New wires the surface. proxies are the addresses, single or as prefixes, whose forwarded headers
// count; none means that the connection's own address is the client's.
func New(a *app.App, store Store, log *slog.Logger, proxies []string) *Server {
	s := &Server{app: a, store: store, log: log, proxies: trusted(proxies, log)}
	s.inner = s.newInner()
	if store != nil {
		s.offline = &offline.Server{App: a, Stores: store.Offline(), Actor: s, Library: s, Now: a.Now, Log: log}
	}
	s.fiber = fiber.New(s.config())
	s.refuseUnknownMethods()
	s.fiber.Use(s.recover, s.identify, s.observe, s.recover, secure, oneReading, refuseEncoded, deadline)
	for _, r := range s.routes() {
		s.fiber.Add(r.method, r.path, s.chain(r)...)
		if r.method == fiber.MethodGet {
			s.fiber.Add(fiber.MethodHead, r.path, s.chain(r)...)
		}
	}
	return s
}

// Frame stands around the surface, for a server on which apps are tested. Each of its functions may be nil.
type Frame struct {
	Calls   func(fasthttp.RequestHandler) fasthttp.RequestHandler
	Library func(offline.Library) offline.Library
	Actor   func(offline.Actor, offline.Library) offline.Actor
}

// Frame puts something around the surface; before Serve.
func (s *Server) Frame(f Frame) {
	if f.Calls != nil {
		s.fiber.Server().Handler = f.Calls(s.fiber.Server().Handler)
	}
	if f.Actor != nil {
		s.offline.Actor = f.Actor(s, s)
	}
	if f.Library != nil {
		s.offline.Library = f.Library(s)
	}
}

// config holds the settings that cure Fiber's defaults; a test reads each of them back. What Fiber
// itself would take from forwarded headers stays off: address.go reads them.
func (s *Server) config() fiber.Config {
	return fiber.Config{
		AppName:                      "naober",
		DisableStartupMessage:        true,
		Immutable:                    true,
		CaseSensitive:                true,
		StrictRouting:                true,
		EnableTrustedProxyCheck:      true,
		EnableIPValidation:           true,
		DisablePreParseMultipartForm: true,
		BodyLimit:                    bodyLimit,
		ReadBufferSize:               headLimit,
		ReadTimeout:                  readTime,
		WriteTimeout:                 writeTime,
		IdleTimeout:                  idleTime,
		ErrorHandler:                 s.problem,
	}
}

// Restored tells devices that the data came from a backup: they send again what they sent lately. cause names
// the restore; before Serve.
func (s *Server) Restored(ctx context.Context, cause string) error {
	return s.offline.Restored(ctx, cause)
}

// Serve answers calls on the listener until Shutdown.
// More connections than the limit wait in the listener's queue.
func (s *Server) Serve(l net.Listener) error {
	return s.fiber.Listener(netutil.LimitListener(l, connections))
}

// Shutdown stops accepting, says goodbye to whoever listens and waits for the calls at work, until the context ends.
func (s *Server) Shutdown(ctx context.Context) error {
	s.hub.Shut()
	return s.fiber.ShutdownWithContext(ctx)
}

// App gives tests the Fiber application itself.
func (s *Server) App() *fiber.App { return s.fiber }
