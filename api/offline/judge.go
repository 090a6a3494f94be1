package offline

import (
	"context"
	"errors"
	"time"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
)

// An intent that makes the program fail so often, over so long, is given up: the device's others wait behind it.
const (
	mostFailures = 5
	failingFor   = 10 * time.Minute
)

// quiet is how everything here is written: nobody is told of it.
var quiet = port.Write{Quiet: true}

// judge brings an intent to a verdict in the ledger. fresh tells that it is this call's; refused is then the
// refusal, if it is one. An error means that there is no verdict yet.
func (s *Server) judge(ctx context.Context, c app.Caller, w *counter, in Intent) (fresh bool, refused *care.Error, err error) {
	row, err := s.App.Judged(ctx, c)
	switch {
	case err == nil && row.State != app.Judging:
		return false, nil, nil
	case err != nil && !care.IsKind(err, care.NotFound):
		return false, nil, err
	}
	if in.Name == dismissal {
		err = s.dismiss(ctx, c, in.Args)
	} else {
		err = s.Actor.Act(ctx, c, in.Name, in.Args)
	}
	switch {
	case err == nil:
		return true, nil, nil
	case app.Refusal(err):
		errors.As(err, &refused)
		return true, refused, s.App.RejectIntent(ctx, c, in.Name, refused)
	case care.CodeOf(err) != "" || ctx.Err() != nil:
		return false, nil, err // the store was away, the time was over, or somebody else is at it
	}
	return s.giveUp(ctx, c, w, in, err)
}

// giveUp counts a failure of the program, and after enough of them refuses the intent for good.
func (s *Server) giveUp(ctx context.Context, c app.Caller, w *counter, in Intent, failure error) (bool, *care.Error, error) {
	now := s.clock()
	fail := func(w Writer) Writer {
		if w.Failed++; w.Failed == 1 {
			w.FailedAt = now
		}
		return w
	}
	if !w.known {
		first := fail(Writer{ID: w.ID, Group: w.Group, Account: w.Account, MadeAt: now, SeenAt: day(now)})
		if _, err := s.Stores.Writers.Insert(ctx, w.ID, first, nil, quiet); err != nil && care.CodeOf(err) != "id_taken" {
			return false, nil, err
		}
		return false, nil, failure
	}
	stored, err := s.Stores.Writers.Update(ctx, w.ID, quiet, func(w Writer) (Writer, []care.Event, error) { return fail(w), nil, nil })
	if err != nil {
		return false, nil, err
	}
	if stored.Value.Failed < mostFailures || now.Sub(stored.Value.FailedAt) < failingFor {
		return false, nil, failure
	}
	key := app.KeyOf(c)
	letter := DeadLetter{Key: key, Writer: in.Writer, Number: in.ID, Name: in.Name, At: now}
	if _, err := s.Stores.Letters.Insert(ctx, key, letter, nil, quiet); err != nil && care.CodeOf(err) != "id_taken" {
		return false, nil, err
	}
	s.Log.Error("an intent is given up", "name", in.Name, "writer", in.Writer, "number", in.ID)
	refused := &care.Error{Kind: care.Conflict, Code: "internal", Text: "the program failed here again and again"}
	return true, refused, s.App.RejectIntent(ctx, c, in.Name, refused)
}
