package app

import (
	"context"
	"errors"
	"slices"

	"naober/api/port"
	"naober/matching/care"
)

// What follows reads single documents for whoever just changed them, under the rights of the noun.

// RequestOfAsk finds the request that holds an ask, and the ask. For its helper, whatever became of
// it.
func (a *App) RequestOfAsk(ctx context.Context, c Caller, id care.AskID) (care.RequestID, care.Ask, error) {
	r, ask, err := a.requestOfAsk(ctx, c.Person, id)
	return r.Value.ID, ask, err
}

// RequestOfVisit finds the request that holds a visit, for whoever sees the visit there.
func (a *App) RequestOfVisit(ctx context.Context, c Caller, id care.VisitID) (care.RequestID, error) {
	r, _, _, err := a.requestOfVisit(ctx, c.Person, id)
	if care.IsKind(err, care.Forbidden) {
		err = nil // staff see it, whatever they may do with it
	}
	return r.ID, err
}

// Message shows one message to the two sides of its visit, as Messages does.
func (a *App) Message(ctx context.Context, c Caller, id care.MessageID) (port.Stored[care.Message], error) {
	none := care.E(care.NotFound, "message_not_found", "there is no such message")
	m, err := a.Stores.Messages.Get(ctx, id)
	if err != nil {
		return port.Stored[care.Message]{}, err
	}
	v, by, err := a.correspondent(ctx, c.Person, m.Value.Visit)
	if err != nil {
		return port.Stored[care.Message]{}, veil(err, none)
	}
	if !a.readable(m.Value, v, by) {
		return port.Stored[care.Message]{}, none
	}
	return m, nil
}

// Feedback shows feedback to whoever gave it, and to the owner of its request; that is logged.
func (a *App) Feedback(ctx context.Context, c Caller, id care.FeedbackID) (port.Stored[care.Feedback], error) {
	none := care.E(care.NotFound, "feedback_not_found", "there is no such feedback")
	f, err := a.Stores.Feedbacks.Get(ctx, id)
	if err != nil || a.resolve(f.Value.By) == c.Person {
		return f, err
	}
	r, err := a.Stores.Requests.Get(ctx, f.Value.Request)
	if err != nil {
		return port.Stored[care.Feedback]{}, veil(err, none)
	}
	rel, err := a.relationTo(ctx, c.Person, r.Value)
	switch {
	case err != nil:
		return port.Stored[care.Feedback]{}, veil(err, none)
	case rel != RelOwner:
		return port.Stored[care.Feedback]{}, none
	}
	return f, a.logFeedback(ctx, c.Person, r.Value, f.Value)
}

// Membership shows one membership, ended ones included, to its holder, to the administrators of its
// place, and to its desk where it is a resident's or volunteer's.
func (a *App) Membership(ctx context.Context, c Caller, id care.MembershipID) (port.Stored[care.Membership], error) {
	m, err := a.Stores.Memberships.Get(ctx, id)
	if err != nil || m.Value.Person == c.Person {
		return m, err
	}
	if err := a.mayEnd(ctx, c.Person, m.Value); err != nil {
		return port.Stored[care.Membership]{}, err
	}
	mine, err := a.rights(ctx, c.Person)
	if err != nil {
		return port.Stored[care.Membership]{}, err
	}
	rel := RelAdministrator
	if mine.in(m.Value.Community, care.DeskWorker, care.FixedWorker) {
		rel = RelStaff
	}
	seen := mine.reader(m.Value.Community, rel)
	seen.Whose, seen.What = m.Value.Person, "membership"
	return m, a.logView(ctx, seen)
}

// HelperIn shows a volunteer to the workers of one village: to its moderators that association's word,
// the pauses that hold there and what was seen of them; to desk and fixed worker what was seen alone.
// Blocks, hours and other villages are left out. The reading is logged.
func (a *App) HelperIn(ctx context.Context, c Caller, in care.CommunityID, p care.PersonID) (port.Stored[care.Helper], PersonView, error) {
	none := port.Stored[care.Helper]{}
	mine, err := a.rights(ctx, c.Person)
	if err != nil {
		return none, PersonView{}, err
	}
	rel := RelStaff
	switch {
	case mine.in(in, care.Moderator):
		rel = RelModerator
	case !mine.in(in, care.DeskWorker, care.FixedWorker):
		return none, PersonView{}, care.E(care.Forbidden, "not_a_moderator", "only the village's moderators and its desk can see that")
	}
	p = a.resolve(p)
	h, err := a.Stores.Helpers.Get(ctx, p)
	if err != nil {
		return none, PersonView{}, err
	}
	if err := a.knownHere(ctx, h.Value, in); err != nil {
		return none, PersonView{}, err
	}
	person, err := a.personView(ctx, p, true)
	if err != nil {
		return none, PersonView{}, err
	}
	seen := mine.reader(in, rel)
	seen.Whose, seen.What = p, "helper"
	if err := a.logView(ctx, seen); err != nil {
		return none, PersonView{}, err
	}
	h.Value = visibleHelper(h.Value, in, rel)
	return h, *person, nil
}

func (a *App) knownHere(ctx context.Context, h care.Helper, in care.CommunityID) error {
	if slices.ContainsFunc(h.Approvals, func(x care.Approval) bool { return x.Community == in }) {
		return nil
	}
	if err := a.belongs(ctx, h.Person, in); err != nil {
		return veil(err, care.E(care.NotFound, "helper_not_found", "there is no such helper here"))
	}
	return nil
}

// visibleHelper cuts a helper's book down to what one village's workers see of it. That somebody is
// paused or not approved is between them and the association: the desk is told "not available now".
func visibleHelper(h care.Helper, in care.CommunityID, rel Relation) care.Helper {
	cut := care.Helper{Person: h.Person, Vettings: h.Vettings, CreatedAt: h.CreatedAt}
	if rel != RelModerator {
		return cut
	}
	for _, x := range h.Approvals {
		if x.Community == in {
			cut.Approvals = append(cut.Approvals, x)
		}
	}
	for _, p := range h.Pauses {
		if p.Community == in || p.Community == "" {
			cut.Pauses = append(cut.Pauses, p)
		}
	}
	return cut
}

// visibleReferral cuts a referral down to what one side sees: before it has accepted, the receiver
// sees theme and urgency alone, and nothing once it has rejected.
func visibleReferral(f care.Referral, side Side) care.Referral {
	if side != Receiver || (f.State != care.ReferralPending && f.State != care.ReferralDeclined) {
		return f
	}
	f.Request, f.For, f.By, f.Words, f.Consent = "", "", "", "", care.Consent{}
	return f
}

// visibleReport cuts a worry down for its reader: whoever filed it reads their own words and the
// answer, not who sees to it.
func visibleReport(p care.Report, reader care.PersonID) care.Report {
	if p.By == reader {
		p.TakenBy = ""
	}
	return p
}

// Organizations lists the bodies with members by ascending id; for whoever is signed in.
func (a *App) Organizations(ctx context.Context, page port.Page) ([]care.Organization, error) {
	var found []care.Organization
	err := a.Stores.Organizations.Each(ctx, func(o port.Stored[care.Organization]) error {
		if o.ID > page.After {
			found = append(found, o.Value)
		}
		if len(found) >= page.Limit {
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return found, err
}
