package app_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"naober/api/app"
	"naober/api/feed"
	"naober/matching/care"
)

// prepared is a village at the moment before a command, of which any number of worlds are made.
type prepared struct {
	*village
	data  []byte          // the embedded store, whole
	keys  []byte          // and its keys
	known map[string]bool // ids that stood there: others differ from world to world
}

// prepare makes everything ready for a scenario and takes its picture.
func prepare(v *village, ready func(*village) scenario) (*prepared, scenario) {
	v.t.Helper()
	s := ready(v)
	if s.phones {
		v.phones = &phones{}
		v.ring()
	}
	v.runFeed()
	m, err := v.NewMachinery(v.sending(v.App, &tap{}))
	v.must(err)
	v.must(m.StartAt(v.t.Context(), v.cursor))
	p := &prepared{village: v, known: map[string]bool{}}
	v.must(p.take())
	for _, line := range v.everything(nil) {
		for _, id := range ulids.FindAllString(line, -1) {
			p.known[id] = true
		}
	}
	return p, s
}

// runFeed brings what the preparation left into the feed, and leaves what the clock has to do.
func (v *village) runFeed() {
	v.t.Helper()
	ctx := v.t.Context()
	mover := &feed.Mover{Feed: v.Stores.Feed, Now: v.clock}
	for {
		moved, err := mover.Step(ctx)
		v.must(err)
		rows, err := v.Stores.Feed.Read(ctx, v.cursor, 500)
		v.must(err)
		for _, row := range rows {
			v.must(v.Steward(ctx, row))
			v.must(v.Dispatch(ctx, row))
			v.must(v.Follow(ctx, row))
			v.cursor = row.ID
		}
		if moved == 0 && len(rows) == 0 {
			return
		}
	}
}

// take pictures the village's store.
func (p *prepared) take() error {
	if p.mongo != nil {
		return p.mongo.take(p.t.Context())
	}
	w := p.copied()
	if err := w.close(); err != nil {
		return err
	}
	var err, other error
	p.data, err = os.ReadFile(w.path)
	p.keys, other = os.ReadFile(keysBeside(w.path))
	return errors.Join(err, other)
}

// world is the prepared village once more, on a store of its own; end removes it.
func (p *prepared) world() (w *village, end func()) {
	p.t.Helper()
	w = &village{t: p.t, now: p.clock(), cursor: p.cursor, here: p.here, worker: p.worker, mod: p.mod, nurse: p.nurse,
		clinic: p.clinic, intake: p.intake, posted: map[string]string{}, mongo: p.mongo}
	if p.phones != nil {
		w.phones = &phones{}
	}
	stores, end := p.storeOf(w)
	w.App = w.onlooker(stores)
	return w, end
}

// storeOf opens a store for a world with what the picture shows.
func (p *prepared) storeOf(w *village) (app.Stores, func()) {
	p.t.Helper()
	if p.mongo != nil {
		p.must(p.mongo.lay(p.t.Context()))
		s := w.onDatabase(p.mongo.to)
		return s.Stores(), func() { w.must(s.Close(context.WithoutCancel(w.t.Context()))) }
	}
	dir, err := os.MkdirTemp("", "naober-world-")
	p.must(err)
	w.path = filepath.Join(dir, "w.db")
	p.must(os.WriteFile(w.path, p.data, 0o600))
	p.must(os.WriteFile(keysBeside(w.path), p.keys, 0o600))
	s := w.handle(w.path)
	return s.Stores(), func() {
		w.must(s.Close())
		w.must(os.RemoveAll(dir))
	}
}

// machine is one process on a world: the commands and the loops, behind a tap.
type machine struct {
	*app.App
	loops *app.Machinery
}

func (v *village) machine(t *tap) machine {
	v.t.Helper()
	a := v.process(v.Stores)
	v.must(a.LoadKeys(v.t.Context()))
	a.Stores, a.Vault = tapStores(v.Stores, t), tapVault{v.vault, t}
	loops, err := a.NewMachinery(v.sending(a, t))
	v.must(err)
	return machine{a, loops}
}

// rest lets the loops work until there is nothing left, or their process is dead. A loop that failed
// comes again.
func (v *village) rest(m machine, t *tap) {
	v.t.Helper()
	for range 100 {
		worked, err := m.loops.Round(v.t.Context())
		if t.ended() || worked == 0 && err == nil {
			return
		}
	}
	v.t.Fatal("the loops never come to rest")
}

// course is what a scenario did.
type course struct {
	answer string
	calls  []storeCall // of the command and of the loops until they first came to rest
	own    int         // how many of them the command made
}

// live plays a scenario: the command, the loops, and, where the process died on the way, a new process
// and the client's resend. It ends after two rounds of all loops, with time for every grace between.
// A call is disturbed until the loops first come to rest; what follows is the recovery.
func (v *village) live(s scenario, t *tap) course {
	v.t.Helper()
	m, disturbed := v.machine(t), t.at > 0
	answer, err := s.do(v.t.Context(), m.App)
	did := course{answer: answer, own: len(t.made())}
	answered := err == nil
	if !t.ended() {
		v.rest(m, t)
	}
	did.calls = t.made()
	t.disarm()
	if t.ended() {
		t = &tap{}
		m = v.machine(t)
	}
	if !answered || disturbed && !s.once {
		did.answer = v.resend(s, m)
		if answered && did.answer != answer {
			v.t.Errorf("the first answer was %q, the second %q", answer, did.answer)
		}
	}
	v.rest(m, t)
	v.pass(2 * app.ClaimGrace)
	m.loops.Patience(2 * app.ClaimGrace)
	v.rest(m, t)
	return did
}

// resend sends a command as a client does, until there is an answer.
func (v *village) resend(s scenario, m machine) string {
	v.t.Helper()
	for tries := 1; ; tries++ {
		answer, err := s.do(v.t.Context(), m.App)
		if err == nil {
			return answer
		}
		if !care.IsKind(err, care.Unavailable) || tries == 4 {
			v.t.Fatalf("the resend was answered %v", err)
		}
		v.pass(16 * time.Second)
	}
}
