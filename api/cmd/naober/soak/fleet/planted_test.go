package fleet

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"naober/api/app"
	"naober/api/offline"
	"naober/api/port"
	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// planted are the twelve mistakes that a schedule must bring to light: each built into what stands between the
// service and its stores, between device and service, or into a device's own file.
func planted() map[string]struct {
	mode Mode
	bug  func() bug
} {
	type row = struct {
		mode Mode
		bug  func() bug
	}
	return map[string]row{
		"no fork check":                                      {Clones, noForkCheck},
		"outbox emptied on the last id":                      {Clones, emptiedOnLastID},
		"no ledger of nonces":                                {Clones, noNonces},
		"every older view deleted":                           {Clones, olderViewsGone},
		"no journal":                                         {Restore, noJournal},
		"documents read before the last ids":                 {Network, documentsFirst},
		"removals on the last page only":                     {Network, removalsLast},
		"a kill between aggregate and ledger is judged anew": {Network, judgedAnew},
		"the role is read from the token":                    {Network, roleOfToken},
		"the projection is missing from the version":         {Network, versionAlone},
		"a block is not checked":                             {Network, blocksIgnored},
		"one field too many for a stranger":                  {Network, oneFieldMore},
	}
}

// mostSeeds is within how many seeds each is caught.
const mostSeeds = 40

func TestPlantedBugsAreCaught(t *testing.T) {
	t.Parallel()
	for name, p := range planted() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := Options{Files: t.TempDir(), bug: p.bug()}
			y, err := newYard(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			for seed := range uint64(mostSeeds) {
				plan := Draw(p.mode, 1+seed)
				for i := 40; name == "a block is not checked" && i < len(plan.Steps); i += 8 { // or there is too little of it
					plan.Steps[i].Act = "block"
				}
				for i := 30; name == "outbox emptied on the last id" && i+5 < len(plan.Steps); i += 15 { // a client asks for nothing while it waits to send
					for n, act := range []string{"keep", "do", "sync", "back", "sync"} {
						plan.Steps[i+n].Act, plan.Steps[i+n].On = act, 0
					}
				}
				got, err := y.play(t.Context(), plan)
				if err != nil {
					t.Fatal(err)
				}
				if len(got.found) > 0 {
					t.Logf("figure: %s: seed %d: %s", name, 1+seed, got.found[0].text[:min(len(got.found[0].text), 150)])
					return
				}
			}
			t.Errorf("not caught in %d seeds", mostSeeds)
		})
	}
}

// trigger puts a trigger into a device's file.
func trigger(text string) func() bug {
	return func() bug {
		return bug{folder: func(file string) error {
			db, err := sql.Open("sqlite", "file:"+file+"?_pragma=busy_timeout(5000)")
			if err != nil {
				return err
			}
			_, err = db.Exec("CREATE TRIGGER planted " + text)
			return errors.Join(err, db.Close())
		}}
	}
}

func emptiedOnLastID() bug {
	b := trigger(`AFTER UPDATE OF last ON writers BEGIN
		UPDATE outbox SET status = 'applied' WHERE writer = NEW.writer AND id <= NEW.last AND status = 'waiting'; END`)()
	b.between = func(_ *world, d *device, send caller, c call) (reply, error) {
		if pushes(c) && d.rough != nil && d.rough.IntN(2) == 0 { // a push is not taken, and the pull comes first
			return reply{status: 413, json: true, body: []byte(`{}`)}, nil
		}
		return send(c)
	}
	return b
}

func noJournal() bug {
	return trigger(`AFTER DELETE ON outbox BEGIN DELETE FROM journal WHERE nonce = OLD.nonce; END`)()
}

func pushes(c call) bool { return strings.HasSuffix(c.path, "/push") }

// onPull changes pages on their way.
func onPull(change func(w *world, d *device, page *wire.PullAnswer) error) bug {
	return bug{between: func(w *world, d *device, send caller, c call) (reply, error) {
		r, err := send(c)
		if err != nil || !strings.HasSuffix(c.path, "/pull") || r.status != 200 {
			return r, err
		}
		var page wire.PullAnswer
		if err := json.Unmarshal(r.body, &page); err != nil {
			return r, err
		}
		if err := change(w, d, &page); err != nil {
			return r, err
		}
		r.body, err = json.Marshal(page)
		return r, err
	}}
}

func noForkCheck() bug {
	return bug{between: func(_ *world, _ *device, send caller, c call) (reply, error) {
		r, err := send(c)
		var said wire.PushAnswer
		if err != nil || !pushes(c) || r.status != 409 || json.Unmarshal(r.body, &said) != nil {
			return r, err
		}
		for i := range said.Results {
			if said.Results[i].Status == "forked" {
				said.Results[i].Status, said.Results[i].Of, r.status = "duplicate", "applied", 202
			}
		}
		r.body, err = json.Marshal(said)
		return r, err
	}}
}

// noNonces files an intent by its number alone: sent under another number it is another one.
func noNonces() bug {
	return bug{between: func(w *world, _ *device, send caller, c call) (reply, error) {
		var push wire.Push
		if !pushes(c) || json.Unmarshal(c.body, &push) != nil {
			return send(c)
		}
		for i, m := range push.Mutations {
			sum := sha256.Sum256(fmt.Appendf(nil, "%s %d %s", m.ClientID, m.ID, m.Nonce))
			push.Mutations[i].Nonce = base64.RawURLEncoding.EncodeToString(sum[:16])
			if in := w.intents[m.Nonce]; in != nil && !slices.Contains(in.also, push.Mutations[i].Nonce) {
				in.also = append(in.also, push.Mutations[i].Nonce)
			}
		}
		var err error
		if c.body, err = json.Marshal(push); err != nil {
			return reply{}, err
		}
		return send(c)
	}}
}

// evicting lets go of every view that is older than one that was presented.
type evicting struct {
	port.Documents[string, offline.Snapshot]
}

func (e evicting) Get(ctx context.Context, id string) (port.Stored[offline.Snapshot], error) {
	s, err := e.Documents.Get(ctx, id)
	if err != nil {
		return s, err
	}
	all, err := e.Find(ctx, port.Key{Name: offline.ByGroup, Value: string(s.Value.Group)}, port.Page{Limit: 1000})
	for _, v := range all {
		if v.Value.Order < s.Value.Order && err == nil {
			_, err = e.Update(ctx, v.ID, port.Write{Quiet: true}, func(old offline.Snapshot) (offline.Snapshot, []care.Event, error) {
				old.Gone, old.Held, old.Told = old.UsedAt, nil, nil
				return old, nil, nil
			})
		}
	}
	return s, err
}

func olderViewsGone() bug {
	return bug{devices: func(s offline.Stores) offline.Stores {
		s.Snapshots = evicting{s.Snapshots}
		return s
	}}
}

// documentsFirst reads the documents, and then the counts: what is pushed in between is told and not shown.
func documentsFirst() bug {
	return bug{between: func(w *world, d *device, send caller, c call) (reply, error) {
		if pushes(c) || d.rough == nil || d.owner.gone {
			return send(c)
		}
		first, err := send(c)
		if err != nil || first.status != 200 {
			return first, err
		}
		w.interrupted = true
		if err := w.secondWindow(d, d.rough); err != nil {
			return first, err
		}
		second, err := send(c)
		var page, counted wire.PullAnswer
		if err != nil || json.Unmarshal(first.body, &page) != nil || json.Unmarshal(second.body, &counted) != nil || page.HasMore {
			return first, err
		}
		page.LastMutationIDChanges = counted.LastMutationIDChanges
		first.body, err = json.Marshal(page)
		return first, err
	}}
}

func removalsLast() bug {
	left := map[string][]wire.PatchOp{}
	var mu sync.Mutex
	return onPull(func(w *world, d *device, page *wire.PullAnswer) error {
		mu.Lock()
		defer mu.Unlock()
		mine := fmt.Sprint(w.plan.Seed, d.n)
		if page.HasMore {
			for _, op := range page.Patch {
				if op.Op == "del" {
					left[mine] = append(left[mine], op)
				}
			}
			page.Patch = slices.DeleteFunc(page.Patch, func(op wire.PatchOp) bool { return op.Op == "del" })
			return nil
		}
		page.Patch = append(left[mine], page.Patch...)
		delete(left, mine)
		return nil
	})
}

// unmarked stores documents without the nonces of the intents that changed them.
type unmarked[K ~string, T any] struct{ port.Documents[K, T] }

func (d unmarked[K, T]) Update(ctx context.Context, id K, w port.Write, change port.Change[T]) (port.Stored[T], error) {
	w.Nonce = ""
	return d.Documents.Update(ctx, id, w, change)
}

func judgedAnew() bug {
	return bug{between: func(w *world, d *device, send caller, c call) (reply, error) {
		if pushes(c) && d.rough != nil && d.rough.IntN(4) == 0 { // more of what happens anyway
			w.tap.plan(0, judged, nil)
		}
		return send(c)
	}, stores: func(_ *world, s app.Stores) app.Stores {
		s.Requests = unmarked[care.RequestID, care.Request]{s.Requests}
		s.Persons = unmarked[care.PersonID, care.Person]{s.Persons}
		s.Offers = unmarked[care.OfferID, care.Offer]{s.Offers}
		return s
	}}
}

// tokenLife is for how long a token says what was true when it was made.
const tokenLife = 15 * time.Minute

// remembered answers about somebody's roles as they were when their token was made.
type remembered struct {
	port.Documents[care.MembershipID, care.Membership]
	w  *world
	mu sync.Mutex
	at map[port.Key]time.Time
	as map[port.Key][]port.Stored[care.Membership]
}

func (r *remembered) Find(ctx context.Context, key port.Key, page port.Page) ([]port.Stored[care.Membership], error) {
	if key.Name != app.ByPerson || page.After != "" {
		return r.Documents.Find(ctx, key, page)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if now := r.w.clock(); r.as[key] == nil || now.Sub(r.at[key]) > tokenLife {
		found, err := r.Documents.Find(ctx, key, page)
		if err != nil {
			return nil, err
		}
		r.at[key], r.as[key] = now, found
	}
	return r.as[key], nil
}

func roleOfToken() bug {
	return bug{stores: func(w *world, s app.Stores) app.Stores {
		s.Memberships = &remembered{Documents: s.Memberships, w: w, at: map[port.Key]time.Time{}, as: map[port.Key][]port.Stored[care.Membership]{}}
		return s
	}}
}

// versionAlone sends a request again only where it was changed itself, whatever else shows in it.
func versionAlone() bug {
	sent := map[string]int64{}
	var mu sync.Mutex
	return onPull(func(w *world, d *device, page *wire.PullAnswer) error {
		mu.Lock()
		defer mu.Unlock()
		holds, err := d.docs()
		if err != nil {
			return err
		}
		page.Patch = slices.DeleteFunc(page.Patch, func(op wire.PatchOp) bool {
			id, ok := strings.CutPrefix(op.Key, "request/")
			if !ok || op.Op != "put" {
				return false
			}
			r, err := w.stores.Requests.Get(w.ctx, care.RequestID(id))
			mine := fmt.Sprint(w.plan.Seed, d.n, op.Key)
			same := err == nil && holds[op.Key] != nil && sent[mine] == r.Ver
			sent[mine] = r.Ver
			return same
		})
		return nil
	})
}

// blind reads books without what others want nothing of.
type blind struct {
	port.Documents[care.PersonID, care.Helper]
}

func (b blind) Get(ctx context.Context, id care.PersonID) (port.Stored[care.Helper], error) {
	h, err := b.Documents.Get(ctx, id)
	h.Value.BlockedBy = nil // the half that is shown to nobody
	return h, err
}

func (b blind) Find(ctx context.Context, key port.Key, page port.Page) ([]port.Stored[care.Helper], error) {
	all, err := b.Documents.Find(ctx, key, page)
	for i := range all {
		all[i].Value.BlockedBy = nil
	}
	return all, err
}

func (b blind) Update(ctx context.Context, id care.PersonID, w port.Write, change port.Change[care.Helper]) (port.Stored[care.Helper], error) {
	return b.Documents.Update(ctx, id, w, func(old care.Helper) (care.Helper, []care.Event, error) {
		kept := old.BlockedBy
		old.BlockedBy = nil
		next, events, err := change(old)
		next.BlockedBy = append(slices.Clone(kept), next.BlockedBy...)
		return next, events, err
	})
}

func (b blind) Each(ctx context.Context, visit func(port.Stored[care.Helper]) error) error {
	return b.Documents.Each(ctx, func(h port.Stored[care.Helper]) error {
		h.Value.BlockedBy = nil
		return visit(h)
	})
}

func blocksIgnored() bug {
	return bug{stores: func(_ *world, s app.Stores) app.Stores {
		s.Helpers = blind{s.Helpers}
		return s
	}}
}

func oneFieldMore() bug {
	return onPull(func(_ *world, _ *device, page *wire.PullAnswer) error {
		for i, op := range page.Patch {
			var shown map[string]any
			if op.Op != "put" || !strings.HasPrefix(op.Key, "request/") || json.Unmarshal(op.Value, &shown) != nil || shown["relation"] == "requester" {
				continue
			}
			shown["phone"] = "+31 593 123456"
			raw, err := json.Marshal(shown)
			if err != nil {
				return err
			}
			page.Patch[i].Value = raw
		}
		return nil
	})
}
