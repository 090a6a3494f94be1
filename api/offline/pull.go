package offline

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"maps"
	"time"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
)

const (
	// Lease is how long a device keeps what it holds without having heard that it still may.
	Lease = 30 * 24 * time.Hour
	// pollEvery is when a device asks again that is not woken.
	pollEvery = time.Minute
	// readTries is how often a pull begins anew because rights changed while it read.
	readTries = 3
)

// Cookie is what a device holds, as far as it is concerned: something to give back.
type Cookie struct {
	Order int64
	View  string
	Epoch string
}

// highest lies above every order of ours. A device that presents more gets orders of ours again.
const highest = int64(1) << 40

// Ask is what a device asks for in a pull.
type Ask struct {
	Group  GroupID
	Schema string
	Cookie *Cookie // nil for nothing
	Bounds Bounds
}

// Pulled is one page.
type Pulled struct {
	Epoch  string
	Cookie Cookie
	Last   map[WriterID]int64 // that the device was not told yet; only on a last page
	Patch  []Op
	More   bool
	Check  *Check // only on a last page
	Next   time.Duration
	Lease  time.Duration
}

// Pull brings a device nearer to what its account may see. For the account itself.
//
// Every page is whole: whatever must go is in it, and a device that applies it holds nothing that its person
// may not see at this moment. The counts that it tells on the last page were read before the documents: the
// effect of every intent that they confirm is among these.
func (s *Server) Pull(ctx context.Context, c app.Caller, a Ask) (Pulled, error) {
	epoch, err := s.Epoch(ctx)
	if err != nil {
		return Pulled{}, err
	}
	known, err := s.mine(ctx, c.Person, a.Group)
	if err != nil {
		return Pulled{}, err
	}
	told, err := s.counts(ctx, a.Group)
	if err != nil {
		return Pulled{}, err
	}
	docs, err := s.documents(ctx, c)
	if err != nil {
		return Pulled{}, err
	}
	base, was, err := s.base(ctx, a, epoch)
	if err != nil {
		return Pulled{}, err
	}
	p := was.turn(docs, a.Bounds)
	if base.ID == "" {
		p.patch = append([]Op{{Op: "clear"}}, p.patch...)
	}
	out := Pulled{Epoch: epoch, Patch: p.patch, More: p.more, Next: pollEvery, Lease: Lease}
	next := Snapshot{Group: a.Group, Parent: base.ID, Order: base.Order + 1, Schema: a.Schema, Epoch: epoch, Told: base.Told}
	if !p.more {
		check := p.next.check()
		out.Check, out.Last, next.Told = &check, newer(base.Told, told), told
	}
	if base.ID != "" && len(p.patch) == 0 && len(out.Last) == 0 {
		out.Cookie = Cookie{Order: base.Order, View: base.ID, Epoch: epoch}
		return out, s.touch(ctx, base)
	}
	if !known {
		if err := s.found(ctx, c.Person, a.Group); err != nil {
			return Pulled{}, err
		}
	}
	for _, d := range p.seen {
		if err := s.App.LogViews(ctx, d.Seen); err != nil {
			return Pulled{}, err
		}
	}
	next.Held = p.next.pack()
	out.Cookie, err = s.keep(ctx, next)
	if err != nil {
		return Pulled{}, err
	}
	return out, s.trim(ctx, base, a.Group)
}

// documents reads what the account may see, under rights that stood still meanwhile.
func (s *Server) documents(ctx context.Context, c app.Caller) ([]Document, error) {
	before, err := s.Library.Standing(ctx, c.Person)
	for try := 0; err == nil && try < readTries; try++ {
		var docs []Document
		if docs, err = s.Library.Documents(ctx, c); err != nil {
			return nil, err
		}
		var after string
		if after, err = s.Library.Standing(ctx, c.Person); err == nil && after == before {
			refused, err := s.outcomes(ctx, c.Person)
			return append(docs, refused...), err
		}
		before = after
	}
	if err == nil {
		err = care.E(care.Unavailable, "rights_moving", "what you may do is changing; ask again")
	}
	return nil, err
}

// counts are the last intents of a group's writers that have a verdict.
func (s *Server) counts(ctx context.Context, g GroupID) (map[WriterID]int64, error) {
	all := map[WriterID]int64{}
	err := each(ctx, s.Stores.Writers, port.Key{Name: ByGroup, Value: string(g)}, func(w Writer) error {
		if w.Last > 0 {
			all[w.ID] = w.Last
		}
		return nil
	})
	return all, err
}

// newer are the counts that the device was not told.
func newer(told, now map[WriterID]int64) map[WriterID]int64 {
	news := maps.Clone(now)
	maps.DeleteFunc(news, func(w WriterID, last int64) bool { return told[w] == last })
	return news
}

// base is what the device holds by its cookie. One that means nothing here is no error: the device begins
// anew, with an order above all it can have seen.
func (s *Server) base(ctx context.Context, a Ask, epoch string) (Snapshot, held, error) {
	none := Snapshot{}
	if a.Cookie != nil && a.Cookie.View != "" {
		found, err := s.Stores.Snapshots.Get(ctx, a.Cookie.View)
		if err != nil && !care.IsKind(err, care.NotFound) {
			return none, nil, err
		}
		if err == nil && found.Value.alive(a.Group, epoch, a.Schema) {
			if was, ok := unpack(found.Value.Held); ok {
				return found.Value, was, nil
			}
		}
	}
	all, err := s.Stores.snapshots(ctx, a.Group)
	if err != nil {
		return none, nil, err
	}
	for _, o := range all {
		none.Order = max(none.Order, o.Order)
	}
	if c := a.Cookie; c != nil && c.Order > 0 && c.Order < highest {
		none.Order = max(none.Order, c.Order)
	}
	return none, held{}, nil
}

// keep stores a snapshot under a name that nobody guesses.
func (s *Server) keep(ctx context.Context, next Snapshot) (Cookie, error) {
	var name [16]byte
	_, _ = rand.Read(name[:]) // it ends the process where it would fail
	now := s.clock()
	next.ID, next.MadeAt, next.UsedAt = base64.RawURLEncoding.EncodeToString(name[:]), now, now.Truncate(time.Hour)
	_, err := s.Stores.Snapshots.Insert(ctx, next.ID, next, nil, quiet)
	return Cookie{Order: next.Order, View: next.ID, Epoch: next.Epoch}, err
}
