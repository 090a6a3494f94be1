package offline

import (
	"context"
	"time"

	"naober/api/app"
	"naober/matching/care"
)

// carriedAgain is how long a bundle may be handed in once more: the answer may have been lost on its way to whoever
// carries it. Nothing in it is done twice.
const carriedAgain = 24 * time.Hour

// Carry takes note of a bundle of a group by its number, before anything in it is done. For the account itself. An
// older one than the newest is refused, and the newest itself later than a day after it came: code bundle_replayed.
func (s *Server) Carry(ctx context.Context, c app.Caller, id GroupID, number int64) error {
	known, err := s.mine(ctx, c.Person, id)
	if err == nil && !known {
		err = s.found(ctx, c.Person, id)
	}
	if err != nil {
		return err
	}
	now := s.clock()
	_, err = s.Stores.Groups.Update(ctx, id, quiet, func(g Group) (Group, []care.Event, error) {
		switch {
		case g.Account != c.Person:
			return g, nil, notYours()
		case number > g.Carried:
			g.Carried, g.CarriedAt = number, now
		case number < g.Carried || !now.Before(g.CarriedAt.Add(carriedAgain)):
			return g, nil, care.E(care.Conflict, "bundle_replayed", "this bundle was handed in before")
		}
		return g, nil, nil
	})
	return err
}
