package app

import (
	"context"
	"slices"
	"time"

	"naober/api/port"
	"naober/matching"
	"naober/matching/care"
	"naober/matching/plan"
)

const (
	// planDays is how many days are planned together at most.
	planDays = 7
	// planChoice is among how many people, the best of each time, a plan chooses.
	planChoice = 40
	// planLooks is how many looks at one person for one time a plan takes at most: about a second.
	planLooks = 300_000
)

// Period is some days of a village's calendar, today the first one where From is zero.
type Period struct {
	From time.Time // the date alone counts
	Days int       // 1 to 7
}

// PlanState says what a plan makes of one time.
type PlanState string

// The states of a time in a plan.
const (
	PlanProposed PlanState = "proposed" // somebody is to be asked
	PlanAsked    PlanState = "asked"    // enough questions are open
	PlanTaken    PlanState = "taken"    // all who could come are proposed for other times
	PlanNobody   PlanState = "nobody"   // nobody could come, or not be asked in time
	PlanLater    PlanState = "later"    // of a series, which asks later
)

// PlannedTime is one open time of the days that are planned.
type PlannedTime struct {
	Request   care.RequestID
	Kind      care.Kind
	Urgency   care.Urgency
	Slot      care.Slot
	State     PlanState
	Questions int        // that are open
	Helpers   []NamedFit // whom to ask first
	// Counts is how many people each rule keeps away, as the desk may know it; where nobody is proposed.
	Counts []matching.Count
}

// PlanView is the open times of some days, planned together, in the order of their beginnings.
type PlanView struct {
	Times []PlannedTime
	// Exact tells that no other plan is better. One that is not proven to the end may be the best too.
	Exact bool
}

// PlanDays proposes whom to ask first for the open times of some days of a village, all of them
// assigned together. For the desk and the fixed worker of that community. It asks nobody: AskPlanned
// does. Everybody whose name is shown finds that in their log.
func (a *App) PlanDays(ctx context.Context, c Caller, in care.CommunityID, p Period) (PlanView, error) {
	if err := a.atDesk(ctx, c.Person, in); err != nil {
		return PlanView{}, err
	}
	days, err := a.daysOf(ctx, in, p)
	if err != nil {
		return PlanView{}, err
	}
	requests, err := findAll(ctx, a.Stores.Requests, port.Key{Name: ByCommunity, Value: string(in)})
	if err != nil {
		return PlanView{}, err
	}
	view := PlanView{Times: a.openTimes(requests, days)}
	tasks, err := a.planTasks(ctx, in, requests, view.Times)
	if err != nil {
		return PlanView{}, err
	}
	assigned := plan.Batch(tasks)
	view.Exact = assigned.Exact()
	return view, a.namePlan(ctx, c, view.Times, assigned)
}

// daysOf is a period from midnight to midnight on the village's clocks.
func (a *App) daysOf(ctx context.Context, in care.CommunityID, p Period) (care.Interval, error) {
	zone, err := a.zoneOf(ctx, in)
	if err != nil {
		return care.Interval{}, err
	}
	y, m, d := a.clock().In(zone).Date()
	if !p.From.IsZero() {
		y, m, d = p.From.Date()
	}
	if p.Days < 1 || p.Days > planDays {
		return care.Interval{}, care.E(care.Invalid, "plan_days_invalid", "a plan is for 1 to %d days", planDays)
	}
	return care.Interval{From: time.Date(y, m, d, 0, 0, 0, 0, zone), Until: time.Date(y, m, d+p.Days, 0, 0, 0, 0, zone)}, nil
}

// rideHours are the hours whose agreed rides a ride may join whose time begins at that moment: its day on the
// village's clocks and the next one, for what begins late.
func (a *App) rideHours(ctx context.Context, in care.CommunityID, at time.Time) (care.Interval, error) {
	zone, err := a.zoneOf(ctx, in)
	if err != nil {
		return care.Interval{}, err
	}
	return a.daysOf(ctx, in, Period{From: at.In(zone), Days: 2})
}

func (a *App) zoneOf(ctx context.Context, in care.CommunityID) (*time.Location, error) {
	village, err := a.Stores.Communities.Get(ctx, in)
	if err != nil {
		return nil, err
	}
	return care.LoadZone(village.Value.Zone)
}

// openTimes lists the times that begin in these days and need somebody.
func (a *App) openTimes(requests []care.Request, days care.Interval) []PlannedTime {
	now := a.clock()
	var times []PlannedTime
	for _, r := range requests {
		for _, s := range r.Slots {
			if r.Handover != nil || !days.Holds(s.Start) || r.FreeSeats(s.ID, now) == 0 {
				continue
			}
			t := PlannedTime{Request: r.ID, Kind: r.Kind, Urgency: r.Urgency, Slot: s}
			t.Questions = matching.Need{Request: r, Slot: s, Now: now}.OpenQuestions()
			if asksLater(r, s, now) {
				t.State = PlanLater
			}
			times = append(times, t)
		}
	}
	slices.SortStableFunc(times, func(x, y PlannedTime) int { return x.Slot.Start.Compare(y.Slot.Start) })
	return times
}

// asksLater reports whether a series does not ask for this time yet.
func asksLater(r care.Request, s care.Slot, now time.Time) bool {
	return r.Series != nil && s.Start.After(now.Add(care.AskAhead))
}

// planTasks looks at the village for each time, and says of those for which nobody is to be asked why.
// The tasks are in the order of the times; what is settled already has no places.
func (a *App) planTasks(ctx context.Context, in care.CommunityID, requests []care.Request, times []PlannedTime) ([]plan.Task, error) {
	if err := planFits(len(times)*a.index.count(in), 0); err != nil {
		return nil, err
	}
	of, faces := map[care.RequestID]care.Request{}, map[care.PersonID]ties{}
	for _, r := range requests {
		of[r.ID] = r
	}
	tasks, places := make([]plan.Task, len(times)), 0
	for i := range times {
		t, r := &times[i], of[times[i].Request]
		if t.State != "" {
			continue
		}
		known, seen := faces[r.For]
		if !seen {
			var err error
			if known, err = a.tiesOf(ctx, r.For); err != nil {
				return nil, err
			}
			faces[r.For] = known
		}
		tasks[i] = a.planTask(t, r, known)
		places += tasks[i].Places
	}
	return tasks, planFits(0, places)
}

// planFits refuses what would take too long to plan.
func planFits(looks, places int) error {
	if looks > planLooks || places > plan.Most {
		return planTooLarge()
	}
	return nil
}

func planTooLarge() error {
	return care.E(care.Invalid, "plan_too_large", "there are too many times and people to plan together; ask for fewer days")
}

func (a *App) planTask(t *PlannedTime, r care.Request, known ties) plan.Task {
	need := a.need(r, t.Slot)
	survey := matching.Look(need, planChoice, a.index.people(r.Community, known))
	task := plan.Task{Need: need, Fitting: survey.Fitting, Face: plan.FaceOf(r, t.Slot.ID)}
	wanted := len(matching.Plan(need, survey.Ranking, t.Questions))
	switch task.Places = min(wanted, r.FreeSeats(t.Slot.ID, need.Now)); {
	case task.Places > 0:
		return task
	case t.Questions > 0:
		t.State = PlanAsked
	default:
		t.State, t.Counts = PlanNobody, survey.Counts(matching.ViewDesk)
	}
	return plan.Task{}
}

// namePlan writes the proposals into the times, with the names that the desk reads.
func (a *App) namePlan(ctx context.Context, c Caller, times []PlannedTime, assigned plan.Assignment) error {
	for _, p := range assigned.Proposals {
		t := &times[p.Task]
		who, err := a.lookAt(ctx, c, p.Fit.Candidate.Person, matching.ViewDesk, t.Request)
		if err != nil {
			return err
		}
		t.State = PlanProposed
		t.Helpers = append(t.Helpers, NamedFit{Person: who, Reasons: withoutDistance(p.Fit.Reasons)})
	}
	for i := range times {
		switch {
		case times[i].State != "":
		case times[i].Questions > 0:
			times[i].State = PlanAsked
		default:
			times[i].State = PlanTaken
		}
	}
	return nil
}
