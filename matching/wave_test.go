package matching

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"naober/matching/care"
)

func asked(questions []Question) string {
	var names []string
	for _, q := range questions {
		names = append(names, string(q.Person))
	}
	return strings.Join(names, " ")
}

func TestPlan(t *testing.T) {
	asleep := func(c Candidate, until time.Time) Candidate {
		c.Helper.Quiet.Paused = []care.Interval{{From: now, Until: until}}
		return c
	}
	late := street(4)
	// From Tuesday at ten until Thursday at two the half is Wednesday at noon.
	late[0], late[1] = asleep(late[0], at(2, 12, 0)), asleep(late[1], at(2, 12, 1))
	for name, tc := range map[string]struct {
		change func(*Need)
		pool   []Candidate
		open   int
		want   string
	}{
		"asks two for an ordinary need":     {func(*Need) {}, street(9), 0, "p00 p01"},
		"asks three for a need of today":    {func(n *Need) { n.Request.Urgency = care.Today }, street(9), 0, "p00 p01 p02"},
		"asks five for an urgent need":      {func(n *Need) { n.Request.Urgency = care.Urgent }, street(9), 0, "p00 p01 p02 p03 p04"},
		"asks two for each free seat":       {func(n *Need) { n.Request.Slots[0].Seats = 2 }, street(9), 0, "p00 p01 p02 p03"},
		"asks one where one is open":        {func(*Need) {}, street(9), 1, "p00"},
		"asks nobody where two are open":    {func(*Need) {}, street(9), 2, ""},
		"asks nobody where too many are":    {func(*Need) {}, street(9), 7, ""},
		"asks all where they are few":       {func(*Need) {}, street(1), 0, "p00"},
		"asks nobody where nobody fits":     {func(*Need) {}, nil, 0, ""},
		"asks nobody for a request at rest": {func(n *Need) { n.Request.Phase = care.Ended }, street(9), 0, ""},
		"asks nobody for a slot called off": {func(n *Need) { n.Request.Slots[0].CancelledAt = now }, street(9), 0, ""},
		"passes over who sleeps too long":   {func(n *Need) { n.Now = at(1, 10, 0); n.Request.PromiseAt = at(1, 9, 0) }, late, 0, "p00 p02"},
		"keeps who wakes in time":           {func(n *Need) { n.Now = at(1, 10, 0) }, street(3), 0, "p00 p01"},
		"holds the promise over the start":  {func(n *Need) { n.Request.PromiseAt = at(2, 14, 0) }, late, 0, "p02 p03"},
		"holds the start over the promise":  {func(n *Need) { n.Now = at(1, 10, 0); n.Request.PromiseAt = at(4, 14, 0) }, late, 0, "p00 p02"},
	} {
		t.Run(name, func(t *testing.T) {
			n := company()
			tc.change(&n)
			if got := asked(Plan(n, Rank(n, tc.pool), tc.open)); got != tc.want {
				t.Errorf("asked %q, want %q", got, tc.want)
			}
		})
	}
}

func TestLapsesAt(t *testing.T) {
	for name, tc := range map[string]struct {
		kind    care.Kind
		urgency care.Urgency
		from    time.Time // of the question; the visit can begin last on Thursday at two
		want    time.Duration
	}{
		"is a day for company":                     {care.CompanyKind, care.Ordinary, at(-3, 12, 0), 24 * time.Hour},
		"is two days for what needs arranging":     {care.RespiteKind, care.Ordinary, at(-20, 12, 0), 48 * time.Hour},
		"is four hours for a meal":                 {care.MealKind, care.Ordinary, at(0, 12, 0), 4 * time.Hour},
		"is an hour today":                         {care.CompanyKind, care.Today, at(2, 14, 0), time.Hour},
		"is a quarter when urgent":                 {care.CompanyKind, care.Urgent, at(2, 14, 0), 15 * time.Minute},
		"is a third of what is left":               {care.CompanyKind, care.Ordinary, at(3, 10, 0), time.Hour},
		"is ten minutes where a third is less":     {care.CompanyKind, care.Ordinary, at(3, 12, 31), 10 * time.Minute},
		"is ten minutes where no hour is left":     {care.CompanyKind, care.Ordinary, at(3, 13, 30), 10 * time.Minute},
		"ends when the visit can begin no more":    {care.CompanyKind, care.Ordinary, at(3, 13, 55), 5 * time.Minute},
		"is nothing when it can begin no more now": {care.CompanyKind, care.Ordinary, at(3, 14, 0), 0},
	} {
		t.Run(name, func(t *testing.T) {
			n := company()
			n.Request.Kind, n.Request.Urgency = tc.kind, tc.urgency
			if got := lapsesAt(n, tc.from).Sub(tc.from); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

func TestOpenQuestionsCountsWhoCanStillAnswer(t *testing.T) {
	n := company()
	ask := func(slot care.SlotID, s care.AskState, lapses time.Time) care.Ask {
		return care.Ask{Slot: slot, State: s, LapsesAt: lapses}
	}
	n.Request.Asks = []care.Ask{
		ask("slot", care.Asked, now.Add(time.Minute)),
		ask("slot", care.Asked, now),
		ask("slot", care.Deferred, now.Add(time.Hour)),
		ask("slot", care.Declined, now.Add(time.Hour)),
		ask("slot", care.StoodDown, now.Add(time.Hour)),
		ask("other", care.Asked, now.Add(time.Hour)),
	}
	if got := n.OpenQuestions(); got != 1 {
		t.Errorf("%d questions are open, want 1", got)
	}
}

// TestARequestTakesWhatIsPlanned holds Plan to the guards of care.Request.
func TestARequestTakesWhatIsPlanned(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, pool := company(), anyPool(t)
		n.Now = now.Add(time.Duration(rapid.IntRange(0, 77*60).Draw(t, "minutes")) * time.Minute)
		n.Request.Urgency = rapid.SampledFrom([]care.Urgency{care.Ordinary, care.Today, care.Urgent}).Draw(t, "urgency")
		questions := Plan(n, Rank(n, pool), n.OpenQuestions())
		for i, q := range questions {
			next, _, err := n.Request.AskHelper(care.Ask{ID: care.AskID(rune('a' + i)), Slot: n.Slot.ID, Helper: q.Person,
				AskFrom: q.AskFrom, LapsesAt: q.LapsesAt, Nonce: care.Nonce(q.Person)}, n.Now)
			if err != nil {
				t.Fatalf("the request refuses %+v: %v", q, err)
			}
			n.Request = next
		}
		if again := Plan(n, Rank(n, pool), n.OpenQuestions()); len(again) > 0 && len(questions) == pacingOf(n.Request.Urgency).open {
			t.Fatalf("with %d open, %d more are asked", len(questions), len(again))
		}
	})
}

// TestSingle: who was chosen by somebody is asked beside a full wave and beyond its hurry, and never too late
// to answer.
func TestSingle(t *testing.T) {
	n := ride()
	latest := n.Slot.LatestStart()
	for _, row := range []struct {
		what string
		from time.Time
		ok   bool
	}{
		{"at once", n.Now, true},
		{"later than a wave would wait", latest.Add(-time.Hour), true},
		{"at the very last moment", latest.Add(-time.Millisecond), true},
		{"when nobody can come any more", latest, false},
	} {
		q, ok := Single(n, Fit{Candidate: Candidate{Person: "p"}, AskFrom: row.from})
		if ok != row.ok || ok && (q.LapsesAt.After(latest) || !q.AskFrom.Equal(row.from)) {
			t.Errorf("%s: %+v, %v", row.what, q, ok)
		}
	}
}
