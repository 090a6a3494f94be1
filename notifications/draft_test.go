package notifications

import (
	"maps"
	"slices"
	"testing"
	"time"

	"naober/matching/care"
)

// written lists "person key" of all that stands, sorted.
func (w *world) written() []string {
	names := map[care.PersonID]string{anna: "anna", berend: "berend", corrie: "corrie", wia: "wia"}
	var all []string
	for _, d := range w.docs {
		all = append(all, names[d.Person]+" "+d.Key)
	}
	slices.Sort(all)
	return all
}

func TestHandle(t *testing.T) {
	rows := []struct {
		name   string
		fact   care.EventType
		change func(*world, *care.Event)
		want   []string
	}{
		{"a question goes to its helper", care.AskMade, nil, []string{"berend ask.new"}},
		{"a plan goes to both sides", care.VisitPlanned, nil, []string{"anna visit.planned", "berend visit.planned_helper"}},
		{"with consent who asked for her hears it too", care.VisitPlanned, func(w *world, _ *care.Event) { w.sides = append(w.sides, corrie) },
			[]string{"anna visit.planned", "berend visit.planned_helper", "corrie visit.planned"}},
		{"nobody is told what they have just done", care.VisitCancelled, func(_ *world, e *care.Event) { e.By = berend }, []string{"anna visit.cancelled"}},
		{"who became a reserve is told although they caused it", care.AskReserved, func(_ *world, e *care.Event) { e.By = berend }, []string{"berend ask.reserve_thanks"}},
		{"who said later hears again", care.AskDeferred, func(_ *world, e *care.Event) { e.By = berend }, []string{"berend ask.again"}},
		{"an owner is told what they themselves left lying", care.RequestOwnerReminded, func(_ *world, e *care.Event) { e.By = wia }, []string{"wia request.owner_reminded"}},
		{"a yes that needs no other yes is told as a plan only", care.AskAccepted, nil, nil},
		{"a yes that waits for the resident's own is told to her", care.AskAccepted, func(w *world, _ *care.Event) { w.facts.Visit.PersonalYes = true }, []string{"anna visit.confirm_helper"}},
		{"a worry goes to the moderators", care.ReportFiled, func(w *world, _ *care.Event) { w.mods = []care.PersonID{wia, corrie} }, []string{"corrie report.filed", "wia report.filed"}},
		{"but not to the one it is about", care.ReportFiled, func(w *world, _ *care.Event) { w.mods = []care.PersonID{wia, berend} }, []string{"wia report.filed"}},
		{"nor to the one who has it", care.ReportFiled, func(w *world, _ *care.Event) { w.mods = []care.PersonID{anna, corrie} }, []string{"corrie report.filed"}},
		{"without another moderator the owner sees to it", care.ReportFiled, func(w *world, _ *care.Event) { w.mods = []care.PersonID{berend} }, []string{"wia report.filed"}},
		{"a referral is told to the resident and to who receives it", care.ReferralRequested, func(w *world, _ *care.Event) { w.mods = []care.PersonID{corrie} },
			[]string{"anna referral.requested", "corrie referral.received"}},
		{"a fact without a person is nobody's message", care.HelperApproved, func(_ *world, e *care.Event) { e.Helper = "" }, nil},
		{"a block is never told", care.HelperBlocked, nil, nil},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			w := newWorld(t)
			e := w.happened(row.fact)
			if row.change != nil {
				row.change(w, &e)
			}
			w.handle(t, e)
			if got := w.written(); !slices.Equal(got, row.want) {
				t.Fatalf("wrote %v, want %v", got, row.want)
			}
			before := maps.Clone(w.docs)
			w.now = w.now.Add(time.Hour)
			w.handle(t, e)
			if len(w.docs) != len(before) {
				t.Errorf("handled again it wrote %v", w.written())
			}
			if len(w.pushed) > 0 {
				t.Error("handling sends nothing")
			}
		})
	}
}

func TestDraftTimes(t *testing.T) {
	w := newWorld(t)
	begin := w.facts.Visit.At.From
	rows := []struct {
		name    string
		fact    care.EventType
		at      time.Time
		key     string
		visitAt time.Time
		expires time.Time
	}{
		{"a question expires halfway its answering time", care.AskMade, w.now, askNew, time.Time{}, w.now.Add(4 * time.Hour)},
		{"a reminder when its question lapses", care.AskDeferred, w.now, askAgain, time.Time{}, w.now.Add(8 * time.Hour)},
		{"news of a visit may break rest for it", care.VisitCancelled, w.now, "visit.cancelled", begin, w.now.Add(keepFor)},
		{"and lives as long as it lies ahead", care.VisitCancelled, w.now.Add(-keepFor), "visit.cancelled", begin, begin.Add(care.SafetyWithin)},
		{"how it was breaks none", care.VisitFollowUp, w.now, "visit.how_was_it", time.Time{}, w.now.Add(howWasItFor)},
		{"whether it began is of use for hours", care.VisitNotStarted, w.now, "visit.has_it_begun", begin, w.now.Add(hourLong)},
		{"a late feed makes nothing last longer", care.RequestClosed, w.now.Add(-time.Hour), "request.closed", time.Time{}, w.now.Add(keepFor - time.Hour)},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			w := newWorld(t)
			e := w.happened(row.fact)
			e.At = row.at
			w.handle(t, e)
			for _, d := range w.docs {
				if d.Key == row.key && (!d.VisitAt.Equal(row.visitAt) || !d.ExpiresAt.Equal(row.expires)) {
					t.Errorf("visit at %s, expires %s, want %s, %s", d.VisitAt, d.ExpiresAt, row.visitAt, row.expires)
				}
			}
			if len(w.docs) == 0 {
				t.Error("nothing was written")
			}
		})
	}
}
