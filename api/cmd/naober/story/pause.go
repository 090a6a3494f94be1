package story

import (
	"context"
	"fmt"
	"time"

	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// halt is the scene in which a moderator pauses a volunteer in the middle of an open question.
type halt struct {
	*Player
	request string
	ask     wire.Ask
}

func (p *Player) pauseScene() []step {
	s := &halt{Player: p}
	return []step{
		{"the moderator pauses a volunteer in the middle of an open question", s.paused},
		{"he can no longer say yes, and the question goes to the next", s.tooLate},
	}
}

func (s *halt) paused(ctx context.Context) (string, error) {
	var err error
	if s.request, err = s.rideOn(ctx, time.Wednesday, 10); err != nil {
		return "", err
	}
	if s.ask, err = s.reach(ctx, "driver_near", s.request); err != nil {
		return "", err
	}
	now, err := s.control.Now(ctx)
	if err != nil {
		return "", err
	}
	path := "/v1/communities/" + s.village.ID + "/helpers/" + s.person("driver_near") + "/pause"
	until := now.AddDate(0, 0, 7).Truncate(time.Second)
	h, err := post[wire.ModeratedHelper](ctx, s.device("moderator"), path,
		wire.NewDecision{Rule: "huisregels.3@1", Reason: "Eerst een gesprek.", Until: wire.Instant(until)})
	if err != nil {
		return "", err
	}
	if len(h.Pauses) != 1 {
		return "", mismatch("the pauses", 1, len(h.Pauses))
	}
	d := h.Pauses[0].Decision
	return fmt.Sprintf("rule %s, %d days", d.Rule, 7), all(same("its rule", "huisregels.3@1", d.Rule), holds("its end", until.String(), time.Time(d.Until).Equal(until)))
}

func (s *halt) tooLate(ctx context.Context) (string, error) {
	_, err := post[wire.AskAnswer](ctx, s.device("driver_near"), "/v1/asks/"+s.ask.ID+"/accept", wire.Yes{})
	if err := refusedWith("a yes in a pause", err, "ask_not_open", "helper_paused"); err != nil {
		return "", err
	}
	code := codeOf(err)
	if err := s.control.Settle(ctx); err != nil {
		return "", err
	}
	open, err := s.open(ctx, s.request)
	if err != nil || len(open) == 0 {
		return "", all(err, holds("somebody who is asked in his place", "one at least", false))
	}
	next := open[0]
	if _, err := s.phones.Got(ctx, next, "ask.new", s.request); err != nil {
		return "", err
	}
	if _, err := s.answer(ctx, next, s.request, "accept", wire.Yes{}); err != nil {
		return "", err
	}
	if err := s.control.Settle(ctx); err != nil {
		return "", err
	}
	if _, err := s.planned(ctx, next, s.request); err != nil {
		return "", err
	}
	r, err := s.seen(ctx, "fixed_worker", s.request)
	return "refused with " + code + ", 1 push to the next, who comes", all(err, same("visits", 1, len(r.Visits)), s.standsDown(r), s.withdraw(ctx, s.request))
}

func (s *halt) standsDown(r wire.Request) error {
	ask, _ := askTo(r, s.person("driver_near"))
	return same("the paused helper's ask", string(care.StoodDown), ask.State)
}
