package client

import (
	"encoding/json"
	"errors"
	"strconv"
	"time"
)

// Document is what the service showed last under a key such as "request/01J...", as JSON; empty where there is
// nothing, or nothing any more.
func (c *Client) Document(key string) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var value string
	err := c.disk.change(func(t tx) error {
		known, err := c.forgetInTime(t)
		if err == nil {
			value, err = t.text(`SELECT value FROM docs WHERE key = ? AND (? OR until IS NULL)`, key, known)
		}
		if err == nil {
			value, err = t.show(placeOfDoc(key), value)
		}
		return err
	})
	return value, err
}

// Keys lists the keys of a kind of document, as a JSON array; every key where the kind is empty.
func (c *Client) Keys(kind string) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	keys := []string{}
	err := c.disk.change(func(t tx) error {
		known, err := c.forgetInTime(t)
		if err != nil {
			return err
		}
		if kind != "" {
			kind += "/"
		}
		found, err := t.keys(kind, known)
		keys = append(keys, found...)
		return err
	})
	if err != nil {
		return "", err
	}
	raw, err := json.Marshal(keys)
	return string(raw), err
}

// keys lists the keys of what is shown with a prefix; of what has an end only where the time is known.
func (t tx) keys(prefix string, known bool) ([]string, error) {
	return t.texts(`SELECT key FROM docs WHERE substr(key, 1, ?) = ? AND value <> '' AND (? OR until IS NULL) ORDER BY key`, len(prefix), prefix, known)
}

// texts reads a column of text.
func (t tx) texts(query string, args ...any) ([]string, error) {
	rows, err := t.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var all []string
	for rows.Next() {
		var key string
		if err := rows.Scan(&key); err != nil {
			return nil, err
		}
		all = append(all, key)
	}
	return all, rows.Err()
}

// serverNow is the service's clock by what has passed since the last complete pull; false where the device cannot
// tell, because its own clock went back.
func (c *Client) serverNow(t tx) (time.Time, bool, error) {
	server, err := t.meta(metaServer)
	if err != nil {
		return time.Time{}, false, err
	}
	device, err := t.meta(metaDevice)
	if err != nil || server == "" {
		return time.Time{}, false, err
	}
	s, _ := strconv.ParseInt(server, 10, 64)
	d, _ := strconv.ParseInt(device, 10, 64)
	passed := c.clock().UnixMilli() - d
	return time.UnixMilli(s + passed), passed >= 0, nil
}

// forgetInTime removes what has come to its end: the value of each document at the moment that it names, and all of
// them once nothing was heard for the lease. It reports whether the device can tell the time; where it cannot, what has an
// end is not shown until the next pull.
func (c *Client) forgetInTime(t tx) (known bool, err error) {
	now, known, err := c.serverNow(t)
	if err != nil || !known {
		return false, err
	}
	lease, err := t.number(`SELECT CAST(value AS INTEGER) FROM meta WHERE name = ?`, metaLease)
	if err != nil {
		return true, err
	}
	pulled, err := t.number(`SELECT CAST(value AS INTEGER) FROM meta WHERE name = ?`, metaServer)
	if err != nil {
		return true, err
	}
	if lease > 0 && now.UnixMilli()-pulled > lease {
		// What comes from now on has a lease of its own, or the first of many pages would go with the next.
		return true, errors.Join(t.run(`DELETE FROM docs`), t.setMeta(metaCookie, ""), t.setMeta(metaServer, strconv.FormatInt(now.UnixMilli(), 10)),
			t.setMeta(metaDevice, strconv.FormatInt(c.clock().UnixMilli(), 10)))
	}
	return true, t.run(`UPDATE docs SET value = '' WHERE until <= ? AND value <> ''`, now.UnixMilli())
}

// put stores a document, with the moment at which it is forgotten.
func (t tx) put(key string, value json.RawMessage) error {
	var said struct{ Until any }
	_ = json.Unmarshal(value, &said) // it is an object
	var end any
	if text, ok := said.Until.(string); ok {
		if at, err := time.Parse(time.RFC3339, text); err == nil {
			end = at.UnixMilli()
		}
	}
	return t.run(`INSERT INTO docs (key, value, until) VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value, until = excluded.until`, key, t.hide(placeOfDoc(key), string(value)), end)
}
