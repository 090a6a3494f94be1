package token

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"math/big"
	"strings"
	"unicode"
)

const (
	// codeDigits gives 10^8 codes: with ten minutes and few attempts a code, guessing is hopeless,
	// and it still fits on paper and in a short memory.
	codeDigits = 8
	codeCount  = 100_000_000
	// maxCodeInput bounds what is read of a pasted code, in bytes.
	maxCodeInput = 64

	codeLabel = "naober code 1"
)

// NewCode draws one of the 10^8 codes, each as likely, as eight digits. source must be a
// cryptographic source (crypto/rand.Reader outside tests). Show it with GroupCode, store only
// its HashCode.
func NewCode(source io.Reader) (string, error) {
	n, err := rand.Int(source, big.NewInt(codeCount))
	if err != nil {
		return "", fmt.Errorf("token: reading randomness: %w", err)
	}
	return fmt.Sprintf("%0*d", codeDigits, n), nil
}

// GroupCode writes a code as people read it, "1234 5678". Anything but eight bytes comes back
// as it is.
func GroupCode(code string) string {
	if len(code) != codeDigits {
		return code
	}
	return code[:codeDigits/2] + " " + code[codeDigits/2:]
}

// NormalizeCode turns what somebody typed or pasted into the eight digits, or ErrInvalid. Spaces
// and dashes of any kind may stand anywhere; digits are ASCII only.
func NormalizeCode(input string) (string, error) {
	if len(input) > maxCodeInput {
		return "", ErrInvalid
	}
	var digits strings.Builder
	for _, r := range input {
		switch {
		case '0' <= r && r <= '9':
			digits.WriteRune(r)
		case !unicode.IsSpace(r) && !unicode.Is(unicode.Pd, r):
			return "", ErrInvalid
		}
	}
	if digits.Len() != codeDigits {
		return "", ErrInvalid
	}
	return digits.String(), nil
}

// HashCode is what the store keeps of a normalised code. It is bound to the flow (one attempt to
// sign in, one paper code), so a code never fits anywhere else. There are few codes: the hash
// protects only while the secret, of at least MinSecret bytes, is kept elsewhere than the store.
func HashCode(secret []byte, flow, code string) [32]byte {
	return mac(secret, codeLabel, []byte(flow), []byte(code))
}

// EqualCode compares two hashes in constant time.
func EqualCode(a, b [32]byte) bool { return hmac.Equal(a[:], b[:]) }

// mac is HMAC-SHA256 over a label that says what for, and parts that cannot run into each other:
// each is preceded by its length.
func mac(secret []byte, label string, parts ...[]byte) [32]byte {
	h := hmac.New(sha256.New, secret)
	for _, part := range append([][]byte{[]byte(label)}, parts...) {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		h.Write(part)
	}
	return [32]byte(h.Sum(nil))
}
