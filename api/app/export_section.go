package app

import (
	"context"

	"naober/api/port"
	"naober/matching/care"
)

// taken reads one page of a kind of documents that name the person, under whichever of their records,
// and hands each over. It gives where the next page begins, empty on the last.
func taken[K ~string, T any](ctx context.Context, x *exporter, docs port.Documents[K, T], key string, page port.Page, add func(port.Stored[T]) error) (string, error) {
	found, err := findOwn(ctx, x.app, docs, key, x.caller.Person, page)
	if err != nil {
		return "", err
	}
	x.read = len(found)
	for _, d := range found {
		if err := add(d); err != nil {
			return "", err
		}
	}
	if len(found) < page.Limit {
		return "", nil
	}
	return found[len(found)-1].ID, nil
}

func (x *exporter) memberships(ctx context.Context, page port.Page) (string, error) {
	return taken(ctx, x, x.app.Stores.Memberships, ByPerson, page, func(m port.Stored[care.Membership]) error {
		x.part.Memberships = append(x.part.Memberships, m.Value)
		return nil
	})
}

func (x *exporter) sessions(ctx context.Context, page port.Page) (string, error) {
	return taken(ctx, x, x.app.Stores.Sessions, ByPerson, page, func(s port.Stored[Session]) error {
		x.part.Sessions = append(x.part.Sessions, s.Value)
		return nil
	})
}

func (x *exporter) offers(ctx context.Context, page port.Page) (string, error) {
	return taken(ctx, x, x.app.Stores.Offers, ByPerson, page, func(o port.Stored[care.Offer]) error {
		x.part.Offers = append(x.part.Offers, o.Value)
		return nil
	})
}

func (x *exporter) forMe(ctx context.Context, page port.Page) (string, error) {
	return taken(ctx, x, x.app.Stores.Requests, ByFor, page, x.request(ctx))
}

func (x *exporter) behalf(ctx context.Context, page port.Page) (string, error) {
	return taken(ctx, x, x.app.Stores.Requests, ByAsker, page, x.request(ctx))
}

// helping adds the requests in which the person has a part as a helper. Of those that they asked for
// themselves the sections before have it all.
func (x *exporter) helping(ctx context.Context, page port.Page) (string, error) {
	return taken(ctx, x, x.app.Stores.Requests, ByHelper, page, func(r port.Stored[care.Request]) error {
		if x.app.canonical(r.Value).PartyOf(x.caller.Person) == care.Requester {
			return nil
		}
		return x.request(ctx)(r)
	})
}

// request adds a request as the person sees it now; where they see nothing of it any more, what they
// themselves said and did there.
func (x *exporter) request(ctx context.Context) func(port.Stored[care.Request]) error {
	return func(r port.Stored[care.Request]) error {
		view, err := x.app.viewRequest(ctx, x.eyes, r)
		switch {
		case care.IsKind(err, care.NotFound):
			x.parts(r.Value.Asks, r.Value.Visits)
			return nil
		case err != nil:
			return err
		}
		x.part.Requests = append(x.part.Requests, view)
		return nil
	}
}

// parts adds the questions that the person got, and their visits.
func (x *exporter) parts(asks []care.Ask, visits []care.Visit) {
	asks, visits = x.app.canonicalParts(asks, visits)
	for _, ask := range asks {
		if ask.Helper == x.caller.Person {
			x.part.Asks = append(x.part.Asks, ask)
		}
	}
	for _, v := range visits {
		if v.Helper == x.caller.Person {
			x.part.Visits = append(x.part.Visits, v)
		}
	}
}

// histories adds the settled times of what the person asked for.
func (x *exporter) histories(ctx context.Context, page port.Page) (string, error) {
	return taken(ctx, x, x.app.Stores.Histories, ByFor, page, func(h port.Stored[care.History]) error {
		view, ok, err := x.app.viewHistory(ctx, x.caller.Person, RelRequester, h.Value)
		if err != nil || !ok {
			return err
		}
		x.part.Histories = append(x.part.Histories, view)
		seen := View{By: x.caller.Person, As: care.Party(RelRequester), Request: h.Value.Request}
		return x.app.logNames(ctx, seen, view.People, view.Asked)
	})
}

// helped adds the person's own questions and visits in settled times of others.
func (x *exporter) helped(ctx context.Context, page port.Page) (string, error) {
	return taken(ctx, x, x.app.Stores.Histories, ByHelper, page, func(h port.Stored[care.History]) error {
		x.parts(h.Value.Asks, h.Value.Visits)
		return nil
	})
}

func (x *exporter) referrals(ctx context.Context, page port.Page) (string, error) {
	return taken(ctx, x, x.app.Stores.Referrals, ByFor, page, func(f port.Stored[care.Referral]) error {
		x.part.Referrals = append(x.part.Referrals, visibleReferral(f.Value, Subject))
		return nil
	})
}

// messages adds what the person wrote, and what they may read of what was written to them.
func (x *exporter) messages(ctx context.Context, page port.Page) (string, error) {
	return taken(ctx, x, x.app.Stores.Messages, ByPerson, page, func(m port.Stored[care.Message]) error {
		if x.app.resolve(m.Value.From) != x.caller.Person {
			_, err := x.app.Message(ctx, x.caller, m.Value.ID)
			if care.IsKind(err, care.NotFound) {
				return nil
			}
			if err != nil {
				return err
			}
		}
		x.part.Messages = append(x.part.Messages, m.Value)
		return nil
	})
}

func (x *exporter) feedbacks(ctx context.Context, page port.Page) (string, error) {
	return taken(ctx, x, x.app.Stores.Feedbacks, ByPerson, page, func(f port.Stored[care.Feedback]) error {
		x.part.Feedbacks = append(x.part.Feedbacks, f.Value)
		return nil
	})
}

// reports adds the worries that the person filed. One about them stays with those who see to it.
func (x *exporter) reports(ctx context.Context, page port.Page) (string, error) {
	return taken(ctx, x, x.app.Stores.Reports, ByPerson, page, func(p port.Stored[care.Report]) error {
		p.Value.By, p.Value.About = x.app.resolve(p.Value.By), x.app.resolve(p.Value.About)
		x.part.Reports = append(x.part.Reports, visibleReport(p.Value, x.caller.Person))
		return nil
	})
}

func (x *exporter) pushes(ctx context.Context, page port.Page) (string, error) {
	sent, next, err := x.app.Stores.Pushes.Sent(ctx, x.app.selves(x.caller.Person), page)
	x.read = len(sent)
	x.part.Pushes = append(x.part.Pushes, sent...)
	return next, err
}

func (x *exporter) views(ctx context.Context, page port.Page) (string, error) {
	found, err := x.app.Views(ctx, x.caller, page)
	if err != nil {
		return "", err
	}
	x.read = len(found)
	x.part.Views = append(x.part.Views, found...)
	if len(found) < page.Limit {
		return "", nil
	}
	return found[len(found)-1].ID, nil
}
