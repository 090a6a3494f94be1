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

// maxPushToken bounds a registration at a push service, in bytes; FCM's have about 160.
const maxPushToken = 4096

// ByPush finds sessions by PushKey of their push token. An ended session holds none.
const ByPush = "push"

// PushKey is the index value of a push token, empty for none. Push tokens are long and random, so
// their plain hash gives nothing away.
func PushKey(pushToken string) string {
	if pushToken == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(pushToken))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// PushEcho is what proves that somebody holds a device: it was pushed there.
type PushEcho string

// echoLife is how long an echo counts at least; twice that at most.
const echoLife = 10 * time.Minute

// SetPushToken binds a registration at the push service to the caller's session. One device is one
// registration: another live session of the same person loses it. One of somebody else keeps it and
// the call is refused with push_token_taken, until that session has ended, or the caller repeats the
// echo that the refusal had pushed to the device. Doing it again changes nothing, so it needs no nonce.
func (a *App) SetPushToken(ctx context.Context, c Caller, pushToken string, echo PushEcho) error {
	if pushToken == "" || len(pushToken) > maxPushToken || strings.ContainsFunc(pushToken, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return care.Amiss("token", "push_token_invalid", "a push token is at most %d visible ASCII characters", maxPushToken)
	}
	err := a.clearPush(ctx, c, pushToken, a.echoed(c, pushToken, echo))
	if care.CodeOf(err) == "push_token_taken" {
		a.beckon(ctx, c, pushToken)
	}
	if err != nil {
		return err
	}
	if err := a.bindPush(ctx, c, pushToken); err != nil {
		return err
	}
	// Two people may have bound it between each other's look and write: whoever now sees the other
	// steps back, so that a message never reaches a stranger's device.
	err = a.clearPush(ctx, c, pushToken, false)
	if care.CodeOf(err) == "push_token_taken" {
		if drop := a.dropPush(ctx, c.Session, pushToken); drop != nil {
			return drop
		}
	}
	return err
}

// echo is what is pushed to a device for one session that claims it. It is computed and kept nowhere: 80
// keyed bits over the session, the token and the time.
func (a *App) echo(c Caller, pushToken string, span int64) PushEcho {
	return care.DeriveID[PushEcho](time.UnixMilli(0), keyedText(a.Secret, labelEcho, string(c.Session), pushToken, strconv.FormatInt(span, 10)))
}

func (a *App) echoed(c Caller, pushToken string, echo PushEcho) bool {
	span := a.clock().Unix() / int64(echoLife/time.Second)
	return hmac.Equal([]byte(echo), []byte(a.echo(c, pushToken, span))) || hmac.Equal([]byte(echo), []byte(a.echo(c, pushToken, span-1)))
}

// beckon pushes an echo, not too often for a device or by a person. Whether it left changes nothing
// for the caller, who would learn from it about a device that is not theirs.
func (a *App) beckon(ctx context.Context, c Caller, pushToken string) {
	if a.Beacon == nil || a.count(ctx, echoes, "to "+PushKey(pushToken)) != nil || a.count(ctx, echoes, "by "+string(c.Person)) != nil {
		return
	}
	span := a.clock().Unix() / int64(echoLife/time.Second)
	if err := a.Beacon.Beckon(ctx, pushToken, a.echo(c, pushToken, span)); err != nil {
		a.Log.Warn("echo not pushed", "error", care.CodeOf(err))
	}
}

// clearPush takes the token from the person's other sessions, and from somebody else's live session
// where the caller has shown that they hold the device; it refuses otherwise.
func (a *App) clearPush(ctx context.Context, c Caller, pushToken string, shown bool) error {
	holders, err := findAll(ctx, a.Stores.Sessions, port.Key{Name: ByPush, Value: PushKey(pushToken)})
	if err != nil {
		return err
	}
	now := a.clock()
	for _, s := range holders {
		switch {
		case s.ID == c.Session:
			continue
		case s.Person != c.Person && s.live(now) && !shown:
			return care.E(care.Conflict, "push_token_taken", "this device still receives for somebody else")
		}
		if err := a.dropPush(ctx, s.ID, pushToken); err != nil {
			return err
		}
	}
	return nil
}

func (a *App) bindPush(ctx context.Context, c Caller, pushToken string) error {
	_, err := a.Stores.Sessions.Update(ctx, c.Session, port.Write{}, func(s Session) (Session, []care.Event, error) {
		if !s.EndedAt.IsZero() || s.Person != c.Person {
			return s, nil, SignedOut()
		}
		s.PushToken = pushToken
		return s, nil, nil
	})
	return err
}

// dropPush takes one token from a session. A newer one that was bound meanwhile stays.
func (a *App) dropPush(ctx context.Context, id SessionID, pushToken string) error {
	_, err := a.Stores.Sessions.Update(ctx, id, port.Write{}, func(s Session) (Session, []care.Event, error) {
		if s.PushToken == pushToken {
			s.PushToken = ""
		}
		return s, nil, nil
	})
	if care.IsKind(err, care.NotFound) {
		return nil // housekeeping was here
	}
	return err
}

// DropPushToken stops push messages to the caller's device; the person stays signed in.
func (a *App) DropPushToken(ctx context.Context, c Caller) error {
	_, err := a.Stores.Sessions.Update(ctx, c.Session, port.Write{}, func(s Session) (Session, []care.Event, error) {
		if s.Person == c.Person {
			s.PushToken = ""
		}
		return s, nil, nil
	})
	return err
}
