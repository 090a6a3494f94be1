package app_test

import (
	"fmt"
	"testing"
	"time"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
)

// everybody lists the persons and memberships that stand.
func (in *installation) everybody() (people []care.Person, members []care.Membership) {
	in.t.Helper()
	err := in.stores.Persons.Each(in.t.Context(), func(s port.Stored[care.Person]) error {
		people = append(people, s.Value)
		return nil
	})
	if err == nil {
		err = in.stores.Memberships.Each(in.t.Context(), func(s port.Stored[care.Membership]) error {
			members = append(members, s.Value)
			return nil
		})
	}
	if err != nil {
		in.t.Fatal(err)
	}
	return people, members
}

func TestRegister(t *testing.T) {
	t.Parallel()
	const mail = "new@example.nl"
	for name, row := range map[string]struct {
		spoil func(r *app.Redemption, n *app.NewPerson)
		want  string
	}{
		"with the contact that was proven":    {func(*app.Redemption, *app.NewPerson) {}, ""},
		"with the same contact spelled apart": {func(_ *app.Redemption, n *app.NewPerson) { n.Contacts[0] = "New@Example.NL" }, ""},
		"not with another contact":            {func(_ *app.Redemption, n *app.NewPerson) { n.Contacts[0] = bert }, "contact_not_proven"},
		"not with two":                        {func(_ *app.Redemption, n *app.NewPerson) { n.Contacts = append(n.Contacts, bert) }, "contact_missing"},
		"not with a wrong code":               {func(r *app.Redemption, _ *app.NewPerson) { r.Code = otherThan(r.Code) }, "code_invalid"},
		"not without a flow":                  {func(r *app.Redemption, _ *app.NewPerson) { r.Flow = "" }, "contact_missing"},
		"not in a village that is not there":  {func(_ *app.Redemption, n *app.NewPerson) { n.Community = "01KAS0GR0110000000000000ZZ" }, "community_not_found"},
		"not under a service number":          {func(_ *app.Redemption, n *app.NewPerson) { n.Home.Street = "BSN 111222333" }, "bsn_refused"},
		"not as a child":                      {func(_ *app.Redemption, n *app.NewPerson) { n.BirthDate = "2020-01-01" }, "too_young"},
	} {
		t.Run(name, func(t *testing.T) {
			in := install(t)
			in.village()
			r, n := app.Redemption{Address: "192.0.2.1", Nonce: "n1", Device: "phone"}, describe("Nel", 1950, mail)
			r.Flow, r.Code = in.code(mail, "192.0.2.1")
			row.spoil(&r, &n)
			tokens, err := in.Register(t.Context(), r, n)
			codeIs(t, err, row.want)
			people, members := in.everybody()
			if row.want != "" {
				if len(people)+len(members) != 0 {
					t.Errorf("it left %v and %v", people, members)
				}
				return
			}
			if len(people) != 1 || len(members) != 1 || members[0].Person != tokens.Person || members[0].Role != care.Resident {
				t.Errorf("it made %v and %v", people, members)
			}
			if again := in.signIn(mail); again.Person != tokens.Person {
				t.Error("signing in finds somebody else")
			}
		})
	}
}

func TestRegisterOnAContactThatIsShared(t *testing.T) {
	t.Parallel()
	in := install(t)
	in.person("Bert", 1943, []string{bert}, care.Resident)
	r := app.Redemption{Address: "192.0.2.1", Nonce: "n1"}
	r.Flow, r.Code = in.code(bert, "192.0.2.1")
	must[app.Tokens](t)(in.Register(t.Context(), r, describe("Anna", 1945, bert)))
	r.Nonce = "n2"
	r.Flow, r.Code = in.code(bert, "192.0.2.1")
	if out := must[app.SignedIn](t)(in.RedeemCode(t.Context(), r)); len(out.Choices) != 2 {
		t.Errorf("got %+v, want both", out)
	}
}

func TestRegisterTwentyTimesAtOnceMakesOnePerson(t *testing.T) {
	t.Parallel()
	in := install(t)
	in.village()
	flow, code := in.code("new@example.nl", "192.0.2.1")
	answers := together(20, func(i int) error {
		r := app.Redemption{Flow: flow, Code: code, Address: "192.0.2.1", Nonce: care.Nonce(fmt.Sprint("n", i))}
		_, err := in.Register(t.Context(), r, describe("Nel", 1950, "new@example.nl"))
		return err
	})
	if people, members := in.everybody(); answers[""] != 1 || len(people) != 1 || len(members) != 1 {
		t.Errorf("answers %v, %d people, %d memberships", answers, len(people), len(members))
	}
}

// crashAtEachCall runs a command once for each of its store calls, failing that call before or
// after the store has done it, and then once more in peace.
func crashAtEachCall(t *testing.T, prepare func(in *installation) (run func() error), check func(in *installation)) {
	for _, after := range []bool{false, true} {
		for at := 1; ; at++ {
			in := install(t)
			run := prepare(in)
			in.calls.start(at, after)
			err := run()
			made := len(in.calls.during(func() {}))
			if err == nil && made < at {
				break
			}
			in.clock.pass(15 * time.Second) // after which an intent in work may be taken over
			if err := run(); err != nil {
				t.Fatalf("call %d lost (after %v): the resend gives %v", at, after, err)
			}
			check(in)
			if t.Failed() {
				t.Fatalf("call %d lost (after %v)", at, after)
			}
		}
	}
}

func TestRegisterSurvivesACrashAtEachStep(t *testing.T) {
	t.Parallel()
	crashAtEachCall(t, func(in *installation) func() error {
		in.village()
		r := app.Redemption{Address: "192.0.2.1", Nonce: "n1"}
		r.Flow, r.Code = in.code("new@example.nl", "192.0.2.1")
		return func() error {
			_, err := in.Register(t.Context(), r, describe("Nel", 1950, "new@example.nl"))
			return err
		}
	}, func(in *installation) {
		if people, members := in.everybody(); len(people) != 1 || len(members) != 1 {
			t.Errorf("%d people, %d memberships", len(people), len(members))
		}
	})
}

func TestRegisterAtDeskSurvivesACrashAtEachStep(t *testing.T) {
	t.Parallel()
	crashAtEachCall(t, func(in *installation) func() error {
		desk := in.person("Dirk", 1970, []string{"dirk@example.nl"}, care.DeskWorker)
		return func() error {
			id, err := in.RegisterAtDesk(t.Context(), as(desk, "n1"), describe("Geesje", 1945))
			if err == nil && id == "" {
				t.Error("no id came back")
			}
			return err
		}
	}, func(in *installation) {
		if people, members := in.everybody(); len(people) != 2 || len(members) != 2 {
			t.Errorf("%d people, %d memberships; want the desk and one more", len(people), len(members))
		}
	})
}

func TestRegisterAtDesk(t *testing.T) {
	t.Parallel()
	in := install(t)
	desk := in.person("Dirk", 1970, []string{"dirk@example.nl"}, care.FixedWorker)
	bertID := in.person("Bert", 1943, []string{bert}, care.Resident, care.Moderator)
	_, err := in.RegisterAtDesk(t.Context(), as(bertID, "n1"), describe("Geesje", 1945))
	codeIs(t, err, "desk_only")
	_, err = in.RegisterAtDesk(t.Context(), as(desk, "n1"), describe("Geesje 111222333", 1945))
	codeIs(t, err, "bsn_refused")
	id := must[care.PersonID](t)(in.RegisterAtDesk(t.Context(), as(desk, "n2"), describe("Geesje", 1945, "0592 123456")))
	p := must[port.Stored[care.Person]](t)(in.Person(t.Context(), as(desk, ""), id))
	if !p.Value.WithoutApp || p.Value.RegisteredBy != desk || p.Value.Contacts[0].Value != "+31592123456" {
		t.Errorf("made %+v", p.Value)
	}
}
