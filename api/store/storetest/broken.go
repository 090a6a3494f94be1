package storetest

import (
	"slices"
	"strings"

	"naober/api/app"
	"naober/api/feed"
	"naober/matching/care"
)

// Break is one way to be a bad store.
type Break struct {
	Name string
	// Promise is the promise that must fail, by name.
	Promise string

	docs fault
	feed feedFault
}

// Wrap breaks a good store. Further handles are broken alike.
func (k Break) Wrap(b Backend) Backend { return &brokenBackend{Backend: b, how: k} }

// Breaks lists the bad stores that the suite has to find out.
func Breaks() []Break {
	return []Break{
		{Name: "drops events", Promise: "state, events and nonce are one write", docs: fault{dropsEvents: true}},
		{Name: "forgets the nonce", Promise: "the same nonce answers with the present value and changes nothing",
			docs: fault{forgetsNonce: true}},
		{Name: "writes events after the state", Promise: "state, events and nonce are one write", docs: fault{splitsWrite: true}},
		{Name: "lets the last write win", Promise: "a lost race is tried again", docs: fault{lastWins: true}},
		{Name: "tears state and events apart when killed", Promise: "everything acknowledged is there, whole, after kill -9 of the process",
			docs: fault{splitsWrite: true}},
		{Name: "forgets fences", Promise: "nothing changed writes nothing", docs: fault{skipsFence: true}},
		{Name: "forgets the nonce of an insert", Promise: "an insert with the same id and nonce is the same insert", docs: fault{forgetsNonce: true}},
		{Name: "does an intent twice", Promise: "one nonce from two handles is one change", docs: fault{forgetsNonce: true}},
		{Name: "forgets void claims", Promise: "two processes, one frozen between claim and commit: an overlapping yes wins",
			docs: fault{forgetsVoids: true}},
		{Name: "lets two hold a lease", Promise: "of twenty challengers one takes the lease", docs: fault{lastWins: true}},
		{Name: "lets a yes beside a pause", Promise: "a yes lies before or after a pause, never beside it", docs: fault{lastWins: true}},
		{Name: "ignores its context", Promise: "a context that is cancelled stops", docs: fault{deaf: true}},
		{Name: "answers from memory", Promise: "a call that was made before shows what anybody wrote since", docs: fault{remembers: true}},
		{Name: "streams backwards", Promise: "each streams in order", docs: fault{backwards: true}},
		{Name: "finds what no longer has the key", Promise: "find lists what has the key and nothing else", docs: fault{allFound: true}},
		{Name: "lets both have the seat", Promise: "twenty helpers race for one seat through two handles", docs: fault{lastWins: true}},
		{Name: "lets both claims stand", Promise: "one helper and twenty overlapping claims: one stands", docs: fault{lastWins: true}},
		{Name: "loses acknowledged writes", Promise: "what a write answers is what a read gives", docs: fault{loses: true}},
		{Name: "keeps seconds only", Promise: "times to the millisecond, and zero stays zero", docs: fault{seconds: true}},
		{Name: "moves ver for a quiet change", Promise: "a quiet change moves rev only", docs: fault{loud: true}},
		{Name: "ignores IfVer", Promise: "IfVer refuses a stale change", docs: fault{anyVer: true}},
		{Name: "takes any insert for the same insert", Promise: "another nonce under the same id is id_taken", docs: fault{takesAll: true}},
		{Name: "pages by offset", Promise: "find pages stay stable under writes", docs: fault{offsets: true}},
		{Name: "lists the least overdue first", Promise: "due lists the longest overdue first", docs: fault{latestDue: true}},
		{Name: "keeps what a failed change made", Promise: "a failed change leaves nothing behind", docs: fault{keepsFailed: true}},
		{Name: "never is busy", Promise: "64 nonces make a document busy", docs: fault{neverBusy: true}},
		{Name: "leaves gaps in the feed", Promise: "pending events reach the feed dense and in order", feed: feedFault{gaps: true}},
		{Name: "lets two movers have one number", Promise: "append refuses a taken number", feed: feedFault{overlooks: true}},
		{Name: "loses what the slower mover appends", Promise: "a mover that was overtaken loses nothing", feed: feedFault{overlooks: true}},
		{Name: "knows no appended event", Promise: "has tells appended events", feed: feedFault{hasNothing: true}},
		{Name: "trims nothing", Promise: "trim keeps the last row", feed: feedFault{keepsAll: true}},
		{Name: "has nothing", Promise: "a dense feed under a failure of the mover at each step", feed: feedFault{hasNothing: true}},
		{Name: "drains what came later", Promise: "drain moves rev only", feed: feedFault{drainsAll: true}},
		{Name: "forgets the number after trimming", Promise: "bounds after trim", feed: feedFault{forgetsLast: true}},
	}
}

// OpenBroken opens the data of a locator as its writer had it: broken, where a break's name stands
// in front. It is for Main, so that the children of a broken store are broken too.
func OpenBroken(locator string, open func(locator string) (Backend, error)) (Backend, error) {
	name, rest, found := strings.Cut(locator, "|")
	i := slices.IndexFunc(Breaks(), func(k Break) bool { return k.Name == name })
	if !found || i < 0 {
		return open(locator)
	}
	b, err := open(rest)
	if err != nil {
		return nil, err
	}
	return Breaks()[i].Wrap(b), nil
}

type brokenBackend struct {
	Backend
	how Break
}

// Locator carries the break to a child; see OpenBroken.
func (b *brokenBackend) Locator() string { return b.how.Name + "|" + b.Backend.Locator() }

func (b *brokenBackend) Reopen() (Backend, error) {
	next, err := b.Backend.Reopen()
	if err != nil {
		return nil, err
	}
	return b.how.Wrap(next), nil
}

// Stores breaks the kinds that the promises write most.
func (b *brokenBackend) Stores() app.Stores {
	s := b.Backend.Stores()
	s.Requests = &brokenDocs[care.RequestID, care.Request]{Documents: s.Requests, fault: b.how.docs}
	s.Helpers = &brokenDocs[care.PersonID, care.Helper]{Documents: s.Helpers, fault: b.how.docs}
	s.Memberships = &brokenDocs[care.MembershipID, care.Membership]{Documents: s.Memberships, fault: b.how.docs}
	s.Tallies = &brokenDocs[string, app.Tally]{Documents: s.Tallies, fault: b.how.docs}
	s.Ledger = &brokenDocs[app.LedgerKey, app.LedgerRow]{Documents: s.Ledger, fault: b.how.docs}
	s.Leases = &brokenDocs[string, feed.Lease]{Documents: s.Leases, fault: b.how.docs}
	s.Feed = &brokenFeed{Feed: s.Feed, feedFault: b.how.feed}
	return s
}
