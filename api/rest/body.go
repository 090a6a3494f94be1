package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"naober/matching/care"
)

// checkBody walks the tokens once before anything is built from them: text is UTF-8, nothing is
// nested deeper than depthLimit, and no object names a field twice, whatever its case, because
// readers differ in which of the two they take.
func checkBody(body []byte) error {
	if !utf8.Valid(body) {
		return care.E(care.Invalid, "body_invalid", "the body is UTF-8")
	}
	w := walk{decoder: json.NewDecoder(bytes.NewReader(body))}
	for {
		t, err := w.decoder.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return bodyInvalid(err)
		}
		if err := w.step(t); err != nil {
			return err
		}
	}
}

// walk is where the token reader stands: one level for each open object or list.
type walk struct {
	decoder *json.Decoder
	levels  []level
}

// level is one open object or list. names is nil for a list.
type level struct {
	names map[string]bool
	value bool // the next token is a value, not a name
}

func (w *walk) step(t json.Token) error {
	switch t {
	case json.Delim('}'), json.Delim(']'):
		w.levels = w.levels[:len(w.levels)-1]
		return nil
	}
	if err := w.name(t); err != nil {
		return err
	}
	switch t {
	case json.Delim('{'):
		w.levels = append(w.levels, level{names: map[string]bool{}})
	case json.Delim('['):
		w.levels = append(w.levels, level{})
	}
	if len(w.levels) > depthLimit {
		return care.E(care.Invalid, "body_too_deep", "a body is nested at most %d deep", depthLimit)
	}
	return nil
}

// name notes the name of a field and refuses it a second time.
func (w *walk) name(t json.Token) error {
	if len(w.levels) == 0 {
		return nil
	}
	at := &w.levels[len(w.levels)-1]
	if at.names == nil {
		return nil
	}
	if at.value = !at.value; !at.value {
		return nil
	}
	name, _ := t.(string)
	if name = strings.ToLower(name); at.names[name] {
		return care.E(care.Invalid, "body_invalid", "the body names a field twice")
	}
	at.names[name] = true
	return nil
}
