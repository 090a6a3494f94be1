package client

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"
)

// Client is one account's store on one device. It is safe for concurrent use.
type Client struct {
	mu     sync.Mutex
	disk   disk
	link   Link
	writer string // of this start of the process; made at the first intent
	clock  func() time.Time
	batch  int // intents in one push; halves where the service finds it too large
}

// Open opens the store of an account, or makes it. path is a file of this account alone; a store of another one is
// refused, and nothing of it is touched. key is the storeKey of POST /sync/v1/keys: what documents and intents say
// lies in the store sealed with it, and another key is ErrLocked. An app keeps it where the system keeps keys, and
// drops it where the person wants to leave something unsent behind: it stays, and only this account opens it again.
func Open(path, account, key string, link Link) (*Client, error) {
	box, err := boxOf(key)
	if err != nil {
		return nil, err
	}
	d, err := openDisk(path, box)
	if err != nil {
		return nil, err
	}
	c := &Client{disk: d, link: link, clock: time.Now, batch: mostInPush}
	fresh := false
	err = d.change(func(t tx) error {
		owner, err := t.meta(metaAccount)
		switch {
		case err != nil:
			return err
		case owner == "":
			err = errors.Join(t.setMeta(metaAccount, account), t.setMeta(metaGroup, c.newID()))
		case owner != account:
			return errors.New("client: this store belongs to another account")
		}
		if err == nil {
			fresh, err = t.unlock()
		}
		return err
	})
	if err == nil && fresh {
		_, err = d.db.Exec(`VACUUM`) // what lay open before is in no free page any more
	}
	if err != nil {
		return nil, errors.Join(err, d.db.Close())
	}
	return c, nil
}

// Clock is a device's own: milliseconds since 1970 began. It may be wrong, and jump.
type Clock interface{ NowMillis() int64 }

// UseClock puts another clock in place of the machine's, before anything else is done: for those who try out what
// a device with a wrong clock does.
func (c *Client) UseClock(clock Clock) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.clock = func() time.Time { return time.UnixMilli(clock.NowMillis()) }
}

// Close closes the store. What is unsent stays in it.
func (c *Client) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.disk.db.Close()
}

// NewID makes an id for something that an intent makes: it goes into the arguments as id.
func (c *Client) NewID() string { return c.newID() }

func (c *Client) newID() string {
	now := time.Now
	if c.clock != nil {
		now = c.clock
	}
	return idAt(now())
}

func idAt(now time.Time) string { return ulid.MustNew(ulid.Timestamp(now), rand.Reader).String() }

// Do takes an intent: the name of a mutation and its arguments as a JSON object. When it returns without an error
// the intent is on disk, and only then may a screen say so. It returns the intent's nonce.
func (c *Client) Do(name, args string) (string, error) { return c.DoBefore(name, args, 0) }

// DoBefore is Do for an intent that is worth something only until a moment: a yes for tomorrow, a cancellation, that
// somebody did not come. before is in milliseconds since 1970 by the service's clock. It is sent like any other, and
// not told to the service; Urgent lists it while it waits.
func (c *Client) DoBefore(name, args string, before int64) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var object map[string]json.RawMessage
	if err := json.Unmarshal([]byte(args), &object); err != nil || object == nil {
		return "", errors.New("client: the arguments of an intent are a JSON object")
	}
	if len(args) > mostArgs || depth(args) > deepestArgs {
		return "", errors.New("client: the arguments of an intent are of a sensible size")
	}
	nonce := newNonce()
	err := c.disk.change(func(t tx) error {
		gives, err := t.number(`SELECT count(*) FROM writers WHERE writer = ? AND assigned > 0 AND NOT closed`, c.writer)
		if err != nil {
			return err
		}
		if gives == 0 { // a new start, or another process has numbered anew
			if c.writer, err = c.newIDIn(t, 0); err != nil {
				return err
			}
		}
		return t.add(entry{Writer: c.writer, Nonce: nonce, Name: name, Args: args, At: c.clock().UnixMilli(), Before: before})
	})
	if err != nil {
		return "", fmt.Errorf("client: the intent is not kept: %w", err)
	}
	return nonce, nil
}

// What the arguments of one intent may be: bytes, and how deep they are nested.
const (
	mostArgs    = 64 << 10
	deepestArgs = 8
)

// depth is how deep JSON is nested.
func depth(raw string) int {
	deepest, now := 0, 0
	for tokens := json.NewDecoder(strings.NewReader(raw)); ; deepest = max(deepest, now) {
		token, err := tokens.Token()
		if err != nil {
			return deepest
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			now++
		case json.Delim('}'), json.Delim(']'):
			now--
		}
	}
}

// newIDIn makes the name of a writer or a store, by the service's clock as far as it was ever heard, just now or
// before: the service takes nothing from a writer that seems to be years old.
func (c *Client) newIDIn(t tx, heard int64) (string, error) {
	before, err := t.number(`SELECT CAST(value AS INTEGER) FROM meta WHERE name = ?`, metaServer)
	return idAt(time.UnixMilli(max(heard, before, c.clock().UnixMilli()))), err
}

func newNonce() string {
	var n [16]byte
	_, _ = rand.Read(n[:]) // it ends the process where it would fail
	return base64.RawURLEncoding.EncodeToString(n[:])
}

// Unsent is how many intents the service has not given a result for.
func (c *Client) Unsent() (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var n int64
	err := c.disk.change(func(t tx) (err error) {
		n, err = t.number(`SELECT count(*) FROM outbox WHERE status = 'waiting'`)
		return err
	})
	return int(n), err
}

// Outbox lists what is not confirmed yet, as a JSON array in the order in which the person acted: writer, id, nonce,
// name, args, at, status ("waiting" or the result) and code.
func (c *Client) Outbox() (string, error) {
	return c.list(`SELECT ` + entryColumns + ` FROM outbox ORDER BY seq`)
}

// Urgent lists what waits and is worth something only until a moment, the most pressing first, as a JSON array like
// Outbox, each with left: the milliseconds until then by the service's clock as the device knows it, below zero when
// it is over. A screen says that such a thing is unsent, and offers to call where less than two hours are left.
func (c *Client) Urgent() (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	type urgent struct {
		entry
		Left int64 `json:"left"`
	}
	all := []urgent{}
	err := c.disk.change(func(t tx) error {
		now, err := c.guess(t)
		if err != nil {
			return err
		}
		found, err := t.entries(`SELECT ` + entryColumns + ` FROM outbox WHERE status = 'waiting' AND before > 0 ORDER BY before, seq`)
		for _, e := range found {
			all = append(all, urgent{e, e.Before - now.UnixMilli()})
		}
		return err
	})
	if err != nil {
		return "", err
	}
	raw, err := json.Marshal(all)
	return string(raw), err
}

// Unsure lists what could not be confirmed: the service no longer knew what became of it.
func (c *Client) Unsure() (string, error) {
	return c.list(`SELECT ` + entryColumns + ` FROM journal WHERE status = 'unknown' ORDER BY seq`)
}

// TooOld lists what the service no longer takes, because it waited here for more than a year; the person may do it
// anew, as a new intent.
func (c *Client) TooOld() (string, error) {
	return c.list(`SELECT ` + entryColumns + ` FROM journal WHERE code = 'too_old' ORDER BY seq`)
}

func (c *Client) list(query string) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := []entry{}
	err := c.disk.change(func(t tx) error {
		found, err := t.entries(query)
		all = append(all, found...)
		return err
	})
	if err != nil {
		return "", err
	}
	raw, err := json.Marshal(all)
	return string(raw), err
}

// ErrUnsent refuses to leave while something is unsent: the person sends it first, leaves it locked, or discards it.
var ErrUnsent = errors.New("client: something is unsent")

// Leave gives the store up when its person signs out: the service forgets what it holds, and all of it is wiped. It
// is ErrUnsent where an intent has no result yet, and nothing is done. Without a connection the store is wiped alike.
func (c *Client) Leave() error {
	n, err := c.Unsent()
	switch {
	case err != nil:
		return err
	case n > 0:
		return ErrUnsent
	}
	return c.Discard()
}

// Discard is Leave for a person who has chosen to lose what is unsent.
func (c *Client) Discard() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	var group string
	err := c.disk.change(func(t tx) (err error) {
		group, err = t.meta(metaGroup)
		return err
	})
	if err != nil {
		return err
	}
	_, _ = c.link.Delete("/sync/v1/groups/" + group) // a store that nobody asks for any more is forgotten there too
	return c.wipe()
}

// wipe removes everything but whose store it is: documents, outbox and journal.
func (c *Client) wipe() error {
	c.writer = ""
	return c.disk.change(func(t tx) error {
		account, err := t.meta(metaAccount)
		sealed, failed := t.meta(metaSealed)
		err = errors.Join(err, failed)
		for _, table := range []string{"meta", "docs", "outbox", "journal", "writers"} {
			err = errors.Join(err, t.run(`DELETE FROM `+table))
		}
		return errors.Join(err, t.setMeta(metaAccount, account), t.setMeta(metaSealed, sealed), t.setMeta(metaGroup, c.newID()))
	})
}
