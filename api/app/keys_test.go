package app_test

import (
	"strings"
	"testing"
	"time"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
)

func lower(s string) string { return strings.ToLower(s) }

// storedKeys are the signing keys as they stand on disk.
func (in *installation) storedKeys() []app.SigningKey {
	in.t.Helper()
	var keys []app.SigningKey
	err := in.stores.SigningKeys.Each(in.t.Context(), func(k port.Stored[app.SigningKey]) error {
		keys = append(keys, k.Value)
		return nil
	})
	if err != nil {
		in.t.Fatal(err)
	}
	return keys
}

func TestRotationLogsNobodyOut(t *testing.T) {
	t.Parallel()
	in := install(t)
	in.person("Bert", 1943, []string{bert}, care.Resident)
	other := in.process(in.vault.Secret())
	held := in.signIn(bert)
	if err := in.RotateKeys(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := len(in.JWKS(in.clock.Now()).Keys); n != 2 {
		t.Fatalf("%d keys are published, want the old and the next", n)
	}
	kid := in.refreshKid(held.Refresh)
	for minute := range 120 {
		in.clock.pass(time.Minute)
		if err := other.LoadKeys(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := in.Authenticate(t.Context(), held.Access); err != nil && care.CodeOf(err) != "token_expired" {
			t.Fatalf("minute %d: %v", minute, err)
		}
		if minute%10 == 0 {
			held = in.refresh(held.Refresh)
			if _, err := other.Authenticate(t.Context(), held.Access); err != nil {
				t.Fatalf("minute %d, the other process: %v", minute, err)
			}
		}
	}
	if in.refreshKid(held.Refresh) == kid {
		t.Error("the old key still signs")
	}
	if n := len(in.JWKS(in.clock.Now()).Keys); n != 1 {
		t.Errorf("%d keys are published after two hours, want the new one alone", n)
	}
}

// refreshKid is the header of the access token that a refresh gives now: it names the key.
func (in *installation) refreshKid(raw string) string {
	header, _, _ := strings.Cut(in.refresh(raw).Access, ".")
	return header
}

func TestKeyOfAnotherProcessIsFoundAtOnce(t *testing.T) {
	t.Parallel()
	in := install(t)
	in.person("Bert", 1943, []string{bert}, care.Resident)
	sleeper := in.process(in.vault.Secret())
	if err := in.RotateKeys(t.Context()); err != nil {
		t.Fatal(err)
	}
	in.clock.pass(3 * time.Minute)
	held := in.signIn(bert) // signed by a key that the sleeper has not read
	if _, err := sleeper.Authenticate(t.Context(), held.Access); err != nil {
		t.Error(err)
	}
}

func TestPrivateKeysAreSealed(t *testing.T) {
	t.Parallel()
	in := install(t)
	in.person("Bert", 1943, []string{bert}, care.Resident)
	held := in.signIn(bert)
	for _, k := range in.storedKeys() {
		if len(k.Sealed) != 12+64+16 {
			t.Errorf("key %s is sealed in %d bytes", k.ID, len(k.Sealed))
		}
	}
	// With another secret the old key does not open: it still verifies, and a new one signs.
	moved := in.process([]byte("another secret of thirty-two byte"))
	if _, err := moved.Authenticate(t.Context(), held.Access); err != nil {
		t.Error("a changed secret logged somebody out:", err)
	}
	if n := len(in.storedKeys()); n != 2 {
		t.Errorf("%d keys, want a new one", n)
	}
}

func TestSealedKeyMovedToAnotherDoesNotOpen(t *testing.T) {
	t.Parallel()
	in := install(t)
	thief := in.storedKeys()[0]
	if err := in.RotateKeys(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, k := range in.storedKeys() {
		_, err := in.stores.SigningKeys.Update(t.Context(), k.ID, port.Write{}, func(s app.SigningKey) (app.SigningKey, []care.Event, error) {
			s.Sealed = thief.Sealed
			return s, nil, nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := in.LoadKeys(t.Context()); err != nil {
		t.Error("a key that does not open stops the service:", err)
	}
}
