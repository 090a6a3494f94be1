package app

import (
	"context"

	"naober/api/port"
	"naober/matching/care"
)

// FileReport puts a worry about a visit before the community's moderators. For both sides of the
// visit and its owner; whoever it is about never learns of it from here.
func (a *App) FileReport(ctx context.Context, c Caller, visit care.VisitID, words string) (care.ReportID, error) {
	if err := noBSN(words); err != nil {
		return "", err
	}
	return create(ctx, a, c, "report.file", []any{visit, words}, a.Stores.Reports, func(id care.ReportID) (care.Report, []care.Event, error) {
		r, v, by, err := a.requestOfVisit(ctx, c.Person, visit)
		if err != nil {
			return care.Report{}, nil, err
		}
		about := v.Helper
		if by.Party == care.HelperParty {
			about = r.For
		}
		return care.Report{ID: id, Community: r.Community, Request: r.ID, Visit: visit, By: c.Person, About: about, Words: words}.File(a.clock())
	})
}

// TakeReport says that the caller sees to a worry. For the community's moderators.
func (a *App) TakeReport(ctx context.Context, c Caller, id care.ReportID) error {
	return a.onReport(ctx, c, "report.take", nil, id, func(p care.Report) (care.Report, []care.Event, error) {
		return p.Take(c.Person, a.clock())
	})
}

// CloseReport ends a worry with an answer for whoever reported it. For the community's moderators.
func (a *App) CloseReport(ctx context.Context, c Caller, id care.ReportID, answer string) error {
	if err := noBSN(answer); err != nil {
		return err
	}
	return a.onReport(ctx, c, "report.close", answer, id, func(p care.Report) (care.Report, []care.Event, error) {
		return p.Close(c.Person, answer, a.clock())
	})
}

func (a *App) onReport(ctx context.Context, c Caller, name string, args any, id care.ReportID, f port.Change[care.Report]) error {
	p, err := a.report(ctx, c, id)
	if err != nil {
		return err
	}
	if err := a.moderates(ctx, c.Person, p.Value.Community); err != nil {
		return err
	}
	return change(ctx, a, c, name, args, a.Stores.Reports, id, f)
}

// Report shows a worry to whoever filed it and to the community's moderators, but never to the one
// it is about.
func (a *App) Report(ctx context.Context, c Caller, id care.ReportID) (port.Stored[care.Report], error) {
	p, err := a.report(ctx, c, id)
	if err == nil {
		err = a.logReport(ctx, c.Person, p.Value)
	}
	if err != nil {
		return port.Stored[care.Report]{}, err
	}
	p.Value = visibleReport(p.Value, c.Person)
	return p, nil
}

// report finds a worry for whoever may see it, and shows it to nobody.
func (a *App) report(ctx context.Context, c Caller, id care.ReportID) (port.Stored[care.Report], error) {
	none := care.E(care.NotFound, "report_not_found", "there is no such report")
	p, err := a.Stores.Reports.Get(ctx, id)
	p.Value.By, p.Value.About = a.resolve(p.Value.By), a.resolve(p.Value.About)
	if err != nil || p.Value.By == c.Person {
		return p, err
	}
	if p.Value.About == c.Person {
		return port.Stored[care.Report]{}, none
	}
	if err := a.moderates(ctx, c.Person, p.Value.Community); err != nil {
		if care.IsKind(err, care.Forbidden) {
			return port.Stored[care.Report]{}, none
		}
		return port.Stored[care.Report]{}, err
	}
	return p, nil
}

// logReport writes the reading into the log of who filed it. Whoever it is about learns nothing.
func (a *App) logReport(ctx context.Context, p care.PersonID, r care.Report) error {
	mine, err := a.rights(ctx, p)
	if err != nil {
		return err
	}
	seen := mine.reader(r.Community, RelModerator)
	seen.Whose, seen.What, seen.Request = r.By, "report", r.Request
	return a.logView(ctx, seen)
}

// Queue is what waits for a community's moderators: approvals, worries and stuck requests.
type Queue struct {
	Applications []care.Helper
	Reports      []care.Report
	Stuck        []care.Request // with something on their owner's desk
}

// ModeratorQueue reads the queue of a community. For its moderators. Of a stuck request they see
// what waits and since when, not the words; of an application what concerns their village.
func (a *App) ModeratorQueue(ctx context.Context, c Caller, in care.CommunityID) (Queue, error) {
	var q Queue
	err := a.moderates(ctx, c.Person, in)
	if err != nil {
		return q, err
	}
	applications, err := findAll(ctx, a.Stores.Helpers, port.Key{Name: ByApplied, Value: string(in)})
	if err != nil {
		return q, err
	}
	for _, h := range applications {
		q.Applications = append(q.Applications, visibleHelper(h, in, RelModerator))
	}
	reports, err := findAll(ctx, a.Stores.Reports, port.Key{Name: ByCommunity, Value: string(in)})
	if err != nil {
		return q, err
	}
	for _, p := range reports {
		p.By, p.About = a.resolve(p.By), a.resolve(p.About)
		if p.About == c.Person {
			continue
		}
		if err := a.logReport(ctx, c.Person, p); err != nil {
			return q, err
		}
		q.Reports = append(q.Reports, visibleReport(p, c.Person))
	}
	requests, err := findAll(ctx, a.Stores.Requests, port.Key{Name: ByCommunity, Value: string(in)})
	for _, r := range requests {
		if r.Todo != care.TodoNone {
			q.Stuck = append(q.Stuck, visibleRequest(r, c.Person, RelModerator))
		}
	}
	return q, err
}
