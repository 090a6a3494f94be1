package offline

import (
	"context"
	"errors"
	"time"

	"github.com/oklog/ulid/v2"

	"naober/api/app"
	"naober/matching/care"
)

// oldest is how old a writer may be of which nothing is known: its count may have been forgotten, and with it
// what of its intents was done.
const oldest = 365 * 24 * time.Hour

// counter is a writer as it is stored, or none yet.
type counter struct {
	Writer
	known bool
}

// mine finds a group of the account; known is false for one that nobody has yet.
func (s *Server) mine(ctx context.Context, p care.PersonID, id GroupID) (known bool, err error) {
	g, err := s.Stores.Groups.Get(ctx, id)
	switch {
	case care.IsKind(err, care.NotFound):
		return false, nil
	case err != nil:
		return false, err
	case g.Value.Account != p:
		return false, notYours()
	case !g.Value.EndedAt.IsZero():
		return false, care.E(care.Conflict, "group_ended", "this store was given up; make a new one")
	case !day(s.clock()).After(g.Value.SeenAt):
		return true, nil
	}
	_, err = s.Stores.Groups.Update(ctx, id, quiet, func(g Group) (Group, []care.Event, error) {
		g.SeenAt = day(s.clock())
		return g, nil, nil
	})
	return true, err
}

// found makes a group the account's, for ever.
func (s *Server) found(ctx context.Context, p care.PersonID, id GroupID) error {
	now := s.clock()
	_, err := s.Stores.Groups.Insert(ctx, id, Group{ID: id, Account: p, MadeAt: now, SeenAt: day(now)}, nil, quiet)
	if care.CodeOf(err) == "id_taken" {
		_, err = s.mine(ctx, p, id)
	}
	return err
}

// End gives a group up: its device was wiped. For the account itself; once more changes nothing.
func (s *Server) End(ctx context.Context, c app.Caller, id GroupID) error {
	known, err := s.mine(ctx, c.Person, id)
	if !known || err != nil {
		if care.CodeOf(err) == "group_ended" {
			return nil
		}
		return err
	}
	return s.Stores.end(ctx, id, s.clock())
}

// end ends a group with what its devices hold.
func (s Stores) end(ctx context.Context, id GroupID, now time.Time) error {
	_, err := s.Groups.Update(ctx, id, quiet, func(g Group) (Group, []care.Event, error) {
		if g.EndedAt.IsZero() {
			g.EndedAt = now
		}
		return g, nil, nil
	})
	if err != nil {
		return err
	}
	all, err := s.snapshots(ctx, id)
	for _, v := range all {
		err = errors.Join(err, s.drop(ctx, v.ID, now))
	}
	return err
}

// notYours is told of a group or writer that belongs to somebody else, whatever else is true of it.
func notYours() error {
	return care.E(care.Forbidden, "client_group_forbidden", "this store belongs to another account")
}

// writers reads the writers of all intents, and refuses all of them for one that is not this group's.
func (s *Server) writers(ctx context.Context, p care.PersonID, group GroupID, intents []Intent) (map[WriterID]*counter, error) {
	all := map[WriterID]*counter{}
	for _, in := range intents {
		if all[in.Writer] != nil {
			continue
		}
		w, err := s.Stores.Writers.Get(ctx, in.Writer)
		switch {
		case care.IsKind(err, care.NotFound):
			all[in.Writer] = &counter{Writer: Writer{ID: in.Writer, Group: group, Account: p}}
		case err != nil:
			return nil, err
		case w.Value.Account != p || w.Value.Group != group:
			return nil, notYours()
		default:
			all[in.Writer] = &counter{Writer: w.Value, known: true}
		}
	}
	return all, nil
}

// tooOld reports whether a writer that is unknown was made so long ago that it may have been forgotten. A name
// that is no ULID does not say when it was made.
func (s *Server) tooOld(id WriterID) bool {
	made, err := ulid.ParseStrict(string(id))
	return err == nil && s.Now().Sub(ulid.Time(made.Time())) > oldest
}

// advance counts an intent that has its verdict. Where another process has counted it, that counts.
func (s *Server) advance(ctx context.Context, w *counter, in Intent) error {
	now := s.clock()
	if !w.known {
		first := Writer{ID: in.Writer, Group: w.Group, Account: w.Account, Last: in.ID, MadeAt: now, SeenAt: day(now)}
		stored, err := s.Stores.Writers.Insert(ctx, in.Writer, first, nil, quiet)
		if err == nil {
			w.Writer, w.known = stored.Value, true
			return nil
		}
		if care.CodeOf(err) != "id_taken" {
			return err
		}
	}
	stored, err := s.Stores.Writers.Update(ctx, in.Writer, quiet, func(old Writer) (Writer, []care.Event, error) {
		switch {
		case old.Account != w.Account || old.Group != w.Group:
			return old, nil, notYours()
		case old.Last == in.ID-1:
			old.Last, old.Failed, old.FailedAt, old.SeenAt = in.ID, 0, time.Time{}, day(now)
		}
		return old, nil, nil
	})
	if err == nil {
		w.Writer, w.known = stored.Value, true
	}
	return err
}

func day(t time.Time) time.Time { return t.Truncate(24 * time.Hour) }
