package contact

import (
	"strings"

	"github.com/nyaruka/phonenumbers"

	"naober/matching/care"
)

// maxPhone bounds what is read of a number as typed, in bytes: E.164 has 15 digits, and people
// put signs between them.
const maxPhone = 40

// ParsePhone reads a phone number as people write it and returns it in E.164 ("+31612345678").
// A number without country code is read in the region. The error is contact_phone_invalid where
// no such number can exist, and contact_phone_kind where it exists but reaches no person: numbers
// that cost the caller extra (0900), freephone and the like, and numbers with an extension.
func ParsePhone(raw, region string) (string, error) {
	text := strings.TrimSpace(raw)
	if len(text) > maxPhone || strings.ContainsFunc(text, notOfPhone) {
		return "", phoneInvalid()
	}
	number, err := phonenumbers.Parse(text, region)
	if err != nil || !phonenumbers.IsValidNumber(number) {
		return "", phoneInvalid()
	}
	if !reachesPerson(number) {
		return "", care.E(care.Invalid, "contact_phone_kind", "this kind of number cannot be a person's contact")
	}
	return phonenumbers.Format(number, phonenumbers.E164), nil
}

func phoneInvalid() error {
	return care.E(care.Invalid, "contact_phone_invalid", "not a phone number that can exist")
}

// notOfPhone reports a sign that no plain number holds. Letters are among them: the library
// would read them as the keys of a telephone ("0800-FLOWERS") or as an extension.
func notOfPhone(r rune) bool {
	return (r < '0' || r > '9') && !strings.ContainsRune("+-./() \u00a0\u2010\u2011\u2013", r)
}

// reachesPerson keeps our calls and messages away from numbers that make others money.
func reachesPerson(number *phonenumbers.PhoneNumber) bool {
	if number.GetExtension() != "" {
		return false
	}
	switch phonenumbers.GetNumberType(number) {
	case phonenumbers.MOBILE, phonenumbers.FIXED_LINE, phonenumbers.FIXED_LINE_OR_MOBILE,
		phonenumbers.VOIP, phonenumbers.UAN, phonenumbers.PERSONAL_NUMBER:
		return true
	}
	return false
}
