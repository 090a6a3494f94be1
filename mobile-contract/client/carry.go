package client

import (
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"naober/mobile-contract/bundle"
)

// mostCarried is how many pushes go into one bundle.
const mostCarried = 4

// errOtherBundle refuses what answers another bundle than the newest.
var errOtherBundle = errors.New("client: this is no answer to the newest bundle of this device, or was taken in before")

// Export makes a bundle of what waits and of the question what is new, for somebody who has a connection: a file
// that they hand in, and that nobody but the service can read. session and key are those of the device, as it got
// them when it signed in. Nothing is marked as sent; what does not fit into one bundle waits for the next.
func (c *Client) Export(session, key string) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	secret, err := readKey(key)
	if err != nil {
		return nil, err
	}
	var file []byte
	err = c.disk.change(func(t tx) error {
		now, err := c.guess(t)
		if err != nil {
			return err
		}
		last, err := t.number(`SELECT CAST(value AS INTEGER) FROM meta WHERE name = ?`, metaBundle)
		if err != nil {
			return err
		}
		head := bundle.Head{Way: bundle.Up, Session: session, Number: max(last+1, now.UnixMilli()), Until: now.Add(bundle.Life)}
		for most := mostCarried * mostInPush; ; most /= 2 {
			up, err := c.carried(t, most)
			if err != nil {
				return err
			}
			sealed, err := bundle.Seal(secret, head, up)
			if err != nil {
				return err
			}
			if file, err = json.Marshal(sealed); err != nil {
				return err
			}
			if len(file) <= bundle.MostUp {
				break
			}
			if most <= 1 {
				return errors.New("client: the first intent is too large for a bundle")
			}
		}
		return errors.Join(t.setMeta(metaBundle, strconv.FormatInt(head.Number, 10)), t.setMeta(metaMade, strconv.FormatInt(c.clock().UnixMilli(), 10)))
	})
	return file, err
}

// carried is what a bundle holds: pushes of the first intents that wait, and a pull. What the pull asks with is
// noted, for its answer fits nothing else.
func (c *Client) carried(t tx, most int) (map[string]any, error) {
	group, err := t.meta(metaGroup)
	if err != nil {
		return nil, err
	}
	cookie, err := t.meta(metaCookie)
	if err != nil {
		return nil, err
	}
	left, err := t.unsent(most)
	if err != nil {
		return nil, err
	}
	pushes := []pushBody{}
	for len(left) > 0 && len(pushes) < mostCarried {
		body, sent, err := c.pushOf(group, left[:min(len(left), mostInPush)])
		if err != nil {
			return nil, err
		}
		pushes, left = append(pushes, body), left[len(sent):]
	}
	return map[string]any{"pushes": pushes, "pull": pullOf(group, cookie)}, errors.Join(t.setMeta(metaCarried, cookie), t.setMeta(metaOfGroup, group))
}

// guess is the service's clock as well as the device can tell.
func (c *Client) guess(t tx) (time.Time, error) {
	now, known, err := c.serverNow(t)
	if err != nil || known {
		return now, err
	}
	heard, err := t.number(`SELECT CAST(value AS INTEGER) FROM meta WHERE name = ?`, metaServer)
	if heard > 0 {
		return time.UnixMilli(heard), err
	}
	return c.clock(), err
}

// Import takes in the answer to the newest bundle that this device has made, as if it had been connected. What was
// changed on its way, belongs to another device, answers an older bundle or was taken in before is refused, and
// changes nothing. A process that is killed in the middle imports the same file again.
func (c *Client) Import(session, key string, file []byte) (*Report, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	secret, err := readKey(key)
	if err != nil {
		return nil, err
	}
	read, err := bundle.Read(file)
	if err != nil {
		return nil, err
	}
	var way trip
	var down bundle.Answers
	err = c.disk.change(func(t tx) error {
		plain, err := bundle.Open(secret, read, bundle.Down, time.Time{})
		if err != nil {
			return err
		}
		if way, err = c.trip(t); err != nil {
			return err
		}
		if err := json.Unmarshal(plain, &down); err != nil {
			return err
		}
		switch {
		case down.ClientGroupID != way.group, read.Session != session, read.Number != way.number, read.Number == way.taken:
			return errOtherBundle
		case way.now-way.made >= bundle.Life.Milliseconds():
			return bundle.ErrExpired
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	r := &Report{}
	err = c.takeIn(r, down, way)
	if err == nil && !r.Gone {
		err = c.disk.change(func(t tx) error { return t.setMeta(metaTaken, strconv.FormatInt(read.Number, 10)) })
	}
	return r, errors.Join(err, c.end(r))
}

// trip is where the newest bundle of a store has been.
type trip struct {
	number, taken int64
	group, cookie string
	made, now     int64 // by the device's clock
	guess         int64 // the service's clock now; 0 where the device cannot tell
}

func (c *Client) trip(t tx) (trip, error) {
	k := trip{now: c.clock().UnixMilli()}
	var failed error
	for name, into := range map[string]*int64{metaBundle: &k.number, metaTaken: &k.taken, metaMade: &k.made} {
		n, err := t.number(`SELECT CAST(value AS INTEGER) FROM meta WHERE name = ?`, name)
		*into, failed = n, errors.Join(failed, err)
	}
	for name, into := range map[string]*string{metaOfGroup: &k.group, metaCarried: &k.cookie} {
		text, err := t.meta(name)
		*into, failed = text, errors.Join(failed, err)
	}
	now, known, err := c.serverNow(t)
	if known {
		k.guess = now.UnixMilli()
	}
	return k, errors.Join(failed, err)
}

// answered is the device's clock when the service's stood at a moment on the way. Where the clocks do not fit
// together it is when the bundle was made, so that what has an end ends too early and never too late.
func (k trip) answered(server int64) int64 {
	if since := k.guess - server; k.guess > 0 && since >= 0 && since <= k.now-k.made {
		return k.now - since
	}
	return k.made
}

// takeIn does with the answers of a bundle what Sync does with those of a connection.
func (c *Client) takeIn(r *Report, down bundle.Answers, k trip) error {
	for _, a := range down.Pushes {
		var answer pushed
		status, ok, err := r.read("push", &Reply{Status: a.Status, JSON: true, Body: a.Body}, &answer)
		if err == nil && status == 409 && answer.Code == groupEnded {
			return c.leaveGroup(k.group)
		}
		if err != nil || r.stopped() {
			return err
		}
		if !ok || answer.Epoch == "" {
			break
		}
		sent, err := c.sentAs(answer)
		if err == nil {
			_, err = c.pushed(r, sent, answer)
		}
		if err != nil {
			return err
		}
	}
	asked := k.cookie
	for _, a := range down.Pulls {
		var page pulled
		status, ok, err := r.read("pull", &Reply{Status: a.Status, JSON: true, Body: a.Body}, &page)
		if err == nil && status == 409 && page.Code == groupEnded {
			return c.leaveGroup(k.group)
		}
		if err != nil || !ok || status != 200 || r.stopped() {
			return err
		}
		page.at = k.answered(page.ServerNow)
		if _, err := c.pulled(r, page, k.group, asked); err != nil {
			return err
		}
		asked = string(page.Cookie)
	}
	return nil
}

// sentAs finds the entries that results are about. Of what was numbered anew or settled meanwhile there is none: a
// result for it changes nothing.
func (c *Client) sentAs(answer pushed) ([]entry, error) {
	sent := make([]entry, len(answer.Results))
	err := c.disk.change(func(t tx) error {
		for i, result := range answer.Results {
			found, err := t.entries(`SELECT `+entryColumns+` FROM outbox WHERE writer = ? AND id = ?`, result.ClientID, result.ID)
			if err != nil {
				return err
			}
			if sent[i] = (entry{Writer: result.ClientID, ID: result.ID}); len(found) > 0 {
				sent[i] = found[0]
			}
		}
		return nil
	})
	return sent, err
}
