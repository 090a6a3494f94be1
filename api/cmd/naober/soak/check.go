package soak

import (
	"context"
	"fmt"
	"strings"

	"naober/api/app"
	"naober/api/feed"
	"naober/api/port"
	"naober/matching/care"
)

// findings are what does not hold of a store at rest.
type findings struct {
	lost    []string // acknowledged and not there
	doubled []string // there more than once
	broken  []string // invariants
}

// judged is a whole reading of the store beside what was acknowledged.
type judged struct {
	findings
	requests map[care.RequestID]care.Request
	helpers  map[care.PersonID]care.Helper
}

// judge reads the store. It is for a store on which nothing works, settled by restless.
func judge(ctx context.Context, s app.Stores, k *kept) (findings, error) {
	j := &judged{requests: map[care.RequestID]care.Request{}, helpers: map[care.PersonID]care.Helper{}}
	words, texts := map[string]int{}, map[string]int{}
	err := s.Requests.Each(ctx, func(r port.Stored[care.Request]) error {
		j.requests[r.Value.ID] = r.Value
		words[r.Value.Words]++
		return nil
	})
	if err == nil {
		err = s.Helpers.Each(ctx, func(h port.Stored[care.Helper]) error {
			j.helpers[h.Value.Person] = h.Value
			return nil
		})
	}
	if err == nil {
		err = s.Messages.Each(ctx, func(m port.Stored[care.Message]) error {
			texts[m.Value.Text]++
			return nil
		})
	}
	if err != nil {
		return j.findings, err
	}
	j.once("request", k.requests, words)
	j.once("message", k.messages, texts)
	j.answers(k)
	j.invariants()
	return j.findings, j.ledger(ctx, s)
}

// once holds that each acknowledged text stands there once, and no text of ours twice.
func (j *judged) once(what string, kept map[string]string, there map[string]int) {
	for text, id := range kept {
		if there[text] == 0 {
			j.lost = append(j.lost, what+" "+id)
		}
	}
	for text, n := range there {
		if n > 1 {
			j.doubled = append(j.doubled, fmt.Sprintf("%s %s: %d times", what, text, n))
		}
	}
}

// answers holds each acknowledged yes and withdrawal.
func (j *judged) answers(k *kept) {
	asks := map[string]care.Ask{}
	for _, r := range j.requests {
		for _, a := range r.Asks {
			asks[string(a.ID)] = a
		}
	}
	for id, helper := range k.yeses {
		a, there := asks[id]
		said := a.State == care.Accepted || a.State == care.Reserved || a.State == care.StoodDown // of a request withdrawn later
		if !there || string(a.Helper) != helper || !said || a.AnsweredAt.IsZero() {
			j.lost = append(j.lost, fmt.Sprintf("yes %s: %s", id, a.State))
		}
	}
	for id := range k.withdrawn {
		if r := j.requests[care.RequestID(id)]; r.Outcome != care.Withdrawn {
			j.lost = append(j.lost, "withdrawal of "+id)
		}
	}
}

func (j *judged) breaks(format string, args ...any) {
	j.broken = append(j.broken, fmt.Sprintf(format, args...))
}

// invariants hold an owner and a next action for what is not closed, one helper a seat, one place a
// helper, and that request and book tell the same.
func (j *judged) invariants() {
	booked := map[care.VisitID]int{}
	for _, h := range j.helpers {
		for i, a := range h.Agreed {
			booked[a.Visit]++
			for _, b := range h.Agreed[:i] {
				if a.At.From.Before(b.At.Until) && b.At.From.Before(a.At.Until) {
					j.breaks("helper %s is in two places: visits %s and %s", h.Person, a.Visit, b.Visit)
				}
			}
		}
	}
	for _, r := range j.requests {
		if r.Phase != care.Ended && (r.Owner == care.Chair{} || r.NextActionAt.IsZero()) {
			j.breaks("request %s has no owner or no next action", r.ID)
		}
		seats := map[care.SlotID]int{}
		for _, v := range r.Visits {
			if v.State != care.VisitMissed && v.State != care.VisitCalledOff {
				seats[v.Slot]++
			}
			if want := v.Upcoming(); want != (booked[v.ID] == 1) || booked[v.ID] > 1 {
				j.breaks("visit %s is %s and stands %d times in the book", v.ID, v.State, booked[v.ID])
			}
			delete(booked, v.ID)
		}
		for _, s := range r.Slots {
			if seats[s.ID] > s.Seats {
				j.breaks("slot %s has %d helpers for %d seats", s.ID, seats[s.ID], s.Seats)
			}
		}
	}
	for id := range booked {
		j.breaks("the book holds visit %s, which is in no request", id)
	}
}

// ledger holds that every intent was judged and that the feed has no gap.
func (j *judged) ledger(ctx context.Context, s app.Stores) error {
	err := s.Ledger.Each(ctx, func(row port.Stored[app.LedgerRow]) error {
		if row.Value.State == app.Judging {
			j.breaks("an intent %s was answered and is still in judgement", row.Value.Name)
		}
		return nil
	})
	if err != nil {
		return err
	}
	first, last, err := s.Feed.Bounds(ctx)
	if err != nil || last == 0 {
		return err
	}
	for next := first; next <= last; {
		rows, err := s.Feed.Read(ctx, next-1, 500)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if row.ID != next {
				j.breaks("the feed has %d where %d was due", row.ID, next)
			}
			next = row.ID + 1
		}
		if len(rows) == 0 {
			j.breaks("the feed ends at %d of %d", next-1, last)
			return nil
		}
	}
	return nil
}

// backlog is what the loops still have to do, and how far they have come.
type backlog struct {
	left int   // events to move, rows to read, claims to settle
	read int64 // rows, by all consumers together
}

// restless counts it.
func restless(ctx context.Context, s app.Stores) (backlog, error) {
	waiting, err := s.Feed.Pending(ctx, 1000)
	if err != nil {
		return backlog{}, err
	}
	_, last, err := s.Feed.Bounds(ctx)
	if err != nil {
		return backlog{}, err
	}
	b := backlog{left: len(waiting)}
	err = s.Leases.Each(ctx, func(l port.Stored[feed.Lease]) error {
		if strings.HasPrefix(l.Value.Name, "consumer/") {
			b.left += int(last - l.Value.Cursor)
			b.read += l.Value.Cursor
		}
		return nil
	})
	if err == nil {
		err = s.Helpers.Each(ctx, func(h port.Stored[care.Helper]) error {
			b.left += len(h.Value.Claims)
			return nil
		})
	}
	return b, err
}
