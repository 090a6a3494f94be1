package app_test

import (
	"context"
	"testing"
	"time"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
)

// TestASessionOfWhoWentLetsNobodyIn: a session that nobody has ended yet, of a record that went. Whatever
// wrote it, it opens nothing, and ends at the first call.
func TestASessionOfWhoWentLetsNobodyIn(t *testing.T) {
	t.Parallel()
	ways := map[string]func(p care.Person, stays care.PersonID) care.Person{
		"is to be forgotten": func(p care.Person, _ care.PersonID) care.Person {
			p.ForgetAt = monday()
			return p
		},
		"was merged away": func(p care.Person, stays care.PersonID) care.Person {
			p.Alias = &care.Alias{Merge: "01JDB8Q4M2ZT6R0V9XKFW3E7HN", Into: stays, At: monday(), Firm: true}
			return p
		},
		"has died": func(p care.Person, _ care.PersonID) care.Person {
			p.Life.State = care.Died
			return p
		},
	}
	for name, goes := range ways {
		t.Run(name, func(t *testing.T) {
			eachStore(t, func(t *testing.T, v *village) {
				ctx, stays := t.Context(), v.person("Corrie", 3)
				for call, try := range map[string]func(app.Tokens) error{
					"Authenticate": func(held app.Tokens) error {
						_, err := v.Authenticate(ctx, held.Access)
						return err
					},
					"Refresh": func(held app.Tokens) error {
						_, err := v.Refresh(ctx, held.Refresh)
						return err
					},
				} {
					p := v.person(call, 1)
					_, held := v.signedIn(p)
					v.must(try(held))
					_, err := v.Stores.Persons.Update(ctx, p, port.Write{}, func(p care.Person) (care.Person, []care.Event, error) { return goes(p, stays), nil, nil })
					v.must(err)
					want := "session_ended"
					if name == "is to be forgotten" {
						want = "account_gone"
					}
					v.refused(try(held), want)
					if s, err := v.Stores.Sessions.Get(ctx, held.Session); err != nil || s.Value.EndedAt.IsZero() {
						t.Errorf("after %s the session goes on: %+v, %v", call, s.Value, err)
					}
				}
			})
		})
	}
}

// TestARegistrationThatIsForgottenMeanwhileOpensNothing: who they are is stored, and forgotten before the
// session is written.
func TestARegistrationThatIsForgottenMeanwhileOpensNothing(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, v *village) {
		r, n := v.code(newMail), v.stranger(newMail)
		g, other := newGate(), v.elsewhere()
		other.Stores.Sessions = gated[app.SessionID, app.Session]{other.Stores.Sessions, g}
		wake := v.freeze(g, func() error {
			_, err := other.Register(t.Context(), r, n)
			return err
		})
		who := v.called(newcomer)
		v.must(v.ForgetMe(t.Context(), v.as(who), newcomer))
		v.run()
		v.refused(wake(), "code_invalid")
		for _, left := range v.leftOf(who) {
			t.Error(left)
		}
	})
}

// TestWhatComesLateOfSignInsEnds: a session and codes of somebody forgotten, written by processes that stood
// still and were killed over it. No event tells of them; they end a minute later, or, where the machine
// stood still for longer, a day later.
func TestWhatComesLateOfSignInsEnds(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ stood, until time.Duration }{
		"by a call that stalled":         {0, time.Minute},
		"by a machine that stood still":  {12 * time.Hour, 24 * time.Hour},
		"by one of before another start": {24 * time.Hour, 25 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			eachStore(t, func(t *testing.T, v *village) {
				ctx, anna, berend := t.Context(), v.person("Anna", 1), v.person("Berend", 2)
				m, forgotten := v.machine(&tap{}), v.clock()
				v.must(v.ForgetMe(ctx, v.as(anna), "Anna"))
				v.rest(m, &tap{})
				v.at(forgotten.Add(row.stood))
				v.rest(m, &tap{})
				if row.stood == 24*time.Hour {
					m = v.machine(&tap{})
				}
				v.comesLate(anna, berend)
				if left := v.leftOf(anna); len(left) != 4 {
					t.Fatalf("not late: %v", left)
				}
				v.at(forgotten.Add(row.until))
				v.rest(m, &tap{})
				for _, left := range v.leftOf(anna) {
					t.Error(left)
				}
				shared, err := v.Stores.Flows.Get(ctx, "01KAS0GR0110000000000000F1")
				v.must(err)
				if len(shared.Value.Persons) != 1 || shared.Value.Persons[0] != berend || shared.Value.Contact == "" {
					t.Errorf("the code of whoever shares the contact is %+v", shared.Value)
				}
			})
		})
	}
}

// comesLate writes what sign-ins write of somebody: a session, a code that another gets as well, one on
// paper, and one on paper from their hand.
func (v *village) comesLate(who, other care.PersonID) {
	v.t.Helper()
	ctx, now := context.Background(), v.clock()
	s := app.Session{ID: "01KAS0GR0110000000000000S1", Person: who, Salt: []byte("0123456789abcdef"), CreatedAt: now, UsedAt: now}
	_, err := v.Stores.Sessions.Insert(ctx, s.ID, s, nil, port.Write{})
	v.must(err)
	for _, f := range []app.Flow{
		{ID: "01KAS0GR0110000000000000F1", Persons: []care.PersonID{who, other}, Contact: "hash", CodeHash: []byte("code")},
		{ID: "01KAS0GR0110000000000000F2", Persons: []care.PersonID{who}, Paper: true, IssuedBy: v.worker, CodeHash: []byte("code")},
		{ID: "01KAS0GR0110000000000000F3", Persons: []care.PersonID{other}, Paper: true, IssuedBy: who, CodeHash: []byte("code")},
	} {
		f.CreatedAt, f.ExpiresAt = now, now.Add(7*24*time.Hour)
		_, err := v.Stores.Flows.Insert(ctx, f.ID, f, nil, port.Write{})
		v.must(err)
	}
}
