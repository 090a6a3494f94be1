package offline

import (
	"context"
	"encoding/json"
	"log/slog"
	"strconv"
	"time"

	"naober/api/app"
	"naober/matching/care"
)

// The limits of one push.
const (
	MostIntents = 100
	pushTime    = 8 * time.Second // a call ends after ten
)

// Intent is one thing that a person did on a device. Without a nonce it is known by its writer and number alone:
// that a store was copied is not noticed then.
type Intent struct {
	Writer WriterID
	ID     int64
	Nonce  care.Nonce
	Name   string
	Args   json.RawMessage
}

func (in Intent) sent() app.Sent { return app.Sent{Writer: string(in.Writer), Number: in.ID} }

// named gives an intent without a nonce one that comes out the same whenever it is sent. Nonces are looked for
// within the account, so nobody else's intent is ever met by one that can be guessed.
func (in Intent) named() Intent {
	if in.Nonce == "" {
		in.Nonce = care.DeriveID[care.Nonce](time.UnixMilli(0), "an intent without a nonce", string(in.Writer), strconv.FormatInt(in.ID, 10))
	}
	return in
}

// Status is what became of an intent.
type Status string

// The statuses. Applied, rejected and duplicate are final.
const (
	Applied   Status = "applied"
	Rejected  Status = "rejected"
	Duplicate Status = "duplicate"
	Retry     Status = "retry"
	Gap       Status = "gap"
	Forked    Status = "forked"
)

// Unknown is what a duplicate is of whose verdict was forgotten.
const Unknown Status = "unknown"

// Result is what became of one intent.
type Result struct {
	Writer   WriterID
	ID       int64
	Status   Status
	Of       Status // of a duplicate
	Code     string // of a refusal
	Params   map[string]string
	Outcome  care.Nonce // under which the refusal is kept; empty where it is not
	Expected int64      // of a gap
}

// Final reports whether the device need not send it again.
func (r Result) Final() bool {
	return r.Status == Applied || r.Status == Rejected || r.Status == Duplicate
}

// Pushed is the answer to a push: the results in order, up to the first that is not final.
type Pushed struct {
	Epoch   string
	Results []Result
	Last    map[WriterID]int64
	Whole   bool // nothing is left to send
}

// Actor runs intents. Act is what the REST route of the same name does for this caller, under the caller's
// nonce; a name that nobody knows is refused. What comes back is a care.Error, or a failure of the machine.
type Actor interface {
	Act(ctx context.Context, c app.Caller, name string, args json.RawMessage) error
}

// Server answers devices. It is safe for concurrent use; all fields are required.
type Server struct {
	App     *app.App
	Stores  Stores
	Actor   Actor
	Library Library
	Now     func() time.Time
	Log     *slog.Logger
}

func (s *Server) clock() time.Time { return s.Now().UTC().Truncate(time.Millisecond) }

// Push takes intents over, strictly in their order, and stops at the first that gets no final result. For the
// account itself: a group or a writer of anybody else is refused before anything is done.
//
// Each intent takes effect at most once, whatever is sent again, by whichever of the account's devices.
func (s *Server) Push(ctx context.Context, c app.Caller, group GroupID, intents []Intent) (Pushed, error) {
	if len(intents) > MostIntents {
		return Pushed{}, care.E(care.Invalid, "push_too_large", "a push has at most %d intents", MostIntents)
	}
	epoch, err := s.Epoch(ctx)
	if err != nil {
		return Pushed{}, err
	}
	known, err := s.mine(ctx, c.Person, group)
	if err != nil {
		return Pushed{}, err
	}
	writers, err := s.writers(ctx, c.Person, group, intents)
	if err != nil {
		return Pushed{}, err
	}
	done, end := Pushed{Epoch: epoch, Last: map[WriterID]int64{}, Whole: true}, s.Now().Add(pushTime)
	for i, in := range intents {
		if i > 0 && (ctx.Err() != nil || !s.Now().Before(end) || !s.admits(ctx, c, writers[in.Writer], in)) {
			done.Whole = false
			break
		}
		r := s.take(ctx, c, writers[in.Writer], in.named(), &known)
		done.Results = append(done.Results, r)
		if !r.Final() {
			done.Whole = false
			break
		}
	}
	for id, w := range writers {
		if w.known {
			done.Last[id] = w.Last
		}
	}
	return done, nil
}

// admits counts every intent as a change of its person: a push is no way around that limit. The call itself is
// counted where it arrives, and with it the first intent; what was judged before costs nothing.
func (s *Server) admits(ctx context.Context, c app.Caller, w *counter, in Intent) bool {
	return in.ID <= w.Last || s.App.AdmitPerson(ctx, app.Writing, c.Person) == nil
}

// take brings one intent to its result. The group is founded, where nobody knows it yet, with the first that is
// judged.
func (s *Server) take(ctx context.Context, c app.Caller, w *counter, in Intent, known *bool) Result {
	r := Result{Writer: in.Writer, ID: in.ID}
	switch {
	case !w.known && s.tooOld(in.Writer):
		r.Status, r.Code = Rejected, "too_old"
		return r
	case in.ID > w.Last+1:
		r.Status, r.Expected = Gap, w.Last+1
		return r
	}
	c.Nonce, c.IfVer, c.Subject = in.Nonce, 0, ""
	var err error
	if in.ID <= w.Last {
		r, err = s.again(ctx, c, in, r)
	} else {
		if !*known {
			err = s.found(ctx, c.Person, w.Group)
		}
		if err == nil {
			*known = true
			r, err = s.next(ctx, c, w, in, r)
		}
	}
	if err != nil {
		s.Log.Warn("an intent waits", "name", in.Name, "error", care.CodeOf(err))
		r = Result{Writer: in.Writer, ID: in.ID, Status: Retry}
	}
	return r
}

// again answers for an intent that has been counted.
func (s *Server) again(ctx context.Context, c app.Caller, in Intent, r Result) (Result, error) {
	row, err := s.App.Judged(ctx, c)
	switch {
	case err != nil && !care.IsKind(err, care.NotFound):
		return r, err
	case err == nil && row.SentAs(in.sent()):
		return s.duplicate(ctx, c, row, r)
	}
	other, err := s.App.JudgedAs(ctx, c, in.sent())
	if err != nil {
		return r, err
	}
	if r.Status = Forked; !other {
		r.Status, r.Of = Duplicate, Unknown // its verdict is older than the ledger
	}
	return r, nil
}

// duplicate answers with the verdict that stands.
func (s *Server) duplicate(ctx context.Context, c app.Caller, row app.LedgerRow, r Result) (Result, error) {
	r.Status, r.Of = Duplicate, Applied
	if row.State != app.Rejected {
		return r, nil
	}
	o, err := s.Stores.Outcomes.Get(ctx, row.Key)
	if err != nil && !care.IsKind(err, care.NotFound) {
		return r, err
	}
	r.Of, r.Code = Rejected, row.Code
	if err == nil {
		r.Outcome, r.Params = c.Nonce, o.Value.Params
	}
	return r, nil
}

// next judges the next intent of a writer: verdict, then outcome, then count.
func (s *Server) next(ctx context.Context, c app.Caller, w *counter, in Intent, r Result) (Result, error) {
	fresh, refused, err := s.judge(ctx, c, w, in)
	if err != nil {
		return r, err
	}
	row, first, err := s.App.NoteSent(ctx, c, in.Name, in.sent())
	if err != nil {
		return r, err
	}
	if row.State == app.Rejected {
		if err := s.keepOutcome(ctx, c, in, row, refused); err != nil {
			return r, err
		}
	}
	if err := s.advance(ctx, w, in); err != nil {
		return r, err
	}
	if !fresh || !first { // another call judged it at the same time
		return s.duplicate(ctx, c, row, r)
	}
	r.Status = Applied
	if row.State == app.Rejected {
		r.Status, r.Code, r.Outcome = Rejected, row.Code, in.Nonce
		if refused != nil {
			r.Params = refused.Params
		}
	}
	return r, nil
}
