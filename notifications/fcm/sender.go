// Package fcm sends one message to one device through the Firebase Admin SDK and FCM HTTP v1, and
// says of each failure whether to forget the device, try again, or give up.
//
// It keeps no outbox, repeats nothing by itself and decides nothing about when a person may be
// disturbed: the relay and the arbiter do. Its payloads hold ids and message keys only, and neither
// its errors nor its messages show a token when they are printed.
package fcm

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"time"

	firebase "firebase.google.com/go/v4"
	"firebase.google.com/go/v4/messaging"
	"golang.org/x/oauth2/google"
	"google.golang.org/api/option"

	"naober/notifications/egress"
)

// Config is what an operator sets.
type Config struct {
	ProjectID string
	// CredentialsJSON is the key file of a service account that may send for the project. Its
	// token_uri names the token endpoint.
	CredentialsJSON []byte
	// Endpoint is scheme and host of FCM; empty means Google's. Anything but https is refused,
	// except on loopback, where tests and the demo have a server of their own.
	Endpoint string
	// Guard judges each address that Endpoint and token_uri resolve to; the zero value lets public ones
	// through alone.
	Guard egress.Guard
	// Timeout bounds one Send, the login included; zero means 10 seconds.
	Timeout time.Duration
}

const (
	googleEndpoint = "https://fcm.googleapis.com"
	defaultTimeout = 10 * time.Second
)

// projectForm follows Google Cloud's rule for project ids; the id becomes part of a path.
var projectForm = regexp.MustCompile(`^[a-z][a-z0-9-]{4,28}[a-z0-9]$`)

// Receipt is FCM's acceptance of a message. It does not say that the phone has it.
type Receipt struct {
	Name string // projects/<project>/messages/<id>
}

// Sender sends messages. One is enough for a process: it is safe for concurrent use and shares its
// connections and its access token among all callers.
type Sender struct {
	client  *messaging.Client
	pool    *http.Transport
	timeout time.Duration
}

// New checks the configuration and makes a Sender. It makes no call: a key that Google refuses
// shows at the first Send. Its errors name the setting and never quote a value.
func New(ctx context.Context, cfg Config) (*Sender, error) {
	if cfg.Endpoint == "" {
		cfg.Endpoint = googleEndpoint
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = defaultTimeout
	}
	login, loginErr := google.JWTConfigFromJSON(cfg.CredentialsJSON, scope)
	if loginErr != nil {
		loginErr = errors.New("fcm: CredentialsJSON is not the key file of a service account")
	} else if !safeURL(login.TokenURL) {
		loginErr = errors.New("fcm: CredentialsJSON: token_uri must be https, or http on loopback")
	} else if !cfg.allows(login.TokenURL) {
		loginErr = errors.New("fcm: CredentialsJSON: token_uri is at an address that is not allowed")
	}
	if err := errors.Join(cfg.check(), loginErr); err != nil {
		return nil, err
	}
	pool := newTransport(cfg.Timeout, cfg.Guard)
	app, err := firebase.NewApp(ctx, &firebase.Config{ProjectID: cfg.ProjectID},
		option.WithEndpoint(cfg.Endpoint+"/v1"),
		option.WithHTTPClient(&http.Client{Transport: once{newBearer(pool, login)}, CheckRedirect: noRedirect}))
	if err != nil {
		return nil, fmt.Errorf("fcm: start the Firebase SDK: %w", err)
	}
	client, err := app.Messaging(ctx)
	if err != nil {
		return nil, fmt.Errorf("fcm: start the Firebase SDK: %w", err)
	}
	return &Sender{client: client, pool: pool, timeout: cfg.Timeout}, nil
}

// check gives all that is wrong at once.
func (c Config) check() error {
	var problems []error
	if !projectForm.MatchString(c.ProjectID) {
		problems = append(problems, errors.New("fcm: ProjectID is not a Google Cloud project id"))
	}
	if at, err := url.Parse(c.Endpoint); err != nil || !safeURL(c.Endpoint) || at.Path != "" || at.RawQuery != "" {
		problems = append(problems, errors.New("fcm: Endpoint must be https, or http on loopback, without a path"))
	} else if !c.allows(c.Endpoint) {
		problems = append(problems, errors.New("fcm: Endpoint is at an address that is not allowed"))
	}
	if c.Timeout < 0 {
		problems = append(problems, errors.New("fcm: Timeout must be positive"))
	}
	return errors.Join(problems...)
}

// allows judges an address that stands in a URL itself, so that an operator hears of it at the start.
func (c Config) allows(raw string) bool {
	at, err := url.Parse(raw)
	return err == nil && c.Guard.CheckHost(at.Hostname()) == nil
}

// safeURL keeps tokens and access tokens off any line that others can read.
func safeURL(raw string) bool {
	at, err := url.Parse(raw)
	if err != nil || at.Hostname() == "" || at.User != nil {
		return false
	}
	if at.Scheme == "https" {
		return true
	}
	ip := net.ParseIP(at.Hostname())
	return at.Scheme == "http" && (at.Hostname() == "localhost" || ip != nil && ip.IsLoopback())
}

// Send makes one call, within the configured timeout or the context's deadline, whichever is
// earlier. Every error is a *Failure. After a Temporary one the message may have arrived all the
// same; the collapse key makes a repetition replace it on the phone.
func (s *Sender) Send(ctx context.Context, m Message) (Receipt, error) {
	if problem := m.problem(); problem != "" {
		return Receipt{}, &Failure{Class: Permanent, Code: problem}
	}
	bounded, stop := context.WithTimeout(ctx, s.timeout)
	defer stop()
	// The transport cancels attempt to keep the SDK from trying again, so that what bounded says
	// stays true about time and caller.
	attempt, cancel := context.WithCancel(bounded)
	defer cancel()
	made := &call{cancel: cancel}
	name, err := s.client.Send(context.WithValue(attempt, callKey{}, made), m.wire(time.Now()))
	if err != nil {
		return Receipt{}, failure(bounded, err, made)
	}
	if name == "" {
		return Receipt{}, &Failure{Class: Temporary, Code: "answer_unreadable"}
	}
	return Receipt{Name: name}, nil
}

// Close lets go of idle connections. Calls that are under way end as they would have.
func (s *Sender) Close() { s.pool.CloseIdleConnections() }
