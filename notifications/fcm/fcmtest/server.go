// Package fcmtest is a local server that behaves like FCM HTTP v1 and like the OAuth token endpoint
// in front of it, strictly enough that the real Firebase Admin SDK cannot tell the difference for
// the one call this product makes: a message to one registration token.
//
// Tests script its answers per token and wait for messages by signal. The demo runs it in place of
// Google and reads GET /log to show each push. It delivers nothing to any phone, knows no topics,
// conditions or batches, and keeps everything in memory. It is plain HTTP on loopback and must not
// be reachable from elsewhere: whoever reaches it can read the log.
package fcmtest

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// Config says what a Server pretends to be. The zero value is good for a test.
type Config struct {
	Project string // Firebase project id; empty means "naober-demo"
	Addr    string // host:port on loopback; empty means a free port on 127.0.0.1
}

// DefaultProject is the Firebase project a Server speaks for when its Config names none.
const DefaultProject = "naober-demo"

// Server is a Handler with a listener of its own.
type Server struct {
	*Handler
	URL string // http://host:port, without a path: what fcm.Config.Endpoint takes

	http *http.Server
}

// Start listens and serves until Close. It refuses an address that is not loopback.
func Start(cfg Config) (*Server, error) {
	if cfg.Project == "" {
		cfg.Project = DefaultProject
	}
	if cfg.Addr == "" {
		cfg.Addr = "127.0.0.1:0"
	}
	listener, err := net.Listen("tcp", cfg.Addr)
	if err != nil {
		return nil, fmt.Errorf("fcmtest: listen: %w", err)
	}
	if addr, ok := listener.Addr().(*net.TCPAddr); !ok || !addr.IP.IsLoopback() {
		return nil, errors.Join(errors.New("fcmtest: serves loopback only"), listener.Close())
	}
	url := "http://" + listener.Addr().String()
	handler, err := NewHandler(cfg.Project, url)
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	server := &Server{Handler: handler, URL: url, http: &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		MaxHeaderBytes:    16 << 10,
	}}
	// Serve ends with ErrServerClosed once Close was called: nothing to report.
	go func() { _ = server.http.Serve(listener) }()
	return server, nil
}

// Close stops listening and cuts the connections that are open, slow answers included.
func (s *Server) Close() error { return s.http.Close() }
