package storetest

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"naober/api/port"
	"naober/matching/care"
)

// A process that freezes between claim and commit is the worst case of claim-then-commit: it wakes
// up believing that its claim stands. Each promise here freezes a real one with SIGSTOP, lets the
// reconciler and a rival go on meanwhile, and wakes it.
func frozenPromises() []Promise {
	all := []Promise{{Name: "two processes, one frozen after its commit: the seat is kept", check: frozenAfterCommit, Processes: true}}
	for _, s := range []standoff{overlapping, againstPause, lastQuestion, lastSeatOfRide} {
		all = append(all, Promise{Name: "two processes, one frozen between claim and commit: " + s.name, check: s.run, Processes: true})
	}
	return all
}

// errand is what a child is to claim and to commit.
type errand struct {
	Helper care.PersonID
	Claim  care.Claim
}

// answer claims, says so, waits for an order, commits and says how that ended.
func (p process) answer(ctx context.Context) error {
	var e errand
	if err := json.Unmarshal([]byte(p.arg), &e); err != nil {
		return err
	}
	if _, err := p.Helpers.Update(ctx, e.Helper, port.Write{Quiet: true}, func(h care.Helper) (care.Helper, []care.Event, error) {
		return h.Claim(e.Claim, monday())
	}); err != nil {
		return err
	}
	p.say("claimed")
	for p.in.Scan() {
		_, err := p.Requests.Update(ctx, e.Claim.Request, port.Write{Nonce: e.Claim.Nonce}, e.commit)
		code := care.CodeOf(err)
		if failed(err) {
			code = "failed"
		}
		p.say("committed %q", code)
	}
	return p.in.Err()
}

// commit is the second half: the question is put, or the yes is given.
func (e errand) commit(r care.Request) (care.Request, []care.Event, error) {
	if e.Claim.Purpose == care.ForQuestion {
		return r.AskHelper(askOf(r, e.Helper, e.Claim.Nonce, e.Claim.Moment), monday())
	}
	return r.AcceptAsk(e.Claim.Ask, e.Helper, r.Slots[0].Earliest(), e.Claim.Nonce, monday())
}

func (x *trial) frozen(e errand) *child {
	x.Helper()
	raw, err := json.Marshal(e)
	x.ok(err)
	c := x.child("answer", string(raw))
	if got := c.line(); got != "claimed" {
		c.kill()
		x.Fatalf("the child says %q, want claimed", got)
	}
	return c
}

func (c *child) expect(want string) {
	c.x.Helper()
	if got := c.line(); got != fmt.Sprintf("committed %q", want) {
		c.x.Errorf("the child says %s, want committed %q", got, want)
	}
}

// standoff is one way in which a frozen process and somebody else want the same.
type standoff struct {
	name string
	// helper shapes the book, claim the frozen claim for its request and the rival's for its own.
	helper func(*care.Helper)
	claim  func(r care.Request, helper care.PersonID, n care.Nonce) care.Claim
	// meanwhile happens while the claim stands; pending says what the rival hears then, and after
	// what it hears once the claim was freed: "" for a claim that stands.
	meanwhile func(x *trial, helper care.PersonID)
	pending   string
	after     string
}

var (
	overlapping = standoff{name: "an overlapping yes wins", claim: seatClaim, pending: "claim_pending"}

	againstPause = standoff{name: "a pause holds", claim: seatClaim, pending: "helper_paused", after: "helper_paused",
		meanwhile: func(x *trial, helper care.PersonID) {
			_, err := x.Helpers.Update(x.ctx, helper, port.Write{}, func(h care.Helper) (care.Helper, []care.Event, error) {
				return h.Pause(village, decision(monday().AddDate(0, 1, 0)), monday())
			})
			x.ok(err)
		}}

	lastQuestion = standoff{name: "the last question of the month is put once", pending: "claim_pending",
		helper: func(h *care.Helper) { h.Quiet.MonthlyLimit = 1 }, claim: questionClaim}

	lastSeatOfRide = standoff{name: "the last seat of a ride is given once", pending: "claim_pending",
		claim: func(r care.Request, helper care.PersonID, n care.Nonce) care.Claim {
			c := seatClaim(r, helper, n)
			c.Offer, c.Seats, c.OfferHas = named[care.OfferID]("ride to Emmen"), 1, 1
			return c
		}}
)

func questionClaim(r care.Request, helper care.PersonID, n care.Nonce) care.Claim {
	c := seatClaim(r, helper, n)
	c.Purpose, c.Moment, c.Urgency = care.ForQuestion, monday().Add(time.Hour), care.Ordinary
	return c
}

func (s standoff) run(x *trial) {
	helper := x.helper("frozen", s.helper)
	mine, rivals := x.wanted("mine", s, helper), x.wanted("rivals", s, helper)
	first, second := s.claim(mine, helper, nonce("first")), s.claim(rivals, helper, nonce("second"))

	c := x.frozen(errand{Helper: helper, Claim: first})
	defer c.kill()
	c.freeze()
	c.order("commit")
	if s.meanwhile != nil {
		s.meanwhile(x, helper)
	}
	if got := care.CodeOf(x.claim(helper, second)); got != s.pending {
		x.Errorf("while the claim stands a rival hears %q, want %q", got, s.pending)
	}
	x.ok(x.settle(helper, first))
	err := x.claim(helper, second)
	if got := care.CodeOf(err); got != s.after || failed(err) {
		x.Errorf("after the claim was freed a rival hears %v, want %q", err, s.after)
	}
	if err == nil {
		_, err := x.Requests.Update(x.ctx, rivals.ID, port.Write{Nonce: second.Nonce}, errand{Helper: helper, Claim: second}.commit)
		x.ok(err)
		x.ok(x.settle(helper, second))
	}
	c.thaw()
	c.expect("claim_void")
	x.afterwards(s, helper, mine, rivals)
}

// wanted is a request; where a seat is wanted its helper was asked already.
func (x *trial) wanted(name string, s standoff, helper care.PersonID) care.Request {
	x.Helper()
	if r := x.request(name+" probe", 1).Value; s.claim(r, helper, "").Purpose == care.ForQuestion {
		return x.request(name, 1).Value
	}
	return x.asked(name, 1, helper)
}

// afterwards wants the woken process to have changed nothing, and the book to hold the rival's
// claim alone, firm.
func (x *trial) afterwards(s standoff, helper care.PersonID, mine, rivals care.Request) {
	x.Helper()
	book, err := x.Helpers.Get(x.ctx, helper)
	x.ok(err)
	lost, err := x.Requests.Get(x.ctx, mine.ID)
	x.ok(err)
	won, err := x.Requests.Get(x.ctx, rivals.ID)
	x.ok(err)
	if len(lost.Value.Visits) != 0 || len(lost.Value.Asks) != len(mine.Asks) {
		x.Errorf("the woken process left %d visits and %d asks", len(lost.Value.Visits), len(lost.Value.Asks))
	}
	firm := len(book.Value.Agreed) + len(book.Value.Questions)
	taken := len(won.Value.Visits) + len(won.Value.Asks) - len(rivals.Asks)
	want := 1
	if s.after != "" {
		want = 0
	}
	if len(book.Value.Claims) != 0 || firm != want || taken != want {
		x.Errorf("%d claims are left, %d are firm, the rival took %d; want 0, %d, %d", len(book.Value.Claims), firm, taken, want, want)
	}
}

// frozenAfterCommit: the yes arrived, only its settling did not. The reconciler keeps it.
func frozenAfterCommit(x *trial) {
	helper := x.helper("kept", nil)
	mine, rivals := x.asked("kept", 1, helper), x.asked("rival", 1, helper)
	claim := seatClaim(mine, helper, nonce("kept"))
	c := x.frozen(errand{Helper: helper, Claim: claim})
	defer c.kill()
	c.order("commit")
	c.expect("")
	c.freeze()
	x.refused(x.claim(helper, seatClaim(rivals, helper, nonce("rival"))), care.Unavailable, "claim_pending")
	x.ok(x.settle(helper, claim))
	x.refused(x.claim(helper, seatClaim(rivals, helper, nonce("rival"))), care.Conflict, "helper_busy")
	c.thaw()
	c.order("commit again")
	c.expect("") // the same nonce is the same yes
	read, err := x.Requests.Get(x.ctx, mine.ID)
	x.ok(err)
	book, err := x.Helpers.Get(x.ctx, helper)
	x.ok(err)
	if len(read.Value.Visits) != 1 || len(book.Value.Agreed) != 1 || len(book.Value.Claims) != 0 {
		x.Errorf("%d visits, %d agreed, %d claims; want 1, 1, 0", len(read.Value.Visits), len(book.Value.Agreed), len(book.Value.Claims))
	}
}
