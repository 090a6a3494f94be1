package storetest

import (
	"context"

	"naober/api/app"
	"naober/api/port"
	"naober/api/store/vault"
	"naober/matching/care"
)

func renewUnderTraffic(x *keyTrial) {
	a, b := x.process("service"), x.process("service")
	a.settlePersons(0, settled)
	const alone = 9999 // nobody writes this one meanwhile
	a.settlePersons(alone, alone+1)
	before, err := a.Persons.Get(x.ctx, sealedPerson(alone).ID)
	a.ok(err)
	kept := sealedKinds(a)
	stop := traffic(settled, a, b)
	done, err := x.process("service").vault().Renew(x.ctx, "")
	// What somebody writes meanwhile is sealed anew by that, and not counted here.
	if err != nil || done.Rings < settled+1 || done.Documents < 1 || done.Resumed {
		x.Errorf("renewed %+v, %v; want %d rings or more", done, err, settled+1)
	}
	all := stop()
	fresh := x.process("service")
	for _, h := range []*trial{a, b, fresh} {
		h.readable(all)
		kept(h)
	}
	after, err := fresh.Persons.Get(x.ctx, sealedPerson(alone).ID)
	a.ok(err)
	if after.Ver != before.Ver || after.Rev != before.Rev+1 {
		x.Errorf("a person nobody changed went from rev %d ver %d to rev %d ver %d, want one quiet write", before.Rev, before.Ver, after.Rev, after.Ver)
	}
	for n := range settled {
		x.oneKey(fresh, sealedPerson(n).ID)
	}
}

// oneKey wants the first key of a person gone, and one in its place.
func (x *keyTrial) oneKey(h *trial, p care.PersonID) {
	x.Helper()
	ring, err := h.vault().Rings.Get(x.ctx, string(p))
	h.ok(err)
	if keys := ring.Value.Keys; len(keys) != 1 || keys[0].Number != 2 || ring.Value.Newest != 2 {
		x.Errorf("the ring has %d keys, newest %d; want the second alone", len(keys), ring.Value.Newest)
	}
}

// renewResumed is cut off after the keys are made and after some documents are sealed anew; the run
// that finishes it makes no third key.
func renewResumed(x *keyTrial) {
	first := x.process("service")
	first.settlePersons(0, settled)
	for cut := range 3 {
		ctx, kill := context.WithCancel(x.ctx)
		h := x.process("service")
		v := h.vault()
		reseal, rings := v.Reseal, v.Rings
		v.Rings = cutRings{Rings: rings, kill: kill, left: []int{settled / 2, 1 << 30, settled + 4}[cut], count: new(int)}
		v.Reseal = func(ctx context.Context, stale vault.Stale) (int, error) {
			if cut == 1 {
				kill()
			}
			return reseal(ctx, stale)
		}
		_, err := v.Renew(ctx, "")
		kill()
		if err == nil {
			x.Fatalf("run %d was not cut off", cut)
		}
		first.readable(settled)
		x.process("service").readable(settled)
	}
	done, err := x.process("service").vault().Renew(x.ctx, "")
	if err != nil || !done.Resumed || done.Rings == 0 {
		x.Errorf("the last run did %+v, %v; want it to finish the others", done, err)
	}
	x.process("service").readable(settled)
	for n := range settled {
		x.oneKey(first, sealedPerson(n).ID)
	}
}

// renewOutlastsLoans lets a process that has the former key in memory write something new with it,
// after the first look: the former key must live until that is sealed anew too.
func renewOutlastsLoans(x *keyTrial) {
	stale := x.process("service")
	stale.settlePersons(0, 1)
	id := named[care.MessageID]("late", 0)
	late := filled[care.Message]("late", string(id))
	late.From = sealedPerson(0).ID
	v := x.process("service").vault()
	reseal, looks := v.Reseal, 0
	v.Reseal = func(ctx context.Context, pick vault.Stale) (int, error) {
		n, err := reseal(ctx, pick)
		if looks++; looks == 1 {
			_, failed := stale.Messages.Insert(ctx, id, late, nil, port.Write{})
			stale.ok(failed)
		}
		return n, err
	}
	done, err := v.Renew(x.ctx, late.From)
	if want := (vault.Renewed{Rings: 1, Documents: 2}); err != nil || done != want || looks != 3 {
		x.Errorf("renewed %+v in %d looks, %v; want %+v in 3", done, looks, err, want)
	}
	read, err := x.process("service").Messages.Get(x.ctx, id)
	stale.ok(err)
	stale.same("what was written with the former key", read.Value, late)
}

// cutRings kills its process after so many updates of rings.
type cutRings struct {
	vault.Rings
	kill  context.CancelFunc
	left  int
	count *int
}

func (c cutRings) Update(ctx context.Context, id string, w port.Write, change port.Change[app.Ring]) (port.Stored[app.Ring], error) {
	if *c.count++; *c.count > c.left {
		c.kill()
	}
	return c.Rings.Update(ctx, id, w, change)
}

func renewOne(x *keyTrial) {
	h := x.process("service")
	h.settlePersons(0, 2)
	done, err := h.vault().Renew(x.ctx, sealedPerson(0).ID)
	if want := (vault.Renewed{Rings: 1, Documents: 1}); err != nil || done != want {
		x.Errorf("renewed %+v, %v; want %+v", done, err, want)
	}
	x.oneKey(h, sealedPerson(0).ID)
	other, err := h.vault().Rings.Get(x.ctx, string(sealedPerson(1).ID))
	h.ok(err)
	if other.Value.Newest != 1 {
		x.Error("somebody else's key was renewed")
	}
	h.readable(2)
	_, err = h.vault().Renew(x.ctx, named[care.PersonID]("nobody"))
	h.refused(err, care.NotFound, "ring_not_found")
}

// sealedKinds stores one document of each kind with personal fields; what it gives back checks that
// they read as they were: a kind left out of the resealing would read as empty.
func sealedKinds(x *trial) (kept func(*trial)) {
	var checks []func(*trial)
	add := func(check func(*trial)) { checks = append(checks, check) }
	add(sealedKind(x, "helper", func(x *trial) documents[care.PersonID, care.Helper] { return x.Helpers }))
	add(sealedKind(x, "offer", func(x *trial) documents[care.OfferID, care.Offer] { return x.Offers }))
	add(sealedKind(x, "request", func(x *trial) documents[care.RequestID, care.Request] { return x.Requests }))
	add(sealedKind(x, "history", func(x *trial) documents[care.SlotID, care.History] { return x.Histories }))
	add(sealedKind(x, "message", func(x *trial) documents[care.MessageID, care.Message] { return x.Messages }))
	add(sealedKind(x, "feedback", func(x *trial) documents[care.FeedbackID, care.Feedback] { return x.Feedbacks }))
	add(sealedKind(x, "report", func(x *trial) documents[care.ReportID, care.Report] { return x.Reports }))
	add(sealedKind(x, "referral", func(x *trial) documents[care.ReferralID, care.Referral] { return x.Referrals }))
	add(sealedKind(x, "session", func(x *trial) documents[app.SessionID, app.Session] { return x.Sessions }))
	return func(h *trial) {
		for _, check := range checks {
			check(h)
		}
	}
}

func sealedKind[K ~string, T any](x *trial, kind string, docs func(*trial) documents[K, T]) func(*trial) {
	x.Helper()
	id := named[K]("sealed "+kind, 0)
	want := filled[T]("sealed "+kind, string(id))
	_, err := docs(x).Insert(x.ctx, id, want, nil, port.Write{})
	x.ok(err)
	return func(h *trial) {
		read, err := docs(h).Get(h.ctx, id)
		h.ok(err)
		h.same(kind, read.Value, want)
	}
}
