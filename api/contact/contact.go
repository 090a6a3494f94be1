// Package contact brings the ways to reach a person, mail and phone, into the one spelling under
// which they are stored, hashed and looked up, and guards free text against citizen service
// numbers (BSN).
//
// It looks nothing up and sends nothing: that a contact is well formed does not say that it
// exists, nor whose it is. A contact is never unique, couples share one.
//
// Its errors are care.Errors and never hold the input.
package contact

import (
	"strings"

	"naober/matching/care"
)

// Kind is the sort of a contact.
type Kind string

// The kinds of contact, as they are stored.
const (
	Mail  Kind = "mail"
	Phone Kind = "phone"
)

// HomeRegion is the region (ISO 3166-1) in which a number without country code is read.
const HomeRegion = "NL"

// Contact is one normalised way to reach somebody. Two spellings of the same contact give equal
// values.
type Contact struct {
	Kind  Kind
	Value string
}

// Parse reads a mail address or a phone number, whichever it is: only the first holds an "@", and the second
// has digits. A number without country code is read in the region. The error is the one of ParseMail or
// ParsePhone; contact_missing for nothing, contact_invalid for what looks like neither.
func Parse(raw, region string) (Contact, error) {
	if strings.TrimSpace(raw) == "" {
		return Contact{}, care.E(care.Invalid, "contact_missing", "a mail address or a phone number is needed")
	}
	if strings.Contains(raw, "@") {
		value, err := ParseMail(raw)
		if err != nil {
			return Contact{}, err
		}
		return Contact{Kind: Mail, Value: value}, nil
	}
	if !strings.ContainsAny(raw, "0123456789") {
		return Contact{}, care.E(care.Invalid, "contact_invalid", "neither a mail address nor a phone number")
	}
	value, err := ParsePhone(raw, region)
	if err != nil {
		return Contact{}, err
	}
	return Contact{Kind: Phone, Value: value}, nil
}
