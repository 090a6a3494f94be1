package rest

import (
	"context"
	"encoding/json"

	"naober/api/app"
	"naober/api/offline"
	"naober/api/port"
	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// shelf gathers what an account may see, each document once.
type shelf struct {
	app   *app.App
	who   app.Caller
	later *app.Later
	docs  []offline.Document
	known map[string]bool
}

// Documents implements offline.Library: what the readings of this account's own routes show, through the very
// same serializers, in the order in which a person who opens the app needs it.
func (s *Server) Documents(ctx context.Context, who app.Caller) ([]offline.Document, error) {
	// Rights that changed since the last try must show in this one.
	ctx, later := app.WithLater(app.WithMoment(ctx, "documents", string(who.Person)))
	sh := &shelf{app: s.app, who: who, later: later, known: map[string]bool{}}
	for _, put := range []func(context.Context) error{sh.self, sh.helping, sh.mine, sh.offers, sh.referrals, sh.offices} {
		if err := put(ctx); err != nil {
			return nil, err
		}
	}
	return sh.docs, nil
}

// Standing implements offline.Library. It is read anew each time, whatever the call has read before.
func (s *Server) Standing(ctx context.Context, p care.PersonID) (string, error) {
	return s.app.Standing(app.WithPrelude(ctx, "standing", string(p)), p)
}

// put adds a document with the readings that were made since the last one.
func (sh *shelf) put(kind, id string, value any) error {
	key, seen := kind+"/"+id, sh.later.Take()
	if sh.known[key] {
		return nil
	}
	raw, err := json.Marshal(value)
	if err != nil {
		return err
	}
	sh.known[key] = true
	sh.docs = append(sh.docs, offline.Document{Key: key, Value: raw, Seen: seen})
	return nil
}

// self is the account's own record and book, its memberships and the villages of these.
func (sh *shelf) self(ctx context.Context) error {
	me, err := sh.app.Me(ctx, sh.who)
	if err != nil {
		return err
	}
	if err := sh.put("me", me.ID, toProfile(me.Value)); err != nil {
		return err
	}
	book, err := sh.app.Book(ctx, sh.who)
	if err != nil {
		return err
	}
	if err := sh.put("book", me.ID, toBook(book.Value, sh.app.Now())); err != nil {
		return err
	}
	members, err := sh.app.Memberships(ctx, sh.who)
	if err != nil {
		return err
	}
	for _, m := range members {
		if err := sh.put("membership", string(m.ID), toMembership(m)); err != nil {
			return err
		}
		if m.Community == "" {
			continue
		}
		village, err := sh.app.Community(ctx, m.Community)
		if err != nil {
			return err
		}
		if err := sh.put("community", village.ID, toCommunity(village.Value)); err != nil {
			return err
		}
	}
	return nil
}

// helping are the requests in which the account is asked or has agreed, with what belongs to its visits.
func (sh *shelf) helping(ctx context.Context) error { return sh.requests(ctx, "helping", "") }

// mine are the requests of the account, for itself and for others.
func (sh *shelf) mine(ctx context.Context) error {
	if err := sh.requests(ctx, "mine", ""); err != nil {
		return err
	}
	return sh.requests(ctx, "behalf", "")
}

func (sh *shelf) requests(ctx context.Context, scope string, in care.CommunityID) error {
	var visits []care.VisitID
	err := sh.app.EachRequest(ctx, sh.who, scope, in, func(v app.RequestView) error {
		if v.Relation == app.RelAgreed || v.Relation == app.RelRequester {
			for _, visit := range v.Request.Visits {
				visits = append(visits, visit.ID)
			}
		}
		return sh.put("request", string(v.Request.ID), toRequest(v))
	})
	if err != nil {
		return err
	}
	for _, id := range visits {
		if err := sh.visit(ctx, id, scope == "helping"); err != nil {
			return err
		}
	}
	return nil
}

// visit is what was written about a visit, and for its helper where it takes place.
func (sh *shelf) visit(ctx context.Context, id care.VisitID, helper bool) error {
	if helper {
		address, err := sh.app.RevealAddress(ctx, sh.who, id)
		if err == nil {
			a := toAddress(address)
			shown := wire.HeldAddress{Visit: a.Visit, Name: a.Name, Place: a.Place, To: a.To, Phone: a.Phone, ForgetAt: a.ForgetAt, Until: a.ForgetAt}
			err = sh.put("address", string(id), shown)
		}
		if err != nil && !app.Refusal(err) {
			return err
		}
	}
	for page := (port.Page{Limit: 200}); ; {
		found, err := sh.app.Messages(ctx, sh.who, id, page)
		if app.Refusal(err) {
			return nil
		}
		if err != nil {
			return err
		}
		for _, m := range found {
			page.After = string(m.ID)
			if err := sh.put("message", string(m.ID), toMessage(m)); err != nil {
				return err
			}
		}
		if len(found) < page.Limit {
			return nil
		}
	}
}

func (sh *shelf) offers(ctx context.Context) error {
	for page := (port.Page{Limit: 200}); ; {
		found, err := sh.app.Offers(ctx, sh.who, page)
		if err != nil {
			return err
		}
		for _, o := range found {
			page.After = o.ID
			if err := sh.put("offer", o.ID, toOffer(o.Value)); err != nil {
				return err
			}
		}
		if len(found) < page.Limit {
			return nil
		}
	}
}

// referrals are those for the account, and those from and to the bodies where it works.
func (sh *shelf) referrals(ctx context.Context) error {
	for _, side := range []app.Side{app.Receiver, app.Sender, app.Subject} {
		for page := (port.Page{Limit: 1}); ; { // one at a time: each has readings of its own
			found, err := sh.app.Referrals(ctx, sh.who, side, page)
			if err != nil {
				return err
			}
			if len(found) == 0 {
				break
			}
			page.After = string(found[0].ID)
			if err := sh.put("referral", string(found[0].ID), toReferral(found[0], side)); err != nil {
				return err
			}
		}
	}
	return nil
}

// offices are what waits in the villages where the account works.
func (sh *shelf) offices(ctx context.Context) error {
	members, err := sh.app.Memberships(ctx, sh.who)
	if err != nil {
		return err
	}
	done := map[care.CommunityID]bool{}
	for _, m := range members {
		if m.Role == care.GuarantorRole && m.Organization != "" {
			if err := sh.guaranteed(ctx, m.Organization); err != nil {
				return err
			}
		}
	}
	for _, m := range members {
		if m.Community == "" || m.Role == care.Resident || m.Role == care.Volunteer || done[m.Community] {
			continue
		}
		done[m.Community] = true
		tasks, err := sh.app.Tasks(ctx, sh.who, m.Community)
		if err != nil && !app.Refusal(err) {
			return err
		}
		for _, t := range tasks {
			if err := sh.put("task", string(t.ID), toTask(t)); err != nil {
				return err
			}
		}
		if err := sh.requests(ctx, "community", m.Community); err != nil {
			return err
		}
	}
	return nil
}

// guaranteed are the requests of the villages that have a body for their guarantor.
func (sh *shelf) guaranteed(ctx context.Context, o care.OrganizationID) error {
	for page := (port.Page{Limit: 200}); ; {
		villages, err := sh.app.Communities(ctx, nil, page)
		if err != nil {
			return err
		}
		for _, v := range villages {
			page.After = string(v.ID)
			if v.Guarantor != o {
				continue
			}
			if err := sh.requests(ctx, "community", v.ID); err != nil {
				return err
			}
		}
		if len(villages) < page.Limit {
			return nil
		}
	}
}
