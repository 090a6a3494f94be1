package fcmtest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Scope is the one OAuth scope that sending needs and that this server demands.
const Scope = "https://www.googleapis.com/auth/firebase.messaging"

const (
	bearerGrant   = "urn:ietf:params:oauth:grant-type:jwt-bearer" // RFC 7523
	tokenLifetime = time.Hour
	clockSkew     = 5 * time.Minute
	maxBody       = 64 << 10 // bytes; far above any request the SDK makes
)

// Credentials gives the service account as the JSON key file that Google's console hands out, with
// a token_uri that points at this server.
func (h *Handler) Credentials() ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(h.key)
	if err != nil {
		return nil, err
	}
	return json.Marshal(map[string]string{
		"type":           "service_account",
		"project_id":     h.project,
		"private_key_id": h.keyID,
		"private_key":    string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
		"client_email":   h.email,
		"client_id":      "100000000000000000001",
		"token_uri":      h.base + "/token",
	})
}

// Revoke forgets every access token that was granted: the next send with one gets 401.
func (h *Handler) Revoke() {
	h.mu.Lock()
	defer h.mu.Unlock()
	clear(h.granted)
}

// Logins counts the access tokens granted so far.
func (h *Handler) Logins() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.loggedIn
}

// grantToken serves POST /token: a signed assertion against an access token of an hour.
func (h *Handler) grantToken(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	form := r.PostFormValue("assertion")
	h.mu.Lock()
	var answer Answer
	answer, h.logins = nextAnswer(h.logins)
	h.mu.Unlock()
	switch {
	case !answer.wait(r):
		return
	case answer.cut != cutNever:
		hangUp(w)
		return
	case answer.status != http.StatusOK:
		h.refuseLogin(w, answer.status, strings.ToLower(answer.state), answer.retryAfter)
		return
	case r.PostFormValue("grant_type") != bearerGrant:
		h.refuseLogin(w, http.StatusBadRequest, "unsupported_grant_type", "")
		return
	}
	if problem := h.checkAssertion(form, time.Now()); problem != "" {
		h.refuseLogin(w, http.StatusBadRequest, problem, "")
		return
	}
	token := "ya29." + rand.Text() + rand.Text()
	h.mu.Lock()
	h.granted[token] = time.Now().Add(tokenLifetime)
	h.loggedIn++
	h.mu.Unlock()
	writeJSON(w, http.StatusOK, map[string]any{
		"access_token": token, "token_type": "Bearer", "expires_in": int(tokenLifetime/time.Second) - 1,
	})
}

func (h *Handler) refuseLogin(w http.ResponseWriter, status int, problem, retryAfter string) {
	if retryAfter != "" {
		w.Header().Set("Retry-After", retryAfter)
	}
	writeJSON(w, status, map[string]string{"error": problem, "error_description": "refused by the local server"})
}

type assertion struct {
	Issuer   string `json:"iss"`
	Audience string `json:"aud"`
	Scope    string `json:"scope"`
	IssuedAt int64  `json:"iat"`
	Expires  int64  `json:"exp"`
}

// checkAssertion gives the OAuth error code of what is wrong with a JWT bearer assertion, or "".
// The token is taken apart by hand so that no JWT library judges the one the SDK used.
func (h *Handler) checkAssertion(raw string, now time.Time) string {
	var header struct {
		Algorithm string `json:"alg"`
		KeyID     string `json:"kid"`
	}
	var claims assertion
	parts := strings.Split(raw, ".")
	if len(parts) != 3 || !decodePart(parts[0], &header) || !decodePart(parts[1], &claims) {
		return "invalid_request"
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || header.Algorithm != "RS256" || header.KeyID != h.keyID {
		return "invalid_grant"
	}
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if rsa.VerifyPKCS1v15(&h.key.PublicKey, crypto.SHA256, digest[:], signature) != nil {
		return "invalid_grant"
	}
	issued, expires := time.Unix(claims.IssuedAt, 0), time.Unix(claims.Expires, 0)
	switch {
	case claims.Issuer != h.email, claims.Audience != h.base+"/token":
		return "invalid_grant"
	case issued.After(now.Add(clockSkew)), !expires.After(now), expires.Sub(issued) > tokenLifetime:
		return "invalid_grant"
	case !slices.Contains(strings.Fields(claims.Scope), Scope):
		return "invalid_scope"
	}
	return ""
}

func decodePart(part string, into any) bool {
	raw, err := base64.RawURLEncoding.DecodeString(part)
	return err == nil && json.Unmarshal(raw, into) == nil
}

// authorized reports whether the call carries an access token that was granted and still holds.
func (h *Handler) authorized(r *http.Request, now time.Time) bool {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	ends, ok := h.granted[token]
	return ok && now.Before(ends)
}
