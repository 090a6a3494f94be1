package app

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"

	"naober/api/port"
	"naober/api/token"
	"naober/matching/care"
)

// sessionSleep is how long a device may stay away before its person signs in anew.
const sessionSleep = 400 * 24 * time.Hour

// Why a session ended.
const (
	endedSignedOut = "signed_out"
	endedRevoked   = "revoked" // by the person, from another device
	endedStolen    = "stolen_token"
	endedUnused    = "unused"
	endedForgotten = "forgotten" // its person was
	endedMerged    = "merged"    // another record of its person stays in place of that one
)

// Tokens are what a device holds after sign-in and after each refresh.
type Tokens struct {
	Access    string
	Refresh   string
	ExpiresAt time.Time // of the access token
	Session   SessionID
	Person    care.PersonID
}

// Device is one signed-in device as its person sees it.
type Device struct {
	Session   SessionID
	Name      string
	CreatedAt time.Time
	UsedAt    time.Time // to the hour, and never before CreatedAt
	Current   bool
}

// Authenticate proves who calls by an access token. The session and its person are read at each call, so
// that a device that was signed out elsewhere is out at once, and nobody is let in under a record that
// went, whoever wrote the session, and when. Codes: token_expired (refresh it),
// token_invalid, session_ended (sign in again).
func (a *App) Authenticate(ctx context.Context, rawAccess string) (Caller, error) {
	claims, err := a.proofs.Verify(a.Issuer, a.ring.ring(), rawAccess, a.Now())
	if errors.Is(err, token.ErrInvalid) {
		if err := a.reloadAfterMiss(ctx); err != nil {
			return Caller{}, err
		}
		claims, err = a.proofs.Verify(a.Issuer, a.ring.ring(), rawAccess, a.Now())
	}
	switch {
	case errors.Is(err, token.ErrExpired):
		return Caller{}, care.E(care.Unauthenticated, "token_expired", "the access token has run out")
	case err != nil:
		return Caller{}, care.E(care.Unauthenticated, "token_invalid", "the access token is not valid")
	}
	return a.sessionOf(ctx, SessionID(claims.Session), care.PersonID(claims.Person))
}

// sessionOf proves that a session goes on, and is this person's.
func (a *App) sessionOf(ctx context.Context, id SessionID, p care.PersonID) (Caller, error) {
	s, err := a.Stores.Sessions.Get(ctx, id)
	switch {
	case care.IsKind(err, care.NotFound):
		return Caller{}, SignedOut()
	case err != nil:
		return Caller{}, err
	case s.Value.Person != p && !s.Value.forgotten(a.clock()):
		return Caller{}, SignedOut()
	}
	return a.goesOn(ctx, s.Value)
}

// goesOn proves that a session that was just read goes on, and that its person is there.
func (a *App) goesOn(ctx context.Context, s Session) (Caller, error) {
	switch {
	case s.forgotten(a.clock()):
		return Caller{}, accountGone()
	case !s.EndedAt.IsZero(), a.resolve(s.Person) != s.Person:
		return Caller{}, SignedOut()
	}
	if err := a.stillThere(ctx, s.Person); err != nil {
		return Caller{}, err
	}
	if err := a.notLent(ctx, s.Paper, s.Person, SignedOut()); err != nil {
		return Caller{}, err
	}
	return Caller{Person: s.Person, Session: s.ID}, nil
}

// notLent refuses what a code on paper began for somebody who holds a role of trust by now: it would
// lend that role to whoever printed the code. It is read at each call.
func (a *App) notLent(ctx context.Context, paper bool, p care.PersonID, refused error) error {
	if !paper {
		return nil
	}
	theirs, err := a.rights(ctx, p)
	if err == nil && theirs.trusted() {
		return refused
	}
	return err
}

// Refresh exchanges a refresh token for the next pair. The same token yields the same successor
// until that was used, so a lost answer logs nobody out; an older one means that two hold the
// family and ends it. Code session_ended: sign in again.
func (a *App) Refresh(ctx context.Context, rawRefresh string) (Tokens, error) {
	claimed, err := a.Refresher.Decode(rawRefresh)
	if err != nil {
		return Tokens{}, care.E(care.Unauthenticated, "token_invalid", "the refresh token is not valid")
	}
	now := a.clock()
	var successor int64
	stored, err := a.Stores.Sessions.Update(ctx, SessionID(claimed.Session), port.Write{Quiet: true}, func(s Session) (Session, []care.Event, error) {
		successor = 0
		presented, err := a.Refresher.Verify(rawRefresh, s.Salt)
		switch {
		case err == nil && s.forgotten(now):
			return s, nil, accountGone()
		case !s.EndedAt.IsZero():
			return s, nil, SignedOut()
		case err != nil:
			return s, nil, care.E(care.Unauthenticated, "token_invalid", "the refresh token is not valid")
		}
		if s.asleep(now) {
			return s.end(endedUnused, now), nil, nil
		}
		used, next, verdict := token.Rotate(s.Used, presented.Number)
		switch verdict {
		case token.First, token.Again:
			s.Used, s.UsedAt, successor = used, usedAt(now, s.CreatedAt), next
		case token.Stolen:
			s = s.end(endedStolen, now)
		}
		return s, nil, nil
	})
	switch {
	case care.IsKind(err, care.NotFound):
		return Tokens{}, SignedOut()
	case err != nil:
		return Tokens{}, err
	case successor == 0:
		return Tokens{}, SignedOut()
	}
	if err := a.stillThere(ctx, stored.Value.Person); err != nil {
		return Tokens{}, err
	}
	return a.tokens(stored.Value, successor)
}

// tokens makes the pair that a session's device gets. It writes nothing.
func (a *App) tokens(s Session, number int64) (Tokens, error) {
	now := a.clock()
	access, err := a.Issuer.Sign(a.ring.ring(), token.Claims{Person: string(s.Person), Session: string(s.ID)}, now)
	if err != nil {
		return Tokens{}, err
	}
	refresh, err := a.Refresher.Encode(string(s.ID), number, s.Salt)
	if err != nil {
		return Tokens{}, err
	}
	return Tokens{Access: access, Refresh: refresh, ExpiresAt: now.Truncate(time.Second).Add(token.AccessLife), Session: s.ID, Person: s.Person}, nil
}

// openSession begins a session under an id that its sign-in determines. Where it stands already
// the answer was lost on its way, and the same pair is given again until its device used it. Whoever
// went meanwhile gets none.
func (a *App) openSession(ctx context.Context, s Session) (Tokens, error) {
	salt, err := token.NewSalt(rand.Reader)
	if err != nil {
		return Tokens{}, err
	}
	now := a.clock()
	s.Device, s.Salt, s.CreatedAt, s.UsedAt = deviceName(s.Device), salt, now, now
	stored, err := a.Stores.Sessions.Insert(ctx, s.ID, s, nil, port.Write{})
	if care.CodeOf(err) == "id_taken" {
		stored, err = a.Stores.Sessions.Get(ctx, s.ID)
	}
	switch {
	case err != nil:
		return Tokens{}, err
	case stored.Value.Person != s.Person || stored.Value.Used > 0 || !stored.Value.EndedAt.IsZero():
		return Tokens{}, codeInvalid()
	}
	err = a.stillThere(ctx, s.Person)
	switch {
	case refusal(err):
		return Tokens{}, codeInvalid()
	case err != nil:
		return Tokens{}, err
	}
	return a.tokens(stored.Value, 1)
}

// stillThere ends every session of somebody who was forgotten, merged away, or said to have died, and
// refuses. All three mark the person first and then end the sessions that they find; whoever opens or uses
// a session does that first, and then the person is read. So one of the two sees the other.
func (a *App) stillThere(ctx context.Context, id care.PersonID) error {
	p, err := a.Stores.Persons.Get(ctx, id)
	switch {
	case err == nil && there(p.Value):
		return nil
	case err != nil && !care.IsKind(err, care.NotFound):
		return err
	}
	why, refused := endedByDesk, SignedOut()
	if p.Value.Gone() {
		why, refused = endedForgotten, accountGone()
	}
	if err := a.dropSessions(ctx, id, why); err != nil {
		return err
	}
	return refused
}

// there reports whether somebody may be signed in under this record.
func there(p care.Person) bool {
	return !p.Gone() && p.Life.State != care.Died && p.Into() == p.ID
}

// Devices lists where the caller is signed in, the newest first.
func (a *App) Devices(ctx context.Context, c Caller) ([]Device, error) {
	sessions, err := findAll(ctx, a.Stores.Sessions, port.Key{Name: ByPerson, Value: string(c.Person)})
	if err != nil {
		return nil, err
	}
	now := a.clock()
	var devices []Device
	for _, s := range sessions {
		if s.live(now) {
			devices = append(devices, Device{Session: s.ID, Name: s.Device, CreatedAt: s.CreatedAt, UsedAt: s.UsedAt, Current: s.ID == c.Session})
		}
	}
	slices.SortFunc(devices, func(x, y Device) int {
		return 2*y.CreatedAt.Compare(x.CreatedAt) + strings.Compare(string(x.Session), string(y.Session))
	})
	return devices, nil
}

// EndSession signs one of the caller's devices out, this one included: its next call is refused
// and it gets no more push messages. Ending it again changes nothing, so it needs no nonce.
func (a *App) EndSession(ctx context.Context, c Caller, id SessionID) error {
	now := a.clock()
	reason := endedRevoked
	if id == c.Session {
		reason = endedSignedOut
	}
	_, err := a.Stores.Sessions.Update(ctx, id, port.Write{}, func(s Session) (Session, []care.Event, error) {
		switch {
		case s.Person != c.Person:
			return s, nil, care.E(care.NotFound, "session_not_found", "there is no such session")
		case !s.EndedAt.IsZero():
			return s, nil, nil
		}
		return s.end(reason, now), nil, nil
	})
	return err
}

// end closes the family; nothing is pushed to an ended session.
func (s Session) end(reason string, now time.Time) Session {
	s.EndedAt, s.EndReason, s.PushToken = now, reason, ""
	return s
}

// asleep reports whether the device stayed away for too long.
func (s Session) asleep(now time.Time) bool {
	last := s.UsedAt
	if s.CreatedAt.After(last) {
		last = s.CreatedAt
	}
	return !now.Before(last.Add(sessionSleep))
}

func (s Session) live(now time.Time) bool { return s.EndedAt.IsZero() && !s.asleep(now) }

// goneTold is how long a device that comes back is told that its account was forgotten.
const goneTold = 90 * 24 * time.Hour

// forgotten reports whether a session ended because its person was forgotten, and not so long ago that it is
// not told any more.
func (s Session) forgotten(now time.Time) bool {
	return !s.EndedAt.IsZero() && s.EndReason == endedForgotten && now.Before(s.EndedAt.Add(goneTold))
}

// accountGone is told to whoever holds a token of an account that was forgotten: their device wipes what it
// keeps of it. Where no device's store is at stake a surface may say SignedOut instead.
func accountGone() error {
	return care.E(care.Gone, "account_gone", "this account was forgotten at its person's wish")
}

// SignedOut is told to whoever holds a token of a session that has ended.
func SignedOut() error {
	return care.E(care.Unauthenticated, "session_ended", "this device is signed out; sign in again")
}

// usedAt is when a session was used, to the hour, and never before it began.
func usedAt(now, began time.Time) time.Time {
	if hour := now.Truncate(time.Hour); hour.After(began) {
		return hour
	}
	return began
}

// deviceName makes what a device says of itself fit for a list: one line of at most 60 runes.
func deviceName(raw string) string {
	line := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, raw)
	runes := []rune(strings.TrimSpace(line))
	return string(runes[:min(len(runes), 60)])
}
