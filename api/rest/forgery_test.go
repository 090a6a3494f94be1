package rest

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"naober/api/app"
	"naober/api/token"
	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// forged are tokens that must open nothing: each is Geesje's own, but for one thing.
func (w *world) forged() map[string]string {
	w.t.Helper()
	real := w.bearer("Geesje")
	parts := strings.Split(real, ".")
	var head, claims map[string]any
	read := func(part string, into *map[string]any) {
		raw, err := base64.RawURLEncoding.DecodeString(part)
		must(w.t, err)
		must(w.t, json.Unmarshal(raw, into))
	}
	read(parts[0], &head)
	read(parts[1], &claims)
	var jwks wire.Keys
	must(w.t, json.Unmarshal(w.call("", "GET", "/.well-known/jwks.json", "").want(200).body, &jwks))
	public, err := base64.RawURLEncoding.DecodeString(jwks.Keys[0].X)
	must(w.t, err)
	_, foreign, err := ed25519.GenerateKey(rand.Reader)
	must(w.t, err)
	sign := func(method jwt.SigningMethod, key any, change func(head, claims map[string]any)) string {
		t := jwt.NewWithClaims(method, jwt.MapClaims(maps.Clone(claims)))
		t.Header["kid"], t.Header["typ"] = head["kid"], head["typ"]
		if change != nil {
			change(t.Header, t.Claims.(jwt.MapClaims))
		}
		raw, err := t.SignedString(key)
		must(w.t, err)
		return raw
	}
	other, err := json.Marshal(jwt.MapClaims(maps.Clone(claims)))
	must(w.t, err)
	swapped := strings.Replace(string(other), string(w.people["Geesje"].id), string(w.people["Wim"].id), 1)
	return map[string]string{
		"signed by nobody":                   sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, nil),
		"signed with the public key as HMAC": sign(jwt.SigningMethodHS256, public, nil),
		"signed with a foreign key":          sign(jwt.SigningMethodEdDSA, foreign, nil),
		"of a key that is not published":     sign(jwt.SigningMethodEdDSA, foreign, func(h, _ map[string]any) { h["kid"] = "another" }),
		"that brings its own key": sign(jwt.SigningMethodEdDSA, foreign, func(h, _ map[string]any) {
			h["jwk"] = map[string]string{"kty": "OKP", "crv": "Ed25519", "x": base64.RawURLEncoding.EncodeToString(foreign.Public().(ed25519.PublicKey))}
		}),
		"in another's name":  parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(swapped)) + "." + parts[2],
		"without signature":  parts[0] + "." + parts[1] + ".",
		"with half of it":    real[:len(real)-20],
		"that is to refresh": w.people["Geesje"].tokens.Refresh,
		"of two tokens":      real + "." + real,
	}
}

// TestForgedTokensOpenNothing sends each forgery to each route that wants a token.
func TestForgedTokensOpenNothing(t *testing.T) {
	t.Parallel()
	w := newMatrix(t)
	forged := w.forged()
	for _, r := range w.server.routes() {
		if r.who == public {
			continue
		}
		for name, raw := range forged {
			a := w.call("", r.method, w.path(r.path), "", header{"Authorization", "Bearer " + raw}, header{"Idempotency-Key", w.key()})
			if a.status != 401 || a.text("code") != "token_invalid" {
				t.Errorf("a token %s: %s: %d %s", name, a.call, a.status, a.body)
			}
		}
	}
}

// TestTokensOfOtherTimesAndSessions: what was good once, or will be, is not now.
func TestTokensOfOtherTimesAndSessions(t *testing.T) {
	t.Parallel()
	w := helped(t)
	first := w.people["Geesje"].tokens
	me := func(raw string) answer {
		return w.call("", "GET", "/v1/me", "", header{"Authorization", "Bearer " + raw})
	}
	me(first.Access).want(200)
	w.pass(-time.Hour)
	me(first.Access).refused(401, "token_invalid") // not yet
	w.pass(time.Hour + 16*time.Minute)
	me(first.Access).refused(401, "token_expired")
	w.bearer("Geesje")
	second := w.people["Geesje"].tokens
	me(second.Access).want(200)
	w.pass(16 * time.Minute)
	w.bearer("Geesje") // uses the second refresh token
	third := w.people["Geesje"].tokens
	w.call("", "POST", "/v1/tokens", `{"refresh":"`+first.Refresh+`"}`).want(401)
	me(third.Access).refused(401, "session_ended") // an old one was used: the family ends
}

// TestRolesCountAtTheNextCall holds two processes over one store: what one takes away, the other no
// longer gives.
func TestRolesCountAtTheNextCall(t *testing.T) {
	t.Parallel()
	w := helped(t)
	bea := w.arrive("Bea", care.Administrator)
	here, settings := w.base, w.settings
	w.serve(New(secondProcess(w, settings), nil, slog.New(slog.DiscardHandler), nil))
	there := w.base
	on := func(base string) { w.base = base }
	w.call("Ina", "GET", "/v1/communities/"+string(w.village)+"/queue", "").want(200)
	member := care.MembershipID(w.call("Ina", "GET", "/v1/me/memberships", "").text("items.0.id"))
	on(here)
	w.call("Bea", "DELETE", "/v1/memberships/"+string(member), "").want(200)
	on(there)
	w.call("Ina", "GET", "/v1/communities/"+string(w.village)+"/queue", "").refused(403, "not_a_moderator")
	w.call("Bea", "POST", "/v1/communities/"+string(w.village)+"/roles", `{"person":"`+string(w.people["Piet"].id)+`","role":"moderator"}`).want(201)
	on(here)
	w.call("Piet", "GET", "/v1/communities/"+string(w.village)+"/queue", "").want(200)
	w.call("Geesje", "POST", "/v1/requests", strings.Replace(groceriesBody, "{village}", string(w.village), 1)).want(201)
	w.settle()
	ask := w.call("Jan", "GET", "/v1/requests?scope=helping", "").text("items.0.asks.0.id")
	w.call("Piet", "POST", "/v1/communities/"+string(w.village)+"/helpers/"+string(w.people["Jan"].id)+"/pause",
		`{"rule":"house_rules.3@1","reason":"Geld gevraagd.","until":"2027-01-01T00:00:00Z"}`).want(200)
	on(there)
	if a := w.call("Jan", "POST", "/v1/asks/"+ask+"/accept", "{}"); a.status < 400 {
		t.Errorf("paused in one process, he says yes in the other: %s", a.body)
	}
	on(here)
	w.call("Bea", "DELETE", "/v1/me/devices/"+bea.tokens.Session, "").want(204)
	on(there)
	w.call("Bea", "GET", "/v1/me", "").refused(401, "session_ended")
}

// secondProcess is another service over the same store.
func secondProcess(w *world, s app.Settings) *app.App {
	w.t.Helper()
	a := app.New(s)
	must(w.t, a.LoadKeys(w.t.Context()))
	must(w.t, a.Rebuild(w.t.Context()))
	return a
}

// TestTokensOfAnotherServiceOpenNothing signs Geesje in at services that share our keys and our store,
// and differ in their name or in whom they speak to: what they sign is good there and not here.
func TestTokensOfAnotherServiceOpenNothing(t *testing.T) {
	t.Parallel()
	w := newMatrix(t)
	here := w.base
	for name, of := range map[string][2]string{"another issuer": {"https://other.example", "naober"}, "another audience": {"https://naober.example", "other"}} {
		issuer, err := token.NewIssuer(of[0], of[1])
		must(t, err)
		settings := w.settings
		settings.Issuer = issuer
		w.serve(New(secondProcess(w.world, settings), nil, slog.New(slog.DiscardHandler), nil))
		w.signIn(w.people["Geesje"], "geesje@example.org")
		foreign := header{"Authorization", "Bearer " + w.people["Geesje"].tokens.Access}
		w.call("", "GET", "/v1/me", "", foreign).want(200)
		w.base = here
		for _, r := range w.server.routes() {
			if r.who == public {
				continue
			}
			if a := w.call("", r.method, w.path(r.path), "", foreign, header{"Idempotency-Key", w.key()}); a.status != 401 || a.text("code") != "token_invalid" {
				t.Errorf("a token of %s: %s: %d %s", name, a.call, a.status, a.body)
			}
		}
	}
}
