package offline

import (
	"context"
	"crypto/rand"
	"encoding/hex"

	"naober/matching/care"
)

// theEpoch is the id of the one document that names the history.
const theEpoch = "epoch"

// Epoch names the history of the data; the first to ask begins it.
func (s *Server) Epoch(ctx context.Context) (string, error) {
	e, err := s.Stores.Epochs.Get(ctx, theEpoch)
	if care.IsKind(err, care.NotFound) {
		e, err = s.Stores.Epochs.Insert(ctx, theEpoch, Epoch{ID: theEpoch, Name: newEpoch()}, nil, quiet)
		if care.CodeOf(err) == "id_taken" {
			e, err = s.Stores.Epochs.Get(ctx, theEpoch)
		}
	}
	return e.Value.Name, err
}

// Restored begins another history after the data were put back from a backup: every device sends again what it
// sent lately. cause names the restore; said once more for the same one it changes nothing.
func (s *Server) Restored(ctx context.Context, cause string) error {
	if _, err := s.Epoch(ctx); err != nil {
		return err
	}
	_, err := s.Stores.Epochs.Update(ctx, theEpoch, quiet, func(e Epoch) (Epoch, []care.Event, error) {
		if e.Cause != cause {
			e.Name, e.Cause = newEpoch(), cause
		}
		return e, nil, nil
	})
	return err
}

func newEpoch() string {
	var name [8]byte
	_, _ = rand.Read(name[:]) // it ends the process where it would fail
	return hex.EncodeToString(name[:])
}
