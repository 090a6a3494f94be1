package token

import (
	"crypto/hmac"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

const (
	// MinSecret is the least length of a service secret, in bytes, for refresh tokens and codes.
	MinSecret = 32
	// SaltSize is the length of a session's salt, in bytes.
	SaltSize = 16

	refreshPrefix = "r1."
	refreshLabel  = "naober refresh token 1"
	// maxRefresh bounds what is decoded at all, in bytes; it holds two ids of maxID.
	maxRefresh = 512
)

// Secret is a service secret from the configuration, under a name that stands in every token
// made with it.
type Secret struct {
	ID    string
	Value []byte
}

// RefreshToken is what a refresh token names: the session and its place in the row of
// successors, counted from 1. What it proves is the caller's to decide, with Rotate.
type RefreshToken struct {
	Session string
	Number  int64
}

// Refresher derives refresh tokens. Nothing but the session's salt and last used number is
// stored, so the same successor can be given again after a lost answer. Safe for concurrent use.
type Refresher struct {
	current string
	secrets map[string][]byte
}

// NewRefresher takes the secret that new tokens are made with, and older ones whose tokens still
// count. Dropping a secret signs out every session that last refreshed under it, so an older one
// stays for as long as a session may sleep (400 days).
func NewRefresher(current Secret, older ...Secret) (Refresher, error) {
	r := Refresher{current: current.ID, secrets: make(map[string][]byte, 1+len(older))}
	for _, s := range append([]Secret{current}, older...) {
		_, double := r.secrets[s.ID]
		switch {
		case !usableID(s.ID):
			return Refresher{}, fmt.Errorf("%w: a refresh secret needs a short name without spaces", ErrUnusable)
		case len(s.Value) < MinSecret:
			return Refresher{}, fmt.Errorf("%w: refresh secret %q is shorter than %d bytes", ErrUnusable, s.ID, MinSecret)
		case double:
			return Refresher{}, fmt.Errorf("%w: refresh secret %q is given twice", ErrUnusable, s.ID)
		}
		r.secrets[s.ID] = slices.Clone(s.Value)
	}
	return r, nil
}

// NewSalt makes the salt of a new session. It lives in the session's document: erasing that ends
// all its tokens, and a stolen service secret alone makes none.
func NewSalt(rand io.Reader) ([]byte, error) {
	salt := make([]byte, SaltSize)
	if _, err := io.ReadFull(rand, salt); err != nil {
		return nil, fmt.Errorf("token: reading randomness: %w", err)
	}
	return salt, nil
}

// Encode writes the session's token of this number: "r1." and, in base64url, the session, the
// number, the secret's name and the MAC. Equal input gives an equal token under the same secret.
func (r Refresher) Encode(session string, number int64, salt []byte) (string, error) {
	secret, ok := r.secrets[r.current]
	if !ok || !usableID(session) || number < 1 || len(salt) < SaltSize {
		return "", fmt.Errorf("%w: session, number or salt", ErrUnusable)
	}
	t := refreshParts{session: session, number: number, secret: r.current}
	t.mac = t.sign(secret, salt)
	return t.encode(), nil
}

// Decode reads what a token claims to be, proving nothing: it serves only to find the session
// whose salt Verify needs.
func (r Refresher) Decode(raw string) (RefreshToken, error) {
	t, err := decodeRefresh(raw)
	if err != nil {
		return RefreshToken{}, err
	}
	return RefreshToken{Session: t.session, Number: t.number}, nil
}

// Verify checks a token against its session's salt, in time that does not depend on the MAC.
// A missing salt never verifies. It does not know whether the token was used: see Rotate.
func (r Refresher) Verify(raw string, salt []byte) (RefreshToken, error) {
	t, err := decodeRefresh(raw)
	if err != nil {
		return RefreshToken{}, err
	}
	secret, ok := r.secrets[t.secret]
	if !ok || len(salt) < SaltSize {
		return RefreshToken{}, ErrInvalid
	}
	if want := t.sign(secret, salt); !hmac.Equal(t.mac[:], want[:]) {
		return RefreshToken{}, ErrInvalid
	}
	return RefreshToken{Session: t.session, Number: t.number}, nil
}

// refreshParts is a refresh token taken apart. On the wire: one byte of length and the session,
// eight bytes of number (big endian), one byte of length and the secret's name, 32 bytes of MAC.
type refreshParts struct {
	session string
	number  int64
	secret  string
	mac     [32]byte
}

func (t refreshParts) sign(secret, salt []byte) [32]byte {
	number := binary.BigEndian.AppendUint64(nil, uint64(t.number))
	return mac(secret, refreshLabel, []byte(t.secret), []byte(t.session), number, salt)
}

func (t refreshParts) encode() string {
	b := append([]byte{byte(len(t.session))}, t.session...)
	b = binary.BigEndian.AppendUint64(b, uint64(t.number))
	b = append(append(b, byte(len(t.secret))), t.secret...)
	return refreshPrefix + base64.RawURLEncoding.EncodeToString(append(b, t.mac[:]...))
}

func decodeRefresh(raw string) (refreshParts, error) {
	body, ok := strings.CutPrefix(raw, refreshPrefix)
	if !ok || len(raw) > maxRefresh {
		return refreshParts{}, ErrInvalid
	}
	b, err := base64.RawURLEncoding.DecodeString(body)
	if err != nil {
		return refreshParts{}, ErrInvalid
	}
	var t refreshParts
	session, b, ok1 := cutPrefixed(b)
	number, b, ok2 := cutBytes(b, 8)
	secret, b, ok3 := cutPrefixed(b)
	if !ok1 || !ok2 || !ok3 || len(b) != len(t.mac) {
		return refreshParts{}, ErrInvalid
	}
	t.session, t.secret = string(session), string(secret)
	n := binary.BigEndian.Uint64(number)
	if n < 1 || n > math.MaxInt64 || !usableID(t.session) || !usableID(t.secret) {
		return refreshParts{}, ErrInvalid
	}
	t.number, t.mac = int64(n), [32]byte(b)
	// One spelling only: base64 skips line breaks and, unless strict, trailing bits.
	if t.encode() != raw {
		return refreshParts{}, ErrInvalid
	}
	return t, nil
}

// cutPrefixed takes a one-byte length and that many bytes off the front.
func cutPrefixed(b []byte) (head, rest []byte, ok bool) {
	if len(b) == 0 {
		return nil, nil, false
	}
	return cutBytes(b[1:], int(b[0]))
}

func cutBytes(b []byte, n int) (head, rest []byte, ok bool) {
	if len(b) < n {
		return nil, nil, false
	}
	return b[:n], b[n:], true
}
