package app_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
)

// fault breaks a process at one of its calls to the stores.
type fault struct {
	at    int  // number of the call that breaks, from 1
	done  bool // the call takes effect and only its answer is lost
	dead  bool // the process has ended: every later call fails too
	mu    sync.Mutex
	calls int
}

func (f *fault) hit() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls >= f.at
}

// broken reports what is to become of the next call.
func (f *fault) broken() (fails, done bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls++
	switch {
	case f.calls == f.at:
		return true, f.done
	case f.calls > f.at:
		return f.dead, false
	}
	return false, false
}

// faulty is a port that breaks as its fault says.
type faulty[K ~string, T any] struct {
	port.Documents[K, T]
	*fault
}

func through[A any](f *fault, call func() (A, error)) (A, error) {
	var none A
	fails, done := f.broken()
	lost := care.E(care.Unavailable, "store_unavailable", "the store cannot answer now")
	switch {
	case !fails:
		return call()
	case done:
		_, _ = call() // its answer is what gets lost
	}
	return none, lost
}

func (d faulty[K, T]) Get(ctx context.Context, id K) (port.Stored[T], error) {
	return through(d.fault, func() (port.Stored[T], error) { return d.Documents.Get(ctx, id) })
}

func (d faulty[K, T]) Insert(ctx context.Context, id K, v T, events []care.Event, w port.Write) (port.Stored[T], error) {
	return through(d.fault, func() (port.Stored[T], error) { return d.Documents.Insert(ctx, id, v, events, w) })
}

func (d faulty[K, T]) Update(ctx context.Context, id K, w port.Write, c port.Change[T]) (port.Stored[T], error) {
	return through(d.fault, func() (port.Stored[T], error) { return d.Documents.Update(ctx, id, w, c) })
}

func (d faulty[K, T]) Find(ctx context.Context, key port.Key, page port.Page) ([]port.Stored[T], error) {
	return through(d.fault, func() ([]port.Stored[T], error) { return d.Documents.Find(ctx, key, page) })
}

// faultyStores breaks the ports that the commands write through; looking up rights is left whole.
func faultyStores(s app.Stores, f *fault) app.Stores {
	s.Ledger = faulty[app.LedgerKey, app.LedgerRow]{s.Ledger, f}
	s.Requests = faulty[care.RequestID, care.Request]{s.Requests, f}
	s.Helpers = faulty[care.PersonID, care.Helper]{s.Helpers, f}
	s.Offers = faulty[care.OfferID, care.Offer]{s.Offers, f}
	s.Messages = faulty[care.MessageID, care.Message]{s.Messages, f}
	s.Feedbacks = faulty[care.FeedbackID, care.Feedback]{s.Feedbacks, f}
	s.Referrals = faulty[care.ReferralID, care.Referral]{s.Referrals, f}
	return s
}

// errand is a command that a process may be killed in, on a village where everything is ready for it.
type errand struct {
	event care.EventType // that it causes once
	do    func(ctx context.Context, a *app.App) (id string, err error)
}

func errands() map[string]func(v *village) errand {
	return map[string]func(v *village) errand{
		"request.create": func(v *village) errand {
			c, n := v.as(v.person("Anna", 1)), rideOf(thursday())
			n.Community = v.here
			return errand{care.RequestDrafted, func(ctx context.Context, a *app.App) (string, error) {
				id, err := a.AskForHelp(ctx, c, n)
				return string(id), err
			}}
		},
		"ask.accept": func(v *village) errand {
			anna, driver := v.person("Anna", 1), v.driver("Berend", 2)
			ask := v.askOf(v.ride(anna, thursday()), driver).ID
			c := v.as(driver)
			return errand{care.AskAccepted, func(ctx context.Context, a *app.App) (string, error) {
				id, err := a.AcceptAsk(ctx, c, ask, time.Time{})
				return string(id), err
			}}
		},
		"ask.decline": func(v *village) errand {
			anna, driver := v.person("Anna", 1), v.driver("Berend", 2)
			ask := v.askOf(v.ride(anna, thursday()), driver).ID
			c := v.as(driver)
			return errand{care.AskDeclined, func(ctx context.Context, a *app.App) (string, error) {
				return "", a.DeclineAsk(ctx, c, ask, "busy")
			}}
		},
		"offer.make": func(v *village) errand {
			c, o := v.as(v.driver("Berend", 2)), care.Offer{Community: v.here, Kinds: []care.Kind{care.CompanyKind}, Radius: 5_000, Travel: care.OnFoot,
				Availability: care.Availability{Zone: "Europe/Amsterdam", Weekly: []care.Window{{Day: time.Monday, Start: 600, End: 900}}}}
			return errand{care.OfferMade, func(ctx context.Context, a *app.App) (string, error) {
				id, err := a.MakeOffer(ctx, c, o)
				return string(id), err
			}}
		},
		"helper.pause": func(v *village) errand {
			anna, driver := v.person("Anna", 1), v.driver("Berend", 2)
			v.planned(anna, driver)
			c, d := v.as(v.mod), care.Decision{Rule: "house_rules.3@1", Reason: "a worry is being looked at", Until: v.clock().AddDate(0, 1, 0)}
			return errand{care.HelperPaused, func(ctx context.Context, a *app.App) (string, error) {
				return "", a.PauseHelper(ctx, c, v.here, driver, d)
			}}
		},
		"message.send": func(v *village) errand {
			anna, driver := v.person("Anna", 1), v.driver("Berend", 2)
			c, visit := v.as(anna), v.planned(anna, driver).ID
			return errand{care.MessageSent, func(ctx context.Context, a *app.App) (string, error) {
				id, err := a.SendMessage(ctx, c, visit, "Tot donderdag!")
				return string(id), err
			}}
		},
		"feedback.give": func(v *village) errand {
			anna, driver := v.person("Anna", 1), v.driver("Berend", 2)
			visit := v.planned(anna, driver)
			v.at(visit.At.From)
			v.must(v.StartVisit(v.t.Context(), v.as(driver), visit.ID))
			v.run()
			c := v.as(anna)
			return errand{care.FeedbackGiven, func(ctx context.Context, a *app.App) (string, error) {
				id, err := a.GiveFeedback(ctx, c, visit.ID, true, true, "fijn")
				return string(id), err
			}}
		},
		"person.forget": func(v *village) errand {
			anna, driver := v.person("Anna", 1), v.driver("Berend", 2)
			ask := v.askOf(v.ride(anna, thursday()), driver).ID
			_, err := v.AcceptAsk(v.t.Context(), v.as(driver), ask, time.Time{})
			v.must(err)
			v.run()
			c := v.as(driver)
			return errand{care.PersonForgotten, func(ctx context.Context, a *app.App) (string, error) {
				return "", a.ForgetMe(ctx, c, "Berend")
			}}
		},
		"referral.make": func(v *village) errand {
			id := v.ride(v.person("Anna", 1), thursday().AddDate(0, 0, 7))
			v.at(v.request(id).PromiseAt)
			c := v.as(v.nurse)
			return errand{care.ReferralRequested, func(ctx context.Context, a *app.App) (string, error) {
				id, err := a.ReferRequest(ctx, c, newReferral(id, v.clinic))
				return string(id), err
			}}
		},
	}
}

// TestAResendAfterEveryCrash breaks each command at every call to the stores, in every way, and sends
// it again: it has happened once, and the answer is the one of an undisturbed call.
func TestAResendAfterEveryCrash(t *testing.T) {
	for name, prepare := range errands() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newVillage(t)
			e := prepare(v)
			v.run()
			for _, way := range []struct {
				done, dead, mended bool
			}{{}, {done: true, dead: true}, {dead: true, mended: true}, {done: true, dead: true, mended: true}} {
				for at := 1; ; at++ {
					f := &fault{at: at, done: way.done, dead: way.dead}
					v.breakOnce(e, f, way.mended)
					if !f.hit() {
						break
					}
				}
			}
		})
	}
}

// breakOnce runs an errand with a fault on a copy of the village. mended lets everything that goes
// on by itself do so before the resend.
func (v *village) breakOnce(e errand, f *fault, mended bool) {
	v.t.Helper()
	w := v.copied()
	defer func() { v.must(w.close()) }()
	broken := w.process(w.Stores)
	broken.Stores = faultyStores(w.Stores, f)
	first, err := e.do(v.t.Context(), broken)
	if err == nil && !f.hit() {
		return
	}
	if mended {
		w.pass(2 * app.ClaimGrace)
		w.run()
	}
	id, tries := w.insist(e, err)
	if err == nil && id != first {
		v.t.Errorf("call %d of %+v: the first answer was %q, the second %q", f.at, f, first, id)
	}
	if f.dead == false && err != nil && tries > 1 {
		v.t.Errorf("call %d (done %v) failed alone, and the resend had to come %d times", f.at, f.done, tries)
	}
	w.pass(2 * app.ClaimGrace)
	w.run()
	if n := w.counted(e.event); n != 1 {
		v.t.Errorf("call %d (done %v, dead %v, mended %v): %s happened %d times", f.at, f.done, f.dead, mended, e.event, n)
	}
	w.sound()
}

// insist sends the errand again as a client does, until there is an answer.
func (v *village) insist(e errand, first error) (string, int) {
	v.t.Helper()
	for tries := 1; ; tries++ {
		id, err := e.do(v.t.Context(), v.App)
		if err == nil {
			return id, tries
		}
		if !care.IsKind(err, care.Unavailable) || tries == 4 {
			v.t.Fatalf("after %v the resend was answered %v", first, err)
		}
		v.pass(16 * time.Second)
	}
}

// keysBeside is the key store of a file of data.
func keysBeside(path string) string { return filepath.Join(filepath.Dir(path), "keys.db") }

// copied is the same village at the same moment, on a file of its own.
func (v *village) copied() *village {
	v.t.Helper()
	path := filepath.Join(v.t.TempDir(), "copy.db")
	for from, to := range map[string]string{v.path: path, keysBeside(v.path): keysBeside(path)} {
		db, err := sql.Open("sqlite", from)
		v.must(err)
		_, err = db.ExecContext(v.t.Context(), "VACUUM INTO ?", to)
		v.must(errors.Join(err, db.Close()))
	}
	w := &village{t: v.t, now: v.clock(), cursor: v.cursor, nonces: v.nonces, here: v.here, worker: v.worker, mod: v.mod,
		nurse: v.nurse, clinic: v.clinic, intake: v.intake, posted: map[string]string{}, path: path}
	store := w.handle(path)
	w.App, w.close = w.process(store.Stores()), store.Close
	return w
}

// counted is how often an event came through the feed since the copy was made.
func (v *village) counted(e care.EventType) int {
	n := 0
	for _, row := range v.rows {
		if row.Event.Type == e {
			n++
		}
	}
	return n
}

// sound checks what holds in any village at rest: no claim is pending, each seat is in exactly one
// book, and nobody is at two places at once.
func (v *village) sound() {
	v.t.Helper()
	held := map[care.VisitID]bool{}
	v.must(v.Stores.Requests.Each(v.t.Context(), func(r port.Stored[care.Request]) error {
		for _, x := range r.Value.Visits {
			held[x.ID] = x.Upcoming()
		}
		return nil
	}))
	v.must(v.Stores.Helpers.Each(v.t.Context(), func(h port.Stored[care.Helper]) error {
		if len(h.Value.Claims) > 0 {
			v.t.Errorf("claims left: %+v", h.Value.Claims)
		}
		for i, a := range h.Value.Agreed {
			for _, b := range h.Value.Agreed[:i] {
				shared := slices.Contains(a.Joins, b.Visit) || slices.Contains(b.Joins, a.Visit)
				if a.At.Overlaps(b.At) && !shared && (a.Offer == "" || a.Offer != b.Offer) {
					v.t.Errorf("two places at once: %+v and %+v", a, b)
				}
			}
			if upcoming, known := held[a.Visit]; !known {
				v.t.Errorf("hours for a visit that is not there: %+v", a)
			} else if upcoming {
				delete(held, a.Visit)
			}
		}
		return nil
	}))
	for visit, upcoming := range held {
		if upcoming {
			v.t.Errorf("visit %s stands in nobody's book", visit)
		}
	}
}

func rideOf(from time.Time) app.NewRequest {
	return app.NewRequest{Kind: care.RideKind, Words: "Naar het ziekenhuis", Urgency: care.Ordinary, Publish: true,
		Ride: &care.Ride{To: care.Place{Point: care.Point{Lat: 52.99, Lon: 6.55}, Town: "Assen"},
			ReturnAt: from.Add(90 * time.Minute), Passengers: 1, Walker: true},
		Slots: []app.NewSlot{{Start: from, End: from.Add(2 * time.Hour), Seats: 1}}}
}

// planned lets a driver say yes to somebody's ride on Thursday.
func (v *village) planned(resident, driver care.PersonID) care.Visit {
	v.t.Helper()
	id := v.ride(resident, thursday())
	_, err := v.AcceptAsk(v.t.Context(), v.as(driver), v.askOf(id, driver).ID, time.Time{})
	v.must(err)
	v.run()
	return v.request(id).Visits[len(v.request(id).Visits)-1]
}
