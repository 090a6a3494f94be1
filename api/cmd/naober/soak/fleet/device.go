package fleet

import (
	"crypto/aes"
	"crypto/cipher"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"naober/mobile-contract/client"
	"naober/mobile-contract/wire"
)

// device is a client with its folder, on a network that does what the step says.
type device struct {
	w      *world
	n      int
	owner  *member
	folder string
	client *client.Client
	looks  *sql.DB         // the same file, to look into
	did    map[string]bool // nonces of all intents that this folder has ever held
	ops    int             // documents that it takes at once; 0 for what the client asks for
	ahead  time.Duration   // of its clock
	rough  *rand.Rand      // draws what befalls a call; nil where all is well
	kept   *keptFolder
	doomed bool // the process is killed during its next push
	calm   bool // nothing changes any more
	moved  int  // documents that came or went while nothing changed
}

// keptFolder is a backup of a device.
type keptFolder struct {
	folder string
	did    map[string]bool
}

func (w *world) newDevice(owner *member, ops int) (*device, error) {
	d := &device{w: w, n: len(w.devices), owner: owner, ops: ops, did: map[string]bool{}}
	d.folder = w.folderOf(d.n)
	w.devices = append(w.devices, d)
	return d, errors.Join(os.MkdirAll(d.folder, 0o700), d.open())
}

func (d *device) file() string { return filepath.Join(d.folder, "store.db") }

// NowMillis implements client.Clock.
func (d *device) NowMillis() int64 {
	return d.w.clock().Add(d.ahead).UnixMilli()
}

// open is the app that starts, for the first time or after it was ended.
func (d *device) open() error {
	_, err := os.Stat(d.file())
	made := errors.Is(err, os.ErrNotExist)
	if d.client, err = client.Open(d.file(), string(d.owner.id), storeKey, d); err != nil {
		return err
	}
	d.client.UseClock(d)
	if d.looks, err = sql.Open("sqlite", "file:"+d.file()+"?_pragma=busy_timeout(5000)"); err != nil {
		return err
	}
	d.looks.SetMaxOpenConns(1)
	if made && d.w.bug.folder != nil {
		return d.w.bug.folder(d.file())
	}
	return nil
}

func (d *device) shut() error {
	if d.client == nil {
		return nil
	}
	err := errors.Join(d.looks.Close(), d.client.Close())
	d.client = nil
	return err
}

// heldCall is one that a network kept back, to deliver it later.
type heldCall struct {
	d *device
	c call
}

var errCut = errors.New("no connection")

// Delete implements client.Link. No device leaves here.
func (d *device) Delete(string) (*client.Reply, error) { return nil, errCut }

// Refresh implements client.Link.
func (d *device) Refresh() (bool, error) {
	if d.owner.gone {
		return false, nil
	}
	_, err := d.w.as(d.owner, "GET", "/v1/me", nil)
	return err == nil, err
}

// Post implements client.Link.
func (d *device) Post(path string, body []byte) (*client.Reply, error) {
	token, err := d.w.bearer(d.owner)
	if err != nil {
		return nil, err
	}
	if d.owner.gone {
		token = d.owner.tokens.Access // it works no more
	}
	c := call{method: "POST", path: path, token: token, body: body}
	pulls := strings.HasSuffix(path, "/pull")
	if pulls && d.ops > 0 {
		if c.body, err = bounded(body, d.ops); err != nil {
			return nil, err
		}
	}
	d.w.interrupted = d.w.machine != nil // its loops never rest
	r, err := d.rides(c)
	if err != nil {
		return nil, err
	}
	if r.json && r.status == 200 && pulls {
		if err := d.w.seePage(d, r.body); err != nil {
			return nil, err
		}
	}
	if r.json && !pulls {
		d.w.seeResults(r.body, body)
	}
	return &client.Reply{Status: r.status, JSON: r.json, RetryAfter: r.after, Body: r.body}, nil
}

// bounded has a pull ask for few documents at a time, as a small device would.
func bounded(body []byte, ops int) ([]byte, error) {
	var pull wire.Pull
	if err := json.Unmarshal(body, &pull); err != nil {
		return nil, err
	}
	pull.MaxOps = ops
	return json.Marshal(pull)
}

// send carries a call to the service, or to what a test has put before it.
func (d *device) send(c call) (reply, error) {
	if d.w.bug.between != nil {
		return d.w.bug.between(d.w, d, d.w.send, c)
	}
	return d.w.send(c)
}

// rides carries a call through the weather. Of a service whose process ends meanwhile nobody hears.
func (d *device) rides(c call) (reply, error) {
	if d.doomed && d.w.result.kills < killsMost && strings.HasSuffix(c.path, "/push") {
		d.doomed = false
		return d.w.kill(c)
	}
	if d.rough == nil {
		return d.send(c)
	}
	r, err := d.weathered(c, d.rough)
	d.w.tap.calm()
	if d.w.tap.died() {
		return reply{}, errors.Join(errCut, err, d.w.reborn())
	}
	return r, err
}

func (d *device) weathered(c call, dice *rand.Rand) (reply, error) {
	w := d.w
	switch n := dice.IntN(100); {
	case n < 55:
		return d.send(c)
	case n < 60:
		return reply{}, errCut
	case n < 68: // it arrives, and no answer comes back
		_, err := d.send(c)
		return reply{}, errors.Join(errCut, err)
	case n < 75: // it arrives twice
		first, err := d.send(c)
		if err != nil {
			return first, err
		}
		second, err := d.send(c)
		if dice.IntN(2) == 0 {
			return first, err
		}
		return second, err
	case n < 81: // it arrives when nobody waits for it any more
		w.held = append(w.held, heldCall{d, c})
		return reply{}, errCut
	case n < 83: // a hotel's network
		return reply{status: 200, body: []byte("<html>Welcome</html>")}, nil
	case n < 85:
		c.token += "x"
		return d.send(c)
	case n < 87: // time is over in the middle
		w.crawl(time.Second)
		defer w.crawl(0)
		return d.send(c)
	case n < 90:
		w.tap.plan(dice.IntN(40), []harm{away, lost}[dice.IntN(2)], nil)
	case n < 93:
		w.tap.plan(dice.IntN(60), []harm{dead, deadly}[dice.IntN(2)], nil)
	case n < 97 && strings.HasSuffix(c.path, "/push"):
		w.tap.plan(0, judged, nil)
	case strings.HasSuffix(c.path, "/pull"): // somebody acts in a second window meanwhile
		w.tap.plan(dice.IntN(12), between, func() { w.interrupted = true; _ = w.secondWindow(d, dice) })
	default: // what was kept back arrives in the middle
		mine := slices.IndexFunc(w.held, func(h heldCall) bool { return h.d == d && strings.HasSuffix(h.c.path, "/push") })
		if mine < 0 {
			return d.send(c)
		}
		late := w.held[mine]
		w.held = slices.Delete(w.held, mine, mine+1)
		w.tap.plan(dice.IntN(12), between, func() { w.interrupted = true; w.deliver(late) })
	}
	return d.send(c)
}

// deliver brings a call that nobody waits for.
func (w *world) deliver(h heldCall) {
	_, _ = h.d.send(h.c) // nobody hears the answer
}

// docs are all documents in the file, whatever a screen would show; empty where a value was forgotten in time.
func (d *device) docs() (map[string]json.RawMessage, error) {
	rows, err := d.looks.Query(`SELECT key, value FROM docs`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	all := map[string]json.RawMessage{}
	for rows.Next() {
		var key, value string
		if err := rows.Scan(&key, &value); err != nil {
			return nil, err
		}
		if value, err = unseal(key, value); err != nil {
			return nil, err
		}
		all[key] = json.RawMessage(value)
	}
	return all, rows.Err()
}

// read are the documents in the file that have a value.
func (d *device) read() (map[string]json.RawMessage, error) {
	all, err := d.docs()
	maps.DeleteFunc(all, func(_ string, value json.RawMessage) bool { return len(value) == 0 })
	return all, err
}

// shown are the documents that a screen shows.
func (d *device) shown() (map[string]json.RawMessage, error) {
	raw, err := d.client.Keys("") // it forgets what is to be forgotten by now
	var keys []string
	if err = errors.Join(err, json.Unmarshal([]byte(raw), &keys)); err != nil {
		return nil, err
	}
	all, err := d.docs()
	maps.DeleteFunc(all, func(key string, _ json.RawMessage) bool { return !slices.Contains(keys, key) })
	return all, err
}

// sync lets the device talk to the service, and forgives it whatever the weather did.
func (d *device) sync(dice *rand.Rand) *client.Report {
	d.rough = dice
	r, _ := d.client.Sync() // the weather's errors; what stays is found at rest
	d.rough = nil
	return r
}

func newID(now time.Time) string {
	return ulid.MustNew(ulid.Timestamp(now), ulid.DefaultEntropy()).String()
}

func (d *device) String() string { return fmt.Sprintf("device %d of %s", d.n, d.owner.mail) }

// storeKey seals the stores of all devices here: who holds which key is not what is tried.
const storeKey = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc"

// unseal reads a document as it lies in a file, by other code than the client's: AES-256-GCM under the store's key,
// with the nonce in front and the key of the document authenticated.
func unseal(key, value string) (string, error) {
	if value == "" {
		return "", nil
	}
	secret, err := base64.RawURLEncoding.DecodeString(storeKey)
	if err != nil {
		return "", err
	}
	raw, err := base64.RawStdEncoding.DecodeString(value)
	if err != nil {
		return "", err
	}
	block, err := aes.NewCipher(secret)
	if err != nil {
		return "", err
	}
	box, err := cipher.NewGCM(block)
	if err != nil || len(raw) < box.NonceSize() {
		return "", errors.Join(err, errors.New("a document lies open on a device"))
	}
	plain, err := box.Open(nil, raw[:box.NonceSize()], raw[box.NonceSize():], []byte("doc "+key))
	return string(plain), err
}
