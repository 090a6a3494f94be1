package app

import (
	"context"
	"errors"
	"slices"

	"naober/matching/care"
)

// What follows reads single documents for whoever just changed them, under the rights of the noun.

// RequestOfAsk finds the request that holds an ask, and the ask. For its helper, whatever became of
// it.
func (a *App) RequestOfAsk(ctx context.Context, c Caller, id care.AskID) (care.RequestID, care.Ask, error) {
	r, ask, err := a.requestOfAsk(ctx, c.Person, id)
	return r.Value.ID, ask, err
}

// RequestOfVisit finds the request that holds a visit. For the parties of the visit.
func (a *App) RequestOfVisit(ctx context.Context, c Caller, id care.VisitID) (care.RequestID, error) {
	r, _, _, err := a.requestOfVisit(ctx, c.Person, id)
	return r.ID, err
}

// Message shows one message to the two it is between.
func (a *App) Message(ctx context.Context, c Caller, id care.MessageID) (Stored[care.Message], error) {
	m, err := a.Stores.Messages.Get(ctx, id)
	if err == nil && m.Value.From != c.Person && (m.Value.To != c.Person || m.Value.Withheld) {
		return Stored[care.Message]{}, care.E(care.NotFound, "message_not_found", "there is no such message")
	}
	return m, err
}

// Feedback shows feedback to whoever gave it.
func (a *App) Feedback(ctx context.Context, c Caller, id care.FeedbackID) (Stored[care.Feedback], error) {
	f, err := a.Stores.Feedbacks.Get(ctx, id)
	if err == nil && f.Value.By != c.Person {
		return Stored[care.Feedback]{}, care.E(care.NotFound, "feedback_not_found", "there is no such feedback")
	}
	return f, err
}

// Membership shows one membership, ended ones included, to its holder, to the administrators of its
// place, and to its desk where it is a resident's or volunteer's.
func (a *App) Membership(ctx context.Context, c Caller, id care.MembershipID) (Stored[care.Membership], error) {
	m, err := a.Stores.Memberships.Get(ctx, id)
	if err != nil || m.Value.Person == c.Person {
		return m, err
	}
	if err := a.mayEnd(ctx, c.Person, m.Value); err != nil {
		return Stored[care.Membership]{}, err
	}
	return m, nil
}

// HelperIn shows a volunteer to the moderators and the desk of one village: that association's word,
// the pauses that hold there and what was seen of them. Blocks, hours and other villages are left
// out. The reading is logged.
func (a *App) HelperIn(ctx context.Context, c Caller, in care.CommunityID, p care.PersonID) (Stored[care.Helper], PersonView, error) {
	none := Stored[care.Helper]{}
	mine, err := a.rights(ctx, c.Person)
	if err != nil {
		return none, PersonView{}, err
	}
	if !mine.in(in, care.Moderator, care.DeskWorker) {
		return none, PersonView{}, care.E(care.Forbidden, "not_a_moderator", "only the village's moderators and its desk can see that")
	}
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
	seen := View{Whose: p, By: c.Person, As: care.Party(RelModerator), What: "helper", At: a.clock()}
	if err := a.logView(ctx, seen); err != nil {
		return none, PersonView{}, err
	}
	h.Value = VisibleHelper(h.Value, in)
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

// VisibleHelper cuts a helper's book down to what one village's moderators see of it.
func VisibleHelper(h care.Helper, in care.CommunityID) care.Helper {
	cut := care.Helper{Person: h.Person, Vettings: h.Vettings, CreatedAt: h.CreatedAt}
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

// VisibleReferral cuts a referral down to what one side sees: before it has accepted, the receiver
// sees theme and urgency alone, and nothing once it has rejected.
func VisibleReferral(f care.Referral, side Side) care.Referral {
	if side != Receiver || (f.State != care.ReferralPending && f.State != care.ReferralDeclined) {
		return f
	}
	f.Request, f.For, f.By, f.Words, f.Consent = "", "", "", "", care.Consent{}
	return f
}

// VisibleReport cuts a worry down for its reader: whoever filed it reads their own words and the
// answer, not who sees to it.
func VisibleReport(p care.Report, reader care.PersonID) care.Report {
	if p.By == reader {
		p.TakenBy = ""
	}
	return p
}

// Organizations lists the bodies with members by ascending id; for whoever is signed in.
func (a *App) Organizations(ctx context.Context, page Page) ([]care.Organization, error) {
	var found []care.Organization
	err := a.Stores.Organizations.Each(ctx, func(o Stored[care.Organization]) error {
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
