package faults

import (
	"context"
	"time"

	"naober/api/offline"
	"naober/api/port"
	"naober/matching/care"
)

// forgetViews lets go of what every device holds: the cookie of each is unknown from here on.
func forgetViews(ctx context.Context, s offline.Stores, now time.Time) (int, error) {
	var names []string
	err := s.Snapshots.Each(ctx, func(v port.Stored[offline.Snapshot]) error {
		if v.Value.Gone.IsZero() {
			names = append(names, v.Value.ID)
		}
		return nil
	})
	for _, name := range names {
		if err != nil {
			return 0, err
		}
		_, err = s.Snapshots.Update(ctx, name, port.Write{Quiet: true}, func(v offline.Snapshot) (offline.Snapshot, []care.Event, error) {
			v.Held, v.Told, v.Gone = nil, nil, now
			return v, nil, nil
		})
		if care.IsKind(err, care.NotFound) {
			err = nil
		}
	}
	return len(names), err
}
