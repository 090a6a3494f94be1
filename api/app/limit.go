package app

import (
	"context"
	"time"

	"naober/matching/care"
)

// allowance is how often something may happen in a window of time.
type allowance struct {
	code   string // of the refusal
	what   string // permanent name of what is counted
	most   int    // in one window, at all processes together
	window time.Duration
	// block is how many a process takes from the shared count at once; 1 counts each on its own.
	block int
}

// Every limit on how often. Counts are per key (a person, an address, a contact) and window.
//
// A contact is limited more strictly together with the address that asks, so that a stranger who
// asks for codes in somebody's name does not use up that person's own. Mobile carriers put hundreds
// of phones behind one address, a village hall some dozens: what has no account is limited far above
// what they need. No limit of everybody together refuses: a stranger who fills one would lock out a
// province, so those raise an alarm.
var (
	codesHere     = allowance{"too_many_codes", "codes to a contact from an address", 5, time.Hour, 1}
	codesFirst    = allowance{"too_many_codes", "first codes to a contact from an address", 2, time.Hour, 1}
	codesContact  = allowance{"too_many_codes", "codes to a contact", 20, time.Hour, 1}
	codesMailbox  = allowance{"too_many_codes", "all codes to a contact", 200, time.Hour, 1}
	codesAddress  = allowance{"too_many_codes", "codes from an address", 60, time.Hour, 1}
	codesOverall  = allowance{"too_many_codes", "codes", 10_000, time.Hour, 100}
	triesAddress  = allowance{"too_many_attempts", "tries from an address", 100, 10 * time.Minute, 1}
	papersAddress = allowance{"too_many_attempts", "paper codes from an address", 20, time.Hour, 1}
	papersOverall = allowance{"too_many_attempts", "paper codes", 10_000, time.Hour, 100}
	echoes        = allowance{"too_many_attempts", "echoes of a push token", 5, time.Hour, 1}
	searches      = allowance{"too_many_searches", "searches for a person", 60, 10 * time.Minute, 1}

	// A phone that synchronises busily makes some 30 calls a minute; a desk on a bad day 60.
	callsReading = allowance{"too_many_calls", "readings of a person", 6_000, 10 * time.Minute, 100}
	callsWriting = allowance{"too_many_calls", "changes of a person", 1_200, 10 * time.Minute, 20}
	// An export reads a megabyte of documents a part. Three years of a daily series are a few parts.
	callsExporting = allowance{"too_many_calls", "exports of a person", 30, 10 * time.Minute, 1}
	callsSearching = allowance{"too_many_calls", "search calls of a person", 300, 10 * time.Minute, 5}
	// 100 a second from one address is a small town behind one carrier.
	callsAddress = allowance{"too_many_calls", "calls from an address", 60_000, 10 * time.Minute, 500}
	// Refreshing and redeeming: a phone refreshes once in ten minutes. What guesses is limited above.
	openGuessing = allowance{"too_many_calls", "proofs without account from an address", 6_000, 10 * time.Minute, 50}
	openMailing  = allowance{"too_many_calls", "askings for a code from an address", 600, 10 * time.Minute, 10}
	openReading  = allowance{"too_many_calls", "readings without account from an address", 6_000, 10 * time.Minute, 50}
	openRefused  = allowance{"too_many_calls", "refused tokens from an address", 6_000, 10 * time.Minute, 50}
)

// wideTimes is how much more a network of providers' size (an IPv6 /48) may do than one line in it:
// one customer can hold a /48, and so can a carrier's cell.
const wideTimes = 64

// CallClass says what a call is, for the limits of how many.
type CallClass string

// The classes of calls. Guessing and Mailing are calls without an account.
const (
	Reading   CallClass = "reading"
	Writing   CallClass = "writing"
	Searching CallClass = "searching"
	Exporting CallClass = "exporting" // takes all that is one's own
	Guessing  CallClass = "guessing"  // shows a code or a token that proves something
	Mailing   CallClass = "mailing"   // makes the service send a code
)

func (c CallClass) ofPerson() allowance {
	switch c {
	case Reading:
		return callsReading
	case Searching:
		return callsSearching
	case Exporting:
		return callsExporting
	}
	return callsWriting
}

func (c CallClass) ofNobody() allowance {
	switch c {
	case Reading:
		return openReading
	case Mailing:
		return openMailing
	}
	return openGuessing
}

// AdmitAddress counts a call of any kind from a network address. Refused: care.Limited
// "too_many_calls" with retryAfter, as by the two below.
func (a *App) AdmitAddress(ctx context.Context, address string) error {
	return a.admitFrom(ctx, callsAddress, address)
}

// AdmitNobody counts a call without an account.
func (a *App) AdmitNobody(ctx context.Context, class CallClass, address string) error {
	return a.admitFrom(ctx, class.ofNobody(), address)
}

// AdmitRefused counts a call whose token was refused: whoever tries tokens has no account to be
// counted under.
func (a *App) AdmitRefused(ctx context.Context, address string) error {
	return a.admitFrom(ctx, openRefused, address)
}

// AdmitPerson counts a call of somebody who is signed in, over all their devices and addresses.
func (a *App) AdmitPerson(ctx context.Context, class CallClass, p care.PersonID) error {
	return a.spend(ctx, a.roomy(class.ofPerson()), string(p))
}

func (a *App) admitFrom(ctx context.Context, limit allowance, address string) error {
	return eachNetwork(a.roomy(limit), address, func(limit allowance, from string) error { return a.spend(ctx, limit, from) })
}

// countFrom is count for an address, and for the wider network that it lies in.
func (a *App) countFrom(ctx context.Context, limit allowance, address string) error {
	return eachNetwork(limit, address, func(limit allowance, from string) error { return a.count(ctx, limit, from) })
}

// alarm counts something of everybody together. It refuses nobody: the log says so once a window,
// and LimitsHit counts on.
func (a *App) alarm(ctx context.Context, limit allowance) error {
	err := a.spend(ctx, limit, "")
	if !care.IsKind(err, care.Limited) {
		return err
	}
	if a.limiter.first(limit, a.clock()) {
		a.Log.Error("a limit of everybody together is passed", "limit", limit.what, "most", limit.most, "window", limit.window)
	}
	return nil
}

// roomy widens a limit of calls where the settings say so.
func (a *App) roomy(limit allowance) allowance {
	if a.Room > 1 {
		limit.most *= a.Room
	}
	return limit
}

// LimitsHit tells how often this process found each limit full, by its permanent name.
func (a *App) LimitsHit() map[string]int64 { return a.limiter.hits() }
