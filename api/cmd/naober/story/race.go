package story

import (
	"context"
	"fmt"
	"sync"
	"time"

	"naober/matching/care"
	"naober/mobile-contract/wire"
)

func (p *Player) raceScene() []step {
	return []step{
		{"two say yes to one seat at the same instant: one visit, one reserve", p.oneSeat},
		{"one says yes to two overlapping rides at the same instant: one visit", p.onePlace},
	}
}

// together runs two things at the same instant.
func together(f, g func() error) (first, second error) {
	var both sync.WaitGroup
	start := make(chan struct{})
	both.Go(func() { <-start; first = f() })
	both.Go(func() { <-start; second = g() })
	close(start)
	both.Wait()
	return first, second
}

// rideOn asks for a ride there and back on the next such weekday.
func (p *Player) rideOn(ctx context.Context, day time.Weekday, hour int) (string, error) {
	now, err := p.control.Now(ctx)
	if err != nil {
		return "", err
	}
	from := p.next(now, day, hour)
	return p.publish(ctx, p.toHospital(wire.NewSlot{Start: wire.Instant(from), End: wire.Instant(from.Add(3 * time.Hour))}, from.Add(2*time.Hour)))
}

// yes accepts an ask whose id is known.
func (p *Player) yes(ctx context.Context, part string, ask wire.Ask, into *wire.AskAnswer) func() error {
	return func() error {
		answer, err := post[wire.AskAnswer](ctx, p.device(part), "/v1/asks/"+ask.ID+"/accept", wire.Yes{})
		*into = answer
		return err
	}
}

func (p *Player) oneSeat(ctx context.Context) (string, error) {
	if err := p.moveToNext(ctx, time.Monday, 10); err != nil {
		return "", err
	}
	request, err := p.rideOn(ctx, time.Wednesday, 10)
	if err != nil {
		return "", err
	}
	if err := p.asked(ctx, request, "driver_near", "driver_second"); err != nil {
		return "", err
	}
	near, err1 := p.askOf(ctx, "driver_near", request)
	second, err2 := p.askOf(ctx, "driver_second", request)
	if err := all(err1, err2); err != nil {
		return "", err
	}
	var his, hers wire.AskAnswer
	if err := all(together(p.yes(ctx, "driver_near", near, &his), p.yes(ctx, "driver_second", second, &hers))); err != nil {
		return "", err
	}
	states := map[string]int{his.Ask.State: 1}
	states[hers.Ask.State]++
	if err := all(p.control.Settle(ctx), same("the two answers", 2, len(states)), same("seats", 1, states[string(care.Accepted)]), same("reserves", 1, states[string(care.Reserved)])); err != nil {
		return "", err
	}
	r, err := p.seen(ctx, "fixed_worker", request)
	if err := all(err, same("visits", 1, len(r.Visits)), same("the request", string(care.Arranged), r.State)); err != nil {
		return "", err
	}
	return "1 accepted, 1 reserve", p.withdraw(ctx, request)
}

// withdraw ends a request that has played its part, so that its hours are free again.
func (p *Player) withdraw(ctx context.Context, request string) error {
	r, err := post[wire.Request](ctx, p.device("desk_worker"), "/v1/requests/"+request+"/withdraw", wire.Reason{Reason: "plans_changed"})
	return all(err, same("the outcome", string(care.Withdrawn), r.Outcome), p.control.Settle(ctx))
}

func (p *Player) onePlace(ctx context.Context) (string, error) {
	var requests [2]string
	var asks [2]wire.Ask
	for i := range requests {
		var err error
		if requests[i], err = p.rideOn(ctx, time.Wednesday, 10+i); err != nil {
			return "", err
		}
		if asks[i], err = p.reach(ctx, "driver_near", requests[i]); err != nil {
			return "", err
		}
	}
	var answers [2]wire.AskAnswer
	first, second := together(p.yes(ctx, "driver_near", asks[0], &answers[0]), p.yes(ctx, "driver_near", asks[1], &answers[1]))
	refused := first
	if first == nil {
		refused = second
	}
	if err := all(refusedWith("one of two yeses to the same hours", refused, "helper_busy"), holds("the other", "accepted", first == nil || second == nil), p.control.Settle(ctx)); err != nil {
		return "", err
	}
	visits := 0
	for _, request := range requests {
		r, err := p.seen(ctx, "fixed_worker", request)
		if err != nil {
			return "", err
		}
		visits += len(r.Visits)
	}
	book, err := get[wire.Helper](ctx, p.device("driver_near"), "/v1/me/helper")
	if err := all(err, same("visits of both rides", 1, visits), same("hours in his book on that day", 1, hoursOf(book, requests))); err != nil {
		return "", err
	}
	return fmt.Sprintf("1 accepted, 1 refused with %s", codeOf(refused)), all(p.withdraw(ctx, requests[0]), p.withdraw(ctx, requests[1]))
}

// hoursOf counts what a book holds for two requests.
func hoursOf(book wire.Helper, requests [2]string) int {
	n := 0
	for _, a := range book.Agreed {
		if a.Request == requests[0] || a.Request == requests[1] {
			n++
		}
	}
	return n
}
