package story

import (
	"context"
	"fmt"
	"time"

	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// emergency is the scene of the words that must never only wait.
type emergency struct {
	*Player
	request string
}

func (p *Player) emergencyScene() []step {
	s := &emergency{Player: p}
	return []step{
		{"words that sound like an emergency are answered with 112 first, and sent to nobody", s.heard},
		{"left alone for two minutes, the draft is with the fixed worker at the highest urgency", s.escalated},
	}
}

func (s *emergency) heard(ctx context.Context) (string, error) {
	now, err := s.control.Now(ctx)
	if err != nil {
		return "", err
	}
	from := now.Add(2 * time.Hour)
	r, err := post[wire.Request](ctx, s.device(tablet), "/v1/requests", wire.NewRequest{Community: s.village.ID, Publish: true,
		RequestEdit: wire.RequestEdit{Kind: string(care.CompanyKind), Words: "Kan er iemand komen? Ik heb pijn op de borst.", Urgency: string(care.Ordinary),
			Slots: []wire.NewSlot{{Start: wire.Instant(from), End: wire.Instant(from.Add(time.Hour))}}}})
	if err != nil {
		return "", err
	}
	if s.request = r.ID; r.Emergency == nil {
		return "", mismatch("the answer", "112", "nothing of an emergency")
	}
	return fmt.Sprintf("call %s, heard %v", r.Emergency.Call, r.Emergency.Words),
		all(same("whom to call", "112", r.Emergency.Call), holds("the question whether it is one", "open", r.Emergency.Pending), same("the request", string(care.Draft), r.State))
}

func (s *emergency) escalated(ctx context.Context) (string, error) {
	r, err := s.seen(ctx, tablet, s.request)
	if err != nil {
		return "", err
	}
	if err := s.control.MoveTo(ctx, time.Time(r.CreatedAt).Add(2*time.Minute)); err != nil {
		return "", err
	}
	if _, err := s.phones.Got(ctx, "fixed_worker", "request.emergency", s.request); err != nil {
		return "", err
	}
	if r, _, err = s.onDesk(ctx, s.request); err != nil {
		return "", err
	}
	if err := all(same("what waits", string(care.TodoEmergency), r.Todo), same("urgency", string(care.Urgent), r.Urgency), same("who was asked", 0, len(r.Asks)), s.owned(ctx, r)); err != nil {
		return "", err
	}
	_, err = post[wire.Request](ctx, s.device("fixed_worker"), "/v1/requests/"+s.request+"/withdraw", wire.Reason{Reason: "went_by_phone"})
	return "1 push to the owner", err
}
