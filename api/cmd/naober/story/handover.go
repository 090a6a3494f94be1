package story

import (
	"context"
	"fmt"
	"time"

	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// handover is the scene of the request that no neighbour can serve.
type handover struct {
	*Player
	request  string
	referral string
}

func (p *Player) handoverScene() []step {
	s := &handover{Player: p}
	return []step{
		{"nobody can sit up with her at night; the request keeps an owner and a next action", s.nobody},
		{"its promise lapses: it passes to the professional on duty, who is told", s.promiseLapsed},
		{"the professional refers it to formal care; she sees that, and it stays open", s.referred},
		{"formal care accepts, and only now it closes as handed over", s.acknowledged},
	}
}

func (s *handover) nobody(ctx context.Context) (string, error) {
	now, err := s.control.Now(ctx)
	if err != nil {
		return "", err
	}
	night := s.next(now.AddDate(0, 0, 3), time.Thursday, 23)
	s.request, err = s.publish(ctx, wire.NewRequest{Community: s.village.ID, For: s.resident.ID, Channel: string(care.ByPhone), Consent: string(care.Spoken),
		RequestEdit: wire.RequestEdit{Kind: string(care.NightSitKind), Words: "Zij durft 's nachts niet alleen te zijn.", Urgency: string(care.Ordinary),
			Slots: []wire.NewSlot{{Start: wire.Instant(night), End: wire.Instant(night.Add(8 * time.Hour))}}}})
	if err != nil {
		return "", err
	}
	r, _, err := s.onDesk(ctx, s.request)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("0 asked, owner %s, next: %s", r.Owner.Chair, r.NextAction),
		all(same("who was asked", 0, len(r.Asks)), same("owner", string(care.ChairWorker), r.Owner.Chair), s.owned(ctx, r))
}

func (s *handover) promiseLapsed(ctx context.Context) (string, error) {
	r, _, err := s.onDesk(ctx, s.request)
	if err != nil {
		return "", err
	}
	if err := s.control.MoveTo(ctx, time.Time(r.PublishedAt).Add(48*time.Hour+time.Minute)); err != nil {
		return "", err
	}
	if _, err := s.phones.Got(ctx, "professional", "request.promise_lapsed", s.request); err != nil {
		return "", err
	}
	if r, err = s.seen(ctx, "professional", s.request); err != nil {
		return "", err
	}
	return fmt.Sprintf("1 push; owner %s, todo %s", r.Owner.Chair, r.Todo),
		all(same("as whom the professional sees it", "owner", r.Relation), same("owner", string(care.ChairGuarantor), r.Owner.Chair),
			same("what waits", string(care.TodoPromise), r.Todo), s.owned(ctx, r))
}

func (s *handover) referred(ctx context.Context) (string, error) {
	to := string(s.cast["formal_care"].Works)
	f, err := post[wire.Referral](ctx, s.device("professional"), "/v1/requests/"+s.request+"/referrals", wire.NewReferral{To: to, Theme: string(care.NightSitKind),
		Urgency: string(care.Ordinary), Words: "Slaapt al weken slecht; graag nachtzorg.", Consent: string(care.Spoken)})
	if err != nil {
		return "", err
	}
	if s.referral = f.ID; f.Consent == nil {
		return "", mismatch("the referral", "with consent", "without")
	}
	if err := s.control.Settle(ctx); err != nil {
		return "", err
	}
	r, err := s.seen(ctx, "professional", s.request)
	if err != nil {
		return "", err
	}
	waiting, err := get[wire.Referral](ctx, s.device("formal_care"), "/v1/referrals/"+f.ID)
	return fmt.Sprintf("request %s, next: %s", r.State, r.NextAction),
		all(err, same("the request before an answer", string(care.Open), r.State), same("its outcome", "", r.Outcome), same("its referral", f.ID, r.Referral), s.owned(ctx, r),
			holds("what formal care reads before it accepts", "theme and urgency alone", waiting.Words == "" && waiting.For == "" && waiting.Theme != ""),
			s.status(ctx, care.ReferralPending))
}

// status expects what the resident reads of the referral.
func (s *handover) status(ctx context.Context, want care.ReferralState) error {
	page, err := get[wire.Page[wire.Referral]](ctx, s.device(tablet), "/v1/referrals?limit=200")
	if err != nil {
		return err
	}
	for _, f := range page.Items {
		if f.ID == s.referral {
			return same("the status that she sees", string(want), f.State)
		}
	}
	return mismatch("her referrals", s.referral, "others only")
}

func (s *handover) acknowledged(ctx context.Context) (string, error) {
	for _, act := range []struct {
		verb  string
		state care.ReferralState
	}{{"accept", care.ReferralTaken}, {"start", care.ReferralUnderWay}, {"complete", care.ReferralDone}} {
		if _, err := post[wire.Referral](ctx, s.device("formal_care"), "/v1/referrals/"+s.referral+"/"+act.verb, nil); err != nil {
			return "", err
		}
		if err := all(s.control.Settle(ctx), s.status(ctx, act.state)); err != nil {
			return "", err
		}
		r, err := s.seen(ctx, "fixed_worker", s.request)
		if err := all(err, same("the request after "+act.verb, string(care.Closed), r.State), same("its outcome", string(care.HandedOver), r.Outcome)); err != nil {
			return "", err
		}
	}
	return "requested, accepted, in_progress, completed", nil
}
