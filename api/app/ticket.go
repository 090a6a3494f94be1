package app

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"naober/api/port"
	"naober/matching/care"
)

// TicketLife is how long a ticket opens a stream.
const TicketLife = time.Minute

// EventsTicket makes a ticket that opens one stream of events for the caller's session, within TicketLife. A
// browser cannot send a token with a stream, and what stands in an address may end up in a log: a ticket is
// worth nothing there, for it opens once.
func (a *App) EventsTicket(c Caller) string {
	now := a.clock()
	text := strings.Join([]string{string(c.Person), string(c.Session), strconv.FormatInt(now.Add(TicketLife).UnixMilli(), 10), newID(now)}, ".")
	return text + "." + a.ticketMark(text)
}

// ticket is one as it is read.
type ticket struct {
	text    string // all but its mark
	person  care.PersonID
	session SessionID
	until   time.Time
	name    string
	mark    string
}

// parseTicket reads the form of a ticket; whether it was made here its mark tells.
func parseTicket(raw string) (ticket, bool) {
	parts := strings.Split(raw, ".")
	if len(parts) != 5 {
		return ticket{}, false
	}
	until, err := strconv.ParseInt(parts[2], 10, 64)
	return ticket{text: strings.Join(parts[:4], "."), person: care.PersonID(parts[0]), session: SessionID(parts[1]), until: time.UnixMilli(until),
		name: parts[3], mark: parts[4]}, err == nil
}

// RedeemTicket says whose a ticket is, once: whoever comes second with it is refused, at whichever process.
func (a *App) RedeemTicket(ctx context.Context, raw string) (Caller, error) {
	t, ok := parseTicket(raw)
	now := a.clock()
	if !ok || !hmac.Equal([]byte(t.mark), []byte(a.ticketMark(t.text))) || !now.Before(t.until) {
		return Caller{}, ticketInvalid()
	}
	c, err := a.sessionOf(ctx, t.session, t.person)
	if err != nil {
		return Caller{}, err
	}
	used := Caller{Person: c.Person, Nonce: care.Nonce("ticket-" + t.name)}
	row := LedgerRow{Key: ledgerKey(used), Name: "events.ticket", State: Applied, By: a.process, Since: now, At: now}
	_, err = a.Stores.Ledger.Insert(ctx, row.Key, row, nil, port.Write{Quiet: true})
	if care.CodeOf(err) == "id_taken" {
		return Caller{}, ticketInvalid()
	}
	return c, err
}

// ticketMark proves that a ticket was made here.
func (a *App) ticketMark(text string) string {
	mac := hmac.New(sha256.New, a.Secret)
	mac.Write([]byte("events ticket\n" + text))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func ticketInvalid() error {
	return care.E(care.Unauthenticated, "ticket_invalid", "the ticket is not valid, or no longer")
}
