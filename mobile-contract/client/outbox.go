package client

import (
	"errors"
)

// entry is one intent in the outbox.
type entry struct {
	Seq    int64  `json:"-"`
	Writer string `json:"writer"`
	ID     int64  `json:"id"`
	Nonce  string `json:"nonce"`
	Name   string `json:"name"`
	Args   string `json:"args"`
	At     int64  `json:"at"`
	Before int64  `json:"before,omitempty"` // after which it is worth nothing, by the service's clock; 0 for never
	Status string `json:"status"`           // waiting, or the final result
	Code   string `json:"code,omitempty"`
}

const entryColumns = `seq, writer, id, nonce, name, args, at, before, status, code`

func (t tx) entries(query string, args ...any) ([]entry, error) {
	rows, err := t.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var all []entry
	for rows.Next() {
		var e entry
		if err := rows.Scan(&e.Seq, &e.Writer, &e.ID, &e.Nonce, &e.Name, &e.Args, &e.At, &e.Before, &e.Status, &e.Code); err != nil {
			return nil, err
		}
		name, err := t.show(placeOfName(e.Nonce), e.Name)
		if err == nil {
			e.Args, err = t.show(placeOfArgs(e.Nonce), e.Args)
		}
		if err != nil {
			return nil, err
		}
		e.Name = name
		all = append(all, e)
	}
	return all, rows.Err()
}

// unsent are the entries without a final result, in the order in which the person acted.
func (t tx) unsent(most int) ([]entry, error) {
	return t.entries(`SELECT `+entryColumns+` FROM outbox WHERE status = 'waiting' ORDER BY seq LIMIT ?`, most)
}

// add puts an intent at the end of the outbox. Its place is after that of every other that may be sent again: in
// the order of their places the journal comes back.
func (t tx) add(e entry) error {
	id, err := t.assign(e.Writer)
	if err != nil {
		return err
	}
	return t.run(`INSERT INTO outbox (`+entryColumns+`)
		VALUES ((SELECT coalesce(max(seq), 0) + 1 FROM (SELECT seq FROM outbox UNION ALL SELECT seq FROM journal)), ?, ?, ?, ?, ?, ?, ?, 'waiting', '')`,
		e.Writer, id, e.Nonce, t.hide(placeOfName(e.Nonce), e.Name), t.hide(placeOfArgs(e.Nonce), e.Args), e.At, e.Before)
}

// assign gives out a writer's next number.
func (t tx) assign(writer string) (int64, error) {
	err := t.run(`INSERT INTO writers (writer, assigned, last) VALUES (?, 1, 0) ON CONFLICT (writer) DO UPDATE SET assigned = assigned + 1`, writer)
	if err != nil {
		return 0, err
	}
	return t.number(`SELECT assigned FROM writers WHERE writer = ?`, writer)
}

// waits reports whether exactly this entry still waits for its result: another process may have numbered it anew, or
// stored the result, since it was sent.
func (t tx) waits(e entry) (bool, error) {
	n, err := t.number(`SELECT count(*) FROM outbox WHERE nonce = ? AND writer = ? AND id = ? AND status = 'waiting'`, e.Nonce, e.Writer, e.ID)
	return n > 0, err
}

// settle stores the final result of an entry.
func (t tx) settle(e entry, status, code string) error {
	return t.run(`UPDATE outbox SET status = ?, code = ? WHERE nonce = ?`, status, code, e.Nonce)
}

// renumber gives every entry without a final result a number of a new writer; what the person meant by each, its
// nonce, stays. No older writer gives out a number after that.
func (t tx) renumber(writer string) error {
	if err := t.run(`UPDATE writers SET closed = 1`); err != nil {
		return err
	}
	all, err := t.unsent(1 << 30)
	for _, e := range all {
		var id int64
		if err == nil {
			id, err = t.assign(writer)
		}
		if err == nil {
			err = t.run(`UPDATE outbox SET writer = ?, id = ? WHERE seq = ?`, writer, id, e.Seq)
		}
	}
	return err
}

// resendFrom makes the service's gap whole: everything of the writer from this number on is sent again, from the
// outbox or out of the journal. False where the number is in neither.
func (t tx) resendFrom(writer string, id int64) (bool, error) {
	there, err := t.number(`SELECT count(*) FROM (SELECT id, writer, code FROM outbox UNION ALL SELECT id, writer, code FROM journal)
		WHERE writer = ? AND id = ? AND code <> 'too_old'`, writer, id)
	if err != nil || there == 0 {
		return false, err
	}
	if err := t.run(`UPDATE outbox SET status = 'waiting', code = '' WHERE writer = ? AND id >= ?`, writer, id); err != nil {
		return false, err
	}
	return true, t.unearth(`writer = ? AND id >= ? AND code <> 'too_old'`, writer, id)
}

// unearth puts entries of the journal back in front of the outbox, in their order.
func (t tx) unearth(where string, args ...any) error {
	all, err := t.entries(`SELECT `+entryColumns+` FROM journal WHERE `+where+` ORDER BY seq DESC`, args...)
	if err != nil {
		return err
	}
	first, err := t.number(`SELECT min(seq) FROM outbox`)
	for _, e := range all {
		first--
		err = errors.Join(err, t.run(`INSERT INTO outbox (`+entryColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'waiting', '') ON CONFLICT (nonce) DO NOTHING`,
			first, e.Writer, e.ID, e.Nonce, t.hide(placeOfName(e.Nonce), e.Name), t.hide(placeOfArgs(e.Nonce), e.Args), e.At, e.Before), t.run(`DELETE FROM journal WHERE nonce = ?`, e.Nonce))
	}
	return err
}

// journalled is how long a confirmed intent can be sent again, in milliseconds.
const journalled = 14 * 24 * 3600 * 1000

// confirm moves to the journal what has its result and whose effect a complete pull has brought, and forgets what
// is in there for long: by the service's clock, since a device's may jump and with it all that could be sent again.
func (t tx) confirm(now int64) error {
	return errors.Join(
		t.run(`INSERT OR REPLACE INTO journal (nonce, seq, writer, id, name, args, at, before, status, code, confirmed)
			SELECT o.nonce, o.seq, o.writer, o.id, o.name, o.args, o.at, o.before, o.status, o.code, ? FROM outbox o JOIN writers w ON w.writer = o.writer
			WHERE o.status <> 'waiting' AND w.last >= o.id`, now),
		t.run(`DELETE FROM outbox WHERE nonce IN (SELECT nonce FROM journal) AND status <> 'waiting'`),
		t.run(`DELETE FROM journal WHERE confirmed < ?`, now-journalled))
}

// newHistory begins anew after the service came back from a backup: everything that was sent lately is sent again.
// What was sent under a store that was given up is numbered anew, for its writers are not of this one.
func (c *Client) newHistory(t tx, epoch string, now int64) error {
	err := errors.Join(t.setMeta(metaEpoch, epoch), t.setMeta(metaCookie, ""), t.run(`UPDATE writers SET last = 0`),
		t.run(`UPDATE outbox SET status = 'waiting', code = ''`), t.unearth(`code <> 'too_old'`))
	if err != nil {
		return err
	}
	foreign, err := t.number(`SELECT count(*) FROM outbox WHERE writer NOT IN (SELECT writer FROM writers)`)
	if err == nil && foreign > 0 {
		err = c.startWriter(t, now)
	}
	return err
}

// groupEnded is the code of a store that the service has given up.
const groupEnded = "group_ended"

// leaveGroup gives a store another name that the service has given up, unless another process has done so.
func (c *Client) leaveGroup(group string) error {
	return c.disk.change(func(t tx) error {
		mine, err := t.meta(metaGroup)
		if err == nil && mine == group {
			err = c.refound(t)
		}
		return err
	})
}

// refound gives the store another name, because a copy uses the old one or the service has given it up. Whatever is
// not confirmed is sent again: under another name no count would ever tell of it.
func (c *Client) refound(t tx) error {
	group, err := c.newIDIn(t, 0)
	return errors.Join(err, t.setMeta(metaGroup, group), t.setMeta(metaCookie, ""), t.setMeta(metaForked, ""),
		t.run(`UPDATE outbox SET status = 'waiting', code = ''`), t.run(`DELETE FROM writers`), c.startWriter(t, 0))
}
