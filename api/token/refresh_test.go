package token

import (
	"bytes"
	"encoding/base64"
	"errors"
	"math"
	"strings"
	"testing"
)

func secretOf(id string, b byte) Secret {
	return Secret{ID: id, Value: bytes.Repeat([]byte{b}, MinSecret)}
}

func refresher(t testing.TB, current Secret, older ...Secret) Refresher {
	t.Helper()
	r, err := NewRefresher(current, older...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var salt = bytes.Repeat([]byte{7}, SaltSize)

func encoded(t testing.TB, r Refresher, number int64) string {
	t.Helper()
	raw, err := r.Encode(session, number, salt)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestRefreshTokenCanBeMadeAgain(t *testing.T) {
	r := refresher(t, secretOf("2026", 1))
	first, again := encoded(t, r, 4), encoded(t, r, 4)
	if first != again || !strings.HasPrefix(first, "r1.") {
		t.Errorf("token 4 is once %q and once %q", first, again)
	}
	want := RefreshToken{Session: session, Number: 4}
	if got, err := r.Decode(first); err != nil || got != want {
		t.Errorf("Decode = %+v, %v", got, err)
	}
	if got, err := r.Verify(first, salt); err != nil || got != want {
		t.Errorf("Verify = %+v, %v", got, err)
	}
}

func TestRefreshSecretsRotate(t *testing.T) {
	old, next := secretOf("2026", 1), secretOf("2027", 2)
	raw := encoded(t, refresher(t, old), 1)
	both := refresher(t, next, old)
	if _, err := both.Verify(raw, salt); err != nil {
		t.Errorf("under an older secret: %v", err)
	}
	if encoded(t, both, 1) == raw {
		t.Error("new tokens are made with the older secret")
	}
	if _, err := refresher(t, next).Verify(raw, salt); !errors.Is(err, ErrInvalid) {
		t.Errorf("under a secret that was dropped: %v, want ErrInvalid", err)
	}
}

func TestRefreshVerifyRefuses(t *testing.T) {
	r := refresher(t, secretOf("2026", 1))
	honest := encoded(t, r, 4)
	parts, err := decodeRefresh(honest)
	if err != nil {
		t.Fatal(err)
	}
	spoil := func(change func(*refreshParts)) string {
		p := parts
		change(&p)
		return p.encode()
	}
	// under is a token with a true MAC over a salt that no session has.
	under := func(salt []byte) string {
		return spoil(func(p *refreshParts) { p.mac = p.sign(secretOf("2026", 1).Value, salt) })
	}
	cut := func(n int) string {
		b, _ := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(honest, refreshPrefix))
		return refreshPrefix + base64.RawURLEncoding.EncodeToString(b[:len(b)-n])
	}
	for name, row := range map[string]struct {
		raw  string
		salt []byte
	}{
		"another session":              {spoil(func(p *refreshParts) { p.session = person }), salt},
		"another number":               {spoil(func(p *refreshParts) { p.number = 5 }), salt},
		"number zero":                  {spoil(func(p *refreshParts) { p.number = 0 }), salt},
		"a number below zero":          {spoil(func(p *refreshParts) { p.number = -1 }), salt},
		"a secret we do not have":      {spoil(func(p *refreshParts) { p.secret = "2025" }), salt},
		"an empty session":             {spoil(func(p *refreshParts) { p.session = "" }), salt},
		"a line break in the session":  {spoil(func(p *refreshParts) { p.session = "a\nb" }), salt},
		"one bit of the MAC turned":    {spoil(func(p *refreshParts) { p.mac[31] ^= 1 }), salt},
		"another session's salt":       {honest, bytes.Repeat([]byte{8}, SaltSize)},
		"a missing salt":               {under(nil), nil},
		"a salt cut short":             {under(salt[1:]), salt[1:]},
		"another prefix":               {"r2." + honest[3:], salt},
		"no prefix":                    {honest[3:], salt},
		"a MAC one byte short":         {cut(1), salt},
		"no MAC":                       {cut(32), salt},
		"a length beyond the end":      {refreshPrefix + base64.RawURLEncoding.EncodeToString([]byte{255, 'a'}), salt},
		"the prefix alone":             {refreshPrefix, salt},
		"nothing":                      {"", salt},
		"padding":                      {honest + "=", salt},
		"a line break behind":          {honest + "\n", salt},
		"a line break inside":          {honest[:9] + "\r\n" + honest[9:], salt},
		"more than is read":            {honest + strings.Repeat("A", maxRefresh), salt},
		"an access token in its place": {signed(t, issuer(t), ringOf(t, keyFrom(t, 1, noon)), noon), salt},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := r.Verify(row.raw, row.salt)
			if !errors.Is(err, ErrInvalid) || got != (RefreshToken{}) {
				t.Errorf("Verify = %+v, %v; want ErrInvalid", got, err)
			}
		})
	}
}

func TestRefreshEncodeRefuses(t *testing.T) {
	r := refresher(t, secretOf("2026", 1))
	for name, row := range map[string]struct {
		r       Refresher
		session string
		number  int64
		salt    []byte
	}{
		"an empty session":            {r, "", 1, salt},
		"a session beyond the bound":  {r, strings.Repeat("s", maxID+1), 1, salt},
		"number zero":                 {r, session, 0, salt},
		"a number below zero":         {r, session, -1, salt},
		"a short salt":                {r, session, 1, salt[1:]},
		"a refresher without secrets": {Refresher{}, session, 1, salt},
	} {
		t.Run(name, func(t *testing.T) {
			if raw, err := row.r.Encode(row.session, row.number, row.salt); !errors.Is(err, ErrUnusable) || raw != "" {
				t.Errorf("Encode = %q, %v; want ErrUnusable", raw, err)
			}
		})
	}
	long := refresher(t, Secret{ID: strings.Repeat("k", maxID), Value: secretOf("", 1).Value})
	raw, err := long.Encode(strings.Repeat("s", maxID), math.MaxInt64, salt)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := long.Verify(raw, salt); err != nil {
		t.Errorf("the longest ids do not read back: %v", err)
	}
}

func TestNewRefresherRefuses(t *testing.T) {
	short := Secret{ID: "short", Value: make([]byte, MinSecret-1)}
	for name, secrets := range map[string][]Secret{
		"a short secret":       {short},
		"a short older secret": {secretOf("2027", 2), short},
		"a nameless secret":    {secretOf("", 1)},
		"one name twice":       {secretOf("2026", 1), secretOf("2026", 2)},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := NewRefresher(secrets[0], secrets[1:]...)
			if !errors.Is(err, ErrUnusable) {
				t.Errorf("NewRefresher = %v, want ErrUnusable", err)
			}
		})
	}
}

func TestNewSalt(t *testing.T) {
	if s, err := NewSalt(bytes.NewReader(salt)); err != nil || !bytes.Equal(s, salt) {
		t.Errorf("NewSalt = %x, %v", s, err)
	}
	if s, err := NewSalt(failing{}); err == nil || s != nil {
		t.Errorf("NewSalt without randomness = %x, %v", s, err)
	}
}

func FuzzRefreshVerify(f *testing.F) {
	r := refresher(f, secretOf("2026", 1))
	honest := encoded(f, r, 4)
	f.Add(honest)
	f.Add(refreshPrefix + "AAAA")
	f.Fuzz(func(t *testing.T, raw string) {
		if got, err := r.Decode(raw); err != nil && got != (RefreshToken{}) {
			t.Fatalf("Decode(%q) = %+v beside %v", raw, got, err)
		}
		if _, err := r.Verify(raw, salt); (err == nil) != (raw == honest) {
			t.Fatalf("Verify(%q) = %v", raw, err)
		}
	})
}
