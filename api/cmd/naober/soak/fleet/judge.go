package fleet

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
)

func unmarshal(raw []byte, into any) error {
	if raw == nil {
		return errors.New("there is no such document")
	}
	return json.Unmarshal(raw, into)
}

// judge holds the stores at rest to what was done.
func (w *world) judge() error {
	s := standing{requests: map[string]care.Request{}, offers: map[string]care.Offer{}, messages: map[string]care.Message{}}
	if err := s.read(w); err != nil {
		return err
	}
	w.judgeBlocks(s)
	live := map[string]bool{}
	for _, d := range w.devices {
		maps.Copy(live, d.did)
	}
	for _, nonce := range slices.Sorted(maps.Keys(w.intents)) {
		in := w.intents[nonce]
		if in.by.gone || in.old || !in.acked && !live[nonce] {
			continue
		}
		if err := w.judgeIntent(in, s); err != nil {
			return err
		}
	}
	return nil
}

// judgeBlocks holds that nothing has passed between two people since one of them blocked the other.
func (w *world) judgeBlocks(s standing) {
	for _, b := range w.blocks {
		between := func(x, y care.PersonID) bool { return x == b.one && y == b.other || x == b.other && y == b.one }
		for _, m := range s.messages {
			if between(m.From, m.To) && m.At.After(b.since) && !m.Withheld {
				w.result.find(forbidden, "a message goes from %s to %s, of whom one blocked the other", m.From, m.To)
			}
		}
		for _, r := range s.requests {
			for _, a := range r.Asks {
				if between(r.For, a.Helper) && a.AskedAt.After(b.since) {
					w.result.find(forbidden, "%s is asked for %s, of whom one blocked the other", a.Helper, r.For)
				}
			}
		}
	}
}

// judgeDevice holds a device to what a new one of the same account gets.
func (w *world) judgeDevice(d *device) error {
	shown, err := d.shown()
	if err != nil {
		return err
	}
	if d.owner.gone {
		return nil
	}
	may, err := w.fresh(d.owner)
	if err != nil {
		return err
	}
	for key, value := range shown {
		switch {
		case may[key] == nil:
			w.result.find(forbidden, "%s shows %s at rest", d, key)
		case string(may[key]) != string(value):
			w.result.find(differs, "%s shows an old %s at rest: %s instead of %s", d, key, value, may[key])
		}
	}
	for key := range may {
		if shown[key] == nil {
			w.result.find(differs, "%s lacks %s at rest", d, key)
		}
	}
	return nil
}

// standing is what stands in the stores.
type standing struct {
	requests map[string]care.Request
	offers   map[string]care.Offer
	messages map[string]care.Message
}

func (s standing) read(w *world) error {
	stores := w.stores
	return errors.Join(
		stores.Requests.Each(w.ctx, func(r port.Stored[care.Request]) error { s.requests[r.ID] = r.Value; return nil }),
		stores.Offers.Each(w.ctx, func(o port.Stored[care.Offer]) error { s.offers[o.ID] = o.Value; return nil }),
		stores.Messages.Each(w.ctx, func(m port.Stored[care.Message]) error { s.messages[m.ID] = m.Value; return nil }))
}

// judgeIntent holds one intent to its verdict, and the stores to that.
func (w *world) judgeIntent(in *intent, s standing) error {
	applied, known := false, false
	for _, nonce := range append([]string{in.nonce}, in.also...) {
		key := app.KeyOf(app.Caller{Person: in.by.id, Nonce: care.Nonce(nonce)})
		row, err := w.stores.Ledger.Get(w.ctx, key)
		switch {
		case care.IsKind(err, care.NotFound):
			continue
		case err != nil:
			return err
		case row.Value.State == app.Judging:
			w.result.find(stuck, "%s of %s is in judgement for ever", in.name, in.by.mail)
			return nil
		}
		known = true
		this := row.Value.State == app.Applied
		if this && applied {
			w.result.find(twice, "%s of %s was applied under two nonces", in.name, in.by.mail)
		}
		applied = applied || this
		w.judgeChanges(in, key, this)
	}
	if !known {
		w.result.find(lostOnes, "%s of %s has no verdict (told: %t)", in.name, in.by.mail, in.acked)
		return nil
	}
	if n := s.effects(in); n > 1 || n == 1 && !applied {
		w.result.find(twice, "%s of %s (applied: %t) stands there %d times", in.name, in.by.mail, applied, n)
	} else if n == 0 && applied {
		w.result.find(lostOnes, "%s of %s was applied and is not there", in.name, in.by.mail)
	}
	return nil
}

// judgeChanges holds that an intent changed each document once, and none where it was refused.
func (w *world) judgeChanges(in *intent, key app.LedgerKey, applied bool) {
	for what, n := range w.tap.kept() {
		nonce, doc, _ := strings.Cut(what, " ")
		kind, _, _ := strings.Cut(doc, "/")
		if nonce != string(key) || kind == "helper" || kind == "ledger" { // a place that was held for a moment is no effect
			continue
		}
		if n > 1 || !applied {
			w.result.find(twice, "%s of %s (applied: %t) changed %s %d times", in.name, in.by.mail, applied, doc, n)
		}
	}
}

// effects counts what an intent has left. What leaves nothing of its own, or may be gone by another one since,
// counts as 1 where it was applied: -1 says so.
func (s standing) effects(in *intent) int {
	id := func(name string) string { text, _ := in.args[name].(string); return text }
	n := 0
	switch in.name {
	case "request.ask":
		if _, there := s.requests[id("id")]; there {
			n++
		}
		for other, r := range s.requests {
			if r.Words == in.mark && other != id("id") {
				n++
			}
		}
	case "offer.make":
		if _, there := s.offers[id("id")]; there {
			n++
		}
	case "message.send":
		for _, m := range s.messages {
			if m.Text == in.mark {
				n++
			}
		}
	case "slot.add":
		slots, _ := in.args["slots"].([]map[string]any)
		for _, slot := range s.requests[id("request")].Slots {
			if at(slot.Start) == fmt.Sprint(slots[0]["start"]) {
				n++
			}
		}
	case "request.withdraw":
		if r := s.requests[id("request")]; r.Outcome == care.Withdrawn {
			return -1 // by this one or another
		}
	default:
		return -1
	}
	return n
}

// long is how long one schedule may take.
const long = 10 * time.Minute
