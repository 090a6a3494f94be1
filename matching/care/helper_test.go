package care

import (
	"testing"
	"time"
)

func applied() Helper {
	h, _, err := NewHelper("bert", DefaultQuiet(dutch), june("09:00")).Apply(village, june("09:00"))
	if err != nil {
		panic(err)
	}
	return h
}

func decision(by PersonID, until time.Time) Decision {
	return Decision{Rule: "house_rules.3@1", Reason: "gezien", By: by, Until: until}
}

func approved() Helper {
	h, _, err := applied().Approve(village, decision("mod", time.Time{}), june("09:30"))
	if err != nil {
		panic(err)
	}
	return h
}

func paused() Helper {
	h, _, err := approved().Pause(village, decision("mod", nextDay("10:00")), june("10:00"))
	if err != nil {
		panic(err)
	}
	return h
}

func TestApproval(t *testing.T) {
	type act func(Helper, CommunityID, Decision, time.Time) (Helper, []Event, error)
	apply := act(func(h Helper, in CommunityID, _ Decision, at time.Time) (Helper, []Event, error) {
		return h.Apply(in, at)
	})
	approve, refuse := act(Helper.Approve), act(Helper.TurnDown)
	refused, _, _ := applied().TurnDown(village, decision("mod", time.Time{}), june("10:00"))
	fresh := NewHelper("bert", DefaultQuiet(dutch), june("09:00"))
	for name, row := range map[string]struct {
		from Helper
		act  act
		by   PersonID
		rule string
		want string
	}{
		"who applies waits":                          {fresh, apply, "", "", "applied"},
		"who applied does not apply again":           {applied(), apply, "", "", "applied_already"},
		"who was refused may apply again":            {refused, apply, "", "", "applied"},
		"an application is approved":                 {applied(), approve, "mod", "r@1", "approved"},
		"an application is refused":                  {applied(), refuse, "mod", "r@1", "refused"},
		"an approval is ended":                       {approved(), refuse, "mod", "r@1", "refused"},
		"nothing is decided twice":                   {approved(), approve, "mod", "r@1", "decided_already"},
		"nobody decides on themselves":               {applied(), approve, "bert", "r@1", "own_case"},
		"nobody is approved who did not apply":       {fresh, approve, "mod", "r@1", "not_applied"},
		"a decision without its rule does not count": {applied(), approve, "mod", "", "rule_missing"},
	} {
		d := decision(row.by, time.Time{})
		d.Rule = row.rule
		next, _, err := row.act(row.from, village, d, june("11:00"))
		state := ApprovalState("")
		if i := next.approval(village); i >= 0 {
			state = next.Approvals[i].State
		}
		if got := verdict(state, err); got != row.want {
			t.Errorf("%s: %s, want %s", name, got, row.want)
		}
	}
}

func TestPause(t *testing.T) {
	for name, row := range map[string]struct {
		until time.Time
		by    PersonID
		code  string
	}{
		"ends by itself":     {nextDay("10:00"), "mod", ""},
		"ends at all":        {time.Time{}, "mod", "until_invalid"},
		"ends in the future": {june("11:00"), "mod", "until_invalid"},
		"ends within a year": {june("11:00").AddDate(1, 0, 0).Add(time.Millisecond), "mod", "until_invalid"},
		"is nobody's own":    {nextDay("10:00"), "bert", "own_case"},
	} {
		if _, _, err := approved().Pause(village, decision(row.by, row.until), june("11:00")); CodeOf(err) != row.code {
			t.Errorf("a pause %s: got %v, want %q", name, err, row.code)
		}
	}
	everywhere, _, _ := approved().Pause("", decision("admin", nextDay("10:00")), june("10:00"))
	resumed, _, _ := paused().Resume(village, "mod", june("12:00"))
	for name, row := range map[string]struct {
		of   Helper
		in   CommunityID
		at   time.Time
		want bool
	}{
		"from its moment":                    {paused(), village, june("10:00"), true},
		"not before":                         {paused(), village, june("10:00").Add(-time.Millisecond), false},
		"until a millisecond before its end": {paused(), village, nextDay("10:00").Add(-time.Millisecond), true},
		"not at its end":                     {paused(), village, nextDay("10:00"), false},
		"not in another village":             {paused(), "borger", june("11:00"), false},
		"in every village where it says so":  {everywhere, "borger", june("11:00"), true},
		"not once it was ended early":        {resumed, village, june("12:00"), false},
	} {
		if got := row.of.Paused(row.in, row.at); got != row.want {
			t.Errorf("a pause holds %s: %v", name, got)
		}
	}
	for name, row := range map[string]struct {
		of   Helper
		by   PersonID
		code string
	}{
		"by a moderator":                          {paused(), "mod", ""},
		"not by the helper":                       {paused(), "bert", "own_case"},
		"not where none holds":                    {approved(), "mod", "not_paused"},
		"not by a village where it is everywhere": {everywhere, "mod", "not_paused"},
	} {
		if _, _, err := row.of.Resume(village, row.by, june("12:00")); CodeOf(err) != row.code {
			t.Errorf("a pause is ended %s: got %v, want %q", name, err, row.code)
		}
	}
}

func TestBlock(t *testing.T) {
	h, events, err := approved().Block(resident, june("11:00"))
	if err != nil || len(events) != 1 || events[0].Person != resident || !h.Blocked(resident) {
		t.Fatalf("%+v, %v", events, err)
	}
	if _, events, err := h.Block(resident, june("12:00")); err != nil || len(events) > 0 {
		t.Errorf("a second block says nothing: %v, %v", events, err)
	}
	if _, _, err := h.Block("bert", june("12:00")); CodeOf(err) != "block_self" {
		t.Errorf("nobody blocks themselves: %v", err)
	}
	other, events, err := approved().NoteBlockedBy(resident)
	if err != nil || len(events) > 0 || !other.Blocked(resident) {
		t.Errorf("the other half holds and is never told: %v, %v", events, err)
	}
	if err := other.MayServe(village, resident, june("12:00")); CodeOf(err) != "ask_not_open" {
		t.Errorf("a block answers as if somebody else was sooner: %v", err)
	}
}

func TestVet(t *testing.T) {
	seen := Vetting{Kind: VettingKind(RequireVOG), SeenBy: "desk", ValidUntil: june("12:00").AddDate(3, 0, 0)}
	for name, row := range map[string]struct {
		change func(*Vetting)
		code   string
	}{
		"as it was seen":          {func(*Vetting) {}, ""},
		"not by the helper":       {func(v *Vetting) { v.SeenBy = "bert" }, "own_case"},
		"not what has just ended": {func(v *Vetting) { v.ValidUntil = june("12:00") }, "vetting_expired"},
	} {
		v := seen
		row.change(&v)
		if _, _, err := approved().Vet(v, june("12:00")); CodeOf(err) != row.code {
			t.Errorf("a requirement is recorded %s: got %v, want %q", name, err, row.code)
		}
	}
	once, _, _ := approved().Vet(seen, june("12:00"))
	if twice, _, _ := once.Vet(seen, june("13:00")); len(twice.Vettings) != 1 || !twice.Vettings[0].SeenAt.Equal(june("13:00")) {
		t.Errorf("the newer takes the place of the older: %+v", twice.Vettings)
	}
}

func TestSetQuiet(t *testing.T) {
	if _, _, err := approved().SetQuiet(Quiet{Zone: "Mars"}, june("12:00")); CodeOf(err) != "zone_unknown" {
		t.Errorf("%v", err)
	}
	if h, events, err := approved().SetQuiet(quietWith(func(q *Quiet) { q.MonthlyLimit = 1 }), june("12:00")); err != nil || len(events) != 1 || h.Quiet.MonthlyLimit != 1 {
		t.Errorf("%+v, %v", events, err)
	}
}
