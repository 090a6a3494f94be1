package app_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"testing"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
)

// lateScenarios are commands by which something of Anna or Berend begins or changes, besides those that
// stand in scenarios.
func lateScenarios() map[string]func(v *village) scenario {
	all := map[string]func(v *village) scenario{}
	for _, some := range []map[string]func(v *village) scenario{requestScenarios(), askScenarios(), visitScenarios(),
		helperScenarios(), personScenarios(), deskScenarios(), lifeScenarios(), planScenarios(),
		journeyScenarios(), ridesScenarios(), weightScenarios()} {
		maps.Copy(all, some)
	}
	all["AskForHelp/by the desk"] = func(v *village) scenario {
		n := rideOf(thursday())
		n.Community, n.For, n.Channel, n.Consent = v.here, v.person("Anna", 1), care.ByPhone, care.Spoken
		c := v.as(v.worker)
		return made(func(ctx context.Context, a *app.App) (care.RequestID, error) { return a.AskForHelp(ctx, c, n) })
	}
	all["MakeOffer/by the desk"] = func(v *village) scenario {
		berend := v.driver("Berend", 2)
		offers, err := v.Offers(v.t.Context(), v.as(berend), page())
		v.must(err)
		o, c := offers[0].Value, v.as(v.worker)
		o.Note = "ook op zondag"
		return made(func(ctx context.Context, a *app.App) (care.OfferID, error) { return a.MakeOffer(ctx, c, o) })
	}
	all["RequestCode/by who is known"] = func(v *village) scenario {
		to := v.personDoc(v.person("Anna", 1)).Contacts[0].Value
		return said(func(ctx context.Context, a *app.App) error {
			_, err := a.RequestCode(ctx, to, "192.0.2.1")
			return err
		})
	}
	all["MakeOffer/another one"] = func(v *village) scenario {
		berend := v.driver("Berend", 2)
		offers, err := v.Offers(v.t.Context(), v.as(berend), page())
		v.must(err)
		o, c := offers[0].Value, v.as(berend)
		o.Note = "nog een"
		return made(func(ctx context.Context, a *app.App) (care.OfferID, error) { return a.MakeOffer(ctx, c, o) })
	}
	return all
}

// TestWhatComesLateOfSomebodyForgotten: a process stalls before each write of a command, somebody whom
// the command concerns is forgotten meanwhile and everything comes to rest; then it wakes up, and goes on or
// is killed after that write. After at most two rounds of the loops nothing of that person goes on, and
// nothing they said can be read.
// deploy/soak.sh tries all commands, with NAOBER_CRASH_SHARE=1; a quick run one in ten and the plainest.
func TestWhatComesLateOfSomebodyForgotten(t *testing.T) {
	plain := []string{"AskForHelp", "MakeOffer", "ReferRequest", "ApplyAsHelper", "LeaveFor"}
	signIns := []string{"Register", "RedeemCode", "IssuePaperCode"} // of what they write no event tells
	t.Run("sqlite", func(t *testing.T) {
		for name, ready := range lateScenarios() {
			if !slices.Contains(plain, name) && !slices.Contains(signIns, name) && !drawn(name, os.Getenv("NAOBER_COMMIT"), crashShare()) {
				continue
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				forgottenMeanwhile(t, newVillage(t), ready, stalled, stalledLast)
			})
		}
	})
	uri := os.Getenv("NAOBER_MONGO_URI")
	if uri == "" {
		return
	}
	g, all := newGrounds(t, uri), lateScenarios()
	for how, names := range map[crash][]string{stalled: plain, stalledLast: signIns} {
		for _, name := range names {
			t.Run("mongo/"+name, func(t *testing.T) { forgottenMeanwhile(t, g.village(t), all[name], how) })
		}
	}
}

func forgottenMeanwhile(t *testing.T, v *village, ready func(*village) scenario, hows ...crash) {
	p, s := prepare(v, ready)
	w, end := p.world()
	calm := &tap{}
	_, err := s.do(t.Context(), w.machine(calm).App)
	v.must(err)
	names := slices.DeleteFunc([]string{"Anna", "Berend", newcomer}, func(name string) bool {
		return v.called(name) == "" && w.called(name) == ""
	})
	end()
	worlds := 0
	for _, name := range names {
		for i, call := range calm.made() {
			if !call.writes || call.port == "ledger" || call.port == "views" {
				continue // a row of the ledger changes nothing by itself, nor does what was seen
			}
			for _, how := range hows {
				w, end := p.world()
				met := w.wakesAfterForgetting(s, &tap{at: i + 1, how: how}, name)
				if end(); t.Failed() {
					t.Fatalf("%s was forgotten at call %d, %s, %s", name, i+1, call, how)
				}
				if !met {
					break // nobody of that name is there yet
				}
				worlds++
			}
		}
	}
	t.Logf("figure: %d worlds", worlds)
}

// called is the one person of a first name, or nobody where there are several.
func (v *village) called(name string) (found care.PersonID) {
	v.t.Helper()
	several := false
	v.must(v.Stores.Persons.Each(v.t.Context(), func(p port.Stored[care.Person]) error {
		if p.Value.FirstName == name {
			several = found != ""
			found = p.Value.ID
		}
		return nil
	}))
	if several {
		return ""
	}
	return found
}

// wakesAfterForgetting plays a command that stalls at one call until somebody is forgotten; it tells
// whether there was one of that name.
func (v *village) wakesAfterForgetting(s scenario, late *tap, name string) (met bool) {
	v.t.Helper()
	other := v.machine(&tap{})
	late.meanwhile = func() {
		who := v.called(name)
		if met = who != ""; !met {
			return
		}
		v.rest(other, &tap{})
		v.must(other.ForgetMe(v.t.Context(), v.as(who), name))
		v.rest(other, &tap{})
	}
	slow := v.machine(late)
	if _, err := s.do(v.t.Context(), slow.App); err != nil && !refusedOrGone(err) {
		v.t.Errorf("it answered %v", err)
	}
	if !met {
		return false
	}
	v.rest(other, &tap{})
	v.pass(2 * app.ClaimGrace)
	other.loops.Patience(2 * app.ClaimGrace)
	v.rest(other, &tap{})
	for _, p := range eachOf(v, v.Stores.Persons) {
		if !p.Gone() {
			continue
		}
		for _, left := range v.leftOf(p.ID) {
			v.t.Error(left)
		}
	}
	if late.how == stalledLast {
		v.settled() // nobody sends the command again
		return true
	}
	v.orderly()
	return true
}

func refusedOrGone(err error) bool { return care.CodeOf(err) != "" && care.CodeOf(err) != "internal" }

// leftOf lists what goes on of somebody who was forgotten, and what can still be read of them.
func (v *village) leftOf(who care.PersonID) (left []string) {
	v.t.Helper()
	note := func(bad bool, what string, doc any) {
		if bad {
			left = append(left, fmt.Sprintf("%s %+v", what, doc))
		}
	}
	doc := v.personDoc(who)
	note(doc.Life != care.Life{}, "a life goes on:", doc.Life)
	note(len(doc.Contacts) > 0 || doc.FirstName != "" || doc.BirthDate != "" || doc.Home.Street != "", "a person is read:", doc)
	lives := eachOf(v, v.Stores.Requests)
	for _, r := range lives {
		note(r.For == who && r.Phase != care.Ended, "a request goes on:", r)
		note(r.For == who && (r.Words != "" || r.Where.Street != ""), "a request is read:", r)
		note(slices.ContainsFunc(r.Asks, func(k care.Ask) bool { return k.Helper == who && k.Answerable() }), "asked:", r.Asks)
		note(slices.ContainsFunc(r.Visits, func(x care.Visit) bool { return x.Helper == who && x.Upcoming() }), "expected:", r.Visits)
	}
	for _, o := range eachOf(v, v.Stores.Offers) {
		note(o.Helper == who && o.EndedAt.IsZero(), "an offer stands:", o)
	}
	for _, h := range eachOf(v, v.Stores.Helpers) {
		empty := care.NewHelper(who, care.DefaultQuiet(h.Quiet.Zone), h.CreatedAt)
		empty.BlockedBy, empty.Agreed, empty.Alias = h.BlockedBy, h.Agreed, h.Alias // others' word; a visit that has begun; a merge
		note(h.Person == who && fmt.Sprintf("%+v", h) != fmt.Sprintf("%+v", empty), "a book is kept:", h)
	}
	for _, m := range eachOf(v, v.Stores.Memberships) {
		note(m.Person == who && m.EndedAt.IsZero(), "a role is held:", m)
	}
	flows := eachOf(v, v.Stores.Flows)
	for _, f := range flows {
		note(slices.Contains(f.Persons, who) || f.IssuedBy == who, "a code names them:", f)
	}
	for _, s := range eachOf(v, v.Stores.Sessions) {
		note(s.Person == who && (s.EndedAt.IsZero() || s.PushToken != "" || s.Device != ""), "a session goes on:", s)
		for _, f := range flows {
			note(s.Person == who && f.Session == s.ID && len(f.Persons) == 0 && f.Contact != "", "a code tells their contact:", f)
		}
	}
	for _, f := range eachOf(v, v.Stores.Referrals) {
		note(f.For == who && (f.State != care.ReferralDone && f.State != care.ReferralDeclined || f.Words != ""), "a referral goes on:", f)
	}
	for _, m := range eachOf(v, v.Stores.Messages) {
		note(m.From == who && m.Text != "", "a message is read:", m)
	}
	for _, f := range eachOf(v, v.Stores.Feedbacks) {
		note(f.By == who && f.Words != "", "a word is read:", f)
	}
	for _, r := range eachOf(v, v.Stores.Reports) {
		note(r.By == who && r.Words != "", "a worry is read:", r)
	}
	return left
}

func eachOf[K ~string, T any](v *village, docs port.Documents[K, T]) (all []T) {
	v.t.Helper()
	v.must(docs.Each(v.t.Context(), func(d port.Stored[T]) error {
		all = append(all, d.Value)
		return nil
	}))
	return all
}

// forgetting is somebody's wish to be forgotten of which nothing was carried out yet.
func (v *village) forgetting(p care.PersonID, name string) {
	v.t.Helper()
	_, err := v.Stores.Persons.Update(v.t.Context(), p, port.Write{}, func(d care.Person) (care.Person, []care.Event, error) {
		return d.Forget(name, p, v.clock())
	})
	v.must(err)
}

// TestWhoIsBeingForgottenIsNotThere: between the wish and its end every command answers as for a stranger,
// not with a complaint about the home that is gone.
func TestWhoIsBeingForgottenIsNotThere(t *testing.T) {
	eachStore(t, func(t *testing.T, v *village) {
		ctx := t.Context()
		anna := v.person("Anna", 1)
		v.forgetting(anna, "Anna")
		n := rideOf(thursday())
		n.Community = v.here
		_, err := v.AskForHelp(ctx, v.as(anna), n)
		v.refused(err, "person_not_found")
		n.For, n.Channel, n.Consent = anna, care.ByPhone, care.Spoken
		_, err = v.AskForHelp(ctx, v.as(v.worker), n)
		v.refused(err, "person_not_found")
		v.refused(v.LeaveFor(ctx, v.as(anna), anna, care.Absence{State: care.InHospital}), "person_not_found")
		v.refused(v.EditMe(ctx, v.as(anna), app.PersonEdit{}), "person_not_found")
		next, _ := v.schoonloo(true)
		v.refused(v.MoveTo(ctx, v.as(anna), anna, v.here, next, newHome()), "person_not_found")
	})
}
