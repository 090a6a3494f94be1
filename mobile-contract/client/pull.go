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

type pulled struct {
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
}

// pull takes one page in. It reports whether there is more.
func (c *Client) pull(r *Report) (bool, error) {
	var group, cookie string
	err := c.disk.change(func(t tx) (err error) {
		if group, err = t.meta(metaGroup); err == nil {
			cookie, err = t.meta(metaCookie)
		}
		return err
	})
	if err != nil {
		return false, err
	}
	if cookie == "" {
		cookie = "null"
	}
	body := map[string]any{"pullVersion": 1, "clientGroupID": group, "schemaVersion": schemaNow, "cookie": json.RawMessage(cookie), "maxOps": pageOps, "maxBytes": pageBytes}
	var page pulled
	status, ok, err := c.post(r, "/sync/v1/pull", body, &page)
	if err != nil || !ok || status != 200 {
		return false, err
	}
	r.Pages++
	again := false
	err = c.disk.change(func(t tx) error {
		again, err = c.apply(t, r, page)
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
		return true, t.newHistory(page.Epoch)
	}
	late, err := c.late(t, page)
	if err != nil || late {
		return false, err
	}
	for _, op := range page.Patch {
		switch {
		case op.Op == "clear":
			err = errors.Join(err, t.run(`DELETE FROM docs`))
		case op.Op == "del":
			err = errors.Join(err, t.run(`DELETE FROM docs WHERE key = ?`, op.Key))
		case op.Op == "put" && isObject(op.Value):
			err = errors.Join(err, t.run(`INSERT INTO docs (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`, op.Key, string(op.Value)))
		default:
			return c.beginAnew(t, r)
		}
	}
	before, failed := t.meta(metaCookie)
	err = errors.Join(err, failed, t.setMeta(metaEpoch, page.Epoch), t.setMeta(metaCookie, string(page.Cookie)))
	if err != nil || page.HasMore {
		return string(page.Cookie) != before, err // a page that leads nowhere is not asked for again and again
	}
	backward, err := c.count(t, page.LastMutationIDChanges)
	if err != nil || backward {
		return backward, errors.Join(err, t.newHistory(page.Epoch))
	}
	now := c.clock().UnixMilli()
	r.Complete = true
	err = errors.Join(t.confirm(page.ServerNow), t.setMeta(metaServer, strconv.FormatInt(page.ServerNow, 10)), t.setMeta(metaDevice, strconv.FormatInt(now, 10)),
		t.setMeta(metaLease, strconv.FormatInt(page.LeaseMs, 10)))
	if err != nil || page.Check == nil {
		return false, err
	}
	right, err := t.holds(page.Check.N, page.Check.H)
	if err != nil || right {
		return false, err
	}
	return c.beginAnew(t, r)
}

// isObject reports whether a document can be kept: one is an object, and nothing else has a field until.
func isObject(value json.RawMessage) bool {
	var object map[string]json.RawMessage
	return json.Unmarshal(value, &object) == nil && object != nil
}

// late reports whether a page is older than what is stored already: another tab or process was faster.
func (c *Client) late(t tx, page pulled) (bool, error) {
	raw, err := t.meta(metaCookie)
	if err != nil || raw == "" {
		return false, err
	}
	var mine, its struct {
		Order int64
		E     string
	}
	if json.Unmarshal([]byte(raw), &mine) != nil || json.Unmarshal(page.Cookie, &its) != nil {
		return false, nil
	}
	return mine.E == its.E && its.Order < mine.Order, nil
}

// count takes in how far writers are counted. A count below one that was known means that the service came back
// from a backup, whether it says so or not; one above all that this store gave out, that another device has a copy.
func (c *Client) count(t tx, counts map[string]int64) (backward bool, err error) {
	for writer, last := range counts {
		assigned, err := t.number(`SELECT assigned FROM writers WHERE writer = ?`, writer)
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
		if assigned > 0 && last > assigned {
			if err := errors.Join(t.setMeta(metaForked, "yes"), c.startWriter(t)); err != nil {
				return false, err
			}
		}
		err = t.run(`INSERT INTO writers (writer, assigned, last) VALUES (?, 0, ?) ON CONFLICT (writer) DO UPDATE SET last = excluded.last`, writer, last)
		if err != nil {
			return false, err
		}
	}
	return false, nil
}

// holds compares what the device holds with what it should.
func (t tx) holds(n int, h string) (bool, error) {
	keys, err := t.keys("", true)
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
