package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"naober/api/app"
	"naober/matching/care"
)

// keySize is that of every key here: AES-256.
const keySize = 32

// The purposes of a service key; each has a key of its own. The number changes with the form.
const (
	labelWrap = "naober wrap 1"
	labelName = "naober service key name 1"
)

// wraps opens and closes data keys under service keys.
type wraps struct {
	newest string // name of this process's own service key; the others are former ones
	byName map[string]cipher.AEAD
}

func newWraps(service []byte, old [][]byte) (wraps, error) {
	w := wraps{byName: map[string]cipher.AEAD{}}
	for _, key := range append([][]byte{service}, old...) {
		if len(key) != keySize {
			return w, fmt.Errorf("vault: a service key has %d bytes", keySize)
		}
		b, err := box(derived(key, labelWrap))
		if err != nil {
			return w, err
		}
		name := nameOf(key)
		if w.byName[name] = b; w.newest == "" {
			w.newest = name
		}
	}
	return w, nil
}

// nameOf tells service keys apart and says nothing about them.
func nameOf(key []byte) string { return hex.EncodeToString(derived(key, labelName)[:8]) }

func derived(key []byte, label string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(label))
	return h.Sum(nil)
}

// box seals under nonces that are drawn at random: safe for 2^32 values under one key.
func box(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// newKey draws a data key of an owner.
func (w wraps) newKey(kek, owner string, number int, now time.Time) app.WrappedKey {
	raw := make([]byte, keySize)
	_, _ = rand.Read(raw) // a machine without randomness ends here
	return w.wrap(kek, owner, app.WrappedKey{Number: number, MadeAt: now}, raw)
}

// wrap closes a data key under the service key of a name. It opens for its owner and number alone.
func (w wraps) wrap(kek, owner string, k app.WrappedKey, raw []byte) app.WrappedKey {
	k.KEK = kek
	k.Wrapped = w.byName[kek].Seal(nil, nil, raw, aboutKey(owner, k.Number))
	return k
}

func (w wraps) unwrap(owner string, k app.WrappedKey) ([]byte, error) {
	b := w.byName[k.KEK]
	if b == nil {
		return nil, errOtherKey()
	}
	raw, err := b.Open(nil, nil, k.Wrapped, aboutKey(owner, k.Number))
	if err != nil {
		return nil, fmt.Errorf("vault: key %d of %s does not open", k.Number, owner)
	}
	return raw, nil
}

// KeysClosed is the reason of an error where the service key of this process does not open the key
// store: another wrapped it, as after a rotation that this process was not told of.
const KeysClosed = "keys_closed"

// closed is that error. To a client it is a store that cannot answer now.
type closed struct{}

func (closed) Error() string {
	return "vault: the service key is not the one that this key store was written with"
}

// Reason is what log and figures call it.
func (closed) Reason() string { return KeysClosed }

func (closed) Unwrap() error {
	return care.E(care.Unavailable, "store_unavailable", "what is sealed cannot be opened now")
}

func errOtherKey() error { return closed{} }

// IsClosed reports whether an error says that the service key does not open the key store.
func IsClosed(err error) bool { return errors.As(err, &closed{}) }

func aboutKey(owner string, number int) []byte { return fmt.Appendf(nil, "%s\x00%d", owner, number) }
