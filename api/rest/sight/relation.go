package sight

// About is what a document is attached to, as far as it decides who may see it.
type About struct {
	Request, Slot, Visit  string
	Person                string // whose it is: the helper of an ask, who made an offer, holds a role or wrote
	Other                 string // the accused of a worry
	Village, Organization string
	From, To              string // organisations of a referral
	Role                  string // of a membership
}

// Relation is how somebody stands to a document. Where several relations hold the nearest counts, in
// the order in which they stand here.
func (w World) Relation(viewer string, d Doc) string {
	if w.Erased[viewer] {
		return "erased"
	}
	r := w.Requests[d.About.Request]
	switch d.Kind {
	case "request":
		return w.toRequest(viewer, r)
	case "slot":
		return w.toSlot(viewer, r, d.About.Slot)
	case "ask", "visit":
		return w.toPart(viewer, r, d.About.Person)
	case "ask_answer":
		return selfOr(viewer == d.About.Person, "stranger")
	case "history":
		return w.toHistory(viewer, r, d)
	case "address":
		return w.toAddress(viewer, r, d.About.Person)
	case "message":
		return w.toMessage(viewer, r, d)
	case "feedback":
		return selfOr(viewer == d.About.Person, w.toRequest(viewer, r))
	case "report":
		return w.toReport(viewer, d.About)
	case "referral":
		return w.toReferral(viewer, d.About)
	case "person", "me", "found", "life", "merge":
		return w.toPerson(viewer, d)
	case "offer":
		return selfOr(viewer == d.About.Person, w.worker(viewer, d.About.Village))
	case "membership":
		return w.toMembership(viewer, d.About)
	case "helper_in_community", "queue":
		return w.association(viewer, d.About.Village)
	case "task", "plan", "lifts", "ride_day":
		return w.worker(viewer, d.About.Village)
	case "ask_reasons":
		shown := r.agreed(viewer) || r.asked(viewer, w) || r.standsBy(viewer)
		return selfOr(viewer == d.About.Person && shown, "stranger")
	case "candidates":
		return w.toCandidates(viewer, r)
	case "paper_code":
		return w.toPerson(viewer, Doc{Kind: "found", About: d.About})
	case "community":
		return "anybody"
	case "organization":
		if viewer == "" {
			return "anybody"
		}
		return "stranger"
	}
	return selfOr(viewer == d.About.Person, "stranger")
}

func selfOr(self bool, other string) string {
	if self {
		return "self"
	}
	return other
}

func (w World) toRequest(viewer string, r Request) string {
	book := w.Books[viewer]
	switch {
	case r.ID == "":
		return "stranger"
	case viewer == r.For && r.Proxy != "":
		return "subject"
	case viewer == r.For:
		return "requester"
	case viewer == r.Proxy && r.Consented:
		return "proxy"
	case w.sits(viewer, r.Chair, r.Village):
		return "owner"
	case w.in(viewer, r.Village, "desk_worker", "fixed_worker"):
		return "desk"
	case r.agreed(viewer):
		return "agreed"
	case r.asked(viewer, w):
		return "asked"
	case r.standsBy(viewer):
		return "reserve"
	case w.in(viewer, r.Village, "moderator"):
		return "moderator"
	case book.Apart[r.For]:
		return "blocked"
	case book.Paused[r.Village]:
		return "suspended"
	case w.anywhere(viewer, r.Village, "moderator"):
		return "moderator_elsewhere"
	case w.at(viewer, w.Villages[r.Village].Guarantor, "guarantor"):
		return "guarantor"
	case w.named(viewer, r.ID):
		return "professional"
	case w.in(viewer, r.Village, "administrator"), w.at(viewer, w.Villages[r.Village].Association, "administrator"):
		return "administrator"
	}
	return "stranger"
}

func (r Request) agreed(p string) bool {
	for _, v := range r.Visits {
		if v.Helper == p && v.State != "cancelled" {
			return true
		}
	}
	return false
}

func (r Request) asked(p string, w World) bool {
	for _, a := range r.Asks {
		if a.Helper == p && (a.State == "asked" || a.State == "later") && w.Now.Before(a.Until) {
			return true
		}
	}
	return false
}

// standsBy holds for a time that is still to come, while the request lives.
func (r Request) standsBy(p string) bool {
	for _, a := range r.Asks {
		if a.Helper == p && a.State == "reserve" && r.Ahead[a.Slot] && (r.State == "open" || r.State == "arranged") {
			return true
		}
	}
	return false
}

func (w World) named(p, request string) bool {
	for _, f := range w.Referred {
		if f.Request == request && w.at(p, f.To, "professional") {
			return true
		}
	}
	return false
}

// toPart: an ask or visit is its own helper's as long as the request shows them anything; to the
// other helpers of the request it is a stranger's.
func (w World) toPart(viewer string, r Request, helper string) string {
	rel := w.toRequest(viewer, r)
	if !helps(rel) {
		return rel
	}
	return selfOr(viewer == helper, "stranger")
}

func helps(rel string) bool { return rel == "asked" || rel == "agreed" || rel == "reserve" }

// toSlot: a helper sees the times for which they themselves were asked.
func (w World) toSlot(viewer string, r Request, slot string) string {
	rel := w.toRequest(viewer, r)
	if !helps(rel) {
		return rel
	}
	for _, parts := range [][]Part{r.Asks, r.Visits, r.Past} {
		for _, p := range parts {
			if p.Helper == viewer && p.Slot == slot {
				return rel
			}
		}
	}
	return "stranger"
}

// toHistory: a helper sees a settled time in which they came.
func (w World) toHistory(viewer string, r Request, d Doc) string {
	rel := w.toRequest(viewer, r)
	if !helps(rel) {
		return rel
	}
	for _, v := range d.Parts["visits"] {
		if v.About.Person == viewer {
			return "self"
		}
	}
	return "stranger"
}

func (w World) toAddress(viewer string, r Request, helper string) string {
	book := w.Books[viewer]
	switch {
	case viewer != helper || viewer == r.For || viewer == r.Proxy && r.Consented:
		return w.toRequest(viewer, r)
	case book.Apart[r.For]:
		return "blocked"
	case book.Paused[r.Village]:
		return "suspended"
	}
	return "self"
}

// toMessage: each of the two sides of the visit wrote or was written to; of the requester's side
// there may be two.
func (w World) toMessage(viewer string, r Request, d Doc) string {
	helper, standing := "", false
	for _, v := range r.Visits {
		if v.ID == d.About.Visit {
			helper, standing = v.Helper, v.State != "cancelled"
		}
	}
	rel := w.toRequest(viewer, r)
	switch {
	case helper == "":
		return "stranger"
	case rel == "requester", rel == "subject", rel == "proxy":
		return selfOr(d.About.Person != helper, rel)
	case viewer == helper && standing:
		return selfOr(d.About.Person == helper, "agreed")
	}
	return "stranger"
}

func (w World) toReport(viewer string, a About) string {
	switch {
	case viewer == a.Person:
		return "self"
	case viewer == a.Other:
		return "accused"
	case w.in(viewer, a.Village, "moderator"):
		return "moderator"
	}
	return "stranger"
}

func (w World) toReferral(viewer string, a About) string {
	switch {
	case w.at(viewer, a.To, "professional"):
		return "professional"
	case w.at(viewer, a.From, "professional", "guarantor"):
		return "sender"
	case viewer == a.Person:
		return "subject"
	}
	return "stranger"
}

func (w World) toPerson(viewer string, d Doc) string {
	if viewer == d.About.Person && d.Kind != "found" {
		return "self"
	}
	rel := "stranger"
	for _, m := range w.Members {
		if m.Person != d.About.Person || !m.Active || m.Village == "" || m.Role != "resident" && m.Role != "volunteer" {
			continue
		}
		if d.Kind == "found" && d.About.Village != "" && m.Village != d.About.Village {
			continue
		}
		switch {
		case w.in(viewer, m.Village, "desk_worker", "fixed_worker"):
			return "desk"
		case w.in(viewer, m.Village, "moderator"):
			rel = "moderator"
		}
	}
	for _, f := range w.Referred {
		taken := f.State == "accepted" || f.State == "in_progress"
		if (d.Kind == "person" || d.Kind == "life") && f.Person == d.About.Person && taken && w.at(viewer, f.To, "professional") {
			return "professional"
		}
	}
	return rel
}

// worker is desk for the desk and the fixed worker of a village.
func (w World) worker(viewer, village string) string {
	if w.in(viewer, village, "desk_worker", "fixed_worker") {
		return "desk"
	}
	return "stranger"
}

func (w World) association(viewer, village string) string {
	if w.in(viewer, village, "moderator") {
		return "moderator"
	}
	return w.worker(viewer, village)
}

// toMembership: an administrator is one of every place that the role is held in.
func (w World) toMembership(viewer string, a About) string {
	joined := a.Role == "resident" || a.Role == "volunteer"
	village := a.Village == "" || w.in(viewer, a.Village, "administrator") || w.at(viewer, w.Villages[a.Village].Association, "administrator")
	body := a.Organization == "" || w.at(viewer, a.Organization, "administrator")
	switch {
	case viewer == a.Person:
		return "self"
	case joined && w.in(viewer, a.Village, "desk_worker", "fixed_worker"):
		return "desk"
	case village && body:
		return "administrator"
	}
	return "stranger"
}

// toCandidates: names are for whoever works at the village's desk, whatever else they are.
func (w World) toCandidates(viewer string, r Request) string {
	rel := w.toRequest(viewer, r)
	seen := among(rel, []string{"requester", "subject", "proxy", "owner", "desk", "asked", "agreed", "reserve"})
	if seen && w.in(viewer, r.Village, "desk_worker", "fixed_worker") {
		return "desk"
	}
	return rel
}
