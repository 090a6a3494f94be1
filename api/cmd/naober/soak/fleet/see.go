package fleet

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"naober/mobile-contract/wire"
)

// seeResults notes what a device is told of its intents.
func (w *world) seeResults(answer, sent []byte) {
	var said wire.PushAnswer
	var push wire.Push
	if json.Unmarshal(answer, &said) != nil || json.Unmarshal(sent, &push) != nil {
		return
	}
	for i, r := range said.Results {
		if i >= len(push.Mutations) {
			return
		}
		in := w.intents[push.Mutations[i].Nonce]
		switch {
		case in == nil:
		case r.Code == "too_old":
			in.old = true
		case r.Status == "applied" || r.Status == "rejected" || r.Status == "duplicate" && r.Of != "unknown":
			in.acked = true
		case r.Of == "unknown":
			w.result.find(differs, "%s of %s could not be confirmed, though the ledger keeps everything", in.name, in.by.mail)
		}
	}
}

// seePage holds a page to what a new device of the same account would get at the same moment. Nothing in it, and
// nothing that is left after it, may be anything else.
func (w *world) seePage(d *device, raw []byte) error {
	var page wire.PullAnswer
	if err := json.Unmarshal(raw, &page); err != nil {
		return err
	}
	may, err := w.fresh(d.owner)
	if err != nil {
		return err
	}
	holds, err := d.docs()
	if err != nil {
		return err
	}
	for _, op := range page.Patch {
		switch op.Op {
		case "clear":
			clear(holds)
		case "del":
			delete(holds, op.Key)
		case "put":
			holds[op.Key] = op.Value
			if may[op.Key] != nil && string(may[op.Key]) != string(op.Value) && !w.interrupted {
				w.result.find(forbidden, "%s gets %s as %s, and may see %s", d, op.Key, op.Value, may[op.Key])
			}
		}
	}
	for key := range holds {
		if may[key] == nil && !w.interrupted {
			w.result.find(forbidden, "%s holds %s after a page", d, key)
		}
	}
	if d.calm && len(page.Patch) > 0 {
		d.moved++
	}
	if !page.HasMore {
		w.seeWhole(d, page, holds, may)
	}
	return nil
}

// seeWhole holds the last page to what a device may rely on: it has everything, and of every intent whose count it
// brings the effect.
func (w *world) seeWhole(d *device, page wire.PullAnswer, holds, may map[string]json.RawMessage) {
	for _, key := range slices.Sorted(maps.Keys(may)) {
		switch kind, _, _ := strings.Cut(key, "/"); {
		case w.interrupted:
		case holds[key] != nil && len(holds[key]) == 0: // forgotten in time
		case holds[key] == nil:
			w.result.find(differs, "%s lacks %s after its last page", d, key)
		case string(holds[key]) != string(may[key]):
			w.result.find(differs, "%s holds an old %s: %s instead of %s", d, kind, holds[key], may[key])
		}
	}
	w.seeConfirmed(d, page, holds, may)
}

// seeConfirmed holds that what a confirmed intent made is there.
func (w *world) seeConfirmed(d *device, page wire.PullAnswer, holds, may map[string]json.RawMessage) {
	for writer, last := range page.LastMutationIDChanges {
		rows, err := d.looks.Query(`SELECT nonce FROM outbox WHERE writer = ? AND id <= ?`, writer, last)
		if err != nil {
			continue
		}
		for rows.Next() {
			var nonce string
			if rows.Scan(&nonce) != nil {
				continue
			}
			in := w.intents[nonce]
			if in == nil {
				continue
			}
			kind, makes := map[string]string{"request.ask": "request", "offer.make": "offer", "message.send": "message"}[in.name]
			id, _ := in.args["id"].(string)
			if key := kind + "/" + id; makes && may[key] != nil && holds[key] == nil {
				w.result.find(differs, "%s is told that %s is done and does not get it", d, in.name)
			}
		}
		_ = rows.Close()
	}
}
