package app

import (
	"context"
	"slices"

	"naober/matching/care"
)

// onlooker is one person who looks at requests in one call. Their rights and the chairs they meet
// are read once, for a list asks the same of every entry; it must not outlive the call.
type onlooker struct {
	app    *App
	person care.PersonID
	rights *rights
	chairs map[care.Chair][]care.PersonID
}

func (a *App) onlooker(p care.PersonID) *onlooker {
	return &onlooker{app: a, person: p, chairs: map[care.Chair][]care.PersonID{}}
}

func (o *onlooker) mine(ctx context.Context) (rights, error) {
	if o.rights == nil {
		mine, err := o.app.rights(ctx, o.person)
		if err != nil {
			return rights{}, err
		}
		o.rights = &mine
	}
	return *o.rights, nil
}

// sitting resolves a chair.
func (o *onlooker) sitting(ctx context.Context, ch care.Chair) ([]care.PersonID, error) {
	if found, ok := o.chairs[ch]; ok {
		return found, nil
	}
	found, err := o.app.holders(ctx, ch)
	if err == nil {
		o.chairs[ch] = found
	}
	return found, err
}

// holds reports whether the person sits in the chair today. Most people hold no office anywhere;
// for them the village's long list of members is not read.
func (o *onlooker) holds(ctx context.Context, ch care.Chair) (bool, error) {
	mine, err := o.mine(ctx)
	if err != nil || !mine.office() {
		return false, err
	}
	found, err := o.sitting(ctx, ch)
	return slices.Contains(found, o.person), err
}

// worksIn reports whether some request of the community could be theirs to see by office.
func (o *onlooker) worksIn(ctx context.Context, in care.CommunityID) (bool, error) {
	mine, err := o.mine(ctx)
	if err != nil || !mine.office() {
		return false, err
	}
	if mine.in(in, care.DeskWorker, care.FixedWorker, care.Moderator) {
		return true, nil
	}
	for _, kind := range []care.ChairKind{care.ChairWorker, care.ChairDesk, care.ChairGuarantor} {
		holds, err := o.holds(ctx, care.Chair{Kind: kind, Community: in})
		if holds || care.IsKind(err, care.NotFound) {
			return holds, nil
		}
		if err != nil {
			return false, err
		}
	}
	return false, nil
}

// relationTo says how the person stands to a request: the nearest relation counts.
func (o *onlooker) relationTo(ctx context.Context, r care.Request) (Relation, error) {
	r = o.app.canonical(r)
	if r.PartyOf(o.person) == care.Requester {
		return RelRequester, nil
	}
	owner, err := o.holds(ctx, r.Owner)
	if err != nil {
		return "", err
	}
	mine, err := o.mine(ctx)
	helps := helperRelation(o.person, r, o.app.clock())
	switch {
	case err != nil:
		return "", err
	case owner:
		return RelOwner, nil
	case mine.in(r.Community, care.DeskWorker, care.FixedWorker):
		return RelStaff, nil
	case helps != "":
		return helps, nil
	case mine.in(r.Community, care.Moderator):
		return RelModerator, nil
	}
	return "", requestNotFound()
}
