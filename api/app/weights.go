package app

import (
	"context"
	"sync"

	"naober/api/port"
	"naober/matching/care"
)

// weights remembers how each village weighs what makes a neighbour suit. A copy that is some moments old
// puts people in an order that the village had just before; it admits nobody whom the rules keep out.
type weights struct {
	mu sync.Mutex
	of map[care.CommunityID]care.Weights
}

// keep notes what one village has chosen.
func (w *weights) keep(in care.CommunityID, chosen care.Weights) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.of == nil {
		w.of = map[care.CommunityID]care.Weights{}
	}
	if delete(w.of, in); chosen.Chosen() {
		w.of[in] = chosen
	}
}

// replace notes what all have chosen, in a map that is its own from then on.
func (w *weights) replace(all map[care.CommunityID]care.Weights) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.of = all
}

// in is what a village weighs by; none where it has not chosen.
func (w *weights) in(village care.CommunityID) care.Weights {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.of[village]
}

// WeighCommunity sets how a village weighs what makes a neighbour suit; none at all takes it back to the
// usual. For its moderators and administrators, and those of its association. Waves, plans and
// explanations follow it at once.
func (a *App) WeighCommunity(ctx context.Context, c Caller, in care.CommunityID, w care.Weights) error {
	if a.moderates(ctx, c.Person, in) != nil {
		err := a.administers(ctx, c.Person, care.Membership{Community: in})
		if care.IsKind(err, care.Forbidden) {
			return care.E(care.Forbidden, "not_an_administrator", "this is for the moderators and administrators of that village")
		}
		if err != nil {
			return err
		}
	}
	now := a.clock()
	err := change(ctx, a, c, "community.weigh", []any{in, w}, a.Stores.Communities, in, func(v care.Community) (care.Community, []care.Event, error) {
		return v.Weigh(w, c.Person, now)
	})
	if err == nil {
		if reread := a.reloadWeights(ctx, in); reread != nil {
			a.Log.Warn("weights left to the feed", "error", care.CodeOf(reread))
		}
	}
	return err
}

// reloadWeights reads what one village has chosen.
func (a *App) reloadWeights(ctx context.Context, in care.CommunityID) error {
	v, err := a.Stores.Communities.Get(ctx, in)
	if err == nil {
		a.weights.keep(in, v.Value.Weights)
	}
	return absentIsDone(err)
}

// rebuildWeights reads what all have chosen.
func (a *App) rebuildWeights(ctx context.Context) error {
	all := map[care.CommunityID]care.Weights{}
	err := a.Stores.Communities.Each(ctx, func(v port.Stored[care.Community]) error {
		if v.Value.Weights.Chosen() {
			all[v.Value.ID] = v.Value.Weights
		}
		return nil
	})
	if err == nil {
		a.weights.replace(all)
	}
	return err
}
