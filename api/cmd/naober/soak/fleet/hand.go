package fleet

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"naober/mobile-contract/bundle"
	"naober/mobile-contract/wire"
)

// carried is a bundle in somebody's bag, with the answers that it had.
type carried struct {
	d            *device
	session, key string
	up           []byte
	down         [][]byte
}

// byHand lets a device make a bundle, somebody hand in one that lies in the bag, or a device take in an answer: any
// of them, in any order, once, again or never.
func (w *world) byHand(d *device, dice *rand.Rand) error {
	switch n := dice.IntN(10); {
	case n < 4 || len(w.bag) == 0:
		return w.makeBundle(d)
	case n < 7:
		return w.handIn(w.bag[len(w.bag)-1-dice.IntN(min(3, len(w.bag)))], dice)
	}
	k := w.bag[len(w.bag)-1-dice.IntN(min(3, len(w.bag)))]
	if len(k.down) == 0 {
		if err := w.handIn(k, dice); err != nil || len(k.down) == 0 {
			return err
		}
	}
	to := k.d
	if dice.IntN(6) == 0 {
		to = d // brought to the wrong house
	}
	return w.takeIn(to, k, k.down[dice.IntN(len(k.down))])
}

// keysOf are the keys of the session that somebody's devices share here.
func (w *world) keysOf(m *member) (session, key string, err error) {
	r, err := w.as(m, "POST", "/sync/v1/keys", struct{}{})
	if err != nil || r.status != 200 {
		return "", "", errors.Join(err, fmt.Errorf("%d to the question for keys", r.status))
	}
	var keys wire.DeviceKeys
	err = json.Unmarshal(r.body, &keys)
	return m.tokens.Session, keys.BundleKey, err
}

func (w *world) makeBundle(d *device) error {
	if d.owner.gone {
		return nil
	}
	k := &carried{d: d}
	var err error
	if k.session, k.key, err = w.keysOf(d.owner); err != nil {
		return err
	}
	if k.up, err = d.client.Export(k.session, k.key); err != nil {
		return err
	}
	w.bag = append(w.bag, k)
	return nil
}

// handIn is somebody with a connection, which may fail like any other.
func (w *world) handIn(k *carried, dice *rand.Rand) error {
	w.interrupted = w.machine != nil
	k.d.rough = dice
	r, err := k.d.rides(call{method: "POST", path: "/sync/v1/bundle", body: k.up})
	k.d.rough = nil
	if errors.Is(err, errCut) || err == nil && (!r.json || r.status != 200) {
		return nil // it is handed in again, or not
	}
	if err != nil {
		return err
	}
	k.down = append(k.down, r.body)
	return w.seeAnswer(k, r.body)
}

// seeAnswer looks into an answer as the device will, and notes what it says.
func (w *world) seeAnswer(k *carried, raw []byte) error {
	key, err := base64.RawURLEncoding.DecodeString(k.key)
	if err != nil {
		return err
	}
	var up bundle.Calls
	var down bundle.Answers
	if err := errors.Join(look(key, k.up, bundle.Up, &up), look(key, raw, bundle.Down, &down)); err != nil {
		return err
	}
	for i, a := range down.Pushes {
		if i >= len(up.Pushes) {
			break
		}
		sent, err := json.Marshal(up.Pushes[i])
		if err != nil {
			return err
		}
		w.seeResults(a.Body, sent)
	}
	if w.interrupted || k.d.owner.gone {
		return nil
	}
	may, err := w.fresh(k.d.owner)
	if err != nil {
		return err
	}
	for _, a := range down.Pulls {
		var page wire.PullAnswer
		if err := json.Unmarshal(a.Body, &page); err != nil {
			return err
		}
		for _, op := range page.Patch {
			if op.Op == "put" && string(may[op.Key]) != string(op.Value) {
				w.result.find(forbidden, "%s is brought %s as %s, and may see %s", k.d, op.Key, op.Value, may[op.Key])
			}
		}
	}
	return nil
}

// look reads what is sealed, however old it is.
func look(key, file []byte, way string, into any) error {
	b, err := bundle.Read(file)
	if err != nil {
		return err
	}
	plain, err := bundle.Open(key, b, way, time.Time{})
	if err != nil {
		return err
	}
	return json.Unmarshal(plain, into)
}

// takeIn lets a device take an answer in. One that is not for it, or is no longer, changes nothing there.
func (w *world) takeIn(to *device, k *carried, raw []byte) error {
	if to.owner.gone && to.owner != k.d.owner {
		return nil
	}
	session, key := k.session, k.key
	if to.owner != k.d.owner {
		var err error
		if session, key, err = w.keysOf(to.owner); err != nil {
			return err
		}
	}
	before, err := to.client.Outbox()
	if err != nil {
		return err
	}
	r, err := to.client.Import(session, key, raw)
	after, failed := to.client.Outbox()
	if failed != nil {
		return failed
	}
	switch {
	case r == nil && before != after:
		w.result.find(differs, "%s refuses an answer (%v) and changes its outbox from %s to %s", to, err, before, after)
	case r == nil:
	case to.owner != k.d.owner && err == nil:
		w.result.find(forbidden, "%s takes in what was for %s", to, k.d)
	}
	return nil
}
