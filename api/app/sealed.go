package app

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"

	"naober/matching/care"
)

// The purposes of the service secret. Each has a key or a hash of its own, so that a value made for
// one never fits another; the number changes with the form.
const (
	labelContact   = "naober contact 1"
	labelTally     = "naober tally 1"
	labelPaper     = "naober paper code 1"
	labelEcho      = "naober push echo 1"
	labelPaperFlow = "naober paper flow 1"
	labelSigning   = "naober signing key 1"
	labelRefresh   = "naober refresh token 1"
	labelBundle    = "naober bundle 1"
)

// ContactHash gives the keyed hash by which a person is found by a contact: the one that both
// stores index by and that sign-in asks for. Without the secret it cannot be tried out on a list
// of addresses.
func ContactHash(secret []byte) func(care.Contact) string {
	return func(c care.Contact) string {
		return keyedText(secret, labelContact, string(c.Kind), c.Value)
	}
}

// RefreshSecret is the key of the refresh tokens, made of the service secret.
func RefreshSecret(secret []byte) []byte {
	key := keyed(secret, labelRefresh)
	return key[:]
}

// keyed is HMAC-SHA256 under the secret, over a label and parts that cannot run into each other:
// each is preceded by its length.
func keyed(secret []byte, label string, parts ...string) [sha256.Size]byte {
	h := hmac.New(sha256.New, secret)
	for _, part := range append([]string{label}, parts...) {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		h.Write([]byte(part))
	}
	return [sha256.Size]byte(h.Sum(nil))
}

func keyedText(secret []byte, label string, parts ...string) string {
	sum := keyed(secret, label, parts...)
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// seal encrypts what only this installation may read, with AES-256-GCM under the key of the label.
// about is authenticated with it: a sealed value that is moved to another document does not open.
func (a *App) seal(label, about string, plain []byte) ([]byte, error) {
	box, err := a.box(label)
	if err != nil {
		return nil, err
	}
	return box.Seal(nil, nil, plain, []byte(about)), nil
}

// unseal is the way back. It fails for another secret, another label, another about and any
// changed byte, without saying which.
func (a *App) unseal(label, about string, sealed []byte) ([]byte, error) {
	box, err := a.box(label)
	if err != nil {
		return nil, err
	}
	return box.Open(nil, nil, sealed, []byte(about))
}

// box draws its nonces at random and puts them in front of what it seals. That is safe for 2^32
// values under one key; signing keys come a few times a year.
func (a *App) box(label string) (cipher.AEAD, error) {
	key := keyed(a.Secret, label)
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}
