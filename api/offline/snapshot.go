package offline

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"

	"github.com/oklog/ulid/v2"
)

// mark tells two values of a document apart: whatever is shown differently has another one, be it by a change,
// by another relation, by time, or by a new way of showing it.
type mark [8]byte

func markOf(d Document) mark {
	sum := sha256.Sum256(d.Value)
	return mark(sum[:8])
}

// held is what a device holds: the mark of each key.
type held map[string]mark

// pack writes what is held so that a document of it takes some 24 bytes: by kind, those whose id is a ULID in
// its 16 bytes, then all others in words.
func (h held) pack() []byte {
	kinds := map[string][]string{}
	for key := range h {
		kind, id, _ := strings.Cut(key, "/")
		if made, err := ulid.ParseStrict(id); err != nil || made.String() != id {
			kind = ""
		}
		kinds[kind] = append(kinds[kind], key)
	}
	var out []byte
	for kind, keys := range kinds {
		slices.Sort(keys)
		out = appendText(out, kind)
		out = binary.AppendUvarint(out, uint64(len(keys)))
		for _, key := range keys {
			if kind == "" {
				out = appendText(out, key)
			} else {
				id := ulid.MustParseStrict(key[len(kind)+1:])
				out = append(out, id[:]...)
			}
			m := h[key]
			out = append(out, m[:]...)
		}
	}
	return out
}

func appendText(out []byte, s string) []byte {
	return append(binary.AppendUvarint(out, uint64(len(s))), s...)
}

// unpack reads what pack wrote. What cannot be read is held by nobody: the device gets everything anew.
func unpack(raw []byte) (held, bool) {
	h, r := held{}, bytes.NewReader(raw)
	for r.Len() > 0 {
		kind, ok := readText(r)
		count, err := binary.ReadUvarint(r)
		if !ok || err != nil {
			return nil, false
		}
		for range count {
			key, ok := readKey(r, kind)
			var m mark
			if n, _ := r.Read(m[:]); !ok || n != len(m) {
				return nil, false
			}
			h[key] = m
		}
	}
	return h, true
}

func readKey(r *bytes.Reader, kind string) (string, bool) {
	if kind == "" {
		return readText(r)
	}
	var id ulid.ULID
	n, _ := r.Read(id[:])
	return kind + "/" + id.String(), n == len(id)
}

func readText(r *bytes.Reader) (string, bool) {
	n, err := binary.ReadUvarint(r)
	if err != nil || n > uint64(r.Len()) {
		return "", false
	}
	text := make([]byte, n)
	_, _ = r.Read(text)
	return string(text), true
}

// check lets a device compare what it holds with what it should.
func (h held) check() Check {
	keys := make([]string, 0, len(h))
	for key := range h {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	sum := sha256.New()
	for _, key := range keys {
		sum.Write([]byte(key + "\n"))
	}
	return Check{N: len(keys), H: hex.EncodeToString(sum.Sum(nil)[:8])}
}

// Check is how many documents a device holds after a complete pull, and the first eight bytes, in hex, of the
// SHA-256 over their keys, sorted bytewise, each with a line feed behind it.
type Check struct {
	N int
	H string
}

// Op is one step of a patch.
type Op struct {
	Op    string // clear, del or put
	Key   string
	Value json.RawMessage
}

// page is one step from what a device holds towards what it may see.
type page struct {
	patch []Op
	next  held
	seen  []Document // that are handed out in it
	more  bool
}

// Bounds are what a device takes at once; zero is no bound.
type Bounds struct{ Ops, Bytes int }

// turn makes the next page: all that must go, then what is new or other, as far as the bounds allow, and one
// at least.
func (h held) turn(docs []Document, b Bounds) page {
	p := page{next: held{}}
	now := make(map[string]bool, len(docs))
	for _, d := range docs {
		now[d.Key] = true
	}
	for key, m := range h {
		if !now[key] {
			p.patch = append(p.patch, Op{Op: "del", Key: key})
			continue
		}
		p.next[key] = m
	}
	slices.SortFunc(p.patch, func(x, y Op) int { return strings.Compare(x.Key, y.Key) })
	size := 0
	for _, d := range docs {
		m := markOf(d)
		if old, ok := h[d.Key]; ok && old == m {
			continue
		}
		size += len(d.Value)
		if n := len(p.seen); n > 0 && (b.Ops > 0 && n >= b.Ops || b.Bytes > 0 && size > b.Bytes) {
			p.more = true
			break
		}
		p.patch = append(p.patch, Op{Op: "put", Key: d.Key, Value: d.Value})
		p.next[d.Key] = m
		p.seen = append(p.seen, d)
	}
	return p
}

// alive reports whether a cookie may still stand for this snapshot.
func (s Snapshot) alive(g GroupID, epoch, schema string) bool {
	return s.Group == g && s.Gone.IsZero() && s.Epoch == epoch && s.Schema == schema
}
