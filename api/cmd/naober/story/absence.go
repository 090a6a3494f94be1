package story

import (
	"context"
	"fmt"
	"time"

	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// absence is the scene of the visit that nobody starts.
type absence struct {
	*Player
	request string
	visit   wire.Visit
}

func (p *Player) absenceScene() []step {
	s := &absence{Player: p}
	return []step{
		{"a ride at any hour of Friday is agreed with the first", s.agreed},
		{"nobody starts it: after 15 minutes both are asked, and the owner sees it", s.notStarted},
		{"the owner notes a no-show; the time that is left is offered to the next", s.reopened},
		{"a third comes instead, and the request is fulfilled after all", s.replaced},
	}
}

func (s *absence) agreed(ctx context.Context) (string, error) {
	now, err := s.control.Now(ctx)
	if err != nil {
		return "", err
	}
	from := s.next(now, time.Friday, 10)
	slot := wire.NewSlot{Start: wire.Instant(from), End: wire.Instant(from.Add(6 * time.Hour)), DurationMinutes: 90}
	if s.request, err = s.publish(ctx, s.toHospital(slot, time.Time{})); err != nil {
		return "", err
	}
	if err := s.asked(ctx, s.request, "driver_second", "driver_visiting"); err != nil {
		return "", err
	}
	if _, err := s.answer(ctx, "driver_second", s.request, "accept", wire.Yes{At: wire.Instant(from.Add(time.Hour))}); err != nil {
		return "", err
	}
	if err := s.control.Settle(ctx); err != nil {
		return "", err
	}
	s.visit, err = s.planned(ctx, "driver_second", s.request)
	return "visit at 11:00", all(err, holds("the visit's hour", "the one that he chose", time.Time(s.visit.From).Equal(from.Add(time.Hour))))
}

// publish asks at the desk and waits until the first wave is out.
func (p *Player) publish(ctx context.Context, n wire.NewRequest) (string, error) {
	n.Publish = true
	r, err := post[wire.Request](ctx, p.device("desk_worker"), "/v1/requests", n)
	if err != nil {
		return "", err
	}
	return r.ID, all(same("the request's state", string(care.Open), r.State), p.control.Settle(ctx))
}

func (s *absence) notStarted(ctx context.Context) (string, error) {
	if err := s.control.MoveTo(ctx, time.Time(s.visit.From).Add(15*time.Minute)); err != nil {
		return "", err
	}
	for _, told := range [][2]string{{"driver_second", "visit.has_it_begun"}, {"desk_worker", "visit.has_it_begun"}, {"fixed_worker", "visit.not_started"}} {
		if _, err := s.phones.Got(ctx, told[0], told[1], s.request); err != nil {
			return "", err
		}
	}
	r, n, err := s.onDesk(ctx, s.request)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("3 pushes; 1 of %d requests on the owner's desk says %s", n, r.Todo),
		all(same("what waits for the owner", string(care.TodoNotStarted), r.Todo), same("as whom they see it", "owner", r.Relation), s.owned(ctx, r))
}

// onDesk finds a request in the list of its owner, who sees all of the village's.
func (p *Player) onDesk(ctx context.Context, request string) (wire.Request, int, error) {
	n, after := 0, ""
	for {
		path := onward("/v1/requests?scope=community&limit=200&community="+p.village.ID, after)
		page, err := get[wire.Page[wire.Request]](ctx, p.device("fixed_worker"), path)
		if err != nil {
			return wire.Request{}, 0, err
		}
		n += len(page.Items)
		for _, r := range page.Items {
			if r.ID == request {
				return r, n, nil
			}
		}
		if after = page.After; after == "" {
			return wire.Request{}, n, mismatch("the requests of the village", request, "others only")
		}
	}
}

func (s *absence) reopened(ctx context.Context) (string, error) {
	r, err := post[wire.Request](ctx, s.device("fixed_worker"), "/v1/visits/"+s.visit.ID+"/no-show", nil)
	if err != nil {
		return "", err
	}
	missed, _ := visitOf(r, s.person("driver_second"))
	if err := all(same("the visit", string(care.VisitMissed), missed.State), same("the request", string(care.Open), r.State), s.owned(ctx, r), s.control.Settle(ctx)); err != nil {
		return "", err
	}
	return "2 pushes", s.asked(ctx, s.request, "driver_second", "driver_visiting", "driver_near", "driver_third")
}

func (s *absence) replaced(ctx context.Context) (string, error) {
	if _, err := s.answer(ctx, "driver_near", s.request, "accept", wire.Yes{}); err != nil {
		return "", err
	}
	if err := s.control.Settle(ctx); err != nil {
		return "", err
	}
	v, err := s.planned(ctx, "driver_near", s.request)
	if err != nil {
		return "", err
	}
	return s.carriedOut(ctx, "driver_near", s.request, v)
}
