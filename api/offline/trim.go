package offline

import (
	"cmp"
	"context"
	"slices"
	"time"

	"naober/api/port"
	"naober/matching/care"
)

// mostSnapshots is how many a group keeps: two devices may share one store for a while.
const mostSnapshots = 8

func (s Stores) snapshots(ctx context.Context, g GroupID) ([]Snapshot, error) {
	found, err := s.Snapshots.Find(ctx, port.Key{Name: ByGroup, Value: string(g)}, port.Page{Limit: 1000})
	all := make([]Snapshot, len(found))
	for i, f := range found {
		all[i] = f.Value
	}
	return all, err
}

// trim lets go of what will not be presented again. A device that presents a cookie has stored it, and may yet
// present its parent, whose answer another device with the same store has lost; what lies before that is gone.
// Others stay, for to let them go would make two devices that share a store drive each other out for ever.
func (s *Server) trim(ctx context.Context, presented Snapshot, g GroupID) error {
	if presented.ID == "" {
		return nil
	}
	if err := s.touch(ctx, presented); err != nil {
		return err
	}
	now := s.clock()
	all, err := s.Stores.snapshots(ctx, g)
	if err != nil {
		return err
	}
	slices.SortFunc(all, func(a, b Snapshot) int { return cmp.Or(b.UsedAt.Compare(a.UsedAt), cmp.Compare(b.Order, a.Order)) })
	older := s.ancestors(all, presented)
	for i, v := range all {
		if i < mostSnapshots && !older[v.ID] {
			continue
		}
		err := s.Stores.drop(ctx, v.ID, now)
		if err != nil {
			return err
		}
	}
	return nil
}

// touch notes that a snapshot is in use.
func (s *Server) touch(ctx context.Context, presented Snapshot) error {
	hour := s.clock().Truncate(time.Hour)
	if !hour.After(presented.UsedAt) {
		return nil
	}
	return s.Stores.onSnapshot(ctx, presented.ID, func(v Snapshot) Snapshot { v.UsedAt = hour; return v })
}

// ancestors are those before the parent of a snapshot.
func (s *Server) ancestors(all []Snapshot, of Snapshot) map[string]bool {
	parents, older := map[string]string{}, map[string]bool{}
	for _, v := range all {
		parents[v.ID] = v.Parent
	}
	for id := parents[of.Parent]; id != "" && !older[id]; id = parents[id] {
		older[id] = true
	}
	return older
}

// drop lets go of a snapshot.
func (s Stores) drop(ctx context.Context, id string, now time.Time) error {
	return s.onSnapshot(ctx, id, func(v Snapshot) Snapshot {
		v.Held, v.Told, v.Gone = nil, nil, now
		return v
	})
}

func (s Stores) onSnapshot(ctx context.Context, id string, f func(Snapshot) Snapshot) error {
	_, err := s.Snapshots.Update(ctx, id, quiet, func(v Snapshot) (Snapshot, []care.Event, error) { return f(v), nil, nil })
	return absentIsDone(err)
}
