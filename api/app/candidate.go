package app

import (
	"context"

	"naober/matching"
	"naober/matching/care"
)

// shownCandidates is how many names of each list a look at candidates shows; each is logged.
const shownCandidates = 20

// CandidateView is who could be asked for a time, as its reader may know it. Names are set for desk
// and moderator alone; nobody is told how near somebody lives.
type CandidateView struct {
	Viewer   matching.Viewer
	Fitting  []NamedFit
	RuledOut []NamedExclusion
	Counts   []matching.Count
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

// ViewCandidates is Candidates folded for the caller's eyes. Everybody whose name is shown finds
// the look in their log.
func (a *App) ViewCandidates(ctx context.Context, c Caller, id care.RequestID, slot care.SlotID) (CandidateView, error) {
	survey, viewer, err := a.Candidates(ctx, c, id, slot)
	if err != nil {
		return CandidateView{}, err
	}
	view := CandidateView{Viewer: viewer, Counts: survey.Counts(viewer)}
	if viewer != matching.ViewDesk && viewer != matching.ViewModerator {
		return view, nil
	}
	for _, f := range survey.Fitting {
		p, err := a.lookAt(ctx, c, f.Candidate.Person, viewer, id)
		if err != nil {
			return CandidateView{}, err
		}
		view.Fitting = append(view.Fitting, NamedFit{Person: p, Reasons: withoutDistance(f.Reasons)})
	}
	for _, x := range matching.View(survey.Ranking, viewer) {
		p, err := a.lookAt(ctx, c, x.Person, viewer, id)
		if err != nil {
			return CandidateView{}, err
		}
		view.RuledOut = append(view.RuledOut, NamedExclusion{Person: p, Rule: x.Rule})
	}
	return view, nil
}

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
	known, err := a.knownFaces(ctx, r.Value.For)
	if err != nil {
		return care.Ask{}, nil, err
	}
	self := matching.Candidate{Person: c.Person, Home: blurred(me.Value.Home.Point), KnownFace: known[c.Person]}
	return ask, matching.Why(a.need(r.Value, slot), self), nil
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
