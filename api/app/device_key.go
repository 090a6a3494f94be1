package app

import (
	"context"

	"naober/matching/care"
)

// DeviceKeys are what a device seals with, 32 bytes each. It keeps them in its system's key store.
type DeviceKeys struct {
	// Store seals what is stored: one for the account and the same for ever, made when it is first asked for.
	// Nothing else opens a store that its person has locked, and nothing at all once the account was forgotten.
	Store []byte
	// Bundle seals what is carried by hand between the device of this session and the service.
	Bundle []byte
}

// DeviceKeys hands out the keys of the caller's device. For the account itself; code account_gone once it was
// forgotten.
func (a *App) DeviceKeys(ctx context.Context, c Caller) (DeviceKeys, error) {
	store, err := a.Vault.DeviceKey(ctx, c.Person)
	return DeviceKeys{Store: store, Bundle: a.BundleKey(c.Session)}, err
}

// BundleKey is the key of one session. Whoever has it proves to be that session's device, so it is handed out to
// that alone, and is worth nothing once the session has ended.
func (a *App) BundleKey(s SessionID) []byte {
	key := keyed(a.Secret, labelBundle, string(s))
	return key[:]
}

// Carried is who sealed a bundle under the key of this session, which the caller of this has proven. Codes as of
// Authenticate: session_ended, account_gone.
func (a *App) Carried(ctx context.Context, id SessionID) (Caller, error) {
	s, err := a.Stores.Sessions.Get(ctx, id)
	switch {
	case care.IsKind(err, care.NotFound):
		return Caller{}, SignedOut()
	case err != nil:
		return Caller{}, err
	case s.Value.EndedAt.IsZero() && s.Value.asleep(a.clock()):
		return Caller{}, SignedOut()
	}
	return a.goesOn(ctx, s.Value)
}
