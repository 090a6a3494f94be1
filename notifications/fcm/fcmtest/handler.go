package fcmtest

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// Handler answers as FCM and its token endpoint do. It is safe for concurrent use.
type Handler struct {
	project string
	base    string // where this handler is reached: audience and token_uri follow from it
	email   string
	keyID   string
	key     *rsa.PrivateKey
	mux     *http.ServeMux

	mu       sync.Mutex
	granted  map[string]time.Time // access token -> when it ends
	loggedIn int                  // access tokens ever granted
	scripts  map[string][]Answer  // registration token -> what comes next
	logins   []Answer             // the same for the token endpoint
	messages []Received
	calls    []Call
	logged   int           // calls ever made, dropped ones included
	changed  chan struct{} // closed and replaced at each recorded message
}

// keep is how many messages and calls stay in memory: a demo runs for days.
const keep = 10_000

// NewHandler makes a handler for one project, reached at base ("http://127.0.0.1:8085", no path).
// It generates the RSA key of the service account, which takes a moment.
func NewHandler(project, base string) (*Handler, error) {
	at, err := url.Parse(base)
	if err != nil || at.Host == "" || at.Path != "" {
		return nil, fmt.Errorf("fcmtest: base must be scheme and host only")
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, fmt.Errorf("fcmtest: service account key: %w", err)
	}
	h := &Handler{
		project: project,
		base:    base,
		email:   "naober@" + project + ".iam.gserviceaccount.com",
		keyID:   rand.Text(),
		key:     key,
		mux:     http.NewServeMux(),
		granted: map[string]time.Time{},
		scripts: map[string][]Answer{},
		changed: make(chan struct{}),
	}
	h.mux.HandleFunc("POST /token", h.grantToken)
	h.mux.HandleFunc("POST /v1/projects/{project}/messages:send", h.sendMessage)
	h.mux.HandleFunc("GET /log", h.serveLog)
	return h, nil
}

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.mux.ServeHTTP(w, r) }

// writeJSON ignores a failed write: the client is gone, and there is nobody else to tell.
func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
