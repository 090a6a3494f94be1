package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// checkBody walks the tokens once before anything is built from them, beside the shape that the body
// should have. It refuses what the decoder would take in silence: a field twice, in another case, or
// left out though it is required; null, or an empty text where none is required, which would count as
// nothing was said; text that is no UTF-8, or half a surrogate; what is nested deeper than depthLimit,
// and what has more than tokensMost names, values and brackets, each of which costs half a microsecond.
//
// What is left out comes back by itself, as lacks: the first of it is told only where all that was sent
// can be read.
func checkBody(body []byte, of reflect.Type) (lacks, err error) {
	if !utf8.Valid(body) {
		return nil, care.E(care.Invalid, "body_invalid", "the body is UTF-8")
	}
	w := walk{decoder: json.NewDecoder(bytes.NewReader(body)), of: of}
	for tokens := 0; ; tokens++ {
		if tokens > tokensMost {
			return nil, fiber.ErrRequestEntityTooLarge
		}
		t, err := w.decoder.Token()
		if errors.Is(err, io.EOF) {
			return w.lacks, nil
		}
		if err != nil {
			return nil, bodyInvalid(err)
		}
		if err := w.step(t); err != nil {
			return nil, err
		}
	}
}

// instantMost is how long an instant may be written, in bytes.
const instantMost = 64

// walk is where the token reader stands: one level for each open object or list.
type walk struct {
	decoder *json.Decoder
	of      reflect.Type // the shape of the whole
	levels  []level
	lacks   error // the first field that is missing
	raw     int   // the level at which something begins that is judged by itself later; 0 for nowhere
}

// rawMost is how much deeper what is judged by itself may be nested: a body of its own fits in.
const rawMost = depthLimit

// level is one open object or list. names is nil for a list.
type level struct {
	of    reflect.Type    // of the object, or of the members of the list; nil where no shape is known
	shape []member        // of the object
	names map[string]bool // seen, in lower case: readers differ in which of two they take
	name  string          // of the field whose value comes next, or was the last
	value bool            // the next token is a value, not a name
}

// member is a field of a shape as JSON names it.
type member struct {
	name     string
	of       reflect.Type
	required bool
	nullable bool
	most     int // characters of a text, 0 where its reader bounds it
}

func (w *walk) step(t json.Token) error {
	if w.raw > 0 || w.next() == reflect.TypeFor[json.RawMessage]() && w.expectsValue() {
		return w.skip(t)
	}
	if t == json.Delim('}') || t == json.Delim(']') {
		w.leave()
		return nil
	}
	named, err := w.named(t)
	if named || err != nil {
		return err
	}
	switch t := t.(type) {
	case nil:
		if w.nullable() {
			return nil
		}
		return w.refuse("a field that says nothing is left out: null has no place in a body")
	case string:
		switch {
		case strings.ContainsRune(t, utf8.RuneError):
			return w.refuse("a text holds half a character")
		case w.next() == reflect.TypeFor[wire.Instant]() && !sensible(t):
			return w.refuse("an instant is RFC 3339, from 1900 to 2999")
		case w.tooLong(t):
			return w.refuse("a text is longer than this field takes")
		case t == "" && w.optional():
			return w.refuse("a field that says nothing is left out: an optional text is not empty")
		}
	case json.Delim:
		w.enter(t)
	}
	if len(w.levels) > depthLimit {
		return care.E(care.Invalid, "body_too_deep", "a body is nested at most %d deep", depthLimit)
	}
	return nil
}

// named takes a token that is the name of a field: one that the shape has, and not for a second time.
func (w *walk) named(t json.Token) (bool, error) {
	if len(w.levels) == 0 {
		return false, nil
	}
	at := &w.levels[len(w.levels)-1]
	if at.names == nil {
		return false, nil
	}
	if at.value = !at.value; !at.value {
		return false, nil
	}
	at.name, _ = t.(string)
	lower := strings.ToLower(at.name)
	if at.names[lower] {
		return true, w.refuse("the body names a field twice")
	}
	at.names[lower] = true
	if at.of != nil && !slices.ContainsFunc(at.shape, func(m member) bool { return m.name == at.name }) {
		return true, w.refuse("the body names a field that this call does not take")
	}
	return true, nil
}

// sensible reports whether a text is an instant that somebody can mean: the year 1 begins with the one
// that stands for none, and beside the year 9999 there is no room to reckon.
func sensible(text string) bool {
	if len(text) > instantMost {
		return false // RFC 3339 lets fractions of a second go on without end
	}
	var read time.Time
	err := read.UnmarshalText([]byte(text))
	year := read.UTC().Year()
	return err == nil && year >= 1900 && year <= 2999
}

// enter opens an object or a list.
func (w *walk) enter(t json.Delim) {
	of := w.next()
	for of != nil && of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	if t == '[' {
		if of != nil && of.Kind() == reflect.Slice {
			w.levels = append(w.levels, level{of: of.Elem()})
		} else {
			w.levels = append(w.levels, level{})
		}
		return
	}
	l := level{names: map[string]bool{}}
	// What reads itself, such as an instant, has no fields: the decoder refuses the object.
	if of != nil && of.Kind() == reflect.Struct && !reflect.PointerTo(of).Implements(reflect.TypeFor[json.Unmarshaler]()) {
		l.of, l.shape = of, members(of)
	}
	w.levels = append(w.levels, l)
}

// leave closes an object or a list, and notes what an object lacks.
func (w *walk) leave() {
	at := &w.levels[len(w.levels)-1]
	for _, m := range at.shape {
		if w.lacks == nil && m.required && !at.names[strings.ToLower(m.name)] {
			at.name = m.name
			w.lacks = w.refuse("the body lacks a field that this call needs")
		}
	}
	w.levels = w.levels[:len(w.levels)-1]
}

// next is the shape of the value that comes next, nil where none is known.
func (w *walk) next() reflect.Type {
	if len(w.levels) == 0 {
		return w.of
	}
	at := w.levels[len(w.levels)-1]
	if at.names == nil {
		return at.of
	}
	for _, m := range at.shape {
		if m.name == at.name {
			return m.of
		}
	}
	return nil
}

// optional reports whether the value that comes next may be left out.
func (w *walk) optional() bool {
	if len(w.levels) == 0 {
		return false
	}
	at := w.levels[len(w.levels)-1]
	return slices.ContainsFunc(at.shape, func(m member) bool { return m.name == at.name && !m.required })
}

// nullable reports whether the value that comes next may be null.
func (w *walk) nullable() bool {
	if len(w.levels) == 0 {
		return false
	}
	at := w.levels[len(w.levels)-1]
	return slices.ContainsFunc(at.shape, func(m member) bool { return m.name == at.name && m.nullable })
}

// expectsValue reports whether the token that comes next is a value and no name.
func (w *walk) expectsValue() bool {
	if len(w.levels) == 0 {
		return true
	}
	at := w.levels[len(w.levels)-1]
	return at.names == nil || at.value
}

// skip walks over what is judged by itself later; only how deep it is nested counts here.
func (w *walk) skip(t json.Token) error {
	switch t {
	case json.Delim('{'), json.Delim('['):
		if w.levels = append(w.levels, level{}); w.raw == 0 {
			w.raw = len(w.levels)
		}
	case json.Delim('}'), json.Delim(']'):
		if w.levels = w.levels[:len(w.levels)-1]; len(w.levels) < w.raw {
			w.raw = 0
		}
	}
	if w.raw == 0 && len(w.levels) > 0 {
		w.levels[len(w.levels)-1].value = false
	}
	if len(w.levels) > depthLimit+rawMost {
		return care.E(care.Invalid, "body_too_deep", "a body is nested at most %d deep", depthLimit)
	}
	return nil
}

// tooLong holds a text to what its field takes, where no rule of the trade has a code of its own for that.
func (w *walk) tooLong(text string) bool {
	if len(w.levels) == 0 {
		return false
	}
	at := w.levels[len(w.levels)-1]
	return slices.ContainsFunc(at.shape, func(m member) bool {
		return m.name == at.name && m.most > 0 && utf8.RuneCountInString(text) > m.most
	})
}

// refuse names the field at fault by its path, but never its value. A name without end, which can
// only be the caller's own, is not repeated.
func (w *walk) refuse(text string) error {
	refused := &care.Error{Kind: care.Invalid, Code: "body_invalid", Text: text}
	var path []string
	for _, l := range w.levels {
		if l.names != nil {
			path = append(path, l.name)
		}
	}
	if field := strings.Join(path, "."); field != "" && len(field) <= 64 {
		return refused.With("field", field)
	}
	return refused
}

// members are the fields of a shape, those of embedded shapes among them. A field without omitempty
// or omitzero is required; openapi.yaml says the same, and a test compares the two.
func members(of reflect.Type) []member {
	var all []member
	for i := range of.NumField() {
		f := of.Field(i)
		if f.Anonymous {
			all = append(all, members(f.Type)...)
			continue
		}
		if name, rest, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" {
			most, _ := strconv.Atoi(f.Tag.Get("most")) // our own tag; a test reads each
			all = append(all, member{name: name, of: f.Type, required: rest == "", nullable: f.Tag.Get("null") == "true", most: most})
		}
	}
	return all
}
