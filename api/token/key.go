package token

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"time"
)

// Key is one Ed25519 key for access tokens. ID is its RFC 7638 thumbprint and stands as kid in
// every token it signs. Private may be nil: such a key only verifies. CreatedAt may lie in the
// future: the key is then published and verifies at once, but signs only from that moment, so
// that every process has loaded it before its first token appears. A zero RetiredAt means in use.
type Key struct {
	ID                   string
	Private              ed25519.PrivateKey
	Public               ed25519.PublicKey
	CreatedAt, RetiredAt time.Time
}

// GenerateKey makes a key that signs from now on. rand must be a cryptographic source
// (crypto/rand.Reader outside tests); its failure is the only error.
func GenerateKey(rand io.Reader, now time.Time) (Key, error) {
	seed := make([]byte, ed25519.SeedSize)
	if _, err := io.ReadFull(rand, seed); err != nil {
		return Key{}, fmt.Errorf("token: reading randomness: %w", err)
	}
	private := ed25519.NewKeyFromSeed(seed)
	public := private.Public().(ed25519.PublicKey)
	return Key{ID: thumbprint(public), Private: private, Public: public, CreatedAt: now}, nil
}

// Format prints the key's id whatever the verb, so that no log or error can hold the private half.
func (k Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "key "+k.ID) }

// LogValue keeps the private half out of structured logs, where Format is not asked.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.ID) }

// check refuses a key whose parts do not belong together: a kid that is not the thumbprint of
// its public half would let one key answer for another.
func (k Key) check() error {
	switch {
	case len(k.Public) != ed25519.PublicKeySize:
		return fmt.Errorf("%w: key %q has no Ed25519 public half", ErrUnusable, k.ID)
	case k.ID != thumbprint(k.Public):
		return fmt.Errorf("%w: key %q is not named after its public half", ErrUnusable, k.ID)
	case k.Private == nil:
		return nil
	case len(k.Private) != ed25519.PrivateKeySize:
		return fmt.Errorf("%w: key %q has a private half of %d bytes", ErrUnusable, k.ID, len(k.Private))
	case !bytes.Equal(ed25519.NewKeyFromSeed(k.Private.Seed()), k.Private),
		!bytes.Equal(k.Private[ed25519.SeedSize:], k.Public):
		return fmt.Errorf("%w: the halves of key %q do not match", ErrUnusable, k.ID)
	}
	return nil
}

// signs reports whether the key may sign at this moment.
func (k Key) signs(now time.Time) bool {
	return k.Private != nil && !now.Before(k.CreatedAt) && (k.RetiredAt.IsZero() || now.Before(k.RetiredAt))
}

// verifies reports whether tokens of the key still count at this moment.
func (k Key) verifies(now time.Time) bool {
	return k.RetiredAt.IsZero() || now.Before(k.RetiredAt.Add(RetiredFor))
}

// thumbprint is the RFC 7638 hash of the public key as a JWK (members in the order the RFC
// asks: crv, kty, x), in unpadded base64url.
func thumbprint(public ed25519.PublicKey) string {
	jwk := `{"crv":"Ed25519","kty":"OKP","x":"` + base64.RawURLEncoding.EncodeToString(public) + `"}`
	sum := sha256.Sum256([]byte(jwk))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
