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
	now, of := f.Now().UTC().Truncate(time.Millisecond), port.Key{Name: ByAccount, Value: string(p)}
	return errors.Join(
		each(ctx, f.Stores.Groups, of, func(g Group) error { return absentIsDone(f.Stores.end(ctx, g.ID, now)) }),
		each(ctx, f.Stores.Outcomes, of, func(o Outcome) error {
			_, err := f.Stores.Outcomes.Update(ctx, o.Key, quiet, func(o Outcome) (Outcome, []care.Event, error) {
				o.Name, o.Subject, o.Code, o.Params = "", "", "", nil
				if o.Dismissed.IsZero() {
					o.Dismissed = now
				}
				return o, nil, nil
			})
			return absentIsDone(err)
		}),
		each(ctx, f.Stores.Writers, of, func(w Writer) error {
			_, err := f.Stores.Writers.Update(ctx, w.ID, quiet, func(w Writer) (Writer, []care.Event, error) {
				w.Account = ""
				return w, nil, nil
			})
			return absentIsDone(err)
		}))
}
