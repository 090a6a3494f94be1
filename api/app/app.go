package app

import (
	"context"
	"crypto/rand"
	"log/slog"
	"time"

	"github.com/oklog/ulid/v2"

	"naober/api/token"
	"naober/matching/care"
)

// Postman delivers a sign-in code. It may send now or queue durably; an error means that the code
// is on no way to anybody.
type Postman interface {
	SendCode(ctx context.Context, to care.Contact, language, code string) error
}

// Beacon pushes an echo to one device now, out of sight. It is lost where the device does not get it.
type Beacon interface {
	Beckon(ctx context.Context, pushToken string, echo PushEcho) error
}

// Settings are what the commands need besides stores. Every field but Room and Beacon is required.
type Settings struct {
	Stores Stores
	// Now is the server's clock. Only the demo's can be moved.
	Now     func() time.Time
	Log     *slog.Logger
	Postman Postman
	// Beacon is nil where pushes are switched off.
	Beacon Beacon
	// Issuer signs and checks access tokens; Refresher derives refresh tokens.
	Issuer    token.Issuer
	Refresher token.Refresher
	// Secret keys the hashes of codes, contacts and arguments, and seals the signing keys: 32 bytes,
	// drawn once and kept in the key store. It is not the service key.
	Secret []byte
	// Room widens the limits on calls so many times; 0 and 1 leave them as they are. Only the demo and
	// tests need more: a whole village calls there from one address. Limits on guesses stay.
	Room int
	// Vault ends keys.
	Vault Vault
	// Forgetters end what is kept of somebody outside of Stores.
	Forgetters []Forgetter
	// Region reads phone numbers that lack a country: "NL".
	Region string
}

// Forgetter ends what is kept of somebody who is forgotten. It may be called any number of times.
type Forgetter interface {
	Forget(ctx context.Context, p care.PersonID) error
}

// App runs the commands and queries. It is safe for concurrent use by any number of goroutines and
// keeps no state of its own besides the matcher's index, the names that the desk searches, the ring of
// signing keys, the tokens they proved, its blocks of allowance, a minute of readings and what it said to
// the log within the hour.
type App struct {
	Settings
	process  string // names this process in ledger rows and leases
	index    *Index
	familiar familiar
	weights  weights
	names    *names
	aliases  *aliases
	ring     *keyRing
	proofs   token.Proofs
	limiter  *limiter
	// readings are those of the last minute that stand in somebody's log.
	readings *readings
	surveys  surveys
	hourly   hourly
}

// New wires the commands. It reads nothing: Rebuild fills the index, LoadKeys the ring.
func New(s Settings) *App {
	a := &App{Settings: s, process: newID(time.Now()), index: newIndex(), names: newNames(), aliases: newAliases(), ring: &keyRing{}, limiter: newLimiter(), readings: &readings{}}
	return a
}

// newID makes a ULID. The random part comes from the system; a machine without randomness cannot
// run this service at all, which is why crypto/rand ends the process instead of failing.
func newID(now time.Time) string {
	var id ulid.ULID
	_ = id.SetTime(uint64(max(now.UnixMilli(), 0)))
	_, _ = rand.Read(id[6:])
	return id.String()
}

// clock returns the present at the precision that both stores keep.
func (a *App) clock() time.Time { return a.Now().UTC().Truncate(time.Millisecond) }

func fresh[T ~string](now time.Time) T { return T(newID(now)) }
