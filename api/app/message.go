package app

import (
	"context"
	"slices"
	"time"

	"naober/api/port"
	"naober/matching/care"
)

// messagesOpen is how long after a visit the two can still write: as long as a word about it is
// awaited.
const messagesOpen = 48 * time.Hour

// SendMessage passes a line from one of the two of a visit to the other: its helper, and the person
// it is for or who asked on their behalf. Nobody else reads it.
func (a *App) SendMessage(ctx context.Context, c Caller, visit care.VisitID, text string) (care.MessageID, error) {
	if err := noBSN(text); err != nil {
		return "", err
	}
	return create(ctx, a, c, "message.send", []any{visit, text}, a.Stores.Messages, func(id care.MessageID) (care.Message, []care.Event, error) {
		m := care.Message{ID: id, Visit: visit, From: c.Person, Text: text}
		r, v, by, err := a.requestOfVisit(ctx, c.Person, visit)
		if err != nil {
			return m, nil, err
		}
		if m.To, err = otherSide(r, v, by); err != nil {
			return m, nil, err
		}
		now := a.clock()
		if m.Withheld, err = a.mayWrite(ctx, r, v, now); err != nil {
			return m, nil, err
		}
		m.Request = r.ID
		return m.Send(now)
	})
}

// mayWrite holds a conversation to the life of its visit, and says whether the message is withheld:
// where one of the two blocked the other it is stored and goes nowhere, so that a block shows in no
// answer.
func (a *App) mayWrite(ctx context.Context, r care.Request, v care.Visit, now time.Time) (withheld bool, err error) {
	open := v.State == care.VisitSet || v.State == care.VisitBegun || v.State == care.VisitFinished
	if !open || !now.Before(v.At.Until.Add(messagesOpen)) {
		return false, care.E(care.Conflict, "visit_state", "messages are for a visit that is planned, and two days after it")
	}
	h, err := a.Stores.Helpers.Get(ctx, a.resolve(v.Helper))
	return err == nil && h.Value.Blocked(a.resolve(r.For)), err
}

// otherSide names the receiver: an asker on somebody's behalf speaks for a person without the app.
func otherSide(r care.Request, v care.Visit, by care.Actor) (care.PersonID, error) {
	switch {
	case by.Party == care.Requester:
		return v.Helper, nil
	case by.Party != care.HelperParty:
		return "", care.E(care.Forbidden, "not_your_visit", "only the two of a visit write to each other")
	case r.OnBehalf != nil && r.OnBehalf.Consent.Stands():
		return r.OnBehalf.By, nil
	}
	return r.For, nil
}

// Messages lists what the two of a visit wrote, oldest first. For the two of it only; a helper whose
// visit was called off is none of them any more.
func (a *App) Messages(ctx context.Context, c Caller, visit care.VisitID, page port.Page) ([]care.Message, error) {
	v, by, err := a.correspondent(ctx, c.Person, visit)
	if err != nil {
		return nil, err
	}
	var shown []care.Message
	for len(shown) < page.Limit {
		found, err := a.Stores.Messages.Find(ctx, port.Key{Name: ByVisit, Value: string(visit)}, page)
		if err != nil || len(found) == 0 {
			return shown, err
		}
		for _, m := range found {
			if page.After = m.ID; a.readable(m.Value, v, by) {
				shown = append(shown, m.Value)
			}
			if len(shown) == page.Limit {
				break
			}
		}
		if len(found) < page.Limit {
			break
		}
	}
	return shown, nil
}

// correspondent is one of the two sides of a visit, who write to each other. A helper whose visit was
// called off is none of them any more.
func (a *App) correspondent(ctx context.Context, p care.PersonID, visit care.VisitID) (care.Visit, care.Actor, error) {
	r, v, by, err := a.requestOfVisit(ctx, p, visit)
	switch {
	case err != nil:
		return v, by, err
	case by.Party == care.HelperParty && v.State == care.VisitCalledOff && helperRelation(p, a.canonical(r), a.clock()) == "":
		return v, by, visitNotFound()
	case by.Party == care.HelperParty && v.State == care.VisitCalledOff, by.Party != care.Requester && by.Party != care.HelperParty:
		return v, by, care.E(care.Forbidden, "not_your_visit", "only the two of a visit read their messages")
	}
	return v, by, nil
}

// readable: what is withheld is read by the side that wrote it, of which there may be two persons.
func (a *App) readable(m care.Message, v care.Visit, by care.Actor) bool {
	wrote := (a.resolve(m.From) == a.resolve(v.Helper)) == (by.Party == care.HelperParty)
	return wrote || !m.Withheld
}

// GiveFeedback says how a visit went, once for each side; the owner reads it, the other side does
// not. A second word of the same side is refused.
func (a *App) GiveFeedback(ctx context.Context, c Caller, visit care.VisitID, good, again bool, words string) (care.FeedbackID, error) {
	if err := noBSN(words); err != nil {
		return "", err
	}
	r, v, by, err := a.requestOfVisit(ctx, c.Person, visit)
	if err != nil {
		return "", err
	}
	given, err := findAll(ctx, a.Stores.Feedbacks, port.Key{Name: ByVisit, Value: string(visit)})
	if err != nil {
		return "", err
	}
	// The document's id is made of visit and side, so that two devices cannot both be first.
	id := care.DeriveID[care.FeedbackID](v.AgreedAt, string(visit), string(by.Party))
	if slices.ContainsFunc(given, func(f care.Feedback) bool { return f.ID == id && a.resolve(f.By) != c.Person }) {
		return "", care.E(care.Conflict, "feedback_given", "this side has said how it went")
	}
	now := a.clock()
	in := intent{name: "feedback.give", args: []any{visit, good, again, words}, subject: string(id)}
	_, err = a.once(ctx, c, in, func(_ string, w port.Write) error {
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
	}, marksOf(a.Stores.Feedbacks))
	return id, err
}

// Feedbacks lists what both sides said about a request's visits. For its owner only, where they have
// no other part in it; each reading is logged.
func (a *App) Feedbacks(ctx context.Context, c Caller, id care.RequestID) ([]care.Feedback, error) {
	r, err := a.Stores.Requests.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	rel, err := a.relationTo(ctx, c.Person, r.Value)
	if err != nil {
		return nil, err
	}
	if rel != RelOwner {
		return nil, care.E(care.Forbidden, "not_the_owner", "feedback is for the owner of the request")
	}
	found, err := findAll(ctx, a.Stores.Feedbacks, port.Key{Name: ByRequest, Value: string(id)})
	if err != nil {
		return nil, err
	}
	for _, f := range found {
		if err := a.logFeedback(ctx, c.Person, r.Value, f); err != nil {
			return nil, err
		}
	}
	return found, nil
}

func (a *App) logFeedback(ctx context.Context, p care.PersonID, r care.Request, f care.Feedback) error {
	mine, err := a.rights(ctx, p)
	if err != nil {
		return err
	}
	seen := mine.reader(r.Community, RelOwner)
	seen.Whose, seen.What, seen.Request = f.By, "feedback", f.Request
	return a.logView(ctx, seen)
}

func values[T any](found []port.Stored[T]) []T {
	all := make([]T, len(found))
	for i, d := range found {
		all[i] = d.Value
	}
	return all
}
