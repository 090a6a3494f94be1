package app_test

import (
	"context"
	"os"
	"testing"
	"time"

	"naober/api/app"
	"naober/api/store/mongostore"
	"naober/matching/care"
)

// elsewhere is another process on the village's store, with a handle, keys and memory of its own.
func (v *village) elsewhere() *app.App {
	v.t.Helper()
	var a *app.App
	if v.database == "" {
		a = v.second()
	} else {
		s, err := mongostore.Open(v.t.Context(), os.Getenv("NAOBER_MONGO_URI"), v.database, mongostore.Options{Key: villageSecret(), Now: v.clock})
		v.must(err)
		v.t.Cleanup(func() { _ = s.Close(context.Background()) })
		v.vault = s.Vault()
		a = v.process(s.Stores())
	}
	v.must(a.LoadKeys(v.t.Context()))
	return a
}

// ending is something that ends in one process, and a call that counts on it in another.
type ending struct {
	may  func(a *app.App) error // goes well until it ends, however often
	end  func() error
	want string // the code of the same call, straight after
}

// endings are the ways in which somebody loses what they were. None lets the feed run, and no clock
// passes: what a process remembers for a moment does not count.
func endings(v *village) map[string]ending {
	ctx := v.t.Context()
	queue := func(p care.PersonID) func(a *app.App) error {
		return func(a *app.App) error { _, err := a.ModeratorQueue(ctx, app.Caller{Person: p}, v.here); return err }
	}
	ada, anna := v.administrator(), v.person("Anna", 1)
	session := func(name string) (app.Caller, func(a *app.App) error) {
		c, tokens := v.signedIn(v.person(name, 1))
		return c, func(a *app.App) error { _, err := a.Authenticate(ctx, tokens.Access); return err }
	}
	bert, bertCalls := session("Bert")
	cees, ceesCalls := session("Cees")
	seat := v.memberOf(v.worker, care.FixedWorker)
	desk := v.memberOf(v.worker, care.DeskWorker)
	v.must(v.EndMembership(ctx, v.as(ada), seat))
	return map[string]ending{
		"a moderator's role is ended": {queue(v.mod),
			func() error { return v.EndMembership(ctx, v.as(ada), v.memberOf(v.mod, care.Moderator)) }, "not_a_moderator"},
		"the desk's role is ended": {func(a *app.App) error { _, err := a.Person(ctx, app.Caller{Person: v.worker}, anna); return err },
			func() error { return v.EndMembership(ctx, v.as(ada), desk) }, "person_not_found"},
		"a device is signed out": {bertCalls, func() error { return v.EndSession(ctx, bert, bert.Session) }, "session_ended"},
		"somebody is forgotten":  {ceesCalls, func() error { return v.ForgetMe(ctx, cees, "Cees") }, "account_gone"},
	}
}

// TestWhatEndsInOneProcessHasEndedInEvery: roles and sessions are read at each call, so that what was
// taken away in one process is gone at the next call in every other.
func TestWhatEndsInOneProcessHasEndedInEvery(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, v *village) {
		other := v.elsewhere()
		for name, e := range endings(v) {
			for range 3 { // whoever remembers has something to remember
				if err := e.may(other); err != nil {
					t.Fatalf("%s: before it, %v", name, err)
				}
			}
			v.must(e.may(v.App))
			v.must(e.end())
			for where, a := range map[string]*app.App{"the other process": other, "the same process": v.App, "a new process": v.elsewhere()} {
				if err := e.may(a); care.CodeOf(err) != e.want {
					t.Errorf("%s: %s says %v, want %s", name, where, err, e.want)
				}
			}
		}
	})
}

// TestWhatBeginsInOneProcessHasBegunInEvery: what was refused a moment ago is not remembered either.
func TestWhatBeginsInOneProcessHasBegunInEvery(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, v *village) {
		ctx, other, ada, piet := t.Context(), v.elsewhere(), v.administrator(), v.person("Piet", 1)
		_, err := other.ModeratorQueue(ctx, app.Caller{Person: piet}, v.here)
		v.refused(err, "not_a_moderator")
		_, err = v.GrantRole(ctx, v.as(ada), app.Grant{Person: piet, Community: v.here, Role: care.Moderator})
		v.must(err)
		_, err = other.ModeratorQueue(ctx, app.Caller{Person: piet}, v.here)
		v.must(err)
	})
}

// TestAPauseHoldsInEveryProcess: a helper paused in one process can neither say yes in another, nor
// read there where a visit of theirs takes place, until the pause is over.
func TestAPauseHoldsInEveryProcess(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, v *village) {
		ctx := t.Context()
		anna, berend := v.person("Anna", 1), v.driver("Berend", 2)
		visit := v.planned(anna, berend)
		v.at(visit.At.From.Add(-time.Hour))
		id := v.ride(anna, thursday().AddDate(0, 0, 7))
		ask, other := v.askOf(id, berend), v.elsewhere()
		for range 3 {
			_, err := other.RevealAddress(ctx, app.Caller{Person: berend}, visit.ID)
			v.must(err)
		}
		v.must(v.PauseHelper(ctx, v.as(v.mod), v.here, berend, care.Decision{Rule: "r@1", Reason: "x", Until: v.clock().AddDate(0, 1, 0)}))
		if _, err := other.RevealAddress(ctx, app.Caller{Person: berend}, visit.ID); err == nil {
			t.Error("paused in one process, he reads an address in the other")
		}
		if _, err := other.AcceptAsk(ctx, v.as(berend), ask.ID, time.Time{}); err == nil {
			t.Error("paused in one process, he says yes in the other")
		}
		if got := v.request(id).Visits; len(got) > 0 {
			t.Errorf("a visit was agreed: %+v", got)
		}
	})
}
