package story

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"naober/api/cmd/naober/demo"
	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// Player plays the story step by step and prints what happened.
type Player struct {
	out     io.Writer
	server  *Server
	line    *Line
	control Control
	phones  *Phones
	kills   *Kills
	zone    *time.Location

	cast    map[string]demo.Part
	devices map[string]*Client // part -> the device they are signed in on
	village wire.Community
	// resident is the woman of 81 whom the desk registers; her tablet is the desk's.
	resident wire.Profile
}

// tablet is the part under which the resident's session at the desk is kept.
const tablet = "tablet"

// NewPlayer readies a player for a server that runs.
func NewPlayer(out io.Writer, s *Server, phones *Phones, kills *Kills) (*Player, error) {
	zone, err := care.LoadZone("Europe/Amsterdam")
	if err != nil {
		return nil, err
	}
	line := NewLine(s, kills)
	return &Player{out: out, server: s, line: line, control: Control{line}, phones: phones, kills: kills, zone: zone,
		cast: map[string]demo.Part{}, devices: map[string]*Client{}}, nil
}

// step is one thing that happens in the story; do tells its figures.
type step struct {
	name string
	do   func(ctx context.Context) (figures string, err error)
}

// Play plays everything, and stops at the first step that does not go as told.
func (p *Player) Play(ctx context.Context) error {
	steps := p.steps()
	for i, s := range steps {
		began := time.Now()
		figures, err := s.do(ctx)
		took := time.Since(began).Round(time.Millisecond)
		for _, note := range p.kills.Notes() {
			fmt.Fprintf(p.out, "        %s\n", note)
		}
		if err != nil {
			return fmt.Errorf("step %d of %d, %q, after %s:\n  %w", i+1, len(steps), s.name, took, err)
		}
		if _, err := fmt.Fprintf(p.out, "%2d  %-86s %5d ms  %s\n", i+1, s.name, took.Milliseconds(), figures); err != nil {
			return err
		}
	}
	return nil
}

func (p *Player) steps() []step {
	var all []step
	for _, scene := range [][]step{p.arrival(), p.rideScene(), p.absenceScene(), p.handoverScene(), p.raceScene(), p.pauseScene(), p.emergencyScene(), p.end()} {
		all = append(all, scene...)
	}
	return all
}

// next is the first moment after now on that weekday at that local hour.
func (p *Player) next(now time.Time, day time.Weekday, hour int) time.Time {
	local := now.In(p.zone)
	for ahead := 0; ; ahead++ {
		at := time.Date(local.Year(), local.Month(), local.Day()+ahead, hour, 0, 0, 0, p.zone)
		if at.Weekday() == day && at.After(now) {
			return at
		}
	}
}

// moveToNext moves the clock to the next such weekday and hour.
func (p *Player) moveToNext(ctx context.Context, day time.Weekday, hour int) error {
	now, err := p.control.Now(ctx)
	if err != nil {
		return err
	}
	return p.control.MoveTo(ctx, p.next(now, day, hour))
}

func (p *Player) device(part string) *Client { return p.devices[part] }

func (p *Player) person(part string) string { return string(p.cast[part].Person) }

// seen is a request as a part sees it.
func (p *Player) seen(ctx context.Context, part, request string) (wire.Request, error) {
	return get[wire.Request](ctx, p.device(part), "/v1/requests/"+request)
}

// askOf finds a helper's ask for a request the way their device does: in the list of what they are
// asked for.
func (p *Player) askOf(ctx context.Context, part, request string) (wire.Ask, error) {
	path := "/v1/requests?scope=helping&limit=200"
	page, err := get[wire.Page[wire.Request]](ctx, p.device(part), path)
	if err != nil {
		return wire.Ask{}, err
	}
	for _, r := range page.Items {
		if r.ID == request && len(r.Asks) > 0 {
			return r.Asks[len(r.Asks)-1], nil
		}
	}
	return wire.Ask{}, mismatch("what "+part+" is asked", "request "+request, fmt.Sprintf("%d others", len(page.Items)))
}

// open lists who is being asked for a request now, in the order in which they were asked.
func (p *Player) open(ctx context.Context, request string) ([]string, error) {
	r, err := p.seen(ctx, "fixed_worker", request)
	var parts []string
	for _, a := range r.Asks {
		for name, part := range p.cast {
			if string(part.Person) == a.Helper.ID && a.State == string(care.Asked) {
				parts = append(parts, name)
			}
		}
	}
	return parts, err
}

// reach lets those decline who are asked before a driver is: turns go round, so that it is seldom theirs.
func (p *Player) reach(ctx context.Context, part, request string) (wire.Ask, error) {
	for range 4 {
		parts, err := p.open(ctx, request)
		if err != nil {
			return wire.Ask{}, err
		}
		if slices.Contains(parts, part) {
			return p.askOf(ctx, part, request)
		}
		for _, other := range parts {
			if _, err := p.answer(ctx, other, request, "decline", wire.Reason{Reason: "no_time"}); err != nil {
				return wire.Ask{}, err
			}
		}
		if err := p.control.Settle(ctx); err != nil {
			return wire.Ask{}, err
		}
	}
	return wire.Ask{}, mismatch("who is asked at last", part, "others")
}

// answer says yes, no or later to the ask that a helper has for a request.
func (p *Player) answer(ctx context.Context, part, request, verb string, body any) (wire.AskAnswer, error) {
	ask, err := p.askOf(ctx, part, request)
	if err != nil {
		return wire.AskAnswer{}, err
	}
	return post[wire.AskAnswer](ctx, p.device(part), "/v1/asks/"+ask.ID+"/"+verb, body)
}

// asked expects that these drivers and nobody else are being asked, or were, and that each has the
// push. Who was thanked for standing by may have been asked anew.
func (p *Player) asked(ctx context.Context, request string, parts ...string) error {
	r, err := p.seen(ctx, "fixed_worker", request)
	if err != nil {
		return err
	}
	people := map[string]bool{}
	for _, a := range r.Asks {
		people[a.Helper.ID] = true
	}
	for _, part := range parts {
		if !people[p.person(part)] || len(people) != len(parts) {
			return mismatch("who was asked", parts, p.asks(r))
		}
		push, err := p.phones.Got(ctx, part, "ask.new", request)
		if err != nil {
			return err
		}
		if err := impersonal(push); err != nil {
			return err
		}
	}
	return nil
}

// asks lists who was asked and what became of it.
func (p *Player) asks(r wire.Request) []string {
	var list []string
	for _, a := range r.Asks {
		who := a.Helper.ID
		for name, part := range p.cast {
			if string(part.Person) == who {
				who = name
			}
		}
		list = append(list, who+" "+a.State+" "+a.Reason)
	}
	return list
}

func askTo(r wire.Request, person string) (wire.Ask, bool) {
	for _, a := range r.Asks {
		if a.Helper.ID == person {
			return a, true
		}
	}
	return wire.Ask{}, false
}

func visitOf(r wire.Request, person string) (wire.Visit, bool) {
	for _, v := range r.Visits {
		if v.Helper.ID == person {
			return v, true
		}
	}
	return wire.Visit{}, false
}

// owned expects that a request has somebody who can act today, and a time to come at which somebody
// looks at it. The leap of a restart may have passed that time a moment ago: the clock looks at its
// next step.
func (p *Player) owned(ctx context.Context, r wire.Request) error {
	now, err := p.control.Now(ctx)
	if err != nil {
		return err
	}
	return all(holds("the owner of an open request", "somebody", r.Owner != nil && len(r.Owner.People) > 0),
		holds("the next action of an open request", "an action in the future", r.NextAction != "" && time.Time(r.NextActionAt).After(now.Add(-p.kills.Leap()))))
}
