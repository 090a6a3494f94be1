package record

import (
	"bytes"
	"context"
	"crypto/cipher"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"naober/matching/care"
)

// sealTag marks a personal field of a shape. It is stored sealed under a key of the document's
// owner (Codec.Owner), and nowhere else.
const sealTag = "seal"

// Box is one personal field as it is stored. What it holds opens only in its own document, under
// its own path: both are authenticated with it.
type Box struct {
	Path   string        `json:"path" bson:"path"`
	Owner  care.PersonID `json:"owner" bson:"owner"`
	Number int           `json:"number" bson:"number"` // of the owner's key
	Sealed []byte        `json:"sealed" bson:"sealed"`
}

// Lock is what opens and closes one owner's fields.
type Lock struct {
	Newest int // the number of the key that seals
	Keys   map[int]cipher.AEAD
	// Gone says that the owner was forgotten: their fields read as empty and are written as empty.
	Gone bool
}

// Locks hands out the locks of owners. need names, for each, the highest number of a key that a
// document speaks of. An owner without a ring gets one where missing may be made; otherwise that is
// an error: a key store that does not know a ring is not the one that the data was written with.
type Locks interface {
	Locks(ctx context.Context, need map[care.PersonID]int, create bool) (map[care.PersonID]*Lock, error)
}

// Sealer seals and opens the documents of one kind.
type Sealer[T, R any] struct {
	codec Codec[T, R]
	locks Locks
	plan  *plan // nil where the kind has no personal fields
}

// NewSealer makes the sealer of a kind.
func NewSealer[T, R any](c Codec[T, R], locks Locks) Sealer[T, R] {
	return Sealer[T, R]{codec: c, locks: locks, plan: planOf(reflect.TypeFor[R]())}
}

// Sealed reports whether documents of this kind hold personal fields.
func (s Sealer[T, R]) Sealed() bool { return s.plan != nil }

// Seal takes the personal fields out of a shape and gives them sealed.
func (s Sealer[T, R]) Seal(ctx context.Context, id string, shape R) (R, []Box, error) {
	var found []personal
	s.plan.walk(reflect.ValueOf(&shape).Elem(), "", func(f personal) {
		if !f.empty() {
			found = append(found, f)
		}
	})
	if len(found) == 0 {
		return shape, nil, nil
	}
	owner := s.codec.Owner(shape)
	if owner == "" {
		return shape, nil, fmt.Errorf("record: %s %s has personal fields and nobody whose they are", s.codec.Kind, id)
	}
	all, err := s.locks.Locks(ctx, map[care.PersonID]int{owner: 0}, true)
	if err != nil {
		return shape, nil, err
	}
	lock := all[owner]
	var boxes []Box
	for _, f := range found {
		if !lock.Gone {
			plain, err := json.Marshal(f.value.Interface())
			if err != nil {
				return shape, nil, err
			}
			sealed := lock.Keys[lock.Newest].Seal(nil, nil, plain, about(s.codec.Kind, id, f.path))
			boxes = append(boxes, Box{Path: f.path, Owner: owner, Number: lock.Newest, Sealed: sealed})
		}
		f.value.SetZero()
	}
	return shape, boxes, nil
}

// Opened is a shape with the boxes that lay beside it.
type Opened[R any] struct {
	ID    string
	Shape R
	Boxes []Box
}

// Open puts the personal fields of documents back, with one reading of keys for them all. What an
// owner who was forgotten had sealed stays empty. A box that was changed or moved is an error.
func (s Sealer[T, R]) Open(ctx context.Context, docs []Opened[R]) error {
	need := map[care.PersonID]int{}
	for _, d := range docs {
		for _, b := range d.Boxes {
			need[b.Owner] = max(need[b.Owner], b.Number)
		}
	}
	if len(need) == 0 {
		return nil
	}
	all, err := s.locks.Locks(ctx, need, false)
	if err != nil {
		return err
	}
	for i := range docs {
		if err := s.open(all, &docs[i]); err != nil {
			return err
		}
	}
	return nil
}

func (s Sealer[T, R]) open(all map[care.PersonID]*Lock, d *Opened[R]) error {
	boxes := make(map[string]Box, len(d.Boxes))
	for _, b := range d.Boxes {
		boxes[b.Path] = b
	}
	if len(boxes) != len(d.Boxes) {
		return fmt.Errorf("record: %s %s has a sealed field twice", s.codec.Kind, d.ID)
	}
	var failed error
	s.plan.walk(reflect.ValueOf(&d.Shape).Elem(), "", func(f personal) {
		b, sealed := boxes[f.path]
		if !sealed || failed != nil {
			return
		}
		delete(boxes, f.path)
		lock := all[b.Owner]
		key := lock.Keys[b.Number]
		if lock.Gone || key == nil {
			return // forgotten, or sealed under a key that was retired since
		}
		plain, err := key.Open(nil, nil, b.Sealed, about(s.codec.Kind, d.ID, f.path))
		if err == nil {
			err = json.Unmarshal(plain, f.value.Addr().Interface())
		}
		if err != nil {
			failed = fmt.Errorf("record: %s of %s %s does not open", f.path, s.codec.Kind, d.ID)
		}
	})
	if failed == nil && len(boxes) > 0 {
		failed = fmt.Errorf("record: %s %s has a sealed field without a place", s.codec.Kind, d.ID)
	}
	return failed
}

// about is what is authenticated with a field. Neither kind nor path holds a NUL.
func about(kind, id, path string) []byte { return []byte(kind + "\x00" + path + "\x00" + id) }

// personal is one field that is sealed.
type personal struct {
	path  string
	value reflect.Value
}

func (p personal) empty() bool {
	if p.value.Kind() == reflect.Slice {
		return p.value.Len() == 0
	}
	return p.value.IsZero()
}

// plan knows where the personal fields of a type are, so that nothing else is looked at.
type plan struct {
	fields []step // of a struct
	below  *plan  // of a pointer or a list
}

// step is one field of a struct that is sealed, or holds what is.
type step struct {
	index int
	name  string
	below *plan // nil: sealed as a whole
}

// planOf is nil for a type without personal fields.
func planOf(t reflect.Type) *plan {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice:
		if below := planOf(t.Elem()); below != nil {
			return &plan{below: below}
		}
	case reflect.Struct:
		var p plan
		for i := range t.NumField() {
			f := t.Field(i)
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if f.Tag.Get(sealTag) != "" {
				p.fields = append(p.fields, step{index: i, name: name})
			} else if below := planOf(f.Type); below != nil {
				p.fields = append(p.fields, step{i, name, below})
			}
		}
		if len(p.fields) > 0 {
			return &p
		}
	}
	return nil
}

// walk visits the personal fields below a value, by their stored names.
func (p *plan) walk(v reflect.Value, path string, visit func(personal)) {
	if p == nil {
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			p.below.walk(v.Elem(), path, visit)
		}
	case reflect.Slice:
		for i := range v.Len() {
			p.below.walk(v.Index(i), path+strconv.Itoa(i)+".", visit)
		}
	case reflect.Struct:
		for _, f := range p.fields {
			if f.below == nil {
				visit(personal{path + f.name, v.Field(f.index)})
			} else {
				f.below.walk(v.Field(f.index), path+f.name+".", visit)
			}
		}
	}
}

// WithBoxes is the JSON of a shape with its boxes beside its fields.
func WithBoxes(shape any, boxes []Box) ([]byte, error) {
	raw, err := json.Marshal(shape)
	if err != nil || len(boxes) == 0 {
		return raw, err
	}
	sealed, err := json.Marshal(boxes)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.Grow(len(raw) + len(sealed) + len(boxesField) + 8)
	b.Write(raw[:len(raw)-1])
	if len(raw) > 2 {
		b.WriteByte(',')
	}
	b.WriteString(`"` + boxesField + `":`)
	b.Write(sealed)
	b.WriteByte('}')
	return b.Bytes(), nil
}

// boxesField stands beside the fields of a shape; none of them may have this name.
const boxesField = "boxes"

// Boxes reads the boxes that WithBoxes put beside a shape.
func Boxes(raw []byte) ([]Box, error) {
	var beside struct {
		Boxes []Box `json:"boxes"`
	}
	err := json.Unmarshal(raw, &beside)
	return beside.Boxes, err
}
