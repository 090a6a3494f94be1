package notifications

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"naober/matching/care"
)

const (
	batch = 100
	lanes = 8 // people who are served at once: a slow call holds up nobody else
	// sendingTime is after how long a delivery marked as sending counts as cut off by a kill.
	sendingTime = time.Minute
	// handTime is what one delivery may take, its calls callTime of it: below sendingTime, so that a
	// holder is done before another takes its delivery for cut off.
	handTime = 55 * time.Second
	callTime = 40 * time.Second
)

// Relay writes messages down and sends them, at least once each.
type Relay struct {
	deliveries Deliveries
	directory  Directory
	push       Push
	now        func() time.Time
	log        *slog.Logger
}

// NewRelay wires a relay. now is the service's clock.
func NewRelay(d Deliveries, dir Directory, push Push, now func() time.Time, log *slog.Logger) *Relay {
	return &Relay{deliveries: d, directory: dir, push: push, now: now, log: log}
}

// Step judges and sends what is due, and reports how many deliveries it looked at. It is the unit
// that the loop runs under its lease and that tests call. Messages to one person keep their order;
// when the context ends those in hand are finished. An error means that something could not be
// written: what merely could not be sent is put off and is none.
func (r *Relay) Step(ctx context.Context) (int, error) {
	due, err := r.deliveries.Due(ctx, r.now(), batch)
	if err != nil {
		return 0, err
	}
	people := byPerson(due)
	failed := make([]error, len(people))
	turns := make(chan struct{}, lanes)
	var all sync.WaitGroup
	for i, mine := range people {
		turns <- struct{}{}
		all.Go(func() {
			defer func() { <-turns }()
			failed[i] = r.serve(ctx, mine)
		})
	}
	all.Wait()
	return len(due), errors.Join(append(failed, ctx.Err())...)
}

// byPerson splits a list into one for each person, in the order in which they first occur.
func byPerson(due []Delivery) [][]Delivery {
	place := map[care.PersonID]int{}
	var people [][]Delivery
	for _, d := range due {
		i, known := place[d.Person]
		if !known {
			i = len(people)
			place[d.Person], people = i, append(people, nil)
		}
		people[i] = append(people[i], d)
	}
	return people
}

// serve delivers one person's messages. A panic in one is a failure like another; its message may
// quote what a person wrote and is dropped.
func (r *Relay) serve(ctx context.Context, mine []Delivery) (err error) {
	defer func() {
		if recover() != nil {
			r.log.Error("panic", "in", "relay", "stack", string(debug.Stack()))
			err = care.E(care.Unavailable, "panic", "the program failed here")
		}
	}()
	for _, d := range mine {
		if ctx.Err() != nil {
			return nil
		}
		hand, cancel := context.WithTimeout(context.WithoutCancel(ctx), handTime)
		if one := r.deliver(hand, d); one != nil && !errors.Is(one, errOvertaken) {
			err = errors.Join(err, one)
		}
		cancel()
	}
	return err
}

// deliver judges one delivery by what holds now, and drops, holds or sends it.
func (r *Relay) deliver(ctx context.Context, d Delivery) error {
	if d.State == Telling {
		return r.tell(ctx, d)
	}
	f, reach, err := r.look(ctx, d)
	if err != nil {
		return r.putOff(ctx, d, err)
	}
	now := r.now()
	switch v := Decide(d, f, reach.Quiet, now); {
	case v.Drop:
		return r.drop(ctx, d, v.Why)
	case v.At.After(now):
		_, err := r.change(ctx, d, func(d *Delivery) { d.State, d.Why, d.DueAt = Waiting, v.Why, v.At })
		return err
	default:
		return r.send(ctx, d, reach, v.Why)
	}
}

// look gathers what the arbiter needs to know.
func (r *Relay) look(ctx context.Context, d Delivery) (Facts, Reach, error) {
	f, err := r.facts(ctx, d.Request, d.Ask, d.Visit)
	if err != nil {
		return f, Reach{}, err
	}
	if d.Key == askThanks {
		question, err := r.deliveries.Get(ctx, questionID(d.Ask))
		if err != nil && !care.IsKind(err, care.NotFound) {
			return f, Reach{}, err
		}
		f.Question = question.State
	}
	reach, err := r.directory.Reach(ctx, d.Person)
	f.Gone = reach.Gone
	return f, reach, err
}

// drop ends a message that the arbiter drops. One that was kept by failing calls until it was of no
// use, and a question that came to nothing, count as not having reached the person.
func (r *Relay) drop(ctx context.Context, d Delivery, why string) error {
	now := r.now()
	overdue := why == "too_late_to_be_of_use" || why == "quiet_until_too_late" || why == "no_moment_to_send"
	d, err := r.change(ctx, d, func(d *Delivery) {
		switch {
		case overdue && d.Why == pushFailed:
			d.lose(pushFailed, now)
		case overdue && d.Key == askNew:
			d.lose(why, now)
		default:
			d.finish(Dropped, why, now)
		}
	})
	return r.after(ctx, d, err)
}

// putOff tries a delivery again later whose circumstances could not be read.
func (r *Relay) putOff(ctx context.Context, d Delivery, why error) error {
	r.log.Warn("delivery put off", "key", d.Key, "error", codeOf(why))
	now := r.now()
	_, err := r.change(ctx, d, func(d *Delivery) {
		d.Tries++
		d.DueAt = now.Add(backOff(d.Tries))
	})
	return err
}

// errOvertaken means that another holder has changed the delivery since it was read.
var errOvertaken = errors.New("another holder was faster")

// change edits a delivery that still stands as it was seen. A holder that froze and wakes up late
// cannot write over what its successor has done: Tries grows with each call that is made.
func (r *Relay) change(ctx context.Context, seen Delivery, edit func(*Delivery)) (Delivery, error) {
	return r.deliveries.Change(ctx, seen.ID, func(d Delivery) (Delivery, error) {
		if d.State != seen.State || d.Tries != seen.Tries {
			return d, errOvertaken
		}
		edit(&d)
		return d, nil
	})
}
