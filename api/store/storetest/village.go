package storetest

import (
	"fmt"
	"slices"
	"time"

	"naober/api/port"
	"naober/matching/care"
)

// monday is the present of every promise that does not need the machine's own clock.
func monday() time.Time { return time.Date(2026, 11, 23, 9, 0, 0, 123e6, time.UTC) }

const village = care.CommunityID("01KAS0GR0110000000000000AA")

// named makes the id that these parts always give. Ids of one kind sort in no order that a test
// may rely on.
func named[K ~string](parts ...any) K {
	words := make([]string, len(parts))
	for i, p := range parts {
		words[i] = fmt.Sprint(p)
	}
	return care.DeriveID[K](monday(), words...)
}

func nonce(parts ...any) care.Nonce { return named[care.Nonce](append([]any{"nonce"}, parts...)...) }

// requester is the party that fixtures act as.
func requester(r care.Request) care.Actor { return care.Actor{Person: r.For, Party: care.Requester} }

// newRequest is a published request for Thursday, 10:00 to 12:00, with its events.
func newRequest(name string, seats int) (care.Request, []care.Event, error) {
	now := monday()
	start := now.Truncate(time.Hour).AddDate(0, 0, 3).Add(time.Hour)
	draft := care.Request{
		ID: named[care.RequestID]("request", name), Community: village, For: named[care.PersonID]("resident", name),
		Kind: care.CompanyKind, Words: "Wie drinkt er een kop koffie mee?", Urgency: care.Ordinary,
		Where: care.Place{Point: care.Point{Lat: 52.9273, Lon: 6.6801}, Street: "Hoofdstraat 1", PostCode: "9444 PA", Town: "Grolloo"},
		Slots: []care.Slot{{ID: named[care.SlotID]("slot", name), Start: start, End: start.Add(2 * time.Hour), Seats: seats}},
	}
	r, drafted, err := care.DraftRequest(draft, requester(draft), now)
	if err != nil {
		return r, nil, err
	}
	r, published, err := r.Publish(requester(r), false, now)
	return r, append(drafted, published...), err
}

// request stores a published request.
func (x *trial) request(name string, seats int) port.Stored[care.Request] {
	x.Helper()
	r, events, err := newRequest(name, seats)
	x.ok(err)
	stored, err := x.Requests.Insert(x.ctx, r.ID, r, events, port.Write{})
	x.ok(err)
	return stored
}

// askOf is the question to one helper for a request's only slot.
func askOf(r care.Request, helper care.PersonID, n care.Nonce, now time.Time) care.Ask {
	s := r.Slots[0]
	return care.Ask{ID: named[care.AskID]("ask", r.ID, helper), Slot: s.ID, Helper: helper, Wave: 1,
		AskFrom: now, LapsesAt: s.Start.Add(-time.Hour), Nonce: n}
}

// asked stores a request in which each of the helpers has an open question.
func (x *trial) asked(name string, seats int, helpers ...care.PersonID) care.Request {
	x.Helper()
	r := x.request(name, seats).Value
	stored, err := x.Requests.Update(x.ctx, r.ID, port.Write{}, func(r care.Request) (care.Request, []care.Event, error) {
		var events []care.Event
		for _, h := range helpers {
			next, more, err := r.AskHelper(askOf(r, h, nonce("asked", r.ID, h), monday()), monday())
			if err != nil {
				return r, nil, err
			}
			r, events = next, append(events, more...)
		}
		return r, events, nil
	})
	x.ok(err)
	return stored.Value
}

// helper stores the book of a volunteer whom the village has approved.
func (x *trial) helper(name string, shape func(*care.Helper)) care.PersonID {
	x.Helper()
	now := monday().AddDate(0, -1, 0)
	h := care.NewHelper(named[care.PersonID]("helper", name), care.DefaultQuiet("Europe/Amsterdam"), now)
	h, applied, err := h.Apply(village, now)
	x.ok(err)
	h, approved, err := h.Approve(village, decision(time.Time{}), now)
	x.ok(err)
	if shape != nil {
		shape(&h)
	}
	_, err = x.Helpers.Insert(x.ctx, h.Person, h, append(applied, approved...), port.Write{})
	x.ok(err)
	return h.Person
}

func decision(until time.Time) care.Decision {
	return care.Decision{ID: named[care.DecisionID]("decision"), Rule: "house_rules.3@1", Reason: "Gezien en akkoord",
		By: named[care.PersonID]("moderator"), Until: until}
}

// seatClaim is what a yes to a request takes of the helper's book.
func seatClaim(r care.Request, helper care.PersonID, n care.Nonce) care.Claim {
	at := r.Slots[0].Earliest()
	return care.Claim{Nonce: n, Purpose: care.ForSeat, Community: r.Community, Request: r.ID, Resident: r.For, Slot: r.Slots[0].ID,
		Ask: askOf(r, helper, "", monday()).ID, At: at.Widen(30*time.Minute, 30*time.Minute), Hour: at}
}

// claim, settle, accept and void are the halves of claim-then-commit, each one write.
func (x *trial) claim(helper care.PersonID, c care.Claim) error {
	_, err := x.Helpers.Update(x.ctx, helper, port.Write{Quiet: true}, func(h care.Helper) (care.Helper, []care.Event, error) {
		return h.Claim(c, monday())
	})
	return err
}

func (x *trial) accept(id care.RequestID, helper care.PersonID, n care.Nonce) error {
	_, err := x.Requests.Update(x.ctx, id, port.Write{Nonce: n}, func(r care.Request) (care.Request, []care.Event, error) {
		return r.AcceptAsk(askOf(r, helper, "", monday()).ID, helper, r.Slots[0].Earliest(), n, monday())
	})
	return err
}

// settle is the reconciler: an unknown claim is made void in its request first and freed after.
func (x *trial) settle(helper care.PersonID, c care.Claim) error {
	r, err := x.Requests.Update(x.ctx, c.Request, port.Write{Quiet: true}, func(r care.Request) (care.Request, []care.Event, error) {
		return r.VoidClaim(c.Nonce, monday())
	})
	if err != nil {
		return err
	}
	verdict, visit := r.Value.VerdictOf(c.Nonce)
	_, err = x.Helpers.Update(x.ctx, helper, port.Write{Quiet: true}, func(h care.Helper) (care.Helper, []care.Event, error) {
		return h.Settle(c.Nonce, verdict, visit, monday())
	})
	return err
}

// say is a change that everybody could notice: new words and one event that carries a code.
func say(words, code string) port.Change[care.Request] {
	return func(r care.Request) (care.Request, []care.Event, error) {
		r.Words = words
		return r, []care.Event{{Type: care.RequestChanged, At: monday(), By: r.For, Request: r.ID, Code: code}}, nil
	}
}

// pending lists the codes of a document's events that are not drained, with their numbers.
func (x *trial) pending(id string) port.Pending {
	x.Helper()
	all, err := x.Feed.Pending(x.ctx, 1000)
	x.ok(err)
	i := slices.IndexFunc(all, func(p port.Pending) bool { return p.Doc.ID == id })
	if i < 0 {
		return port.Pending{}
	}
	return all[i]
}

func eventsOf(p port.Pending) []care.Event {
	var events []care.Event
	for _, n := range p.Events {
		events = append(events, n.Event)
	}
	return events
}
