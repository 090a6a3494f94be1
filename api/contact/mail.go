package contact

import (
	"net/mail"
	"strings"

	"golang.org/x/net/idna"

	"naober/matching/care"
)

// Lengths in bytes, from RFC 5321 (section 4.5.3.1) and its erratum 1690.
const (
	maxMail  = 254
	maxLocal = 64
)

// ParseMail reads a bare mail address and returns the form it is stored and found under: domain
// in lower case and in its ASCII (punycode) form, and the local part in lower case too. A server
// may by the book tell "Jan" from "jan"; none that people use does, and phones capitalise.
//
// Refused with contact_mail_invalid: a display name, comments, quoted or non-ASCII local parts,
// addresses of machines (user@[10.0.0.1], user@localhost), and anything over 254 bytes.
func ParseMail(raw string) (string, error) {
	text := strings.TrimSpace(raw)
	if len(text) > maxMail || strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return "", mailInvalid()
	}
	// The parser understands far more than an address; equal text means that it found nothing else.
	parsed, err := mail.ParseAddress(text)
	if err != nil || parsed.Name != "" || parsed.Address != text {
		return "", mailInvalid()
	}
	at := strings.LastIndexByte(text, '@')
	local := text[:at]
	domain, ok := mailDomain(text[at+1:])
	if !ok || !plainLocal(local) || len(local)+1+len(domain) > maxMail {
		return "", mailInvalid()
	}
	return strings.ToLower(local) + "@" + domain, nil
}

func mailInvalid() error {
	return care.E(care.Invalid, "contact_mail_invalid", "not a mail address we can send to")
}

// plainLocal reports whether a local part needs no quoting and no SMTPUTF8 on the way: the
// servers in between do not all have it. It asks before capitals are lowered: the lower case of
// a Kelvin sign is a plain k, and somebody else's address.
func plainLocal(local string) bool {
	return local != "" && len(local) <= maxLocal && !strings.ContainsFunc(local, func(r rune) bool {
		return r <= ' ' || r > '~' || strings.ContainsRune(`"(),:;<>@[\]`, r)
	})
}

// mailDomain returns the ASCII form of a public domain name: at least two labels, the last of
// which is no number.
func mailDomain(name string) (string, bool) {
	profile := idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(true), idna.VerifyDNSLength(true))
	domain, err := profile.ToASCII(name)
	if err != nil {
		return "", false
	}
	dot := strings.LastIndexByte(domain, '.')
	if dot < 1 || dot == len(domain)-1 || !strings.ContainsFunc(domain[dot+1:], func(r rune) bool { return 'a' <= r && r <= 'z' }) {
		return "", false
	}
	return domain, true
}
