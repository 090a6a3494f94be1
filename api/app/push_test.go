package app_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
)

// airwaves is what was pushed to devices.
type airwaves struct {
	to     []string
	echoes []app.PushEcho
	fails  error
}

func (a *airwaves) Beckon(_ context.Context, pushToken string, echo app.PushEcho) error {
	a.to, a.echoes = append(a.to, pushToken), append(a.echoes, echo)
	return a.fails
}

// TestPushTokenIsTakenOverWithTheDevice: a phone changed hands, and who had it before never signed out.
// Only who holds the phone gets the echo; nothing else takes the registration from its holder.
func TestPushTokenIsTakenOverWithTheDevice(t *testing.T) {
	t.Parallel()
	in := install(t)
	air := &airwaves{}
	in.Beacon = air
	arrives := func(name, mail string) app.Caller {
		id := in.person(name, 1945, []string{mail}, care.Resident)
		return app.Caller{Person: id, Session: in.signIn(mail).Session}
	}
	before, after, thief := arrives("Bert", bert), arrives("Anna", "anna@example.nl"), arrives("Cor", "cor@example.nl")
	set := func(c app.Caller, pushToken string, echo app.PushEcho, want string) {
		t.Helper()
		codeIs(t, in.SetPushToken(t.Context(), c, pushToken, echo), want)
	}
	holds := func(want app.Caller) {
		t.Helper()
		for _, c := range []app.Caller{before, after, thief} {
			held := must[port.Stored[app.Session]](t)(in.stores.Sessions.Get(t.Context(), c.Session)).Value.PushToken
			if (held == "token-1") != (c == want) {
				t.Errorf("%s holds %q", c.Person, held)
			}
		}
	}
	set(before, "token-1", "", "")
	if len(air.to) != 0 {
		t.Error("a free registration was asked for an echo")
	}
	set(thief, "token-1", "", "push_token_taken")
	set(thief, "token-2", "", "")
	set(after, "token-1", "", "push_token_taken")
	set(after, "token-2", "", "push_token_taken")
	if len(air.to) != 3 || air.to[0] != "token-1" || air.to[1] != "token-1" || air.to[2] != "token-2" {
		t.Fatalf("pushed to %v", air.to)
	}
	for name, wrong := range map[string]app.PushEcho{"of another session": air.echoes[0], "of another token": air.echoes[2], "made up": "01JDB8Q4M2ZT6R0V9XKFW3E7HN"} {
		t.Run("an echo "+name, func(t *testing.T) { set(after, "token-1", wrong, "push_token_taken") })
	}
	set(thief, "token-1", air.echoes[1], "push_token_taken")
	holds(before)
	right := air.echoes[1]
	in.clock.pass(21 * time.Minute)
	set(after, "token-1", right, "push_token_taken")
	holds(before)

	pushed := len(air.to)
	for range 10 {
		set(after, "token-1", "", "push_token_taken")
	}
	if len(air.to) != pushed {
		t.Errorf("%d echoes in an hour", len(air.to))
	}
	in.clock.pass(time.Hour)
	air.fails = errors.New("away")
	set(after, "token-1", "", "push_token_taken")
	right = air.echoes[len(air.echoes)-1]
	in.clock.pass(9 * time.Minute)
	set(after, "token-1", right, "")
	holds(after)
	set(before, "token-1", right, "push_token_taken")
	holds(after)

	in.Beacon = nil
	set(before, "token-1", "", "push_token_taken")
	holds(after)
}
