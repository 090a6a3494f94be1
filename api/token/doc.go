// Package token makes and checks the secrets by which a caller proves who they are: access
// tokens (signed, fifteen minutes), refresh tokens (opaque, derived from a number so that a lost
// answer can be repeated) and the eight-digit codes of sign-in and desk.
//
// It is arithmetic only. It keeps nothing, reads no clock, counts no attempts and knows no roles:
// who may do what is read from the store at each call, never from a token. Limits on guesses,
// single use and revocation belong to the caller.
//
// It is the only package that parses a JWT; nothing else may call jwt.Parse.
package token

import "errors"

var (
	// ErrInvalid is the one answer to every token or code that is not ours. It never says which
	// check failed, and never holds the input: it may be logged as it is.
	ErrInvalid = errors.New("token: not valid")
	// ErrExpired means that everything about the access token is right but its time: the caller
	// should refresh, not sign in again.
	ErrExpired = errors.New("token: expired")
	// ErrNoKey means that the ring holds no key that may sign at this moment.
	ErrNoKey = errors.New("token: no signing key")
	// ErrUnusable means that what was to be put in a token is empty, too long or of a wrong form:
	// a mistake of our own code or settings, not of a client.
	ErrUnusable = errors.New("token: cannot be made of this")
)

// maxID bounds the ids of persons, sessions and secrets, in bytes. Ours are ULIDs (26) and
// configured names; the bound keeps a token well inside a header line.
const maxID = 128

// usableID reports whether an id is visible ASCII of a sane length, so that it reads back as the
// same bytes from JSON and from the refresh token's length prefix.
func usableID(id string) bool {
	if id == "" || len(id) > maxID {
		return false
	}
	for i := range len(id) {
		if id[i] <= ' ' || id[i] > '~' {
			return false
		}
	}
	return true
}
