package client

import (
	"encoding/json"
	"errors"
)

// The limits of one push.
const (
	mostInPush  = 100
	mostPushed  = 256 << 10 // bytes
	schemaNow   = "1"
	pushVersion = 1
)

// pushed is the answer to a push; Code is that of a refusal of all of it.
type pushed struct {
	Code      string
	Epoch     string
	ServerNow int64
	Results   []struct {
		ClientID   string
		ID         int64
		Status     string
		Of         string
		Code       string
		ExpectedID int64
	}
}

// push sends the next intents. It reports whether anything has moved, so that another push makes sense.
func (c *Client) push(r *Report) (bool, error) {
	var sent []entry
	var group string
	err := c.disk.change(func(t tx) (err error) {
		if group, err = t.meta(metaGroup); err != nil {
			return err
		}
		sent, err = t.unsent(c.batch)
		return err
	})
	if err != nil || len(sent) == 0 {
		return false, err
	}
	body, sent, err := c.pushOf(group, sent)
	if err != nil {
		return false, err
	}
	var answer pushed
	status, ok, err := c.post(r, "/sync/v1/push", body, &answer)
	if status == 413 && len(sent) > 1 {
		c.batch = max(1, len(sent)/2)
		return true, err
	}
	if err == nil && status == 409 && answer.Code == groupEnded {
		return true, c.leaveGroup(group)
	}
	if err != nil || !ok || answer.Epoch == "" || len(answer.Results) > len(sent) {
		r.later = r.later || ok && status == 503 && answer.Epoch == "" // it may tell nothing but to wait
		return false, err
	}
	return c.pushed(r, sent, answer)
}

// pushBody is what a push sends.
type pushBody struct {
	PushVersion   int               `json:"pushVersion"`
	ClientGroupID string            `json:"clientGroupID"`
	SchemaVersion string            `json:"schemaVersion"`
	ClientNow     int64             `json:"clientNow"`
	Mutations     []json.RawMessage `json:"mutations"`
}

// pushOf makes a push of the first of these intents, as many as it may have, and tells which.
func (c *Client) pushOf(group string, all []entry) (pushBody, []entry, error) {
	body := pushBody{PushVersion: pushVersion, ClientGroupID: group, SchemaVersion: schemaNow, ClientNow: c.clock().UnixMilli()}
	size := 0
	for i, e := range all {
		raw, err := json.Marshal(map[string]any{"clientID": e.Writer, "id": e.ID, "nonce": e.Nonce, "name": e.Name, "args": json.RawMessage(e.Args), "timestamp": e.At})
		if err != nil {
			return body, nil, err
		}
		if size += len(raw); i > 0 && size > mostPushed {
			return body, all[:i], nil
		}
		body.Mutations = append(body.Mutations, raw)
	}
	return body, all, nil
}

// pushed takes in what the service says of intents that were sent.
func (c *Client) pushed(r *Report, sent []entry, answer pushed) (moved bool, err error) {
	err = c.disk.change(func(t tx) error {
		epoch, err := t.meta(metaEpoch)
		switch {
		case err != nil:
		case epoch != "" && epoch != answer.Epoch:
			moved, err = true, c.newHistory(t, answer.Epoch, answer.ServerNow)
		default:
			moved, err = c.settle(t, r, sent, answer, epoch == "")
		}
		return err
	})
	return moved, err
}

// settle stores the results, and does what the last of them asks for. first tells that the service never answered
// this store before.
func (c *Client) settle(t tx, r *Report, sent []entry, answer pushed, first bool) (bool, error) {
	if err := t.setMeta(metaEpoch, answer.Epoch); err != nil {
		return false, err
	}
	moved := false
	for i, result := range answer.Results {
		e := sent[i]
		if result.ClientID != e.Writer || result.ID != e.ID {
			return moved, errors.New("client: the results are in another order than the intents")
		}
		mine, err := t.waits(e)
		if err != nil {
			return moved, err
		}
		if !mine {
			continue
		}
		if first && result.Code == "too_old" { // it is not old: the clock of the device is years behind
			return true, c.startWriter(t, answer.ServerNow)
		}
		status := result.Status
		if status == "duplicate" {
			status = result.Of
		}
		switch status {
		case "applied", "rejected", "unknown":
			r.Sent++
			moved = true
			if err := t.settle(e, status, result.Code); err != nil {
				return moved, err
			}
			if result.Code == "too_old" {
				if err := c.leaveTooOld(t, e, answer.ServerNow); err != nil {
					return moved, err
				}
			}
		case "gap":
			found, err := t.resendFrom(e.Writer, result.ExpectedID)
			if err == nil && !found {
				err = errors.Join(t.setMeta(metaLost, "yes"), c.startWriter(t, answer.ServerNow))
			}
			return true, err
		case "forked":
			return true, errors.Join(t.setMeta(metaForked, "yes"), c.startWriter(t, answer.ServerNow))
		case "retry":
			r.RetryAfter = max(r.RetryAfter, 1)
			return false, nil
		}
	}
	return moved, nil
}

// startWriter gives everything without a result numbers of a new writer. heard is the service's clock, where an
// answer has just told it.
func (c *Client) startWriter(t tx, heard int64) error {
	writer, err := c.newIDIn(t, heard)
	if err != nil {
		return err
	}
	c.writer = writer
	return t.renumber(writer)
}

// leaveTooOld takes out of the outbox what the service no longer takes: its writer is never told of again. It stays
// in the journal, so that the person can be shown it and do it anew. Its writer gives out no number any more.
func (c *Client) leaveTooOld(t tx, e entry, now int64) error {
	return errors.Join(
		t.run(`INSERT OR REPLACE INTO journal (nonce, seq, writer, id, name, args, at, before, status, code, confirmed)
			SELECT nonce, seq, writer, id, name, args, at, before, 'rejected', 'too_old', ? FROM outbox WHERE seq = ?`, now, e.Seq),
		t.run(`DELETE FROM outbox WHERE seq = ?`, e.Seq), t.run(`UPDATE writers SET closed = 1 WHERE writer = ?`, e.Writer))
}
