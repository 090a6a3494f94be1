package main

import (
	"context"
	"fmt"

	"naober/api/store/vault"
)

// heard is how many rings go by between two words about the progress of a rotation.
const heard = 1000

// rotateServiceKey wraps every key of the key store under the service key, beside processes that
// hold both. Its answer is the word that the former key may go.
func rotateServiceKey(ctx context.Context, a operated) (string, error) {
	a.Log.Info("wrapping every key anew; the last look comes some 90 seconds later, when no process has older rings in memory")
	done, err := a.keys.Rewrap(ctx, func(done vault.Rewrapped) {
		if done.Rings%heard == 0 {
			a.Log.Info("wrapped anew", "rings", done.Rings, "keys", done.Keys)
		}
	})
	if err != nil {
		return "", fmt.Errorf("%d keys of %d rings were wrapped anew; the former service key is needed until this is run again to its end: %w", done.Keys, done.Rings, err)
	}
	return fmt.Sprintf("%d keys of %d rings were wrapped anew; nothing is left under the former service key, its file can be thrown away", done.Keys, done.Rings), nil
}
