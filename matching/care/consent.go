package care

import "time"

// ConsentBasis is the ground on which somebody acts for another person.
type ConsentBasis string

// The grounds that a record can name.
const (
	Spoken         ConsentBasis = "spoken" // told to the one who recorded it
	Written        ConsentBasis = "written"
	Representative ConsentBasis = "representative" // mentor, curator or a written power
	VitalInterest  ConsentBasis = "vital_interest" // cannot be asked now; told as soon as possible
)

// Consent records that a person agreed to something being done for them; it can be withdrawn.
type Consent struct {
	Basis       ConsentBasis
	RecordedBy  PersonID
	At          time.Time
	WithdrawnAt time.Time
}

// Stands reports whether the consent holds.
func (c Consent) Stands() bool { return c.Basis != "" && c.WithdrawnAt.IsZero() }

// Known reports whether a consent can be given so.
func (b ConsentBasis) Known() bool {
	switch b {
	case Spoken, Written, Representative, VitalInterest:
		return true
	}
	return false
}

func (c Consent) validate() error {
	if c.Basis.Known() {
		return nil
	}
	return Amiss("consent", "consent_basis_unknown", "consent names how it was given")
}

// WithdrawConsent ends what was asked on the person's behalf: only they can do it, and the request
// ends as withdrawn.
func (r Request) WithdrawConsent(by PersonID, now time.Time) (Request, []Event, error) {
	switch {
	case by != r.For:
		return r, nil, E(Forbidden, "not_your_consent", "only the person it is for can withdraw consent")
	case r.OnBehalf == nil || !r.OnBehalf.Consent.Stands():
		return r, nil, E(Conflict, "consent_absent", "nothing was asked on your behalf")
	}
	next, events, err := r.Withdraw(Actor{Person: by, Party: Requester}, "consent_withdrawn", now)
	if err != nil {
		return r, nil, err
	}
	behalf := *next.OnBehalf
	behalf.Consent.WithdrawnAt = now
	next.OnBehalf = &behalf
	return next, events, nil
}
