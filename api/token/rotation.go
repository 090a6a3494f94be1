package token

import "math"

// Verdict says what a presented refresh token means for its family (the tokens of one session).
type Verdict int

const (
	// Unknown is a number this family never gave out: refuse it and change nothing. A token with
	// a true signature can only be ahead after the store was restored from an older backup.
	Unknown Verdict = iota
	// First is the first use: store the new number before the answer leaves.
	First
	// Again is a repeat whose successor nobody has used yet: the answer was lost, so the same
	// successor is given once more and nothing changes.
	Again
	// Stolen is a token older than the last one used: two parties hold the family. End the
	// session; never touch what its devices still have to send.
	Stolen
)

// Rotate decides on a presented refresh token. used is the highest number of the session that
// was ever presented (0 for a new session, whose first token has number 1). The successor is the
// number to give out and is 0 unless the verdict is First or Again; newUsed replaces used in the
// session by compare-and-set, so that of two first uses at once one becomes Again.
//
// A client must have stored the successor before it uses it, and must not send an older token
// after that: a late duplicate of a request is not told from theft.
func Rotate(used, presented int64) (newUsed, successor int64, verdict Verdict) {
	switch {
	case used < 0 || presented < 1 || presented == math.MaxInt64 || presented-1 > used:
		return used, 0, Unknown
	case presented > used:
		return presented, presented + 1, First
	case presented == used:
		return used, presented + 1, Again
	}
	return used, 0, Stolen
}
