package care

import (
	"slices"
	"time"
)

func (r Request) isVoid(n Nonce) bool {
	return slices.ContainsFunc(r.Voids, func(v Void) bool { return v.Nonce == n })
}

// Verdict is what a request knows of a claim on a helper.
type Verdict string

// The verdicts. Unknown means that the claim's second half has not arrived here.
const (
	VerdictKept    Verdict = "kept"
	VerdictFreed   Verdict = "freed"
	VerdictUnknown Verdict = "unknown"
)

// VerdictOf says whether a claim's nonce holds something here. A visit that ended frees its helper.
func (r Request) VerdictOf(n Nonce) (Verdict, VisitID) {
	if i := r.visitByNonce(n); i >= 0 {
		if r.Visits[i].holdsSeat() {
			return VerdictKept, r.Visits[i].ID
		}
		return VerdictFreed, r.Visits[i].ID
	}
	if slices.ContainsFunc(r.Asks, func(a Ask) bool { return a.Nonce == n }) {
		return VerdictKept, ""
	}
	if r.isVoid(n) || r.Phase == Ended {
		return VerdictFreed, ""
	}
	return VerdictUnknown, ""
}

// Holds names the visit that a claim's nonce brought about, or "".
func (r Request) Holds(n Nonce) VisitID {
	if i := r.visitByNonce(n); i >= 0 {
		return r.Visits[i].ID
	}
	return ""
}

// VoidClaim makes a nonce worthless here, unless it has already taken effect. It is what the
// reconciler writes before it frees an old claim: a process that wakes up later loses.
func (r Request) VoidClaim(n Nonce, now time.Time) (Request, []Event, error) {
	if v, _ := r.VerdictOf(n); v != VerdictUnknown {
		return r, nil, nil
	}
	next := r.clone()
	next.Voids = append(next.Voids, Void{Nonce: n, At: now})
	return next, nil, nil
}
