package app_test

import (
	"fmt"
	"testing"
	"time"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
)

func (in *installation) refresh(raw string) app.Tokens {
	in.t.Helper()
	return must[app.Tokens](in.t)(in.Refresh(in.t.Context(), raw))
}

func TestRefreshWithEveryAnswerLostInTurn(t *testing.T) {
	t.Parallel()
	const rounds = 6
	for lost := range rounds {
		t.Run(fmt.Sprint("the answer of round ", lost), func(t *testing.T) {
			in := install(t)
			in.person("Bert", 1943, []string{bert}, care.Resident)
			held := in.signIn(bert)
			for round := range rounds {
				in.clock.pass(20 * time.Minute)
				answer := in.refresh(held.Refresh)
				if round == lost {
					in.clock.pass(time.Hour)
					repeat := in.refresh(held.Refresh)
					if repeat.Refresh != answer.Refresh {
						t.Fatal("the repeat got another successor")
					}
					answer = repeat
				}
				held = answer
			}
			if _, err := in.Authenticate(t.Context(), held.Access); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestRefreshAfterAbsence(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for name, row := range map[string]struct {
		away time.Duration
		want string
	}{
		"90 days offline":               {90 * day, ""},
		"just under 400 days":           {400*day - time.Millisecond, ""},
		"at 400 days the person is out": {400 * day, "session_ended"},
	} {
		t.Run(name, func(t *testing.T) {
			in := install(t)
			in.person("Bert", 1943, []string{bert}, care.Resident)
			held := in.signIn(bert)
			in.clock.pass(row.away)
			for range 2 {
				_, err := in.Refresh(t.Context(), held.Refresh)
				codeIs(t, err, row.want)
			}
			if stored := must[port.Stored[app.Session]](t)(in.stores.Sessions.Get(t.Context(), held.Session)); row.want != "" && stored.Value.EndReason != "unused" {
				t.Errorf("ended as %q", stored.Value.EndReason)
			}
		})
	}
}

func TestStolenOldTokenEndsTheFamily(t *testing.T) {
	t.Parallel()
	in := install(t)
	in.person("Bert", 1943, []string{bert}, care.Resident)
	first := in.signIn(bert)
	second := in.refresh(first.Refresh)
	third := in.refresh(second.Refresh)
	_, err := in.Refresh(t.Context(), first.Refresh)
	codeIs(t, err, "session_ended")
	_, err = in.Refresh(t.Context(), third.Refresh)
	codeIs(t, err, "session_ended")
	_, err = in.Authenticate(t.Context(), third.Access)
	codeIs(t, err, "session_ended")
	if s := must[port.Stored[app.Session]](t)(in.stores.Sessions.Get(t.Context(), first.Session)); s.Value.EndReason != "stolen_token" {
		t.Errorf("ended as %q", s.Value.EndReason)
	}
}

func TestParallelRefreshesAgree(t *testing.T) {
	t.Parallel()
	in := install(t)
	in.person("Bert", 1943, []string{bert}, care.Resident)
	held := in.signIn(bert)
	successors := make([]string, 20)
	answers := together(20, func(i int) error {
		out, err := in.Refresh(t.Context(), held.Refresh)
		successors[i] = out.Refresh
		return err
	})
	for _, s := range successors {
		if s != successors[0] || answers[""] != 20 {
			t.Fatalf("answers %v, successors differ: %v", answers, s != successors[0])
		}
	}
}

func TestRefreshRefuses(t *testing.T) {
	t.Parallel()
	in := install(t)
	in.person("Bert", 1943, []string{bert}, care.Resident)
	held := in.signIn(bert)
	for name, raw := range map[string]string{"nothing": "", "an access token": held.Access, "a changed token": held.Refresh[:len(held.Refresh)-2] + "AA"} {
		_, err := in.Refresh(t.Context(), raw)
		if care.CodeOf(err) != "token_invalid" {
			t.Errorf("%s: %v", name, err)
		}
	}
	in.refresh(held.Refresh)
}

func TestAuthenticateHoldsTheTime(t *testing.T) {
	t.Parallel()
	in := install(t)
	in.person("Bert", 1943, []string{bert}, care.Resident)
	held := in.signIn(bert)
	in.clock.pass(15*time.Minute + 29*time.Second)
	_, err := in.Authenticate(t.Context(), held.Access)
	codeIs(t, err, "")
	in.clock.pass(time.Second)
	_, err = in.Authenticate(t.Context(), held.Access)
	codeIs(t, err, "token_expired")
	_, err = in.Authenticate(t.Context(), "x")
	codeIs(t, err, "token_invalid")
}

func TestDevicesAreListedAndRevoked(t *testing.T) {
	t.Parallel()
	in := install(t)
	anna := in.person("Anna", 1945, []string{"anna@example.nl"}, care.Resident)
	id := in.person("Bert", 1943, []string{bert}, care.Resident)
	old := in.signIn(bert)
	in.clock.pass(time.Minute)
	held := in.signIn(bert)
	me := app.Caller{Person: id, Session: held.Session}
	devices := must[[]app.Device](t)(in.Devices(t.Context(), me))
	if len(devices) != 2 || !devices[0].Current || devices[1].Current || devices[1].Session != old.Session || devices[0].Name != "Fairphone 5" {
		t.Fatalf("devices %+v", devices)
	}
	codeIs(t, in.EndSession(t.Context(), app.Caller{Person: anna}, old.Session), "session_not_found")
	for range 2 {
		codeIs(t, in.EndSession(t.Context(), me, old.Session), "")
	}
	_, err := in.Authenticate(t.Context(), old.Access)
	codeIs(t, err, "session_ended")
	_, err = in.Authenticate(t.Context(), held.Access)
	codeIs(t, err, "")
	if left := must[[]app.Device](t)(in.Devices(t.Context(), me)); len(left) != 1 {
		t.Errorf("left: %+v", left)
	}
}

func TestPushTokenBelongsToOneSession(t *testing.T) {
	t.Parallel()
	in := install(t)
	annaID := in.person("Anna", 1945, []string{"anna@example.nl"}, care.Resident)
	bertID := in.person("Bert", 1943, []string{bert}, care.Resident)
	anna := app.Caller{Person: annaID, Session: in.signIn("anna@example.nl").Session}
	phone := app.Caller{Person: bertID, Session: in.signIn(bert).Session}
	tablet := app.Caller{Person: bertID, Session: in.signIn(bert).Session}
	holds := func(c app.Caller) string {
		return must[port.Stored[app.Session]](t)(in.stores.Sessions.Get(t.Context(), c.Session)).Value.PushToken
	}
	for _, bad := range []string{"", "a b", "a\nb", "é"} {
		codeIs(t, in.SetPushToken(t.Context(), phone, bad, ""), "push_token_invalid")
	}
	codeIs(t, in.SetPushToken(t.Context(), phone, "token-1", ""), "")
	codeIs(t, in.SetPushToken(t.Context(), phone, "token-1", ""), "")
	codeIs(t, in.SetPushToken(t.Context(), anna, "token-1", ""), "push_token_taken")
	if holds(phone) != "token-1" || holds(anna) != "" {
		t.Error("a stranger took the token")
	}
	codeIs(t, in.SetPushToken(t.Context(), tablet, "token-1", ""), "")
	if holds(phone) != "" || holds(tablet) != "token-1" {
		t.Error("a person's newer session did not take the token over")
	}
	codeIs(t, in.EndSession(t.Context(), tablet, tablet.Session), "")
	if holds(tablet) != "" {
		t.Error("an ended session kept its token")
	}
	codeIs(t, in.SetPushToken(t.Context(), tablet, "token-1", ""), "session_ended")
	codeIs(t, in.SetPushToken(t.Context(), anna, "token-1", ""), "")
	codeIs(t, in.DropPushToken(t.Context(), anna), "")
	if holds(anna) != "" {
		t.Error("the token was not dropped")
	}
}

func TestPushTokenNeverEndsAtTwoPeople(t *testing.T) {
	t.Parallel()
	in := install(t)
	var callers []app.Caller
	for _, name := range []string{"Anna", "Bert", "Cor", "Dina"} {
		mail := name + "@example.nl"
		id := in.person(name, 1945, []string{lower(mail)}, care.Resident)
		callers = append(callers, app.Caller{Person: id, Session: in.signIn(lower(mail)).Session})
	}
	together(len(callers), func(i int) error { return in.SetPushToken(t.Context(), callers[i], "token-1", "") })
	holders := must[[]port.Stored[app.Session]](t)(in.stores.Sessions.Find(t.Context(), port.Key{Name: app.ByPush, Value: app.PushKey("token-1")}, port.Page{Limit: 10}))
	if len(holders) > 1 {
		t.Errorf("%d people hold one device", len(holders))
	}
}
