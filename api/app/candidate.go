package app

import (
	"context"

	"naober/matching"
	"naober/matching/care"
)

// shownCandidates is how many names of each list a look at candidates shows; each is logged.
const shownCandidates = 20

// shownHelped is how many names each change shows that would bring somebody.
const shownHelped = 5

// CandidateView is who could be asked for a time, as its reader may know it. Names are set for desk
// and moderator alone; nobody is told how near somebody lives.
type CandidateView struct {
	Viewer   matching.Viewer
	Fitting  []NamedFit
	RuledOut []NamedExclusion
	Counts   []matching.Count
	Changes  []NamedChange
}

// NamedFit is a helper who could be asked; the list is best first.
type NamedFit struct {
	Person  PersonView
	Reasons []matching.Reason
}

// NamedExclusion is a helper who is not asked, with the folded rule.
type NamedExclusion struct {
	Person PersonView
	Rule   matching.RuleCode
}

// NamedChange is a change to what is asked that would bring helpers; the list is smallest first.
type NamedChange struct {
	matching.Help
	Who []PersonView
}

// ViewCandidates is Candidates folded for the caller's eyes. Everybody whose name is shown finds
// the look in their log.
func (a *App) ViewCandidates(ctx context.Context, c Caller, id care.RequestID, slot care.SlotID) (CandidateView, error) {
	survey, viewer, err := a.Candidates(ctx, c, id, slot)
	if err != nil {
		return CandidateView{}, err
	}
	view := CandidateView{Viewer: viewer, Counts: survey.Counts(viewer)}
	for _, h := range survey.Changes(viewer) {
		view.Changes = append(view.Changes, NamedChange{Help: h})
	}
	if viewer != matching.ViewDesk && viewer != matching.ViewModerator {
		return view, nil
	}
	names, err := a.named(ctx, c, survey, viewer, id)
	if err != nil {
		return CandidateView{}, err
	}
	for _, f := range survey.Fitting {
		view.Fitting = append(view.Fitting, NamedFit{Person: names[f.Candidate.Person], Reasons: withoutDistance(f.Reasons)})
	}
	for _, x := range matching.View(survey.Ranking, viewer) {
		view.RuledOut = append(view.RuledOut, NamedExclusion{Person: names[x.Person], Rule: x.Rule})
	}
	for i, h := range view.Changes {
		for _, p := range firstOf(h.Help.Who, shownHelped) {
			view.Changes[i].Who = append(view.Changes[i].Who, names[p])
		}
	}
	return view, nil
}

// named looks at everybody whom the view names, each once.
func (a *App) named(ctx context.Context, c Caller, e matching.Explanation, as matching.Viewer, request care.RequestID) (map[care.PersonID]PersonView, error) {
	var people []care.PersonID
	for _, f := range e.Fitting {
		people = append(people, f.Candidate.Person)
	}
	for _, x := range matching.View(e.Ranking, as) {
		people = append(people, x.Person)
	}
	for _, h := range e.Changes(as) {
		people = append(people, firstOf(h.Who, shownHelped)...)
	}
	names := map[care.PersonID]PersonView{}
	for _, p := range people {
		if _, seen := names[p]; seen {
			continue
		}
		view, err := a.lookAt(ctx, c, p, as, request)
		if err != nil {
			return nil, err
		}
		names[p] = view
	}
	return names, nil
}

func firstOf[T any](list []T, most int) []T { return list[:min(len(list), most)] }

// WhyAsked tells a helper why they in particular were asked, for as long as the request is theirs to
// see. It holds nothing of anybody else: distance is a band from cell to cell, and what keeps others
// out, or a block that came later, changes no word of it.
func (a *App) WhyAsked(ctx context.Context, c Caller, id care.AskID) (care.Ask, []matching.Reason, error) {
	r, ask, err := a.requestOfAsk(ctx, c.Person, id)
	if err != nil {
		return care.Ask{}, nil, err
	}
	slot, err := r.Value.Slot(ask.Slot)
	if err != nil || helperRelation(c.Person, r.Value, a.clock()) == "" {
		return care.Ask{}, nil, care.E(care.NotFound, "ask_not_found", "there is no such ask")
	}
	me, err := a.Me(ctx, c)
	if err != nil {
		return care.Ask{}, nil, err
	}
	known, err := a.tiesOf(ctx, r.Value.For)
	if err != nil {
		return care.Ask{}, nil, err
	}
	self := matching.Candidate{Person: c.Person, Home: blurred(me.Value.Home.Point), KnownFace: known.known[c.Person]}
	why := matching.Why(a.need(r.Value, slot), self)
	if ask.Joins != "" {
		why = append([]matching.Reason{matching.JoinsJourney(ask.Joins, ask.Detour)}, why...)
	}
	return ask, why, nil
}

func (a *App) lookAt(ctx context.Context, c Caller, p care.PersonID, as matching.Viewer, request care.RequestID) (PersonView, error) {
	view, err := a.personView(ctx, p, true)
	if err != nil || p == c.Person {
		return *orEmpty(view), err
	}
	rel := RelStaff
	if as == matching.ViewModerator {
		rel = RelModerator
	}
	return *view, a.logView(ctx, View{Whose: p, By: c.Person, As: care.Party(rel), What: "candidate", Request: request})
}

func orEmpty(v *PersonView) *PersonView {
	if v == nil {
		return &PersonView{}
	}
	return v
}

// withoutDistance leaves out where somebody lives: that is for the helper's own eyes.
func withoutDistance(all []matching.Reason) []matching.Reason {
	var kept []matching.Reason
	for _, r := range all {
		if r.Key != matching.ReasonSamePlace && r.Key != matching.ReasonNearby {
			kept = append(kept, r)
		}
	}
	return kept
}
