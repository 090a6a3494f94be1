package app

import "context"

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
	return DeviceKeys{Store: store, Bundle: a.bundleKey(c.Session)}, err
}

// bundleKey is the key of one session. Whoever has it proves to be that session's device, so it is handed out to
// that alone, and is worth nothing once the session has ended.
func (a *App) bundleKey(s SessionID) []byte {
	key := keyed(a.Secret, labelBundle, string(s))
	return key[:]
}
