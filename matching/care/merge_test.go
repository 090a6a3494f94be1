package care

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func twoRecords() (Person, Person) {
	a := Person{ID: "anna-desk", FirstName: "Anna", LastName: "Prins", BirthDate: "1943-05-02", WithoutApp: true}
	b := Person{ID: "anna-app", FirstName: "Ans", LastName: "Prins", BirthDate: "1943-05-02", Contacts: []Contact{{Phone, "+31600000001"}}}
	return a, b
}

// mergedRecords carries a merge of two records through.
func mergedRecords(t *testing.T, into, from Person, now time.Time) (Person, Person) {
	t.Helper()
	from, _, err := from.BecomeAlias(Alias{Merge: "m1", Into: into.ID, In: village, By: "desk"}, now)
	if err == nil {
		into, _, err = into.Absorb(from, now)
	}
	if err == nil {
		from, _, err = from.Firm("m1", now)
	}
	if err == nil {
		into, _, err = into.SettleMerge("m1")
	}
	if err != nil {
		t.Fatal(err)
	}
	return into, from
}

func TestAMergeAndItsUndo(t *testing.T) {
	now := june("11:00")
	a, b := twoRecords()
	b.Life = Life{State: InHospital, From: now.Add(-time.Hour)}
	into, from := mergedRecords(t, a, b, now)
	if from.Into() != a.ID || into.WithoutApp || !slices.Equal(into.Contacts, b.Contacts) || into.Life.State != InHospital {
		t.Fatalf("the records are\n%s\n%s", text(into), text(from))
	}
	if _, _, err := from.Edit(b, b.ID, now); CodeOf(err) != "person_not_found" {
		t.Fatalf("an alias was edited: %v", err)
	}
	into, events, err := into.UndoMerge(b.ID, "desk", now.Add(UndoTime-time.Second))
	if err != nil || len(events) != 1 || events[0].Person != b.ID || events[0].Helper != a.ID {
		t.Fatalf("undoing: %v, %v", events, err)
	}
	into, _, _ = into.DropAbsorbed("m1", "desk", now)
	from, _, _ = from.Unalias("m1", "desk", now)
	if text(into) != text(withoutNil(a)) || text(from) != text(b) {
		t.Fatalf("not as they were:\n%s\n%s", text(into), text(from))
	}
}

func withoutNil(p Person) Person {
	p.Contacts, p.Absorbed = []Contact{}, []Absorbed{}
	return p
}

func TestWhatIsNotMerged(t *testing.T) {
	now := june("11:00")
	a, b := twoRecords()
	claim := Alias{Merge: "m1", Into: a.ID, In: village, By: "desk"}
	with := func(edit func(*Person)) Person {
		p := b
		edit(&p)
		return p
	}
	for name, row := range map[string]struct {
		p    Person
		a    Alias
		code string
	}{
		"with itself":                     {b, Alias{Merge: "m1", Into: b.ID, By: "desk"}, "merge_self"},
		"by the one of the two":           {b, Alias{Merge: "m1", Into: a.ID, By: b.ID}, "own_case"},
		"by the other":                    {b, Alias{Merge: "m1", Into: a.ID, By: a.ID}, "own_case"},
		"somebody forgotten":              {with(func(p *Person) { p.ForgetAt = now }), claim, "person_not_found"},
		"somebody who died":               {with(func(p *Person) { p.Life.State = Died }), claim, "life_ended"},
		"while a death is reported":       {with(func(p *Person) { p.Life.ProposedBy = "x" }), claim, "death_reported"},
		"while a move is carried out":     {with(func(p *Person) { p.Life.MovedTo = "x" }), claim, "merge_busy"},
		"who is an alias":                 {with(func(p *Person) { p.Alias = &Alias{Merge: "m0", Firm: true} }), claim, "person_merged"},
		"who claims to be one":            {with(func(p *Person) { p.Alias = &Alias{Merge: "m0"} }), claim, "merge_busy"},
		"while it takes in a third":       {with(func(p *Person) { p.Absorbed = []Absorbed{{ID: "m0"}} }), claim, "merge_busy"},
		"while a third is taken out":      {with(func(p *Person) { p.Absorbed = []Absorbed{{ID: "m0", Settled: true, UndoneAt: now}} }), claim, "merge_busy"},
		"who took in a third, is allowed": {with(func(p *Person) { p.Absorbed = []Absorbed{{ID: "m0", Settled: true}} }), claim, ""},
		"again under the same intent":     {with(func(p *Person) { p.Alias = &claim }), claim, ""},
	} {
		next, _, err := row.p.BecomeAlias(row.a, now)
		if CodeOf(err) != row.code || err != nil && text(next) != text(row.p) {
			t.Errorf("%s: %v", name, err)
		}
	}
	from, _, _ := b.BecomeAlias(claim, now)
	for name, row := range map[string]struct {
		edit func(*Person)
		code string
	}{
		"into who died":             {func(p *Person) { p.Life.State = Died }, "life_ended"},
		"into who is forgotten":     {func(p *Person) { p.ForgetAt = now }, "person_not_found"},
		"into an alias":             {func(p *Person) { p.Alias = &Alias{Merge: "m0", Firm: true} }, "person_merged"},
		"into a record that claims": {func(p *Person) { p.Alias = &Alias{Merge: "m0"} }, "merge_busy"},
		"into a full record":        {func(p *Person) { p.Absorbed = make([]Absorbed, maxAbsorbed) }, "merges_too_many"},
	} {
		p := a
		row.edit(&p)
		if next, _, err := p.Absorb(from, now); CodeOf(err) != row.code || text(next) != text(p) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Two times away become one only where nothing lies between them.
func TestTimesAwayAreMergedWhereTheyTouch(t *testing.T) {
	now := june("11:00")
	days := func(from, until int) Life {
		l := Life{State: Away, From: now.AddDate(0, 0, from), Until: now.AddDate(0, 0, until)}
		if until == 0 {
			l.State, l.Until = InHospital, time.Time{}
		}
		return l
	}
	for name, row := range map[string]struct {
		one, other, want Life
		code             string
	}{
		"one has none":                  {days(2, 4), Life{}, days(2, 4), ""},
		"one is over":                   {days(2, 4), days(-3, -1), days(2, 4), ""},
		"one within the other":          {days(2, 9), days(4, 6), days(2, 9), ""},
		"they overlap":                  {days(-1, 4), days(3, 6), days(-1, 6), ""},
		"they touch":                    {days(-1, 4), days(4, 6), days(-1, 6), ""},
		"a day between":                 {days(-1, 4), days(5, 6), Life{}, "absences_apart"},
		"three weeks between":           {days(0, 1), days(21, 30), Life{}, "absences_apart"},
		"one without an end before":     {days(1, 0), days(5, 6), days(1, 0), ""},
		"one without an end in it":      {Life{State: Away, From: now, Until: now.AddDate(0, 0, 4)}, days(3, 0), days(0, 0), ""},
		"one without an end days after": {days(1, 4), days(5, 0), Life{}, "absences_apart"},
	} {
		for _, turned := range []bool{false, true} {
			a, b := twoRecords()
			a.Life, b.Life = row.one, row.other
			if turned {
				a.Life, b.Life = row.other, row.one
			}
			from, _, _ := b.BecomeAlias(Alias{Merge: "m1", Into: a.ID, In: village, By: "desk"}, now)
			into, _, err := a.Absorb(from, now)
			got := into.Life
			if CodeOf(err) != row.code || err == nil && (!got.From.Equal(row.want.From) || !got.Until.Equal(row.want.Until)) || err != nil && text(into) != text(a) {
				t.Errorf("%s, turned %v: %+v, %v", name, turned, got, err)
			}
		}
	}
}

func TestWhatIsNotUndone(t *testing.T) {
	now := june("11:00")
	a, b := twoRecords()
	into, _ := mergedRecords(t, a, b, now)
	for name, row := range map[string]struct {
		edit func(*Person)
		by   PersonID
		at   time.Time
		code string
	}{
		"after thirty days":        {func(*Person) {}, "desk", now.Add(UndoTime), "merge_final"},
		"just before":              {func(*Person) {}, "desk", now.Add(UndoTime - 1), ""},
		"by oneself":               {func(*Person) {}, a.ID, now, "own_case"},
		"never merged":             {func(p *Person) { p.Absorbed = nil }, "desk", now, "not_merged"},
		"of who died":              {func(p *Person) { p.Life.State = Died }, "desk", now, "life_ended"},
		"of who is forgotten":      {func(p *Person) { p.ForgetAt = now }, "desk", now, "person_not_found"},
		"of who was merged on":     {func(p *Person) { p.Alias = &Alias{Merge: "m2", Firm: true} }, "desk", now, "person_merged"},
		"before a later one":       {func(p *Person) { p.Absorbed = append(slices.Clone(p.Absorbed), Absorbed{ID: "m2"}) }, "desk", now, "merge_not_last"},
		"before it is carried out": {func(p *Person) { p.Absorbed = []Absorbed{{ID: "m1", Person: b.ID, At: now}} }, "desk", now, "merge_busy"},
	} {
		p := into
		row.edit(&p)
		if next, _, err := p.UndoMerge(b.ID, row.by, row.at); CodeOf(err) != row.code || err != nil && text(next) != text(p) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestMergesNeverMakeACircle lets the halves of many merges meet in any order.
func TestMergesNeverMakeACircle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ids, now := []PersonID{"a", "b", "c", "d"}, june("11:00")
		people := map[PersonID]Person{}
		for _, id := range ids {
			people[id] = Person{ID: id}
		}
		begun := map[MergeID]PersonID{}
		for i := range rapid.IntRange(1, 40).Draw(t, "steps") {
			from, into := rapid.SampledFrom(ids).Draw(t, "from"), rapid.SampledFrom(ids).Draw(t, "into")
			p := people[from]
			switch step := rapid.SampledFrom([]string{"claim", "absorb", "firm", "settle", "undo"}).Draw(t, "step"); {
			case step == "claim":
				id := MergeID(fmt.Sprint("m", i))
				if next, _, err := p.BecomeAlias(Alias{Merge: id, Into: into, By: "desk"}, now); err == nil {
					people[from], begun[id] = next, from
				}
			case p.Alias == nil:
			case step == "absorb":
				next, _, err := people[p.Alias.Into].Absorb(p, now)
				if err != nil {
					people[from], _, _ = p.Unalias(p.Alias.Merge, "desk", now)
				} else {
					people[p.Alias.Into] = next
				}
			case step == "firm":
				if _, ok := people[p.Alias.Into].AbsorbedOf(from); ok {
					people[from], _, _ = p.Firm(p.Alias.Merge, now)
				}
			case step == "settle" && p.Alias.Firm:
				people[p.Alias.Into], _, _ = people[p.Alias.Into].SettleMerge(p.Alias.Merge)
			case step == "undo" && p.Alias.Firm:
				if next, _, err := people[p.Alias.Into].UndoMerge(from, "desk", now); err == nil {
					people[p.Alias.Into], _, _ = next.DropAbsorbed(p.Alias.Merge, "desk", now)
					people[from], _, _ = p.Unalias(p.Alias.Merge, "desk", now)
				}
			}
			for _, id := range ids {
				at := id
				for range len(ids) {
					at = people[at].Into()
				}
				if people[at].Into() != at {
					t.Fatalf("from %s there is no end: %s", id, text(people))
				}
			}
		}
	})
}

// TestAPartGoesBackFromWhereverItIs, whatever merges have carried it on since.
func TestAPartGoesBackFromWhereverItIs(t *testing.T) {
	for name, row := range map[string]struct {
		was    []PersonID
		holder PersonID
		want   PersonID
		left   []PersonID
		stays  bool
	}{
		"from the next":              {[]PersonID{"a"}, "b", "a", nil, false},
		"from further on":            {[]PersonID{"a", "b"}, "c", "a", nil, false},
		"the last time counts":       {[]PersonID{"a", "b", "a"}, "b", "a", []PersonID{"a", "b"}, false},
		"what came there otherwise":  {[]PersonID{"c"}, "b", "b", []PersonID{"c"}, true},
		"what was never elsewhere":   {nil, "b", "b", nil, true},
		"what went by another merge": {[]PersonID{"a"}, "c", "c", []PersonID{"a"}, true},
	} {
		o, events, err := Offer{Helper: row.holder, WasOf: row.was}.UnmergePart("a", "b", time.Time{})
		r, more, other := Request{For: row.holder, WasFor: row.was}.UnmergePart("a", "b", time.Time{})
		if err != nil || other != nil || o.Helper != row.want || r.For != row.want || !slices.Equal(o.WasOf, row.left) || !slices.Equal(r.WasFor, row.left) {
			t.Errorf("%s: %s %v, %s %v", name, o.Helper, o.WasOf, r.For, r.WasFor)
		}
		if (len(events) == 0) != row.stays || (len(more) == 0) != row.stays {
			t.Errorf("%s: %v, %v", name, events, more)
		}
	}
}
