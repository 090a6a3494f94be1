package token

import (
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// wireClaims is the payload of an access token. Plain strings and whole seconds on purpose: the
// library's own claim types take several spellings of the same value.
type wireClaims struct {
	Issuer    string `json:"iss"`
	Audience  string `json:"aud"`
	Subject   string `json:"sub"`
	Session   string `json:"sid"`
	IssuedAt  int64  `json:"iat"`
	ExpiresAt int64  `json:"exp"`
}

// wire fills the payload for a token that begins at this second.
func (i Issuer) wire(person, session string, issuedAt int64) wireClaims {
	return wireClaims{
		Issuer: i.name, Audience: i.audience, Subject: person, Session: session,
		IssuedAt: issuedAt, ExpiresAt: issuedAt + int64(AccessLife/time.Second),
	}
}

// expects reports whether a payload is one this issuer could have written: its own name and
// audience, two usable ids, and exactly one AccessLife of time after 1970.
func (i Issuer) expects(c wireClaims) bool {
	return usableID(c.Subject) && usableID(c.Session) && c.IssuedAt > 0 && c.ExpiresAt > c.IssuedAt &&
		c == i.wire(c.Subject, c.Session, c.IssuedAt)
}

func (c wireClaims) claims() Claims {
	return Claims{
		Person: c.Subject, Session: c.Session,
		IssuedAt: time.Unix(c.IssuedAt, 0).UTC(), ExpiresAt: time.Unix(c.ExpiresAt, 0).UTC(),
	}
}

// The six methods below are jwt.Claims, through which the library checks time, issuer and
// audience. A missing number reads as absent, so that the library asks for it.

// GetExpirationTime implements jwt.Claims.
func (c wireClaims) GetExpirationTime() (*jwt.NumericDate, error) { return date(c.ExpiresAt), nil }

// GetIssuedAt implements jwt.Claims.
func (c wireClaims) GetIssuedAt() (*jwt.NumericDate, error) { return date(c.IssuedAt), nil }

// GetNotBefore implements jwt.Claims; our tokens begin when they are issued.
func (c wireClaims) GetNotBefore() (*jwt.NumericDate, error) { return nil, nil }

// GetIssuer implements jwt.Claims.
func (c wireClaims) GetIssuer() (string, error) { return c.Issuer, nil }

// GetSubject implements jwt.Claims.
func (c wireClaims) GetSubject() (string, error) { return c.Subject, nil }

// GetAudience implements jwt.Claims.
func (c wireClaims) GetAudience() (jwt.ClaimStrings, error) {
	return jwt.ClaimStrings{c.Audience}, nil
}

func date(seconds int64) *jwt.NumericDate {
	if seconds == 0 {
		return nil
	}
	return jwt.NewNumericDate(time.Unix(seconds, 0))
}
