package app_test

import (
	"slices"
	"testing"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
)

func (v *village) newcomer(first, last, born string) app.NewPerson {
	return app.NewPerson{FirstName: first, LastName: last, BirthDate: born, Language: "nl", Community: v.here,
		Home: care.Place{Point: care.Point{Lat: 52.935, Lon: 6.672}, Street: "Kerkweg 4", Town: "Grolloo"}}
}

// registersAgain is Geesje Meijer of 1941, whom the desk may know, registering in the app as Gezina Meier.
func (v *village) registersAgain() (tokens app.Tokens, mail string) {
	v.t.Helper()
	mail = "geesje@dorp.example"
	flow, err := v.RequestCode(v.t.Context(), mail, "192.0.2.9")
	v.must(err)
	n := v.newcomer("Gezina", "Meier", "1941-05-02")
	n.Contacts = []string{mail}
	tokens, err = v.Register(v.t.Context(), app.Redemption{Flow: flow, Code: v.posted[mail], Address: "192.0.2.9", Nonce: "newcomer-nonce-1"}, n)
	v.must(err)
	return tokens, mail
}

func (v *village) finds(a *app.App, word string) []care.PersonID {
	v.t.Helper()
	found, err := a.SearchPersons(v.t.Context(), v.as(v.worker), v.here, word)
	v.must(err)
	var ids []care.PersonID
	for _, p := range found {
		ids = append(ids, p.ID)
	}
	return ids
}

func TestNamesAreFoundOnEveryProcess(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, v *village) {
		ctx := t.Context()
		other := v.process(v.Stores)
		id, err := v.RegisterAtDesk(ctx, v.as(v.worker), v.newcomer("Hillechien", "Eising", "1938-02-11"))
		v.must(err)
		if got := v.finds(v.App, "hille"); !slices.Equal(got, []care.PersonID{id}) {
			t.Fatalf("the process that wrote it finds %v", got)
		}
		v.run()
		for _, row := range v.rows {
			v.must(other.Follow(ctx, row))
		}
		if got := v.finds(other, "eis"); !slices.Equal(got, []care.PersonID{id}) {
			t.Fatalf("another process finds %v through the feed", got)
		}
		if got := v.finds(v.process(v.Stores), "hille"); !slices.Equal(got, []care.PersonID{id}) {
			t.Fatalf("a process that starts finds %v", got)
		}
		edit := app.PersonEdit{FirstName: "Hilly", LastName: "Eising", BirthDate: "1938-02-11", Language: "nl", Home: v.newcomer("", "", "").Home}
		v.must(v.EditMe(ctx, v.as(id), edit))
		if got := v.finds(v.App, "hillech"); len(got) != 0 {
			t.Fatalf("the old name still finds %v", got)
		}
		members, err := v.Memberships(ctx, v.as(id))
		v.must(err)
		v.must(v.EndMembership(ctx, v.as(v.worker), members[0].ID))
		for _, a := range []*app.App{v.App, other} { // the other has not heard of it yet
			if got := v.finds(a, "eis"); len(got) != 0 {
				t.Fatalf("who left is found: %v", got)
			}
		}
	})
}

func TestRegisteringSomebodyTwice(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, v *village) {
		ctx := t.Context()
		first, err := v.RegisterAtDesk(ctx, v.as(v.worker), v.newcomer("Geesje", "Meijer", "1941-05-02"))
		v.must(err)
		again := v.newcomer("G.", "van Meyer", "1941-02-05")
		_, err = v.RegisterAtDesk(ctx, v.as(v.worker), again)
		v.refused(err, "possible_duplicates")
		found, err := v.Duplicates(ctx, v.as(v.worker), again)
		v.must(err)
		if len(found) != 1 || found[0].ID != first {
			t.Fatalf("shown are %+v", found)
		}
		views, err := v.Views(ctx, v.as(first), port.Page{Limit: 10})
		v.must(err)
		if len(views) != 1 || views[0].What != "duplicate_check" {
			t.Fatalf("her log holds %+v", views)
		}
		_, err = v.Duplicates(ctx, v.as(v.mod), again)
		v.refused(err, "desk_only")
		again.Others = true
		c := v.as(v.worker)
		second, err := v.RegisterAtDesk(ctx, c, again)
		v.must(err)
		if resent, err := v.RegisterAtDesk(ctx, c, again); err != nil || resent != second {
			t.Fatalf("a resend made %s, %v", resent, err)
		}
	})
}

func TestANewcomerNeverLearnsOfTheirDouble(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, v *village) {
		ctx := t.Context()
		known, err := v.RegisterAtDesk(ctx, v.as(v.worker), v.newcomer("Geesje", "Meijer", "1941-05-02"))
		v.must(err)
		tokens, _ := v.registersAgain()
		v.run()
		// The village's own cast is one name and one birth date.
		hers := func() []care.Task {
			tasks, err := v.Tasks(ctx, v.as(v.worker), v.here)
			v.must(err)
			return slices.DeleteFunc(tasks, func(t care.Task) bool { return t.Person != tokens.Person })
		}
		tasks := hers()
		if len(tasks) != 1 || tasks[0].Kind != care.TaskDuplicate || tasks[0].Person != tokens.Person || tasks[0].Other != known {
			t.Fatalf("the desk has %+v", tasks)
		}
		_, err = v.Tasks(ctx, v.as(tokens.Person), v.here)
		v.refused(err, "desk_only")
		_, err = v.Task(ctx, v.as(tokens.Person), tasks[0].ID)
		v.refused(err, "task_not_found")
		v.must(v.TaskDone(ctx, v.as(v.worker), tasks[0].ID))
		v.refused(v.TaskDone(ctx, v.as(v.worker), tasks[0].ID), "task_done")
		for _, row := range v.rows { // the feed brings it again
			v.must(v.Steward(ctx, row))
		}
		if left := hers(); len(left) != 0 {
			t.Fatalf("seen to, and yet %+v", left)
		}
	})
}
