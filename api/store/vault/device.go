package vault

import (
	"context"
	"strings"

	"naober/matching/care"
)

// devicePrefix begins the name of the ring that an account's devices seal their stores with. No person's id
// has a colon.
const devicePrefix = "device:"

func deviceOwner(p care.PersonID) string { return devicePrefix + string(p) }

func ofDevices(owner string) bool { return strings.HasPrefix(owner, devicePrefix) }

// DeviceKey implements app.Vault. The ring has one key for ever: a rotation of the person's own keys leaves
// it, for what it has sealed lies on phones.
func (v *Vault) DeviceKey(ctx context.Context, p care.PersonID) ([]byte, error) {
	gone, err := v.Destroyed(ctx, p)
	if err != nil {
		return nil, err
	}
	r, err := v.ring(ctx, deviceOwner(p))
	switch {
	case err != nil:
		return nil, err
	case gone || !r.DestroyedAt.IsZero() || len(r.Keys) == 0:
		return nil, care.E(care.Gone, "account_gone", "this account was forgotten at its person's wish")
	}
	return v.wraps.unwrap(r.Owner, r.Keys[0])
}
