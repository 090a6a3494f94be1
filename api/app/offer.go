package app

import (
	"context"

	"naober/api/port"
	"naober/matching/care"
)

// helperOf resolves for whom an offer is made: the caller, or somebody whom the desk serves.
func (a *App) helperOf(ctx context.Context, by, helper care.PersonID, in care.CommunityID) (care.PersonID, error) {
	helper = a.resolve(helper)
	if helper == "" || helper == by {
		return by, nil
	}
	mine, err := a.rights(ctx, by)
	if err != nil {
		return "", err
	}
	theirs, err := a.rights(ctx, helper)
	if err != nil {
		return "", err
	}
	if !mine.in(in, care.DeskWorker, care.FixedWorker) || !theirs.in(in, care.Resident, care.Volunteer) {
		return "", care.E(care.NotFound, "person_not_found", "there is no such person here")
	}
	return helper, nil
}

// MakeOffer says what somebody can do in a community: for oneself, or at the desk for a person
// without a phone. Whether they are asked is the association's approval to say.
func (a *App) MakeOffer(ctx context.Context, c Caller, o care.Offer) (care.OfferID, error) {
	if err := noBSN(offerTexts(o)...); err != nil {
		return "", err
	}
	var helper care.PersonID
	id, err := create(ctx, a, c, "offer.make", o, a.Stores.Offers, func(id care.OfferID) (care.Offer, []care.Event, error) {
		var err error
		if helper, err = a.helperOf(ctx, c.Person, o.Helper, o.Community); err != nil {
			return o, nil, err
		}
		if err := a.belongs(ctx, helper, o.Community); err != nil {
			return o, nil, err
		}
		made := o
		made.ID, made.Helper = id, helper
		made, events, err := care.NewOffer(made, c.Person, a.clock())
		if err != nil {
			return o, nil, err
		}
		return made, events, a.ensureHelper(ctx, helper, o.Community)
	})
	if err == nil && helper != "" {
		a.refresh(ctx, helper)
	}
	return id, err
}

// offerTexts are the words in an offer that a person typed.
func offerTexts(o care.Offer) []string {
	texts := append([]string{o.Note}, o.Skills...)
	if o.Boxed != nil {
		texts = append(texts, o.Boxed.From, o.Boxed.To)
	}
	return texts
}

// EditOffer replaces what an offer says. For its helper, and the desk of its community.
func (a *App) EditOffer(ctx context.Context, c Caller, id care.OfferID, next care.Offer) error {
	if err := noBSN(offerTexts(next)...); err != nil {
		return err
	}
	return a.onOffer(ctx, c, "offer.edit", next, id, func(o care.Offer, by care.PersonID) (care.Offer, []care.Event, error) {
		return o.Edit(by, next, a.clock())
	})
}

// EndOffer takes an offer back; visits that are agreed stay. For its helper, and the desk.
func (a *App) EndOffer(ctx context.Context, c Caller, id care.OfferID) error {
	return a.onOffer(ctx, c, "offer.end", nil, id, func(o care.Offer, by care.PersonID) (care.Offer, []care.Event, error) {
		return o.End(by, a.clock())
	})
}

func (a *App) onOffer(ctx context.Context, c Caller, name string, args any, id care.OfferID,
	f func(care.Offer, care.PersonID) (care.Offer, []care.Event, error)) error {
	o, _, err := a.offer(ctx, c, id)
	if err != nil {
		return err
	}
	err = change(ctx, a, c, name, args, a.Stores.Offers, id, func(o care.Offer) (care.Offer, []care.Event, error) {
		return f(o, o.Helper)
	})
	if err == nil {
		a.refresh(ctx, o.Value.Helper)
	}
	return err
}

// Offer shows an offer to its helper and to the desk and fixed worker of its community, whose reading
// is logged.
func (a *App) Offer(ctx context.Context, c Caller, id care.OfferID) (port.Stored[care.Offer], error) {
	o, seen, err := a.offer(ctx, c, id)
	if err == nil {
		err = a.logView(ctx, seen)
	}
	if err != nil {
		return port.Stored[care.Offer]{}, err
	}
	return o, nil
}

// offer finds an offer for whoever may see it, shows it to nobody, and says what a reading would put
// into its helper's log.
func (a *App) offer(ctx context.Context, c Caller, id care.OfferID) (port.Stored[care.Offer], View, error) {
	o, err := a.Stores.Offers.Get(ctx, id)
	if err != nil || o.Value.Helper == c.Person {
		return o, View{}, err
	}
	mine, err := a.rights(ctx, c.Person)
	if err != nil {
		return port.Stored[care.Offer]{}, View{}, err
	}
	if !mine.in(o.Value.Community, care.DeskWorker, care.FixedWorker) {
		return port.Stored[care.Offer]{}, View{}, care.E(care.NotFound, "offer_not_found", "there is no such offer")
	}
	seen := mine.reader(o.Value.Community, RelStaff)
	seen.Whose, seen.What = o.Value.Helper, "offer"
	return o, seen, nil
}

// Offers lists the caller's own offers, ended ones included.
func (a *App) Offers(ctx context.Context, c Caller, page port.Page) ([]port.Stored[care.Offer], error) {
	return a.Stores.Offers.Find(ctx, port.Key{Name: ByPerson, Value: string(c.Person)}, page)
}

// veil answers as for somebody absent where a rule refuses; a failure of the machine stays one.
func veil(err, absent error) error {
	if refusal(err) {
		return absent
	}
	return err
}

// belongs checks that somebody is a member of the village they want to help in.
func (a *App) belongs(ctx context.Context, p care.PersonID, in care.CommunityID) error {
	theirs, err := a.rights(ctx, p)
	if err == nil && !theirs.in(in, care.Resident, care.Volunteer) {
		err = care.E(care.Forbidden, "not_a_member", "one helps in a village that one belongs to")
	}
	return err
}

// ensureHelper opens a person's book where there is none yet.
func (a *App) ensureHelper(ctx context.Context, p care.PersonID, in care.CommunityID) error {
	_, err := a.Stores.Helpers.Get(ctx, p)
	if !care.IsKind(err, care.NotFound) {
		return err
	}
	community, err := a.Stores.Communities.Get(ctx, in)
	if err != nil {
		return err
	}
	return a.openBook(ctx, p, community.Value.Zone)
}

// openBook opens an empty book by the clocks of a time zone; one that is there already stays.
func (a *App) openBook(ctx context.Context, p care.PersonID, zone string) error {
	_, err := a.Stores.Helpers.Insert(ctx, p, care.NewHelper(p, care.DefaultQuiet(zone), a.clock()), nil, port.Write{})
	return keepStanding(err)
}
