package soak

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// kept is what was acknowledged: each entry must stand in the store exactly once.
type kept struct {
	mu        sync.Mutex
	requests  map[string]string // words -> id
	withdrawn map[string]bool   // ids
	yeses     map[string]string // ask -> the helper who said yes
	messages  map[string]string // text -> id
	refused   int               // answers of 4xx: lost races and the like
	wrong     []string          // answers that contradict themselves or the contract
}

func newKept() *kept {
	return &kept{requests: map[string]string{}, withdrawn: map[string]bool{}, yeses: map[string]string{}, messages: map[string]string{}}
}

func (k *kept) note(f func()) {
	k.mu.Lock()
	defer k.mu.Unlock()
	f()
}

func (k *kept) acknowledged() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.requests) + len(k.withdrawn) + len(k.yeses) + len(k.messages)
}

// writer acts for its share of the people, one call after the other.
type writer struct {
	client  *client
	village *village
	kept    *kept
	number  int
	run     string // makes words and keys of this run its own
	dice    *rand.Rand
	calls   int
	mine    []string // requests that were acknowledged and not withdrawn
	visits  []visit
}

// work acts until the context ends. A call that is under way then is still brought to its end: nobody
// may leave an intent half known.
func (w *writer) work(ctx context.Context) error {
	for ctx.Err() == nil {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*patience)
		err := w.act(last)
		cancel()
		if err != nil {
			return fmt.Errorf("writer %d: %w", w.number, err)
		}
	}
	return nil
}

// mostMine is how many requests a writer's people leave standing: who waits for an answer asks for nothing
// more, so that a village whose helpers are slow to be asked is not asked ever more of them.
const mostMine = 40

func (w *writer) act(ctx context.Context) error {
	switch n := w.dice.IntN(100); {
	case n < 30 && len(w.mine) < mostMine:
		return w.ask(ctx)
	case n < 30:
		return w.withdraw(ctx)
	case n < 75:
		return w.accept(ctx)
	case n < 90 && len(w.visits) > 0:
		return w.write(ctx)
	case len(w.mine) > 0:
		return w.withdraw(ctx)
	}
	return nil
}

// somebody is one of the people whom this writer plays.
func (w *writer) somebody() *resident {
	return w.village.people[w.dice.IntN(people/writers)*writers+w.number]
}

func (w *writer) mark(what string) string {
	w.calls++
	return fmt.Sprintf("soak-%s-%s-%d-%06d", w.run, what, w.number, w.calls)
}

// send makes one intent and counts what is refused; anything that is neither done nor refused for a
// reason of the trade is wrong.
func (w *writer) send(ctx context.Context, by *resident, path, key string, body, into any) (bool, error) {
	status, raw, err := w.client.do(ctx, intent{by: by, at: w.number, method: http.MethodPost, path: path, key: key, body: body})
	switch {
	case err != nil:
		return false, err
	case status < 300:
		return true, json.Unmarshal(raw, into)
	case status == http.StatusConflict || status == http.StatusNotFound || status == http.StatusPreconditionFailed:
		w.kept.note(func() { w.kept.refused++ })
	default:
		w.kept.note(func() { w.kept.wrong = append(w.kept.wrong, fmt.Sprintf("%s: %d %s", path, status, raw)) })
	}
	return false, nil
}

func (w *writer) ask(ctx context.Context) error {
	words := w.mark("ask")
	start := time.Now().UTC().Truncate(time.Hour).Add(time.Duration(30+w.dice.IntN(28*24)) * time.Hour)
	body := wire.NewRequest{Community: string(w.village.id), Publish: true, RequestEdit: wire.RequestEdit{Kind: "groceries", Words: words, Urgency: "ordinary",
		Slots: []wire.NewSlot{{Start: wire.Instant(start), End: wire.Instant(start.Add(time.Hour))}}}}
	var made wire.Request
	done, err := w.send(ctx, w.somebody(), "/v1/requests", words, body, &made)
	if done {
		w.mine = append(w.mine, made.ID)
		w.kept.note(func() { w.kept.requests[words] = made.ID })
	}
	return err
}

// accept says yes to the first open question of one of the people.
func (w *writer) accept(ctx context.Context) error {
	who := w.somebody()
	status, raw, err := w.client.do(ctx, intent{by: who, at: w.number, method: http.MethodGet, path: "/v1/requests?scope=helping&limit=100"})
	if err != nil {
		return err
	}
	var page wire.Page[wire.Request]
	if status != http.StatusOK {
		return fmt.Errorf("a list answered %d: %s", status, raw)
	}
	if err := json.Unmarshal(raw, &page); err != nil {
		return err
	}
	for _, r := range page.Items {
		for _, a := range r.Asks {
			if a.State == "asked" {
				return w.yes(ctx, who, a.ID)
			}
		}
	}
	return nil
}

func (w *writer) yes(ctx context.Context, who *resident, ask string) error {
	var said wire.AskAnswer
	done, err := w.send(ctx, who, "/v1/asks/"+ask+"/accept", w.mark("yes"), nil, &said)
	if !done {
		return err
	}
	w.kept.note(func() { w.kept.yeses[ask] = string(who.id) })
	w.visits = append(w.visits, visitsOf(said.Request, who.id)...)
	return err
}

// visit is one that one of the people agreed to.
type visit struct {
	id     string
	helper care.PersonID
}

// visitsOf are somebody's own visits of a request. Who also works for the village is shown all of
// them, another helper's too, to whom only the two of that visit may write.
func visitsOf(r *wire.Request, helper care.PersonID) []visit {
	var own []visit
	if r == nil {
		return nil
	}
	for _, v := range r.Visits {
		if v.Helper.ID == string(helper) {
			own = append(own, visit{v.ID, helper})
		}
	}
	return own
}

// write sends a message on a visit that one of the people agreed to.
func (w *writer) write(ctx context.Context) error {
	v, text := w.visits[w.dice.IntN(len(w.visits))], w.mark("message")
	for _, p := range w.village.people {
		if p.id != v.helper {
			continue
		}
		var sent wire.Message
		done, err := w.send(ctx, p, "/v1/visits/"+v.id+"/messages", text, wire.NewMessage{Text: text}, &sent)
		if done {
			w.kept.note(func() { w.kept.messages[text] = sent.ID })
		}
		return err
	}
	return nil
}

func (w *writer) withdraw(ctx context.Context) error {
	i := w.dice.IntN(len(w.mine))
	id := w.mine[i]
	w.mine[i] = w.mine[len(w.mine)-1]
	w.mine = w.mine[:len(w.mine)-1]
	by, err := w.asker(ctx, id)
	if by == nil || err != nil {
		return err
	}
	var left wire.Request
	done, err := w.send(ctx, by, "/v1/requests/"+id+"/withdraw", w.mark("withdraw"), wire.Reason{}, &left)
	if done {
		w.kept.note(func() { w.kept.withdrawn[id] = true })
	}
	return err
}

// asker finds out which of the people asked.
func (w *writer) asker(ctx context.Context, id string) (*resident, error) {
	for n := w.number; n < people; n += writers {
		p := w.village.people[n]
		status, raw, err := w.client.do(ctx, intent{by: p, at: w.number, method: http.MethodGet, path: "/v1/requests/" + id})
		var r wire.Request
		switch {
		case err != nil:
			return nil, err
		case status == http.StatusOK:
			if err := json.Unmarshal(raw, &r); err != nil {
				return nil, err
			}
			if r.Relation == "requester" {
				return p, nil
			}
		}
	}
	w.kept.note(func() { w.kept.wrong = append(w.kept.wrong, "request "+id+" was acknowledged and nobody's") })
	return nil, nil
}
