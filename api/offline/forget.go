package offline

import (
	"context"
	"errors"
	"time"

	"naober/api/port"
	"naober/matching/care"
)

// Forgetter ends what is kept of an account's devices when the account goes: their groups with what they hold, and
// what they were refused. It implements app.Forgetter.
type Forgetter struct {
	Stores Stores
	Now    func() time.Time
}

// Forget ends all of it. It may be repeated: what a stalled call wrote meanwhile ends the next time. The counts of
// writers stay until they expire, for a device that comes back must not run its intents again; they are nobody's.
func (f Forgetter) Forget(ctx context.Context, p care.PersonID) error {
	now := f.Now().UTC().Truncate(time.Millisecond)
	return errors.Join(
		each(ctx, f.Stores.Groups, p, func(g Group) error { return f.Stores.end(ctx, g.ID, now) }),
		each(ctx, f.Stores.Outcomes, p, func(o Outcome) error {
			_, err := f.Stores.Outcomes.Update(ctx, o.Key, quiet, func(o Outcome) (Outcome, []care.Event, error) {
				o.Name, o.Subject, o.Code, o.Params = "", "", "", nil
				if o.Dismissed.IsZero() {
					o.Dismissed = now
				}
				return o, nil, nil
			})
			return err
		}),
		each(ctx, f.Stores.Writers, p, func(w Writer) error {
			_, err := f.Stores.Writers.Update(ctx, w.ID, quiet, func(w Writer) (Writer, []care.Event, error) {
				w.Account = ""
				return w, nil, nil
			})
			return err
		}))
}

// each does something with all documents of an account; what is gone meanwhile is done.
func each[K ~string, T any](ctx context.Context, docs port.Documents[K, T], p care.PersonID, do func(T) error) error {
	for page := (port.Page{Limit: 200}); ; {
		found, err := docs.Find(ctx, port.Key{Name: ByAccount, Value: string(p)}, page)
		if err != nil {
			return err
		}
		for _, one := range found {
			page.After = one.ID
			if err := do(one.Value); err != nil && !care.IsKind(err, care.NotFound) {
				return err
			}
		}
		if len(found) < page.Limit {
			return nil
		}
	}
}
