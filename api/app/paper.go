package app

import (
	"context"
	"encoding/binary"
	"fmt"
	"strings"
	"time"
	"unicode"

	"naober/api/port"
	"naober/api/token"
	"naober/matching/care"
)

const (
	// paperLife is how long a code on paper counts: it travels by letter, and waits for a grandchild
	// who comes on Sunday.
	paperLife = 7 * 24 * time.Hour
	// paperDigits are more than a mailed code has, because nothing but the code is typed: its flow is
	// found by a keyed hash of it. With a thousand codes out and 10,000 guesses an hour, where
	// papersOverall raises its alarm, one is found in 100,000 hours.
	paperDigits = 12
	paperCount  = 1_000_000_000_000
)

// PaperCode is a sign-in code for somebody without mail or phone, to be printed and handed over.
type PaperCode struct {
	Person    care.PersonID
	Code      string // "1234 5678 9012"
	ExpiresAt time.Time
}

// IssuePaperCode makes a sign-in code on paper for a resident. For desk and fixed worker of a
// community in which the person is resident or volunteer; the person sees in their log that it was
// issued. Whoever holds a role of trust gets none: it would lend that role to whoever printed it; nor does
// anybody for somebody who died.
// The code is kept nowhere; a resend under the same nonce computes the same one.
func (a *App) IssuePaperCode(ctx context.Context, c Caller, person care.PersonID) (PaperCode, error) {
	person = a.resolve(person)
	rel, theirs, err := a.relationToPerson(ctx, c.Person, person)
	if err != nil {
		return PaperCode{}, err
	}
	if rel != RelStaff {
		return PaperCode{}, care.E(care.Forbidden, "desk_only", "a code on paper comes from the desk or the fixed worker")
	}
	if theirs.trusted() {
		return PaperCode{}, care.E(care.Forbidden, "paper_code_not_for_staff", "somebody who works here signs in by mail or phone")
	}
	now := a.clock()
	act := func(subject string, w port.Write) error {
		if _, err := a.alive(ctx, person); err != nil {
			return err
		}
		id, hash := a.paperHash(a.paperDigitsOf(subject))
		f := Flow{ID: id, Persons: []care.PersonID{person}, CodeHash: hash, Paper: true, IssuedBy: c.Person, CreatedAt: now, ExpiresAt: now.Add(paperLife)}
		if err := a.logView(ctx, View{Whose: person, By: c.Person, As: care.Party(rel), What: "paper_code"}); err != nil {
			return err
		}
		w.IfVer = 0
		_, err := a.Stores.Flows.Insert(ctx, id, f, nil, w)
		return err
	}
	subject, err := a.once(ctx, c, intent{name: "paper_code.issue", args: person}, act, nil)
	if err != nil {
		return PaperCode{}, err
	}
	digits := a.paperDigitsOf(subject)
	id, _ := a.paperHash(digits)
	f, err := a.Stores.Flows.Get(ctx, id)
	if err != nil {
		return PaperCode{}, err
	}
	return PaperCode{Person: person, Code: groupPaper(digits), ExpiresAt: f.Value.ExpiresAt}, nil
}

// paperFlow finds the flow of a code on paper. Nothing ties a guess to a flow, so guesses are
// limited per address; far more of them together than a province needs raise an alarm.
func (a *App) paperFlow(ctx context.Context, typed, address string) (FlowID, string, error) {
	digits, ok := readPaper(typed)
	if !ok {
		return "", "", codeInvalid()
	}
	if err := a.countFrom(ctx, papersAddress, address); err != nil {
		return "", "", err
	}
	if err := a.alarm(ctx, papersOverall); err != nil {
		return "", "", err
	}
	id, _ := a.paperHash(digits)
	return id, digits, nil
}

// paperDigitsOf computes a code from the intent that issued it: 64 keyed bits over 10^12 codes, so
// that each is as likely to within one in ten million.
func (a *App) paperDigitsOf(subject string) string {
	sum := keyed(a.Secret, labelPaper, subject)
	return fmt.Sprintf("%0*d", paperDigits, binary.BigEndian.Uint64(sum[:])%paperCount)
}

// paperHash gives the flow that belongs to a code, and the hash that the flow keeps of it. Both
// need the secret: from the store alone no code can be found by trying.
func (a *App) paperHash(digits string) (FlowID, []byte) {
	id := care.DeriveID[FlowID](time.UnixMilli(0), keyedText(a.Secret, labelPaperFlow, digits))
	sum := token.HashCode(a.Secret, string(id), digits)
	return id, sum[:]
}

// readPaper takes a code as somebody types it from paper: spaces and dashes may stand anywhere.
func readPaper(typed string) (string, bool) {
	if len(typed) > 64 {
		return "", false
	}
	var digits strings.Builder
	for _, r := range typed {
		switch {
		case '0' <= r && r <= '9':
			digits.WriteRune(r)
		case !unicode.IsSpace(r) && !unicode.Is(unicode.Pd, r):
			return "", false
		}
	}
	return digits.String(), digits.Len() == paperDigits
}

func groupPaper(digits string) string { return digits[:4] + " " + digits[4:8] + " " + digits[8:] }

// trusted reports whether the person holds a role that acts for others.
func (r rights) trusted() bool {
	for _, m := range r.members {
		if m.Role != care.Resident && m.Role != care.Volunteer {
			return true
		}
	}
	return false
}
