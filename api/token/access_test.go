package token

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	person  = "01JP4X8Q2M5T7V9W1Y3Z5B7D9F"
	session = "01JP4X8Q2M5T7V9W1Y3Z5B7D9G"
)

func issuer(t testing.TB) Issuer {
	t.Helper()
	i, err := NewIssuer("https://naober.example", "naober-api")
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func signed(t testing.TB, i Issuer, ring Ring, now time.Time) string {
	t.Helper()
	raw, err := i.Sign(ring, Claims{Person: person, Session: session}, now)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestSignThenVerify(t *testing.T) {
	i, ring := issuer(t), ringOf(t, keyFrom(t, 1, noon))
	now := noon.Add(700 * time.Millisecond)
	got, err := i.Verify(ring, signed(t, i, ring, now), now)
	want := Claims{Person: person, Session: session, IssuedAt: noon, ExpiresAt: noon.Add(AccessLife)}
	if err != nil || got != want {
		t.Errorf("Verify = %+v, %v; want %+v", got, err, want)
	}
}

func TestVerifyOnlyNeedsThePublicHalf(t *testing.T) {
	i, key := issuer(t), keyFrom(t, 1, noon)
	raw := signed(t, i, ringOf(t, key), noon)
	key.Private = nil
	if _, err := i.Verify(ringOf(t, key), raw, noon); err != nil {
		t.Error(err)
	}
}

func TestVerifyHoldsTheTime(t *testing.T) {
	i, ring := issuer(t), ringOf(t, keyFrom(t, 1, noon.Add(-time.Hour)))
	raw := signed(t, i, ring, noon)
	for name, row := range map[string]struct {
		now  time.Time
		want error
	}{
		"a token just within the leeway before its beginning": {noon.Add(-Leeway), nil},
		"a token just before that":                            {noon.Add(-Leeway - time.Nanosecond), ErrInvalid},
		"a token at its very beginning":                       {noon, nil},
		"a token at its end, within the leeway":               {noon.Add(AccessLife + Leeway - time.Nanosecond), nil},
		"a token at the end of the leeway":                    {noon.Add(AccessLife + Leeway), ErrExpired},
		"a token a year later":                                {noon.AddDate(1, 0, 0), ErrExpired},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := i.Verify(ring, raw, row.now)
			if !errors.Is(err, row.want) || (err != nil && got != (Claims{})) {
				t.Errorf("Verify = %+v, %v; want %v", got, err, row.want)
			}
		})
	}
}

func TestSignRefuses(t *testing.T) {
	i, ring := issuer(t), ringOf(t, keyFrom(t, 1, noon.AddDate(-100, 0, 0)))
	for name, row := range map[string]struct {
		ring   Ring
		claims Claims
		now    time.Time
		want   error
	}{
		"a ring without a key":        {Ring{}, Claims{Person: person, Session: session}, noon, ErrNoKey},
		"no person":                   {ring, Claims{Session: session}, noon, ErrUnusable},
		"no session":                  {ring, Claims{Person: person}, noon, ErrUnusable},
		"a space in the person":       {ring, Claims{Person: "a b", Session: session}, noon, ErrUnusable},
		"bytes that are no UTF-8":     {ring, Claims{Person: "\xff", Session: session}, noon, ErrUnusable},
		"a session beyond the bound":  {ring, Claims{Person: person, Session: strings.Repeat("s", maxID+1)}, noon, ErrUnusable},
		"a time before 1970":          {ring, Claims{Person: person, Session: session}, time.Date(1969, 1, 1, 0, 0, 0, 0, time.UTC), ErrUnusable},
		"the zero time, forgotten":    {ringOf(t, keyFrom(t, 1, time.Time{})), Claims{Person: person, Session: session}, time.Time{}, ErrUnusable},
		"an id at the bound is fine":  {ring, Claims{Person: strings.Repeat("p", maxID), Session: strings.Repeat("s", maxID)}, noon, nil},
		"ids that JSON would escape ": {ring, Claims{Person: `<a&"\>`, Session: session}, noon, nil},
	} {
		t.Run(name, func(t *testing.T) {
			raw, err := i.Sign(row.ring, row.claims, row.now)
			if !errors.Is(err, row.want) || (raw == "") != (row.want != nil) {
				t.Fatalf("Sign = %q, %v; want %v", raw, err, row.want)
			}
			if row.want != nil {
				return
			}
			if got, err := i.Verify(row.ring, raw, row.now); err != nil || got.Person != row.claims.Person {
				t.Errorf("Verify of it = %+v, %v", got, err)
			}
		})
	}
}

func TestNewIssuerRefusesAnEmptyName(t *testing.T) {
	for _, pair := range [][2]string{{"", "api"}, {"naober", ""}, {"na ober", "api"}} {
		if i, err := NewIssuer(pair[0], pair[1]); !errors.Is(err, ErrUnusable) || i != (Issuer{}) {
			t.Errorf("NewIssuer(%q) = %v, %v", pair, i, err)
		}
	}
}

func TestZeroIssuerVerifiesNothing(t *testing.T) {
	key := keyFrom(t, 1, noon)
	claims := Issuer{}.wire(person, session, noon.Unix())
	raw, err := unsigned(key.ID, claims).SignedString(key.Private)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (Issuer{}).Verify(ringOf(t, key), raw, noon); !errors.Is(err, ErrInvalid) {
		t.Errorf("Verify = %v, want ErrInvalid", err)
	}
}

func TestRotationLogsNobodyOut(t *testing.T) {
	i, old := issuer(t), keyFrom(t, 1, noon.Add(-24*time.Hour))
	raw := signed(t, i, ringOf(t, old), noon)
	// The next key is published ahead, takes over, and the old one is retired.
	next := keyFrom(t, 2, noon.Add(time.Second))
	old.RetiredAt = noon.Add(time.Second)
	ring := ringOf(t, old, next)

	if fresh := signed(t, i, ring, noon.Add(time.Second)); !strings.Contains(header(t, fresh), next.ID) {
		t.Errorf("after rotation %s signs, want %s", header(t, fresh), next.ID)
	}
	for _, at := range []time.Duration{0, time.Second, AccessLife, AccessLife + Leeway - 1} {
		if _, err := i.Verify(ring, raw, noon.Add(at)); err != nil {
			t.Errorf("the old key's token after %s: %v", at, err)
		}
	}
	if _, err := i.Verify(ring, raw, noon.Add(AccessLife+Leeway)); !errors.Is(err, ErrExpired) {
		t.Errorf("at its end: %v, want ErrExpired", err)
	}
	// A thief of the retired key can date a token as he likes; an hour later none counts.
	late := old.RetiredAt.Add(RetiredFor)
	stolen := forge(t, old.Private, i.header(old), i.payload(late.Unix()))
	if _, err := i.Verify(ring, stolen, late.Add(-time.Second)); err != nil {
		t.Errorf("within the hour: %v", err)
	}
	if _, err := i.Verify(ring, stolen, late); !errors.Is(err, ErrInvalid) {
		t.Errorf("at the hour: %v, want ErrInvalid", err)
	}
}

// header and payload are the JSON texts of an honest token, for tests to spoil.
func (i Issuer) header(k Key) string { return `{"alg":"EdDSA","kid":"` + k.ID + `","typ":"access"}` }

func (i Issuer) payload(issuedAt int64) string {
	b, _ := jwt.NewWithClaims(jwt.SigningMethodNone, i.wire(person, session, issuedAt)).SigningString()
	_, b, _ = strings.Cut(b, ".")
	text, _ := base64.RawURLEncoding.DecodeString(b)
	return string(text)
}

func header(t testing.TB, raw string) string {
	t.Helper()
	head, _, _ := strings.Cut(raw, ".")
	text, err := base64.RawURLEncoding.DecodeString(head)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// forge signs any header and payload truly with the key: what only we, or a thief, could do.
func forge(t testing.TB, private ed25519.PrivateKey, header, payload string) string {
	t.Helper()
	text := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString([]byte(payload))
	return text + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(private, []byte(text)))
}
