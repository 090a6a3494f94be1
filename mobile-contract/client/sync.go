package client

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Report is what a Sync has done.
type Report struct {
	Sent     int  // intents that got a final result
	Pages    int  // of what the service shows
	Waiting  int  // intents that are still without a result
	Complete bool // the device holds all that its person may see
	// RetryAfter is when to try again where something is left, in seconds; 0 for as soon as one likes.
	RetryAfter int
	// SignIn tells that the person has to sign in again; nothing is lost.
	SignIn bool
	// Gone tells that the account was erased: the store was wiped.
	Gone bool
	// Forbidden tells that the store belongs to another account: stores and tokens were mixed. Nothing is deleted.
	Forbidden bool
	// Outdated is what the service no longer speaks: push, pull or schema; empty where all is well.
	Outdated string
	// Mismatch tells that the device held something else than it should, and has begun anew.
	Mismatch bool
	// Lost tells that the service lacks something that this device sent longer ago than it can send again: it came
	// back from a backup that is older. It is told once.
	Lost bool

	anew int // how often the documents were to be fetched from nothing
	// later tells that the service asked for patience before it looked at the call: no other one makes sense now.
	later bool
}

// rounds bounds how often a Sync goes from the outbox to the documents and back: what a pull brings to light may
// have to be sent anew.
const rounds = 8

// mostIdle is how many pushes in a row may bring no result: a gap or a fork needs one, a push that is too large
// seven until it is one intent.
const mostIdle = 10

// Sync sends what waits and brings the device to what its person may see. It may be called at any time, by anybody,
// and ends early where there is no connection: the error is that of the last call. Nothing is lost by it.
func (c *Client) Sync() (*Report, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := &Report{}
	var err error
	for range rounds {
		var again bool
		again, err = c.round(r)
		if err != nil || !again || r.SignIn || r.Gone {
			break
		}
	}
	return r, errors.Join(err, c.end(r))
}

// end does what a report says of the store as a whole, and counts what is left.
func (c *Client) end(r *Report) error {
	if r.Gone {
		return c.wipe()
	}
	return c.disk.change(func(t tx) error {
		n, err := t.number(`SELECT count(*) FROM outbox WHERE status = 'waiting'`)
		r.Waiting = int(n)
		if err != nil {
			return err
		}
		lost, err := t.meta(metaLost)
		r.Lost = lost != ""
		if r.Lost {
			err = t.setMeta(metaLost, "")
		}
		return err
	})
}

// round pushes until nothing moves any more and pulls to the end. It reports whether another one has something to
// do.
func (c *Client) round(r *Report) (bool, error) {
	for idle := 0; idle < mostIdle; idle++ {
		sent := r.Sent
		moved, err := c.push(r)
		if err != nil || r.stopped() {
			return false, err
		}
		if !moved {
			break
		}
		if r.Sent > sent {
			idle = -1
		}
	}
	r.Complete = false
	for {
		more, err := c.pull(r)
		if err != nil || r.stopped() {
			return false, err
		}
		if !more || r.anew >= rounds {
			break
		}
	}
	left := false
	err := c.disk.change(func(t tx) error {
		n, err := t.number(`SELECT count(*) FROM outbox WHERE status = 'waiting'`)
		left = n > 0
		if err == nil && !left {
			left, err = c.leaveCopy(t)
		}
		return err
	})
	return left && r.RetryAfter == 0, err
}

// leaveCopy gives up a store that another device has a copy of, once nothing of it is left to send.
func (c *Client) leaveCopy(t tx) (bool, error) {
	forked, err := t.meta(metaForked)
	if err != nil || forked == "" {
		return false, err
	}
	left, err := t.number(`SELECT count(*) FROM outbox`)
	if err != nil || left > 0 {
		return false, err
	}
	return true, c.refound(t)
}

func (r *Report) stopped() bool { return r.SignIn || r.Gone || r.later || r.Outdated != "" }

// post carries one call, with another access token where the first has run out. ok is false where there is no
// answer of the service to go by: the report says what to do.
func (c *Client) post(r *Report, path string, body any, into any) (status int, ok bool, err error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return 0, false, err
	}
	reply, err := c.link.Post(path, raw)
	if err == nil && reply.Status == 401 && reply.JSON {
		var fresh bool
		if fresh, err = c.link.Refresh(); err == nil && !fresh {
			r.SignIn = true
			return reply.Status, false, nil
		}
		if err == nil {
			reply, err = c.link.Post(path, raw)
		}
	}
	if err != nil {
		return 0, false, fmt.Errorf("client: no answer: %w", err)
	}
	return r.read(path, reply, into)
}

// read reads an answer of the service, however it came.
func (r *Report) read(path string, reply *Reply, into any) (status int, ok bool, err error) {
	if !reply.JSON {
		return 0, false, errors.New("client: something else than the service answered")
	}
	switch reply.Status {
	case 200, 202, 409:
	case 503:
		r.RetryAfter = max(reply.RetryAfter, 1)
	case 429:
		r.RetryAfter, r.later = max(reply.RetryAfter, 1), true
		return reply.Status, false, nil
	case 410:
		var gone struct{ Wipe bool }
		if r.Gone = json.Unmarshal(reply.Body, &gone) == nil && gone.Wipe; !r.Gone {
			return reply.Status, false, errors.New("client: the service answered 410, and not to wipe")
		}
		return reply.Status, false, nil
	case 401:
		r.SignIn = true
		return reply.Status, false, nil
	case 413:
		return reply.Status, false, nil
	case 403:
		var refused struct{ Code string }
		r.Forbidden = json.Unmarshal(reply.Body, &refused) == nil && refused.Code == "client_group_forbidden"
		return reply.Status, false, fmt.Errorf("client: the service answered %d to %s", reply.Status, path)
	default:
		return reply.Status, false, fmt.Errorf("client: the service answered %d to %s", reply.Status, path)
	}
	var refused struct{ Error, VersionType string }
	if json.Unmarshal(reply.Body, &refused) == nil && refused.Error == "VersionNotSupported" {
		r.Outdated = refused.VersionType
		return reply.Status, false, nil
	}
	if err := json.Unmarshal(reply.Body, into); err != nil {
		return reply.Status, false, fmt.Errorf("client: an answer cannot be read: %w", err)
	}
	return reply.Status, true, nil
}
