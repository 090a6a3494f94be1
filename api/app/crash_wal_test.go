package app_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"naober/api/app"
	"naober/api/port"
	"naober/api/store/sqlitestore"
	"naober/matching/care"
)

// sector is the unit in which a disk writes: a power cut leaves a WAL that ends at such a border.
const sector = 512

// deed is one command of the life whose WAL is cut. It finds what it needs in the store, so that it can
// be sent again to a village in which what came before it was lost and done anew.
type deed struct {
	who   care.PersonID
	nonce care.Nonce
	do    func(ctx context.Context, v *village, c app.Caller) error
}

// deeds are a mixed life: made, declined, accepted, talked about, edited, withdrawn, paused, cancelled.
func deeds(v *village, anna, bep, berend, corrie care.PersonID) []deed {
	ride := func(v *village, of care.PersonID) care.Request {
		found, err := v.Stores.Requests.Find(v.t.Context(), port.Key{Name: app.ByFor, Value: string(of)}, port.Page{Limit: 1})
		v.must(err)
		return found[0].Value
	}
	asked := func(v *village, who care.PersonID) care.AskID {
		r := ride(v, anna)
		i := slices.IndexFunc(r.Asks, func(a care.Ask) bool { return a.Helper == who })
		if i < 0 {
			v.t.Fatalf("%s was never asked", who)
		}
		return r.Asks[i].ID
	}
	visit := func(v *village) care.VisitID { return ride(v, anna).Visits[0].ID }
	request := func(at time.Time) func(context.Context, *village, app.Caller) error {
		return func(ctx context.Context, v *village, c app.Caller) error {
			n := rideOf(at)
			n.Community = v.here
			_, err := v.AskForHelp(ctx, c, n)
			return err
		}
	}
	home := v.stranger().Home
	all := []deed{
		{who: anna, do: request(thursday())},
		{who: berend, do: func(ctx context.Context, v *village, c app.Caller) error {
			return v.DeclineAsk(ctx, c, asked(v, berend), "busy")
		}},
		{who: corrie, do: func(ctx context.Context, v *village, c app.Caller) error {
			_, err := v.AcceptAsk(ctx, c, asked(v, corrie), time.Time{})
			return err
		}},
		{who: anna, do: func(ctx context.Context, v *village, c app.Caller) error {
			_, err := v.SendMessage(ctx, c, visit(v), "Tot donderdag!")
			return err
		}},
		{who: anna, do: func(ctx context.Context, v *village, c app.Caller) error {
			return v.EditMe(ctx, c, app.PersonEdit{FirstName: "Anna", LastName: "Anders", BirthDate: "1950-03-04", Language: "nl", Home: home})
		}},
		{who: bep, do: request(thursday().AddDate(0, 0, 1))},
		{who: bep, do: func(ctx context.Context, v *village, c app.Caller) error {
			return v.WithdrawRequest(ctx, c, ride(v, bep).ID, "not_needed")
		}},
		{who: v.mod, do: func(ctx context.Context, v *village, c app.Caller) error {
			return v.PauseHelper(ctx, c, v.here, berend, care.Decision{Rule: "house_rules.3@1", Reason: "rest", Until: monday().AddDate(0, 1, 0)})
		}},
		{who: v.worker, do: func(ctx context.Context, v *village, c app.Caller) error {
			_, err := v.RegisterAtDesk(ctx, c, v.stranger(newMail))
			return err
		}},
		{who: corrie, do: func(ctx context.Context, v *village, c app.Caller) error {
			return v.CancelVisit(ctx, c, visit(v), "ill")
		}},
	}
	for i := range all {
		all[i].nonce = v.as(all[i].who).Nonce
	}
	return all
}

// does sends a deed until there is an answer, as a client does, and lets the loops carry it on.
func (v *village) does(d deed, m machine, t *tap) {
	v.t.Helper()
	c := app.Caller{Person: d.who, Nonce: d.nonce}
	v.resend(said(func(ctx context.Context, _ *app.App) error { return d.do(ctx, v, c) }), m)
	v.rest(m, t)
}

// settles gives the loops two rounds, with time for every grace between.
func (v *village) settles(m machine, t *tap) {
	v.t.Helper()
	v.rest(m, t)
	v.pass(2 * app.ClaimGrace)
	m.loops.Patience(2 * app.ClaimGrace)
	v.rest(m, t)
}

// walSizes are how long the WALs of data and keys were at a moment.
type walSizes struct{ data, keys int64 }

func (v *village) walSizes() walSizes {
	size := func(path string) int64 {
		info, err := os.Stat(path + "-wal")
		if err != nil {
			return 0 // nothing was written yet
		}
		return info.Size()
	}
	return walSizes{size(v.path), size(keysBeside(v.path))}
}

// TestCutWALOfCommands lives a life through real commands, then cuts the WAL of the data at every 512
// bytes, and that of the keys, as a power cut would. Each piece opens; every document decodes; the feed
// is dense; each command that was acknowledged before the cut is there; and once per commit, when the
// loops have settled and the clients have sent everything again, the village is the same as without a
// cut.
func TestCutWALOfCommands(t *testing.T) {
	v := newVillage(t)
	anna, bep, berend, corrie := v.person("Anna", 1), v.person("Bep", 2), v.driver("Berend", 2), v.driver("Corrie", 4)
	all := deeds(v, anna, bep, berend, corrie)
	p, _ := prepare(v, func(*village) scenario { return scenario{} })
	w, end := p.world()
	defer end()
	ended := []walSizes{w.walSizes()} // ended[i]: before deed i
	calm := &tap{}
	m := w.machine(calm)
	for _, d := range all {
		w.does(d, m, calm)
		ended = append(ended, w.walSizes())
	}
	dataWAL, err := os.ReadFile(w.path + "-wal")
	w.must(err)
	keysWAL, err := os.ReadFile(keysBeside(w.path) + "-wal")
	w.must(err)
	w.settles(m, calm)
	w.orderly()
	c := &cutter{prepared: p, all: all, ended: ended, want: w.everything(p.known), seen: map[string]bool{}}
	if len(dataWAL) < 200*sector || len(keysWAL) == 0 || int64(len(dataWAL)) < ended[len(all)].data {
		t.Fatalf("the WALs have %d and %d bytes: there is nothing to cut", len(dataWAL), len(keysWAL))
	}
	cuts := 0
	for at := 0; at < len(dataWAL)+sector && !t.Failed(); at += sector {
		cut := min(at, len(dataWAL))
		// The keys of a document are durable before it is written.
		done, _ := slices.BinarySearchFunc(ended, int64(cut), func(s walSizes, at int64) int { return int(s.data - at) })
		keys := ended[min(done, len(all))].keys
		c.try(dataWAL[:cut], keysWAL[:keys])
		cuts++
	}
	for at := 0; at < len(keysWAL)+sector && !t.Failed(); at += sector {
		cut := min(at, len(keysWAL))
		done, _ := slices.BinarySearchFunc(ended, int64(cut), func(s walSizes, at int64) int { return int(s.keys - at) })
		if done > 0 && (done == len(ended) || ended[done].keys > int64(cut)) {
			done--
		}
		c.try(dataWAL[:ended[done].data], keysWAL[:cut])
		cuts++
	}
	t.Logf("figure: the WALs of %d commands, %d bytes, cut %d times: %d states, all sound", len(all), len(dataWAL)+len(keysWAL), cuts, len(c.seen))
}

// cutter opens what a power cut left.
type cutter struct {
	*prepared
	all   []deed
	ended []walSizes
	want  []string
	seen  map[string]bool // states that have been lived on from
}

func (c *cutter) try(data, keys []byte) {
	c.t.Helper()
	dir, err := os.MkdirTemp("", "naober-cut-")
	c.must(err)
	defer func() { c.must(os.RemoveAll(dir)) }()
	path := filepath.Join(dir, "w.db")
	for name, raw := range map[string][]byte{path: c.data, path + "-wal": data, keysBeside(path): c.keys, keysBeside(path) + "-wal": keys} {
		c.must(os.WriteFile(name, raw, 0o600))
	}
	w := &village{t: c.t, now: c.clock(), cursor: c.cursor, here: c.here, worker: c.worker, mod: c.mod, nurse: c.nurse,
		clinic: c.clinic, intake: c.intake, posted: map[string]string{}, path: path}
	s, err := sqlitestore.Open(c.t.Context(), path, sqlitestore.Options{Key: villageSecret(), Now: w.clock})
	c.must(err)
	defer func() { c.must(s.Close()) }()
	w.vault, w.letters = s.Vault(), s.Deliveries()
	w.App = w.process(s.Stores())
	w.happened(nil) // holds that the feed is dense
	for i, d := range c.all {
		if c.ended[i+1].data > int64(len(data)) {
			break
		}
		row, err := w.Stores.Ledger.Get(c.t.Context(), app.LedgerKey(string(d.who)+"/"+string(d.nonce)))
		if err != nil || row.Value.State != app.Applied {
			c.t.Errorf("cut at %d: deed %d was acknowledged and is %q (%v)", len(data), i, row.Value.State, err)
		}
	}
	state := ""
	for _, line := range append(w.everything(nil), w.happened(nil)...) {
		state += line + "\n"
	}
	if c.seen[state] {
		return
	}
	c.seen[state] = true
	w.must(w.LoadKeys(c.t.Context()))
	calm := &tap{}
	m := w.machine(calm)
	w.settles(m, calm)
	for _, d := range c.all {
		w.does(d, m, calm)
	}
	w.settles(m, calm)
	w.orderly()
	if now := w.everything(c.known); !slices.Equal(now, c.want) {
		c.t.Errorf("cut at %d and %d: another village than without:\n%s", len(data), len(keys), differing(c.want, now))
	}
}
