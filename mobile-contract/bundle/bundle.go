// Package bundle seals what is carried by hand between a device without a connection and the service, and opens it:
// on a stick, on somebody's phone. Both sides have the key of the device's session, and nobody else has it.
//
// The way there and the way back have a key of their own, and what stands open on a bundle is authenticated with
// what is sealed: nothing of it can be changed, and no bundle passes for another one.
package bundle

import (
	"bytes"
	"compress/gzip"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"naober/mobile-contract/wire"
)

// Version is the form of a bundle that is spoken here.
const Version = 1

// The two ways of a bundle.
const (
	Up   = "up"   // from a device to the service
	Down = "down" // and back
)

// MostUp is how many bytes a file on its way up may have: whoever hands it in has no account. MostPlain bounds what
// is sealed, unpacked.
const (
	MostUp    = 60_000
	MostPlain = 16 << 20
)

// Life is how long a bundle counts.
const Life = 30 * 24 * time.Hour

// Why a bundle is refused.
var (
	ErrHalf    = errors.New("bundle: this is no bundle, or only the beginning of one: copy it again")
	ErrVersion = errors.New("bundle: this form of bundle is not known here")
	ErrWay     = errors.New("bundle: this bundle goes the other way")
	ErrSeal    = errors.New("bundle: the seal is broken: the bundle was changed, or it is another device's")
	ErrExpired = errors.New("bundle: the bundle is too old")
)

// Head is what stands open on a bundle.
type Head struct {
	Way     string
	Session string
	Number  int64
	Until   time.Time
}

func (h Head) additional() []byte {
	return fmt.Appendf(nil, "naober bundle %d\n%s\n%s\n%d\n%d", Version, h.Way, h.Session, h.Number, h.Until.UnixMilli())
}

// box is the cipher of one way: AES-256-GCM, with its nonce in front of what is sealed.
func box(key []byte, way string) (cipher.AEAD, error) {
	derived, err := hkdf.Key(sha256.New, key, nil, "naober bundle "+way, 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(derived)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// Seal packs a value and seals it.
func Seal(key []byte, head Head, value any) (wire.Bundle, error) {
	plain, err := json.Marshal(value)
	if err != nil {
		return wire.Bundle{}, err
	}
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	_, err = zip.Write(plain)
	if err := errors.Join(err, zip.Close()); err != nil {
		return wire.Bundle{}, err
	}
	b, err := box(key, head.Way)
	if err != nil {
		return wire.Bundle{}, err
	}
	return wire.Bundle{Bundle: Version, Way: head.Way, Session: head.Session, Number: head.Number, Until: head.Until.UnixMilli(),
		Sealed: base64.RawURLEncoding.EncodeToString(b.Seal(nil, nil, packed.Bytes(), head.additional()))}, nil
}

// Read reads a file. What it says is not proven before it was opened.
func Read(file []byte) (wire.Bundle, error) {
	var b wire.Bundle
	d := json.NewDecoder(bytes.NewReader(file))
	if err := d.Decode(&b); err != nil || b.Sealed == "" {
		return b, ErrHalf
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return b, ErrHalf
	}
	return b, nil
}

// Open proves that the other side has sealed a bundle for this way, and gives what is in it. now is the service's clock.
func Open(key []byte, b wire.Bundle, way string, now time.Time) ([]byte, error) {
	switch {
	case b.Bundle != Version:
		return nil, ErrVersion
	case b.Way != way:
		return nil, ErrWay
	}
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(b.Sealed)
	if err != nil {
		return nil, ErrHalf
	}
	c, err := box(key, way)
	if err != nil {
		return nil, err
	}
	head := Head{Way: b.Way, Session: b.Session, Number: b.Number, Until: time.UnixMilli(b.Until)}
	packed, err := c.Open(nil, nil, sealed, head.additional())
	switch {
	case err != nil:
		return nil, ErrSeal
	case !now.Before(head.Until):
		return nil, ErrExpired
	}
	return unpack(packed)
}

// unpack stops at more than anybody seals.
func unpack(packed []byte) ([]byte, error) {
	zip, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, ErrHalf
	}
	plain, err := io.ReadAll(io.LimitReader(zip, MostPlain+1))
	if err != nil || len(plain) > MostPlain {
		return nil, ErrHalf
	}
	return plain, nil
}
