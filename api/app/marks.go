package app

import (
	"context"
	"errors"
	"reflect"

	"naober/api/port"
	"naober/matching/care"
)

// marks looks for nonces in the documents of one kind, and puts them there.
type marks struct {
	// met reports whether the document holds the nonce.
	met func(ctx context.Context, subject string, n care.Nonce) (bool, error)
	// fence writes the nonce without a change, so that a frozen process that wakes up loses its write.
	// It reports whether nobody had written it before.
	fence func(ctx context.Context, subject string, n care.Nonce) (bool, error)
}

var errNotMet = errors.New("app: the document does not hold the nonce")

func marksOf[K ~string, T any](docs port.Documents[K, T]) *marks {
	met := func(ctx context.Context, subject string, n care.Nonce) (bool, error) {
		_, err := docs.Update(ctx, K(subject), port.Write{Nonce: n, Quiet: true}, func(v T) (T, []care.Event, error) { return v, nil, errNotMet })
		if errors.Is(err, errNotMet) || care.IsKind(err, care.NotFound) {
			return false, nil
		}
		return err == nil, err
	}
	fence := func(ctx context.Context, subject string, n care.Nonce) (bool, error) {
		var seen T
		asked := false
		stored, err := docs.Update(ctx, K(subject), port.Write{Nonce: n, Quiet: true}, func(v T) (T, []care.Event, error) {
			seen, asked = v, true
			return v, nil, nil
		})
		if care.IsKind(err, care.NotFound) {
			return true, nil // nothing was made
		}
		// A race that was lost to the effect itself was asked too, but then saw another value.
		return asked && reflect.DeepEqual(seen, stored.Value), err
	}
	return &marks{met: met, fence: fence}
}
