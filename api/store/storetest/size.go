package storetest

import (
	"encoding/json"
	"time"

	"naober/api/port"
	"naober/matching/care"
)

// maxRequest is what a request may take after years; design, section 5.
const maxRequest = 128 << 10

// settledFor is how long a settled slot stays in its request before it moves to the history.
const settledFor = 3 * 24 * time.Hour

// threeYears lives a daily series day by day: each day somebody lets the question lapse, somebody
// says no, somebody says yes, comes, and both say how it was. Every 16th day is skipped, every 40th
// moved. The largest value that ever was is stored and measured as the store keeps it.
func threeYears(x *trial) {
	r, err := dailySeries()
	x.ok(err)
	largest, most, days := r, 0, 0
	for now := r.PublishedAt; now.Before(r.PublishedAt.AddDate(3, 0, 0)); now = now.AddDate(0, 0, 1) {
		r, err = oneDay(r, now, days)
		if err != nil {
			x.Fatalf("day %d: %v", days, err)
		}
		days++
		if n := jsonSize(r); n > most {
			largest, most = r, n
		}
	}
	if r.Phase != care.Live || days < 3*365 {
		x.Fatalf("the series is %s after %d days, want live after three years", r.Phase, days)
	}
	_, err = x.Requests.Insert(x.ctx, largest.ID, largest, nil, port.Write{Nonce: nonce("years")})
	x.ok(err)
	read, err := x.Requests.Get(x.ctx, largest.ID)
	x.ok(err)
	x.same("the request", read.Value, largest)
	size := x.size("requests", string(largest.ID), largest)
	x.Logf("%d days; at most %d slots, %d asks, %d visits; %d bytes as stored, %d as JSON of the domain value",
		days, len(largest.Slots), len(largest.Asks), len(largest.Visits), size, most)
	if size > maxRequest {
		x.Errorf("the request takes %d bytes, want at most %d", size, maxRequest)
	}
}

// size measures a stored document.
func (x *trial) size(kind, id string, value any) int {
	x.Helper()
	sizer, ok := x.backend.(Sizer)
	if !ok {
		return jsonSize(value)
	}
	n, err := sizer.DocumentSize(x.ctx, port.DocRef{Kind: kind, ID: id})
	x.ok(err)
	return n
}

func jsonSize(value any) int {
	raw, err := json.Marshal(value)
	if err != nil {
		return maxRequest + 1
	}
	return len(raw)
}

func dailySeries() (care.Request, error) {
	r, _, err := newRequest("series", 1)
	if err != nil {
		return r, err
	}
	now := monday()
	draft := r
	draft.Slots = nil
	draft.Series = &care.Series{Rule: "FREQ=DAILY", Start: "2026-11-24T17:00", Duration: time.Hour, Zone: "Europe/Amsterdam"}
	draft.OnBehalf = &care.OnBehalf{By: named[care.PersonID]("daughter"), Channel: care.ByDesk,
		Consent: care.Consent{Basis: care.Spoken, RecordedBy: named[care.PersonID]("desk"), At: now}}
	draft, _, err = care.DraftRequest(draft, requester(r), now)
	if err != nil {
		return r, err
	}
	r, _, err = draft.Publish(requester(r), false, now)
	return r, err
}

// oneDay takes the request from one morning to the next: today's visit, and the question for the
// day after tomorrow.
func oneDay(r care.Request, now time.Time, day int) (care.Request, error) {
	life := &days{Request: r, now: now}
	life.do(func(r care.Request) (care.Request, []care.Event, error) { return r.Tick(now) })
	for i, s := range life.Slots {
		if s.Start.Sub(now) < 48*time.Hour || s.Start.Sub(now) >= 72*time.Hour || s.Cancelled() {
			continue
		}
		switch {
		case day%16 == 5:
			life.do(func(r care.Request) (care.Request, []care.Event, error) {
				return r.SkipSlot(s.ID, requester(r), "not_needed", now)
			})
		case day%40 == 7:
			to := care.LocalTime(s.Date + "T19:30")
			life.do(func(r care.Request) (care.Request, []care.Event, error) {
				return r.SwapSlot(s.ID, to, requester(r), now)
			})
		default:
			life.arrange(i, day)
		}
	}
	life.visit()
	if life.Todo != care.TodoNone {
		life.do(func(r care.Request) (care.Request, []care.Event, error) {
			return r.Settled(care.Actor{Person: named[care.PersonID]("worker"), Party: care.Owner}, now)
		})
	}
	kept, _ := life.Compact(now.Add(-settledFor))
	return kept, life.err
}

// days is a request as time goes by; the first error stays.
type days struct {
	care.Request
	now time.Time
	err error
}

func (d *days) do(change func(care.Request) (care.Request, []care.Event, error)) {
	if d.err != nil {
		return
	}
	next, _, err := change(d.Request)
	if err != nil {
		d.err = err
		return
	}
	d.Request = next
}

// arrange asks four helpers for a slot: one never answers, one says no, one says later, the last
// says yes and is confirmed.
func (d *days) arrange(slot, day int) {
	s := d.Slots[slot]
	for i := range 4 {
		helper := named[care.PersonID]("helper", (day+i)%9)
		ask := care.Ask{ID: named[care.AskID](s.ID, helper), Slot: s.ID, Helper: helper, Offer: named[care.OfferID]("offer", helper), Wave: i + 1,
			AskFrom: d.now, LapsesAt: d.now.Add(20 * time.Hour), Nonce: nonce("claim", s.ID, helper)}
		d.do(func(r care.Request) (care.Request, []care.Event, error) { return r.AskHelper(ask, d.now) })
		switch i {
		case 1:
			d.do(func(r care.Request) (care.Request, []care.Event, error) {
				return r.DeclineAsk(ask.ID, helper, "away", d.now)
			})
		case 2:
			d.do(func(r care.Request) (care.Request, []care.Event, error) {
				return r.DeferAsk(ask.ID, helper, d.now.Add(time.Hour), d.now)
			})
		case 3:
			yes := nonce("yes", s.ID, helper)
			d.do(func(r care.Request) (care.Request, []care.Event, error) {
				return r.AcceptAsk(ask.ID, helper, s.Earliest(), yes, d.now)
			})
			d.do(func(r care.Request) (care.Request, []care.Event, error) {
				return r.ConfirmVisit(r.Holds(yes), care.Actor{Party: care.Server}, d.now)
			})
			lost := nonce("void", s.ID)
			d.do(func(r care.Request) (care.Request, []care.Event, error) { return r.VoidClaim(lost, d.now) })
		}
	}
}

// visit lives what was arranged for today.
func (d *days) visit() {
	for _, v := range d.Visits {
		if v.State != care.VisitSet || v.At.From.Sub(d.now) > 24*time.Hour {
			continue
		}
		by := care.Actor{Person: v.Helper, Party: care.HelperParty}
		d.do(func(r care.Request) (care.Request, []care.Event, error) { return r.StartVisit(v.ID, by, v.At.From) })
		d.do(func(r care.Request) (care.Request, []care.Event, error) { return r.FinishVisit(v.ID, by, v.At.Until) })
		for i, side := range []care.Party{care.Requester, care.HelperParty} {
			at := v.At.Until.Add(time.Duration(i+1) * 10 * time.Minute)
			d.do(func(r care.Request) (care.Request, []care.Event, error) { return r.NoteFeedback(v.ID, side, true, at) })
		}
	}
}
