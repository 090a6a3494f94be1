package notifications

import (
	"slices"
	"testing"
	"time"

	"naober/matching/care"
)

func TestThanksGoToWhoHadTheQuestion(t *testing.T) {
	rows := []struct {
		name   string
		change func(*world) // after the question was written, before the first step
		want   []string
	}{
		{"who had it", func(*world) {}, []string{askNew, askThanks}},
		{"not who was to have it later", func(w *world) { w.facts.Ask.AskFrom = w.now.Add(3 * time.Hour) }, nil},
		{"not who has no phone", func(w *world) { w.devices[berend] = nil }, nil},
		{"nor whom no push reached", func(w *world) {
			w.answer = func(m Message) error {
				if m.Key == askNew {
					return &Failure{Class: Temporary}
				}
				return nil
			}
		}, nil},
		{"who had it on one of two phones", func(w *world) {
			w.devices[berend] = append(w.devices[berend], Device{ID: "tablet", Token: "tablet"})
			w.answer = func(m Message) error {
				if m.Token == "tablet" && m.Key == askNew {
					return &Failure{Class: Temporary}
				}
				return nil
			}
		}, []string{askNew, askThanks, askThanks}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			w := newWorld(t)
			w.handle(t, w.made())
			row.change(w)
			w.run(t, time.Minute)
			w.facts.Ask.State = care.StoodDown
			w.handle(t, w.happened(care.AskStoodDown))
			w.run(t, time.Minute)
			if got := w.sent(berend); !slices.Equal(got, row.want) {
				t.Errorf("got %v, want %v", got, row.want)
			}
			if thanks := w.of(t, berend, askThanks); !w.question().Final() || !thanks.Final() {
				t.Errorf("still open: %+v, %+v", w.question(), thanks)
			}
		})
	}
}

// A question that comes anew, as one to join a journey, takes the older one back without a word of thanks.
func TestNobodyIsThankedForAQuestionThatComesAnew(t *testing.T) {
	w := newWorld(t)
	w.handle(t, w.made())
	w.facts.Ask.AskFrom = w.now.Add(3 * time.Hour)
	w.run(t, time.Minute)
	w.facts.Ask.State = care.StoodDown
	e := w.happened(care.AskStoodDown)
	e.Code = care.AskedToJoin
	w.handle(t, e)
	w.run(t, 4*time.Hour)
	if got := w.sent(berend); len(got) > 0 || !w.question().Final() || len(w.docs) != 1 {
		t.Errorf("got %v, and there is %+v", got, w.docs)
	}
}

func TestWhoHasNoPhoneIsCalled(t *testing.T) {
	rows := []struct {
		name   string
		fact   care.EventType
		change func(*world)
		want   []string // what the owner gets
	}{
		{"by the owner", care.VisitPlanned, func(w *world) { w.devices[anna] = nil }, []string{"call.visit.planned"}},
		{"unless who asked for them has one", care.VisitPlanned, func(w *world) { w.devices[anna], w.sides = nil, []care.PersonID{anna, corrie} }, nil},
		{"once for each where nobody of that side has", care.VisitPlanned, func(w *world) {
			w.devices[anna], w.devices[corrie], w.sides = nil, nil, []care.PersonID{anna, corrie}
		}, []string{"call.visit.planned", "call.visit.planned"}},
		{"a helper too", care.VisitCancelled, func(w *world) { w.devices[berend] = nil }, []string{"call.visit.cancelled"}},
		{"nobody calls themselves", care.VisitPlanned, func(w *world) { w.devices[anna], w.owners = nil, []care.PersonID{anna} }, nil},
		{"but not for what the owner hears anyway", care.VisitReturned, func(w *world) { w.devices[anna] = nil }, []string{"visit.returned_owner"}},
		{"nor for what has no weight", care.RequestClosed, func(w *world) { w.devices[anna] = nil }, nil},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			w := newWorld(t)
			row.change(w)
			w.handle(t, w.happened(row.fact))
			w.run(t, time.Hour)
			if got := w.sent(wia); !slices.Equal(got, row.want) {
				t.Errorf("the owner got %v, want %v", got, row.want)
			}
			for _, d := range w.docs {
				if d.Person == anna && d.Class == Duty {
					t.Errorf("told to call themselves: %+v", d)
				}
				if len(w.devices[d.Person]) == 0 && (d.State != Unreachable || d.Why != "no_device" || d.DoneAt.IsZero()) {
					t.Errorf("ended as %+v", d)
				}
			}
		})
	}
}
