package client

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// at is a page as it was computed at another moment.
func at(r Reply, moment time.Time) Reply {
	r.Body = []byte(strings.Replace(string(r.Body), `"serverNow":1795510800000`, fmt.Sprintf(`"serverNow":%d`, moment.UnixMilli()), 1))
	return r
}

// checked is a page that says what the device should hold after it.
func checked(r Reply, n int, h string) Reply {
	r.Body = []byte(strings.Replace(string(r.Body), `"hasMore"`, fmt.Sprintf(`"check":{"n":%d,"h":%q},"hasMore"`, n, h), 1))
	return r
}

// told is the answer to a push of one intent.
func (b *bench) told(status int, id int, result string) Reply {
	return answer(status, fmt.Sprintf(`{"epoch":"a","serverNow":1795510800000,"results":[{"clientID":%q,"id":%d,%s}]}`, b.writer, id, result))
}

func (b *bench) act(name, args string) string {
	b.t.Helper()
	nonce, err := b.Do(name, args)
	if err != nil {
		b.t.Fatal(err)
	}
	return nonce
}

// left is the outbox.
func (b *bench) left() []entry {
	b.t.Helper()
	raw, err := b.Outbox()
	var all []entry
	if err := errors.Join(err, json.Unmarshal([]byte(raw), &all)); err != nil {
		b.t.Fatal(err)
	}
	return all
}

// body is what was sent in a call.
func (b *bench) body(call int, into any) {
	b.t.Helper()
	if call >= len(b.link.asked) {
		b.t.Fatalf("%d calls were made", len(b.link.asked))
	}
	_, raw, _ := strings.Cut(b.link.asked[call], " ")
	if err := json.Unmarshal([]byte(raw), into); err != nil {
		b.t.Fatal(err)
	}
}

type sentPush struct {
	ClientGroupID string
	Mutations     []struct {
		ClientID, Nonce string
		ID              int
	}
}

type sentPull struct {
	ClientGroupID string
	Cookie        json.RawMessage
}

// other is a second process of the same app over the same store.
func (b *bench) other() *bench {
	b.t.Helper()
	o := &bench{t: b.t, link: &scripted{}, now: b.now, path: b.path}
	c, err := Open(b.path, "ans", testKey, o.link)
	if err != nil {
		b.t.Fatal(err)
	}
	c.clock = func() time.Time { return o.now }
	b.t.Cleanup(func() { _ = c.Close() })
	o.Client = c
	return o
}

// keysOf is the check over keys.
func keysOf(keys ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(keys, "\n") + "\n"))
	return hex.EncodeToString(sum[:8])
}

// onDisk reports whether a row of the store has a text in it.
func (b *bench) onDisk(text string) bool {
	b.t.Helper()
	found := false
	err := b.disk.change(func(t tx) error {
		docs, err := t.rows(`SELECT key, value, '' FROM docs`)
		for _, d := range docs {
			value, failed := t.show(placeOfDoc(d[0]), d[1])
			found, err = found || strings.Contains(value, text), errors.Join(err, failed)
		}
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return found
}

// during has something done while a call is on its way.
func (b *bench) during(call int, do func()) { b.link.during = map[int]func(){call: do} }
