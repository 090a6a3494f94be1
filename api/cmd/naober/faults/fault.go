package faults

import (
	"regexp"
	"slices"
	"strings"

	"naober/matching/care"
)

// Kind is what goes wrong.
type Kind string

// The kinds. All but Hide and Silence befall calls.
const (
	Cut          Kind = "cut"          // the connection ends before the work is done
	Drop         Kind = "drop"         // it ends after that, without an answer
	Truncate     Kind = "truncate"     // it ends in the middle of the answer
	Unauthorized Kind = "unauthorized" // 401, and no work
	Unavailable  Kind = "unavailable"  // 503, and no work
	Limited      Kind = "limited"      // 429, and no work
	TooLarge     Kind = "too_large"    // 413, and no work
	Portal       Kind = "portal"       // 200 with the HTML of somebody else's network, and no work
	Outdated     Kind = "outdated"     // 200 with VersionNotSupported, and no work
	Delay        Kind = "delay"        // the work begins later
	Single       Kind = "single"       // only the first mutation of a push is looked at
	Hide         Kind = "hide"         // a document is gone for devices, until this is cleared
	Silence      Kind = "silence"      // nobody who listens is woken, until this is cleared
)

// Fault is one switch as it is set and listed.
type Fault struct {
	ID   string `json:"id"`
	Kind Kind   `json:"fault"`
	Selector
	// RetryAfter is in seconds; absent, the answer has no such header. For unavailable and limited.
	RetryAfter int `json:"retryAfter,omitempty"`
	// Code stands in place of the usual one. For what answers with a problem.
	Code string `json:"code,omitempty"`
	// Version is which one is too old: push, pull or schema. For outdated.
	Version string `json:"version,omitempty"`
	// DelayMs is in milliseconds. For delay.
	DelayMs int `json:"delayMs,omitempty"`
	// Key is that of the document, such as request/01J... For hide.
	Key string `json:"key,omitempty"`
	// Met is how many calls it has befallen.
	Met int `json:"met"`
}

const delayMost = 60_000 // milliseconds

var (
	codeForm = regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`)
	keyForm  = regexp.MustCompile(`^[a-z]+/[A-Za-z0-9_-]{1,64}$`)
)

// check refuses what would do something else than it says: a field of another kind counts as a mistake.
func (f Fault) check() error {
	switch {
	case !slices.Contains(kinds(), f.Kind):
		return refused("fault", "fault is one of %s", strings.Join(names(), ", "))
	case f.RetryAfter != 0 && f.Kind != Unavailable && f.Kind != Limited, f.RetryAfter < 0:
		return refused("retryAfter", "retryAfter is a number of seconds, for unavailable and limited")
	case f.Code != "" && (status(f.Kind) == 0 || !codeForm.MatchString(f.Code)):
		return refused("code", "code is one of errors.md, for what answers with a problem")
	case (f.Kind == Outdated) != slices.Contains([]string{"push", "pull", "schema"}, f.Version), f.Kind != Outdated && f.Version != "":
		return refused("version", "version is push, pull or schema, for outdated")
	case (f.Kind == Delay) != (f.DelayMs != 0), f.DelayMs < 0, f.DelayMs > delayMost:
		return refused("delayMs", "delayMs is 1 to %d, for delay", delayMost)
	case (f.Kind == Hide) != (f.Key != ""), f.Key != "" && !keyForm.MatchString(f.Key):
		return refused("key", "key is that of a document, kind/id, for hide")
	}
	return f.Selector.check(f.Kind)
}

func refused(field, text string, args ...any) error {
	return care.Amiss(field, "fault_invalid", text, args...)
}

func kinds() []Kind {
	return []Kind{Cut, Drop, Truncate, Unauthorized, Unavailable, Limited, TooLarge, Portal, Outdated, Delay, Single, Hide, Silence}
}

func names() []string {
	var all []string
	for _, k := range kinds() {
		all = append(all, string(k))
	}
	return all
}

// lasting reports whether a fault befalls no calls, and is there until it is cleared.
func (k Kind) lasting() bool { return k == Hide || k == Silence }

// answers reports whether a fault decides what comes back: of these one call meets one at most.
func (k Kind) answers() bool { return !k.lasting() && k != Delay && k != Single }
