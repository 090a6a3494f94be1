package care

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// world is a village in small: two requests and three helpers, coupled the way the application
// couples them. A yes and a question are claim, then commit, then settle; a "crash" leaves out the
// last step until the reconciler comes by.
type world struct {
	t        *rapid.T
	now      time.Time
	requests [2]Request
	helpers  map[PersonID]Helper
	kept     []kept // earlier values, which no later transition may change
	serial   int
	merged   []merged
	died     bool
	// over is how many questions a month held when two books came together.
	over map[string]int
}

const (
	village  = CommunityID("grolloo")
	resident = PersonID("ans")
)

func helperNames() []PersonID { return []PersonID{"bert", "cor", "dina"} }

// TestNobodyIsDropped walks through random lives of two requests and checks the promises of the
// design after every step.
func TestNobodyIsDropped(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		acts := w.acts()
		for range rapid.IntRange(10, 120).Draw(t, "steps") {
			rapid.SampledFrom(acts).Draw(t, "act").run(t)
			w.check(t)
		}
		for i := range w.requests {
			w.leaveAlone(t, w.requests[i])
		}
	})
}

// act has a name so that a failing life can be read.
type act struct {
	name string
	run  func(*rapid.T)
}

func (a act) String() string { return a.name }

// acts lists what can happen; what happens often stands more than once.
func (w *world) acts() []act {
	often := []act{{"ask", w.ask}, {"yes", w.yes}, {"ask and yes", w.arrange}, {"visit", w.visit}, {"wait", w.wait}, {"next", w.next}}
	seldom := []act{{"publish", w.publish}, {"answer", w.answer}, {"move", w.move}, {"slot", w.slot}, {"helper", w.helper},
		{"owner", w.owner}, {"handover", w.handover}, {"feedback", w.feedback}, {"reconcile", w.reconcile},
		{"rest", w.rest}, {"absence", w.absence}, {"block", w.block}, {"merge", w.merge}, {"merge undone", w.unmerge}, {"death", w.death}, {"compact", w.compact}, {"edit", w.edit}, {"end", w.end}}
	return slices.Concat(often, often, often, seldom, []act{{"feedback", w.feedback}, {"owner", w.owner}})
}

func newWorld(t *rapid.T) *world {
	day := rapid.SampledFrom([]string{"2026-03-27T09:00", "2026-06-10T15:00", "2026-10-23T08:30", "2026-12-31T22:30"}).Draw(t, "day")
	w := &world{t: t, now: nl(day), helpers: map[PersonID]Helper{}, over: map[string]int{}}
	for _, p := range helperNames() {
		h := NewHelper(p, quietWith(func(q *Quiet) { q.MonthlyLimit = 3; q.MinGap = time.Hour }), w.now)
		h, _, _ = h.Apply(village, w.now)
		h, _, _ = h.Approve(village, houseRule("mod", w.now), w.now)
		w.helpers[p] = h
	}
	for i := range w.requests {
		draft := w.drawRequest(t, i)
		made, events, err := DraftRequest(draft, Actor{Person: resident, Party: Requester}, w.now)
		if err != nil || len(events) != 1 {
			t.Fatalf("drafting %+v: %v, %v", draft, events, err)
		}
		w.requests[i] = made
		if rapid.IntRange(0, 4).Draw(t, "stays a draft") > 0 {
			w.apply(t, i, func(r Request) (Request, []Event, error) { return r.Publish(asRequester(), true, w.now) })
		}
	}
	return w
}

func houseRule(by PersonID, now time.Time) Decision {
	return Decision{Rule: "house_rules.3@1", Reason: "gezien", By: by, Until: now.Add(72 * time.Hour)}
}

func (w *world) drawRequest(t *rapid.T, i int) Request {
	r := Request{ID: RequestID(fmt.Sprint("request", i)), Community: village, For: resident, Kind: GroceriesKind,
		Where:       Place{Point: Point{Lat: 52.93, Lon: 6.66}, Town: "Grolloo"},
		Urgency:     rapid.SampledFrom([]Urgency{Ordinary, Ordinary, Today, Urgent}).Draw(t, "urgency"),
		PersonalYes: rapid.Bool().Draw(t, "personal yes")}
	if rapid.Bool().Draw(t, "on behalf") {
		r.OnBehalf = &OnBehalf{By: "desk", Channel: ByPhone, Consent: Consent{Basis: Spoken, RecordedBy: "desk", At: w.now}}
	}
	if rapid.IntRange(0, 5).Draw(t, "emergency") == 0 {
		r.Words = "ik heb pijn op de borst"
	}
	switch rapid.SampledFrom([]string{"slots", "slots", "series", "ride"}).Draw(t, "shape") {
	case "series":
		rule := rapid.SampledFrom([]string{"FREQ=DAILY", "FREQ=DAILY;COUNT=4", "FREQ=WEEKLY;COUNT=2"}).Draw(t, "rule")
		at := w.now.Add(26*time.Hour).Format("2006-01-02") + "T14:00"
		r.Series = &Series{Rule: rule, Start: LocalTime(at), Duration: time.Hour, Zone: dutch}
	case "ride":
		r.Kind, r.Ride = RideKind, &Ride{To: r.Where, Passengers: 1}
		r.Slots = []Slot{w.drawSlot(t)}
	default:
		for range rapid.IntRange(1, 3).Draw(t, "slots") {
			r.Slots = append(r.Slots, w.drawSlot(t))
		}
	}
	return r
}

func (w *world) drawSlot(t *rapid.T) Slot {
	w.serial++
	start := w.now.Add(time.Duration(rapid.IntRange(1, 60).Draw(t, "hours ahead")) * time.Hour).UTC()
	s := Slot{ID: SlotID(fmt.Sprint("slot", w.serial)), Start: start, End: start.Add(2 * time.Hour),
		Seats: rapid.IntRange(1, 3).Draw(t, "seats")}
	if rapid.Bool().Draw(t, "flexible") {
		s.End, s.Duration = start.Add(6*time.Hour), time.Hour
	}
	return s
}

func (w *world) nonce() Nonce {
	w.serial++
	return Nonce(fmt.Sprint("nonce", w.serial))
}

func asRequester() Actor { return Actor{Person: resident, Party: Requester} }
func asOwner() Actor     { return Actor{Person: "worker", Party: Owner} }

// one draws one of several, or reports that there is none.
func one[T any](t *rapid.T, from []T, name string) (T, bool) {
	var none T
	if len(from) == 0 {
		return none, false
	}
	return rapid.SampledFrom(from).Draw(t, name), true
}

func (w *world) which(t *rapid.T) int { return rapid.IntRange(0, 1).Draw(t, "request") }

// apply runs one transition on a request and carries its effects on, as the feed does.
func (w *world) apply(t *rapid.T, i int, change func(Request) (Request, []Event, error)) error {
	was := w.requests[i]
	w.keep(was)
	next, events, err := change(was)
	w.checkStep(t, was, next, events, err)
	w.requests[i] = next
	for _, e := range events {
		switch e.Type {
		case VisitCancelled, VisitReturned, VisitNoShow, VisitFollowUp:
			w.book(t, e.Helper, func(h Helper) (Helper, []Event, error) { return h.Release(e.Visit, w.now) })
		case AskUndelivered:
			a, _ := next.Ask(e.Ask)
			w.book(t, e.Helper, func(h Helper) (Helper, []Event, error) { return h.UncountQuestion(a.AskFrom) })
		}
	}
	return err
}

func (w *world) book(t *rapid.T, p PersonID, change func(Helper) (Helper, []Event, error)) error {
	was := w.helpers[p]
	w.keep(was)
	next, _, err := change(was)
	if err != nil && text(next) != text(was) {
		t.Fatalf("a book changed on %v", err)
	}
	w.helpers[p] = next
	return err
}

// settle is the second half of a claim, with the resident's side still to say yes where they want to.
func (w *world) settle(t *rapid.T, i int, p PersonID, n Nonce) {
	verdict, visit := w.requests[i].VerdictOf(n)
	if verdict == VerdictUnknown {
		w.apply(t, i, func(r Request) (Request, []Event, error) { return r.VoidClaim(n, w.now) })
		verdict, visit = w.requests[i].VerdictOf(n)
	}
	w.book(t, p, func(h Helper) (Helper, []Event, error) { return h.Settle(n, verdict, visit, w.now) })
	if verdict == VerdictKept && visit != "" {
		w.confirm(t, i, p, visit, byClock())
	}
}

func (w *world) confirm(t *rapid.T, i int, p PersonID, visit VisitID, by Actor) {
	if w.helpers[p].MayServe(village, w.requests[i].For, w.now) != nil {
		w.giveBack(t, i, p)
		return
	}
	if !w.helpers[p].Holds(visit, village, w.requests[i].For, w.now) {
		return
	}
	w.apply(t, i, func(r Request) (Request, []Event, error) { return r.ConfirmVisit(visit, by, w.now) })
}

func (w *world) giveBack(t *rapid.T, i int, p PersonID) {
	w.apply(t, i, func(r Request) (Request, []Event, error) { return r.StandDownHelper(p, "not_available", w.now) })
	w.apply(t, i, func(r Request) (Request, []Event, error) { return r.ReturnVisits(p, "not_available", w.now) })
}

func (w *world) tick(t *rapid.T) {
	for i := range w.requests {
		w.apply(t, i, func(r Request) (Request, []Event, error) { return r.Tick(w.now) })
		r := w.requests[i]
		if r.Phase != Ended && !r.NextActionAt.After(w.now) {
			t.Fatalf("after a tick at %v the next action %s is due at %v", w.now, r.NextAction, r.NextActionAt)
		}
		again, events, err := r.Tick(w.now)
		if err != nil || len(events) > 0 || text(again) != text(r) {
			t.Fatalf("a second tick at %v gives %v, %v:\n%s\n%s", w.now, events, err, text(r), text(again))
		}
	}
}
