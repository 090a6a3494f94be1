package care

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// drawBook draws a helper's book with what two books can differ in.
func drawBook(t *rapid.T, p PersonID, now time.Time) Helper {
	h := NewHelper(p, drawWish(t), now)
	for _, in := range []CommunityID{village, "rolde"} {
		if s := rapid.SampledFrom([]ApprovalState{"", Applied, Approved, Approved, TurnedDown}).Draw(t, "approval"); s != "" {
			h.Approvals = append(h.Approvals, Approval{Community: in, State: s, AppliedAt: now})
		}
		if rapid.IntRange(0, 3).Draw(t, "paused") == 0 {
			d := houseRule("mod", now)
			d.ID, d.At = DecisionID(string(p)+string(in)), now
			h.Pauses = append(h.Pauses, Pause{Community: in, Decision: d})
		}
	}
	for _, kind := range []VettingKind{"vog", "training:tillen"} {
		if rapid.Bool().Draw(t, "vetted") {
			until := now.AddDate(0, 0, rapid.IntRange(1, 900).Draw(t, "days"))
			if kind != "vog" && rapid.Bool().Draw(t, "for good") {
				until = time.Time{}
			}
			h.Vettings = append(h.Vettings, Vetting{Kind: kind, SeenBy: "desk", SeenAt: now, ValidUntil: until})
		}
	}
	for _, other := range []PersonID{"x", "y", "merged-a", "merged-b"} {
		if other != p && rapid.IntRange(0, 3).Draw(t, "blocks") == 0 {
			h.Blocks = append(h.Blocks, other)
		}
		if other != p && rapid.IntRange(0, 3).Draw(t, "blocked by") == 0 {
			h.BlockedBy = append(h.BlockedBy, other)
		}
	}
	for range rapid.IntRange(0, 3).Draw(t, "questions") {
		h.Questions = append(h.Questions, now.Add(-time.Duration(rapid.IntRange(1, 900).Draw(t, "hours ago"))*time.Hour))
	}
	return h
}

func drawWish(t *rapid.T) Quiet {
	return quietWith(func(q *Quiet) {
		q.MonthlyLimit = rapid.IntRange(0, 9).Draw(t, "limit")
		q.MinGap = time.Duration(rapid.IntRange(0, 50).Draw(t, "gap")) * time.Hour
		q.Night = Night{Start: Clock(rapid.IntRange(0, 1439).Draw(t, "night")), End: Clock(rapid.IntRange(0, 1440).Draw(t, "morning"))}
		q.RestDays = nil
		for day := time.Sunday; day <= time.Saturday; day++ {
			if rapid.IntRange(0, 2).Draw(t, "rests") == 0 {
				q.RestDays = append(q.RestDays, day)
			}
		}
		if rapid.IntRange(0, 2).Draw(t, "holiday") == 0 {
			q.Paused = []Interval{nlInterval("2026-06-08T00:00", "2026-06-22T00:00")}
		}
		if q.Validate() != nil {
			*q = DefaultQuiet(dutch)
		}
	})
}

// TestNothingIsWidenedByAMerge: whatever the two records said, the one that stays may serve nobody whom
// either was kept from, holds no requirement for longer, and is disturbed at no moment that either kept.
func TestNothingIsWidenedByAMerge(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := nl("2026-06-10T11:00")
		a, b := drawBook(t, "merged-a", now), drawBook(t, "merged-b", now)
		m, _, err := a.AbsorbBook("m", b, now)
		if err != nil {
			t.Fatal(err)
		}
		helped := len(a.Approvals)+len(a.Vettings) > 0
		for _, in := range []CommunityID{village, "rolde"} {
			for _, other := range []PersonID{"x", "y", "z"} {
				if m.MayServe(in, other, now) != nil {
					continue
				}
				base := a
				if !helped {
					base = b
				}
				if base.MayServe(in, other, now) != nil || a.Blocked(other) || b.Blocked(other) || a.Paused(in, now) || b.Paused(in, now) {
					t.Fatalf("%s may serve %s in %s, and before:\n%s\n%s", m.Person, other, in, text(a), text(b))
				}
				if i := b.approval(in); i >= 0 && b.Approvals[i].State != Approved {
					t.Fatalf("approved in %s although the other record is %s", in, b.Approvals[i].State)
				}
			}
		}
		if m.Blocked("merged-a") && !a.Blocked("merged-a") || slices.Contains(m.Blocks, "merged-b") && !slices.Contains(a.Blocks, "merged-b") {
			t.Fatalf("the person blocks themselves: %v", m.Blocks)
		}
		later := now.AddDate(0, 0, rapid.IntRange(0, 900).Draw(t, "later"))
		for _, v := range m.Vettings {
			if !v.holds(later) {
				continue
			}
			for _, was := range [][]Vetting{a.Vettings, b.Vettings} {
				i := slices.IndexFunc(was, func(o Vetting) bool { return o.Kind == v.Kind })
				if i >= 0 && !was[i].holds(later) {
					t.Fatalf("%s holds until %v; one record said %v", v.Kind, v.ValidUntil, was[i].ValidUntil)
				}
			}
		}
		if helped && len(m.Vettings) > len(a.Vettings) {
			t.Fatal("a requirement came that this record did not have")
		}
		checkQuieter(t, m, a, b, now)
	})
}

func checkQuieter(t *rapid.T, m, a, b Helper, now time.Time) {
	urgency := rapid.SampledFrom([]Urgency{Ordinary, Today, Urgent}).Draw(t, "urgency")
	at := now.Add(time.Duration(rapid.IntRange(0, 60*24*20).Draw(t, "minute")) * time.Minute)
	if from, err := m.Quiet.MayAsk(at, m.Questions, urgency); err != nil || !from.Equal(at) {
		return
	}
	for _, h := range []Helper{a, b} {
		if from, err := h.Quiet.MayAsk(at, h.Questions, urgency); err != nil || !from.Equal(at) {
			t.Fatalf("asked at %v; %s allowed %v, %v\n%s", at, h.Person, from, err, text(m.Quiet))
		}
	}
}

// TestAnUndoneMergeLeavesNothing: both books are as they were, but for what was decided since.
func TestAnUndoneMergeLeavesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := nl("2026-06-10T11:00")
		a, b := drawBook(t, "merged-a", now), drawBook(t, "merged-b", now)
		m, _, _ := a.AbsorbBook("m", b, now)
		again, events, _ := m.AbsorbBook("m", b, now)
		if len(events) > 0 || text(again) != text(m) {
			t.Fatal("it was taken in twice")
		}
		want := a
		since := rapid.SampledFrom([]string{"nothing", "a pause", "a block", "an approval", "a wish", "a requirement"}).Draw(t, "since")
		change := func(h Helper) Helper {
			d := houseRule("mod", now)
			switch d.ID = "since"; since {
			case "a pause":
				h, _, _ = h.Pause(village, d, now)
			case "a block":
				h, _, _ = h.Block("z", now)
			case "an approval":
				h.Approvals = slices.DeleteFunc(slices.Clone(h.Approvals), func(x Approval) bool { return x.Community == "assen" })
				h.Approvals = append(h.Approvals, Approval{Community: "assen", State: Approved, Decision: d})
			case "a wish":
				h, _, _ = h.SetQuiet(quietWith(func(q *Quiet) { q.MonthlyLimit = 11 }), now)
			case "a requirement":
				h, _, _ = h.Vet(Vetting{Kind: "training:ehbo", SeenBy: "desk", ValidUntil: now.AddDate(1, 0, 0)}, now)
			}
			return h
		}
		m, want = change(m), change(want)
		got, _, err := m.DropBook("m", now)
		if err != nil || parts(got) != parts(want) {
			t.Fatalf("after %s the book is\n%s\nnot\n%s", since, parts(got), parts(want))
		}
	})
}

// parts is a book's text without the difference of an empty and an absent list, or of an order that says nothing.
func parts(h Helper) string {
	h.Absorbed, h.Questions = nil, slices.SortedFunc(slices.Values(h.Questions), time.Time.Compare)
	if len(h.Blocks) == 0 {
		h.Blocks = nil
	}
	if len(h.BlockedBy) == 0 {
		h.BlockedBy = nil
	}
	if len(h.Pauses) == 0 {
		h.Pauses = nil
	}
	if len(h.Questions) == 0 {
		h.Questions = nil
	}
	if len(h.Approvals) == 0 {
		h.Approvals = nil
	}
	if len(h.Vettings) == 0 {
		h.Vettings = nil
	}
	return text(h)
}
