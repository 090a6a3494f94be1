package demo

import (
	"cmp"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"naober/api/port"
	"naober/matching/care"
	"naober/mobile-contract/wire"
	"naober/notifications/fcm/fcmtest"
)

// Neighbours are the invented people at their phones. A push makes them look; what they see makes
// them answer, come, finish and say how it was, each after a while of the demo's time. Now and then
// one of them asks for something. Whom somebody has signed in as is left to that somebody.
type Neighbours struct {
	world  *World
	phones *Phones
	now    func() time.Time
	out    io.Writer
	log    *slog.Logger

	people   map[string]care.Person // by the token of their phone
	homes    map[care.PersonID]care.Community
	asking   []care.Person
	mu       sync.Mutex
	plans    []plan
	known    map[string]bool // plans ever made: a push that comes twice plans nothing twice
	nextWish time.Time
}

// plan is one thing that somebody will do.
type plan struct {
	name  string
	who   care.Person
	at    time.Time
	tries int
	do    func(ctx context.Context) error
}

// NewNeighbours gives every phone of a world its owner.
func NewNeighbours(w *World, phones *Phones, now func() time.Time, out io.Writer, log *slog.Logger) *Neighbours {
	n := &Neighbours{world: w, phones: phones, now: now, out: out, log: log, people: map[string]care.Person{},
		homes: map[care.PersonID]care.Community{}, known: map[string]bool{}, nextWish: now()}
	byID, villages, helps := map[care.PersonID]care.Person{}, map[care.CommunityID]care.Community{}, map[care.PersonID]bool{}
	for _, p := range w.Persons {
		byID[p.ID] = p
	}
	for _, c := range w.Communities {
		villages[c.ID] = c
	}
	for _, m := range w.Memberships {
		if m.Role == care.Resident {
			n.homes[m.Person] = villages[m.Community]
		}
	}
	for _, h := range w.Helpers {
		helps[h.Person] = true
	}
	for _, s := range w.Phones {
		n.people[s.PushToken] = byID[s.Person]
		if !helps[s.Person] {
			n.asking = append(n.asking, byID[s.Person])
		}
	}
	return n
}

// Run lets the neighbours live until the context ends. What they had in mind before a restart they
// find again in the store.
func (n *Neighbours) Run(ctx context.Context, requests port.Documents[care.RequestID, care.Request], phones *fcmtest.Handler) {
	if err := n.resume(ctx, requests); err != nil && ctx.Err() == nil {
		n.log.Error("neighbours forgot what they had planned", "error", err.Error())
	}
	var all sync.WaitGroup
	all.Go(func() { n.listen(ctx, phones) })
	beat := time.NewTicker(250 * time.Millisecond)
	defer beat.Stop()
	for ctx.Err() == nil {
		n.Step(ctx)
		select {
		case <-beat.C:
		case <-ctx.Done():
		}
	}
	all.Wait()
}

// listen hears every push once.
func (n *Neighbours) listen(ctx context.Context, phones *fcmtest.Handler) {
	heard := map[string]bool{}
	for {
		m, err := phones.Wait(ctx, func(m fcmtest.Received) bool { return !heard[m.Name] })
		if err != nil {
			return
		}
		heard[m.Name] = true
		n.Hear(m.Token, m.Key, m.Params)
		if kept := phones.Messages(); len(heard) > 2*len(kept)+1_000 {
			clear(heard)
			for _, k := range kept {
				heard[k.Name] = true
			}
		}
	}
}

// resume has everybody look at what they were asked and had agreed to.
func (n *Neighbours) resume(ctx context.Context, requests port.Documents[care.RequestID, care.Request]) error {
	return requests.Each(ctx, func(r port.Stored[care.Request]) error {
		if r.Value.Phase != care.Live {
			return nil
		}
		for _, a := range r.Value.Asks {
			if a.Answerable() {
				n.look(phoneOf(a.Helper), r.Value.ID, string(a.ID))
			}
		}
		for _, v := range r.Value.Visits {
			if v.Upcoming() || v.State == care.VisitBegun {
				n.look(phoneOf(v.Helper), r.Value.ID, string(v.ID))
			}
		}
		return nil
	})
}

// Step does what is due, the longest due first. Refusals end a plan: the world has moved on, as it
// does. A failure is tried again a little later.
func (n *Neighbours) Step(ctx context.Context) {
	n.maybeAsk()
	for _, p := range n.due() {
		if ctx.Err() != nil {
			return
		}
		lent, err := n.lent(ctx, p.who.ID)
		if lent {
			continue
		}
		if err == nil {
			err = p.do(ctx)
		}
		var no *refused
		switch {
		case err == nil || ctx.Err() != nil:
		case errors.As(err, &no):
			n.log.Info("neighbour refused", "plan", p.name, "code", no.code)
		case p.tries < 3:
			p.tries++
			p.at = n.now().Add(10 * time.Second)
			n.mu.Lock()
			n.plans = append(n.plans, p)
			n.mu.Unlock()
		default:
			n.log.Error("neighbour gave up", "plan", p.name, "error", err.Error())
		}
	}
}

// lent reports whether somebody plays this person: only the cast can be signed in as by name.
func (n *Neighbours) lent(ctx context.Context, who care.PersonID) (bool, error) {
	if !slices.ContainsFunc(n.world.Cast, func(p Part) bool { return p.Person == who }) {
		return false, nil
	}
	return n.phones.borrowed(ctx, who)
}

// due takes what is due from the plans.
func (n *Neighbours) due() []plan {
	n.mu.Lock()
	defer n.mu.Unlock()
	now := n.now()
	var due, rest []plan
	for _, p := range n.plans {
		if p.at.After(now) {
			rest = append(rest, p)
		} else {
			due = append(due, p)
		}
	}
	n.plans = rest
	slices.SortStableFunc(due, func(a, b plan) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.name, b.name)) })
	return due
}

// maybeAsk has somebody ask for something every few minutes of the day, at most once a step: after a
// move of the clock nobody catches up.
func (n *Neighbours) maybeAsk() {
	now := n.now()
	if len(n.asking) == 0 || now.Before(n.nextWish) {
		return
	}
	r := dice(n.world.Seed, "wish", now.String())
	n.nextWish = now.Add(time.Minute + time.Duration(r.IntN(120))*time.Second)
	who := pick(r, n.asking)
	village := n.homes[who.ID]
	where, err := care.LoadZone(village.Zone)
	if hour := now.In(where).Hour(); err != nil || hour < 8 || hour >= 20 {
		return
	}
	asked := wishOf(r, village, now)
	key := n.key("wish", string(who.ID)+now.String())
	n.intend("wish/"+string(key), who, now, func(ctx context.Context) error {
		return n.tell(who, wire.Request{Kind: asked.Kind}, "asks for help:", n.phones.call(ctx, who.ID, http.MethodPost, "/v1/requests", key, asked, nil))
	})
}

func (n *Neighbours) intend(name string, who care.Person, at time.Time, do func(context.Context) error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.known[name] {
		return
	}
	n.known[name] = true
	n.plans = append(n.plans, plan{name: name, who: who, at: at, do: do})
}

// after is a moment between least and most from now, the same each time for the same thing.
func (n *Neighbours) after(what string, least, most time.Duration) time.Time {
	return n.now().Add(least + time.Duration(dice(n.world.Seed, what).Int64N(int64(most-least))))
}

// key names an intent for ever, so that one that is tried again after a restart is the same.
func (n *Neighbours) key(what, of string) care.Nonce {
	return care.DeriveID[care.Nonce](n.world.At, "neighbour", what, of)
}
