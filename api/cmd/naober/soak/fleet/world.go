package fleet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"time"

	"naober/api/app"
	"naober/api/feed"
	"naober/api/offline"
	"naober/api/port"
	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// world is one schedule while it is played.
type world struct {
	ctx     context.Context
	plan    Schedule
	bug     bug
	files   string // where devices keep their folders
	ground  ground
	village village
	devices []*device
	intents map[string]*intent // by nonce
	held    []heldCall         // that a network kept back
	bag     []*carried         // bundles that somebody carries
	saved   *savepoint
	post    *letterbox
	tap     *tap
	machine func() time.Time            // the clock where the service is a process of its own; nil where it is ours
	send    caller                      // to the service as devices meet it
	look    caller                      // to the one beside it
	crash   func(context.Context) error // ends the database and brings it back; nil where it is left alone
	kill    func(call) (reply, error)   // sends a call, and kills the process in the middle; nil where there is none
	result  result
	keys    int
	// interrupted tells that something else happened while the last call ran.
	interrupted bool
	blocks      []block

	store  backend
	stores app.Stores
	close  func() error
	sut    *process // the service as devices meet it, with its loops, behind the tap
	clean  *process // the same service beside it, for looking
	ended  []*process

	mu    sync.Mutex
	now   time.Time
	creep time.Duration // by which the clock moves each time it is read
}

// savepoint is what was known when the data were saved.
type savepoint struct {
	acked   map[string]bool
	changed map[string]int
	blocks  int
}

// block is that two people want nothing of each other, since a moment.
type block struct {
	one, other care.PersonID
	since      time.Time
}

// bug is something built wrong on purpose. Only tests set any of it.
type bug struct {
	stores  func(*world, app.Stores) app.Stores // what the service works on
	devices func(offline.Stores) offline.Stores // the same of devices
	between func(w *world, d *device, send caller, c call) (reply, error)
	folder  func(path string) error // of a device, when it was made
}

// firstMorning is the next Tuesday at ten in the village's winter. Ahead of the machine's clock, so that no store
// forgets by its own clock what is young by ours.
func firstMorning() time.Time {
	day := time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, 1)
	for day.Weekday() != time.Tuesday {
		day = day.AddDate(0, 0, 1)
	}
	return day.Add(9 * time.Hour)
}

func (w *world) clock() time.Time {
	if w.machine != nil {
		return w.machine()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(w.creep)
	return w.now
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// crawl lets the clock move whenever it is read, until it is called with nothing.
func (w *world) crawl(by time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.creep = by
}

// begin opens the data and starts the service on them.
func (w *world) begin() error {
	var err error
	if w.store, w.close, err = w.ground.open(w.ctx, w.clock); err != nil {
		return err
	}
	w.stores = w.store.Stores()
	return w.serve()
}

// serve starts the service on the open data.
func (w *world) serve() error {
	stores, devices := w.stores, w.store.Offline()
	behind, behindDevices := stores, devices
	if w.bug.stores != nil {
		behind = w.bug.stores(w, behind)
	}
	if w.bug.devices != nil {
		behindDevices = w.bug.devices(behindDevices)
	}
	var err error
	w.tap.revive()
	if w.sut, err = start(w.ctx, w.store, w.tap.stores(behind), w.tap.offline(behindDevices), w.clock, w.post); err != nil {
		return err
	}
	if w.clean, err = start(w.ctx, w.store, stores, devices, w.clock, w.post); err != nil {
		return err
	}
	w.send, w.look = w.sut.call, w.clean.call
	return nil
}

// down ends the service; the data stay open.
func (w *world) down() {
	for _, p := range []*process{w.sut, w.clean} {
		if p != nil {
			p.stop()
			w.ended = append(w.ended, p)
		}
	}
	w.sut, w.clean = nil, nil
}

// end ends everything.
func (w *world) end() error {
	var err error
	for _, d := range w.devices {
		err = errors.Join(err, d.shut())
	}
	w.down()
	for _, p := range w.ended {
		err = errors.Join(err, <-p.ended)
	}
	if w.close != nil {
		err = errors.Join(err, w.close())
	}
	return err
}

// reborn is the service after its process ended, or was ended.
func (w *world) reborn() error {
	w.down()
	return w.serve()
}

// bearer is somebody's access token, or empty where nobody is there any more.
func (w *world) bearer(m *member) (string, error) {
	switch {
	case m.gone:
		return "", nil
	case time.Time(m.tokens.ExpiresAt).After(w.clock()):
		return m.tokens.Access, nil
	}
	body, err := json.Marshal(wire.Refresh{Refresh: m.tokens.Refresh})
	if err != nil {
		return "", err
	}
	r, err := w.look(call{method: "POST", path: "/v1/tokens", body: body})
	if err == nil && r.status == 200 {
		err = json.Unmarshal(r.body, &m.tokens)
		return m.tokens.Access, err
	}
	if err != nil {
		return "", err
	}
	return m.tokens.Access, w.signIn(m) // the service came back from a backup that knows no such token
}

// signIn signs somebody in as everybody does.
func (w *world) signIn(m *member) error {
	raw, err := json.Marshal(map[string]string{"contact": m.mail})
	if err != nil {
		return err
	}
	r, err := w.look(call{method: "POST", path: "/v1/sign-in/codes", body: raw})
	var flow struct{ Flow string }
	if err = errors.Join(err, json.Unmarshal(r.body, &flow)); err != nil || r.status != 202 {
		return fmt.Errorf("no code: %d %s %w", r.status, r.body, err)
	}
	code, _ := w.post.codes.Load(m.mail)
	if raw, err = json.Marshal(map[string]string{"flow": flow.Flow, "code": fmt.Sprint(code), "device": "fleet"}); err != nil {
		return err
	}
	if r, err = w.look(call{method: "POST", path: "/v1/sign-in/tokens", body: raw}); err != nil {
		return err
	}
	var in wire.SignedIn
	if err := json.Unmarshal(r.body, &in); err != nil || in.Tokens == nil {
		return fmt.Errorf("not signed in: %d %s %w", r.status, r.body, err)
	}
	m.tokens = *in.Tokens
	return nil
}

// as makes a call of somebody's own that nothing befalls.
func (w *world) as(m *member, method, path string, body any) (reply, error) {
	token, err := w.bearer(m)
	if err != nil {
		return reply{}, err
	}
	c := call{method: method, path: path, token: token}
	if body != nil {
		if c.body, err = json.Marshal(body); err != nil {
			return reply{}, err
		}
	}
	if method != "GET" {
		w.keys++
		c.key = fmt.Sprintf("fleet-%d-key-%08d", w.plan.Seed, w.keys)
	}
	r, err := w.look(c)
	if err != nil || r.status != 401 || m.gone {
		return r, err
	}
	if err := w.signIn(m); err != nil { // the service came back from a backup that knows another session
		return r, err
	}
	c.token = m.tokens.Access
	return w.look(c)
}

// fresh is all that an account may see now: what a new device would hold.
func (w *world) fresh(m *member) (map[string]json.RawMessage, error) {
	group := newID(w.clock())
	docs, body := map[string]json.RawMessage{}, wire.Pull{PullVersion: 1, ClientGroupID: group, SchemaVersion: "1"}
	for {
		r, err := w.as(m, "POST", "/sync/v1/pull", body)
		if err != nil || r.status != 200 {
			return nil, fmt.Errorf("a new device of %s: %d %s %w", m.mail, r.status, r.body, err)
		}
		var page wire.PullAnswer
		if err := json.Unmarshal(r.body, &page); err != nil {
			return nil, err
		}
		for _, op := range page.Patch {
			if op.Op == "put" {
				docs[op.Key] = op.Value
			}
		}
		if body.Cookie = &page.Cookie; !page.HasMore {
			_, err = w.as(m, "DELETE", "/sync/v1/groups/"+group, nil)
			return docs, err
		}
	}
}

// work carries what happened to everybody who reads the feed, as the loops do.
func (w *world) work() error {
	if w.machine != nil {
		return nil // its own loops do
	}
	for range 200 {
		pending, err := w.stores.Feed.Pending(w.ctx, 100)
		if err != nil || len(pending) == 0 {
			return err
		}
		for _, doc := range pending {
			for _, n := range doc.Events {
				row := port.Row{Doc: doc.Doc, Seq: n.Seq, Event: n.Event, At: w.clock()}
				err := errors.Join(w.sut.app.Steward(w.ctx, row), w.sut.app.Dispatch(w.ctx, row), w.sut.app.Follow(w.ctx, row))
				if err = errors.Join(err, w.stores.Feed.Drain(w.ctx, doc.Doc, n.Seq)); err != nil {
					return fmt.Errorf("%s of %s: %w", n.Event.Type, doc.Doc.ID, err)
				}
			}
		}
	}
	return errors.New("events beget events without end")
}

// tick lets time take effect on what is due, and carries what comes of it.
func (w *world) tick() error {
	clockwork := w.sut.app.NewClockwork(feed.SystemTime())
	for range 50 {
		n, err := clockwork.Step(w.ctx)
		if err = errors.Join(err, w.work()); err != nil || n == 0 {
			return err
		}
	}
	return errors.New("the clock never comes to rest")
}

// dice are those of one step.
func (w *world) dice(s Step) *rand.Rand { return rand.New(rand.NewPCG(w.plan.Seed, s.Draw)) }

func (w *world) folderOf(n int) string { return filepath.Join(w.files, fmt.Sprint("device-", n)) }

// copyDevice copies the folder of a device, which must be shut.
func copyDevice(from, to string) error {
	if err := os.RemoveAll(to); err != nil {
		return err
	}
	return copyFolder(from, to)
}
