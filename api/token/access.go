package token

import (
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	// AccessLife is the life of an access token. Roles are read at each call, so it bounds only
	// how long a revoked session can still speak where nobody asks for the session.
	AccessLife = 15 * time.Minute
	// Leeway is how far the clocks of two of our processes may differ: a token counts this long
	// after its end, and this long before its beginning.
	Leeway = 30 * time.Second

	algorithm  = "EdDSA"
	accessType = "access"
	// maxAccess bounds what is parsed at all, in bytes; an honest token has about 450.
	maxAccess = 2048
)

// Claims is what an access token says: who, in which session, from when to when (whole seconds,
// UTC). Sign ignores the two instants and sets them itself.
type Claims struct {
	Person, Session     string
	IssuedAt, ExpiresAt time.Time
}

// Issuer signs and verifies access tokens for one installation. Its zero value verifies nothing.
type Issuer struct {
	name, audience string
}

// NewIssuer names the installation (iss) and the API its tokens are meant for (aud). Neither may
// be empty: the JWT library takes an empty expectation for "do not check".
func NewIssuer(name, audience string) (Issuer, error) {
	if !usableID(name) || !usableID(audience) {
		return Issuer{}, fmt.Errorf("%w: issuer and audience need a name without spaces", ErrUnusable)
	}
	return Issuer{name: name, audience: audience}, nil
}

// Sign makes an access token for the person and session, valid from now for AccessLife, signed by
// the ring's newest key. It fails with ErrNoKey or ErrUnusable only.
func (i Issuer) Sign(ring Ring, claims Claims, now time.Time) (string, error) {
	key, err := ring.signer(now)
	if err != nil {
		return "", err
	}
	wire := i.wire(claims.Person, claims.Session, now.Unix())
	if !i.expects(wire) {
		return "", fmt.Errorf("%w: person, session or time", ErrUnusable)
	}
	return unsigned(key.ID, wire).SignedString(key.Private)
}

// Verify checks an access token and returns what it says. It is the only place that parses a JWT.
// On any error the claims are zero; the error is ErrExpired where all but the time is right, and
// ErrInvalid otherwise.
func (i Issuer) Verify(ring Ring, raw string, now time.Time) (Claims, error) {
	claims, _, err := i.verify(ring, raw, now)
	return claims, err
}

// verify also names the key that signed.
func (i Issuer) verify(ring Ring, raw string, now time.Time) (Claims, string, error) {
	if i == (Issuer{}) || len(raw) > maxAccess {
		return Claims{}, "", ErrInvalid
	}
	var wire wireClaims
	parsed, err := jwt.ParseWithClaims(raw, &wire, func(t *jwt.Token) (any, error) { return i.keyFor(ring, t, now) },
		jwt.WithValidMethods([]string{algorithm}),
		jwt.WithExpirationRequired(),
		jwt.WithIssuedAt(),
		jwt.WithIssuer(i.name),
		jwt.WithAudience(i.audience),
		jwt.WithStrictDecoding(),
		jwt.WithLeeway(Leeway),
		jwt.WithTimeFunc(func() time.Time { return now }),
	)
	switch {
	case err == nil:
		kid, _ := parsed.Header["kid"].(string) // keyFor has found its key
		return wire.claims(), kid, nil
	case onlyExpired(err):
		return Claims{}, "", ErrExpired
	}
	return Claims{}, "", ErrInvalid
}

// keyFor picks the key by our own kid, after it has made sure that the token is, byte for byte,
// the one that Sign would write for these claims. That one comparison refuses doubled and unknown
// claims, other spellings of a name or a number, lists as audience, foreign headers (jwk, jku,
// crit), other types of token, and line breaks inside the base64, which even strict decoding skips.
func (i Issuer) keyFor(ring Ring, t *jwt.Token, now time.Time) (any, error) {
	kid, _ := t.Header["kid"].(string)
	key, err := ring.verifier(kid, now)
	if err != nil {
		return nil, err
	}
	wire, ok := t.Claims.(*wireClaims)
	if !ok || !i.expects(*wire) {
		return nil, ErrInvalid
	}
	signing, err := unsigned(key.ID, *wire).SigningString()
	if err != nil || t.Raw != signing+"."+base64.RawURLEncoding.EncodeToString(t.Signature) {
		return nil, ErrInvalid
	}
	return key.Public, nil
}

// onlyExpired reports whether the end of its life is all that is wrong with a token: the library
// joins every failed check into one error.
func onlyExpired(err error) bool {
	if !errors.Is(err, jwt.ErrTokenExpired) {
		return false
	}
	for _, other := range []error{
		jwt.ErrTokenMalformed, jwt.ErrTokenUnverifiable, jwt.ErrTokenSignatureInvalid, jwt.ErrTokenRequiredClaimMissing,
		jwt.ErrTokenInvalidAudience, jwt.ErrTokenUsedBeforeIssued, jwt.ErrTokenInvalidIssuer, jwt.ErrTokenNotValidYet,
	} {
		if errors.Is(err, other) {
			return false
		}
	}
	return true
}

// unsigned is the one form of our tokens, used to sign and to compare.
func unsigned(kid string, claims wireClaims) *jwt.Token {
	return &jwt.Token{
		Header: map[string]any{"alg": algorithm, "kid": kid, "typ": accessType},
		Claims: claims,
		Method: jwt.SigningMethodEdDSA,
	}
}
