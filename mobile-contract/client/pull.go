package client

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strconv"
)

// pageOps and pageBytes are how much a device takes at once.
const (
	pageOps   = 200
	pageBytes = 256 << 10
	// checkEvery is how often a device begins anew because it holds something else than it should, in milliseconds.
	checkEvery = 3600 * 1000
)

// pulled is the answer to a pull; Code is that of a refusal.
type pulled struct {
	Code                  string
	Epoch                 string
	ServerNow             int64
	Cookie                json.RawMessage
	LastMutationIDChanges map[string]int64
	Patch                 []struct {
		Op, Key string
		Value   json.RawMessage
	}
	HasMore bool
	Check   *struct {
		N int
		H string
	}
	LeaseMs int64

	at int64 // the device's clock when it was computed, where it took its time to come; 0 for now
}

// pull takes one page in. It reports whether there is more.
func (c *Client) pull(r *Report) (bool, error) {
	var group, asked string
	err := c.disk.change(func(t tx) (err error) {
		if _, err = c.forgetInTime(t); err != nil { // what time alone does comes first
			return err
		}
		if group, err = t.meta(metaGroup); err == nil {
			asked, err = t.meta(metaCookie)
		}
		return err
	})
	if err != nil {
		return false, err
	}
	body := pullOf(group, asked)
	var page pulled
	status, ok, err := c.post(r, "/sync/v1/pull", body, &page)
	if err == nil && status == 409 && page.Code == groupEnded {
		r.anew++
		return true, c.leaveGroup(group)
	}
	if err != nil || !ok || status != 200 {
		return false, err
	}
	return c.pulled(r, page, group, asked)
}

// pullOf asks for the difference to a cookie; empty for none.
func pullOf(group, cookie string) map[string]any {
	if cookie == "" {
		cookie = "null"
	}
	return map[string]any{"pullVersion": 1, "clientGroupID": group, "schemaVersion": schemaNow, "cookie": json.RawMessage(cookie), "maxOps": pageOps, "maxBytes": pageBytes}
}

// pulled takes in a page that a store has asked for with a cookie.
func (c *Client) pulled(r *Report, page pulled, group, asked string) (again bool, err error) {
	r.Pages++
	err = c.disk.change(func(t tx) error {
		late, err := t.late(page, group, asked)
		if err == nil && !late {
			again, err = c.apply(t, r, page)
		}
		if err != nil || !again {
			return err
		}
		left, err := t.meta(metaCookie)
		if left == "" {
			r.anew++
		}
		return err
	})
	return again, err
}

// apply takes a page in: documents, cookie and counts in one transaction.
func (c *Client) apply(t tx, r *Report, page pulled) (again bool, err error) {
	epoch, err := t.meta(metaEpoch)
	if err != nil {
		return false, err
	}
	if epoch != "" && epoch != page.Epoch {
		return true, c.newHistory(t, page.Epoch, page.ServerNow)
	}
	if !page.known() {
		return c.beginAnew(t, r)
	}
	for _, op := range page.Patch {
		switch {
		case op.Op == "clear":
			err = errors.Join(err, t.run(`DELETE FROM docs`))
		case op.Op == "del":
			err = errors.Join(err, t.run(`DELETE FROM docs WHERE key = ?`, op.Key))
		case op.Op == "put":
			err = errors.Join(err, t.put(op.Key, op.Value))
		}
	}
	before, failed := t.meta(metaCookie)
	err = errors.Join(err, failed, t.setMeta(metaEpoch, page.Epoch), t.setMeta(metaCookie, string(page.Cookie)))
	if err != nil || page.HasMore {
		return string(page.Cookie) != before, err // a page that leads nowhere is not asked for again and again
	}
	backward, err := c.count(t, page.LastMutationIDChanges, page.ServerNow)
	if err == nil && backward {
		err = c.newHistory(t, page.Epoch, page.ServerNow)
	}
	if err != nil || backward {
		return backward, err
	}
	now := page.at
	if now == 0 {
		now = c.clock().UnixMilli()
	}
	r.Complete = true
	err = errors.Join(t.confirm(page.ServerNow), t.setMeta(metaServer, strconv.FormatInt(page.ServerNow, 10)), t.setMeta(metaDevice, strconv.FormatInt(now, 10)),
		t.setMeta(metaLease, strconv.FormatInt(page.LeaseMs, 10)))
	if err != nil {
		return false, err
	}
	soon, err := t.number(`SELECT count(*) FROM docs WHERE value = '' AND until > ?`, page.ServerNow)
	if err != nil || soon > 0 { // the device's clock ran ahead: what it forgot is fetched again
		r.Complete = soon == 0
		return soon > 0, errors.Join(err, t.setMeta(metaCookie, ""))
	}
	if page.Check == nil {
		return false, nil
	}
	right, err := t.holds(page.Check.N, page.Check.H)
	if err != nil || right {
		return false, err
	}
	return c.beginAnew(t, r)
}

// known reports whether the app understands every step of a page. If not, none of it is taken in.
func (p pulled) known() bool {
	for _, op := range p.Patch {
		switch {
		case op.Op == "clear", op.Op == "del", op.Op == "put" && isObject(op.Value):
		default:
			return false
		}
	}
	return true
}

// isObject reports whether a document can be kept: one is an object, and nothing else has a field until.
func isObject(value json.RawMessage) bool {
	var object map[string]json.RawMessage
	return json.Unmarshal(value, &object) == nil && object != nil
}

// late reports whether a page fits no more, because another process was faster: it is the difference to the cookie
// that it was asked with, and to no other, and none was computed before what is stored already.
func (t tx) late(page pulled, group, asked string) (bool, error) {
	mine, err := t.meta(metaGroup)
	if err != nil {
		return false, err
	}
	raw, err := t.meta(metaCookie)
	if err != nil || mine != group || raw != asked {
		return true, err
	}
	epoch, err := t.meta(metaEpoch)
	var held, its struct{ Order int64 }
	if err != nil || raw == "" || epoch != page.Epoch || json.Unmarshal([]byte(raw), &held) != nil || json.Unmarshal(page.Cookie, &its) != nil {
		return false, err
	}
	return its.Order < held.Order, nil
}

// count takes in how far writers are counted. A count below one that was known means that the service came back
// from a backup, whether it says so or not; one above all that this store gave out, that another device has a copy.
func (c *Client) count(t tx, counts map[string]int64, now int64) (backward bool, err error) {
	copied := false
	for writer, last := range counts {
		assigned, err := t.number(`SELECT assigned FROM writers WHERE writer = ? AND NOT closed`, writer)
		if err != nil {
			return false, err
		}
		known, err := t.number(`SELECT last FROM writers WHERE writer = ?`, writer)
		if err != nil {
			return false, err
		}
		if last < known {
			return true, nil
		}
		copied = copied || assigned > 0 && last > assigned
		err = t.run(`INSERT INTO writers (writer, assigned, last) VALUES (?, 0, ?) ON CONFLICT (writer) DO UPDATE SET last = excluded.last`, writer, last)
		if err != nil {
			return false, err
		}
	}
	if copied {
		err = errors.Join(t.setMeta(metaForked, "yes"), c.startWriter(t, now))
	}
	return false, err
}

// holds compares what the device holds with what it should.
func (t tx) holds(n int, h string) (bool, error) {
	keys, err := t.texts(`SELECT key FROM docs ORDER BY key`)
	if err != nil {
		return false, err
	}
	sum := sha256.New()
	for _, key := range keys {
		sum.Write([]byte(key + "\n"))
	}
	return len(keys) == n && hex.EncodeToString(sum.Sum(nil)[:8]) == h, nil
}

// beginAnew drops the cookie, at most once an hour: a fault that stays must not become a loop.
func (c *Client) beginAnew(t tx, r *Report) (bool, error) {
	now := c.clock().UnixMilli()
	last, err := t.number(`SELECT CAST(value AS INTEGER) FROM meta WHERE name = ?`, metaChecked)
	if err != nil {
		return false, err
	}
	r.Mismatch = true
	if last > 0 && now >= last && now-last < checkEvery { // a clock that went back tells nothing of an hour
		return false, nil
	}
	r.Complete = false
	return true, errors.Join(t.setMeta(metaChecked, strconv.FormatInt(now, 10)), t.setMeta(metaCookie, ""))
}
