package app

import (
	"context"
	"slices"

	"naober/matching/care"
)

// SendMessage passes a line from one of the two of a visit to the other: its helper, and the person
// it is for or who asked on their behalf. Nobody else reads it.
func (a *App) SendMessage(ctx context.Context, c Caller, visit care.VisitID, text string) (care.MessageID, error) {
	r, v, by, err := a.requestOfVisit(ctx, c.Person, visit)
	if err != nil {
		return "", err
	}
	to, err := otherSide(r, v, by)
	if err != nil {
		return "", err
	}
	now := a.clock()
	return create(ctx, a, c, "message.send", []any{visit, text}, a.Stores.Messages, func(id care.MessageID) (care.Message, []care.Event, error) {
		return care.Message{ID: id, Request: r.ID, Visit: visit, From: c.Person, To: to, Text: text}.Send(now)
	})
}

// otherSide names the receiver: an asker on somebody's behalf speaks for a person without the app.
func otherSide(r care.Request, v care.Visit, by care.Actor) (care.PersonID, error) {
	switch {
	case v.State == care.VisitAgreed:
		return "", care.E(care.Conflict, "visit_state", "messages open once the visit is planned")
	case by.Party == care.Requester:
		return v.Helper, nil
	case by.Party != care.HelperParty:
		return "", care.E(care.Forbidden, "not_your_visit", "only the two of a visit write to each other")
	case r.OnBehalf != nil && r.OnBehalf.Consent.Stands():
		return r.OnBehalf.By, nil
	}
	return r.For, nil
}

// Messages lists what the two of a visit wrote, oldest first. For the two of it only.
func (a *App) Messages(ctx context.Context, c Caller, visit care.VisitID, page Page) ([]care.Message, error) {
	_, _, by, err := a.requestOfVisit(ctx, c.Person, visit)
	if err != nil {
		return nil, err
	}
	if by.Party != care.Requester && by.Party != care.HelperParty {
		return nil, care.E(care.Forbidden, "not_your_visit", "only the two of a visit read their messages")
	}
	found, err := a.Stores.Messages.Find(ctx, Key{ByVisit, string(visit)}, page)
	return values(found), err
}

// GiveFeedback says how a visit went, once for each side; the owner reads it, the other side does
// not. A second word of the same side is refused.
func (a *App) GiveFeedback(ctx context.Context, c Caller, visit care.VisitID, good, again bool, words string) (care.FeedbackID, error) {
	r, v, by, err := a.requestOfVisit(ctx, c.Person, visit)
	if err != nil {
		return "", err
	}
	given, err := findAll(ctx, a.Stores.Feedbacks, Key{ByVisit, string(visit)})
	if err != nil {
		return "", err
	}
	// The document's id is made of visit and side, so that two devices cannot both be first.
	id := care.DeriveID[care.FeedbackID](v.AgreedAt, string(visit), string(by.Party))
	if slices.ContainsFunc(given, func(f care.Feedback) bool { return f.ID == id && f.By != c.Person }) {
		return "", care.E(care.Conflict, "feedback_given", "this side has said how it went")
	}
	now := a.clock()
	in := intent{name: "feedback.give", args: []any{visit, good, again, words}, subject: string(id)}
	_, err = a.once(ctx, c, in, func(_ string, w Write) error {
		f := care.Feedback{ID: id, Request: r.ID, Visit: visit, By: c.Person, Side: by.Party, Good: good, Again: again, Words: words}
		f, events, err := f.Give(v, now)
		if err != nil {
			return err
		}
		w.IfVer = 0
		_, err = a.Stores.Feedbacks.Insert(ctx, id, f, events, w)
		if care.CodeOf(err) == "id_taken" {
			return care.E(care.Conflict, "feedback_given", "this side has said how it went")
		}
		return err
	}, nil)
	return id, err
}

// Feedbacks lists what both sides said about a request's visits. For its owner only.
func (a *App) Feedbacks(ctx context.Context, c Caller, id care.RequestID) ([]care.Feedback, error) {
	r, err := a.Stores.Requests.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	by, err := a.ownerActor(ctx, c.Person, r.Value)
	if err != nil {
		return nil, err
	}
	if by.Party != care.Owner {
		return nil, care.E(care.Forbidden, "not_the_owner", "feedback is for the owner of the request")
	}
	return findAll(ctx, a.Stores.Feedbacks, Key{ByRequest, string(id)})
}

func values[T any](found []Stored[T]) []T {
	all := make([]T, len(found))
	for i, d := range found {
		all[i] = d.Value
	}
	return all
}
