package care

import (
	"errors"
	"fmt"
	"strconv"
	"time"
)

// ErrorKind says what sort of refusal an Error is; the border turns it into a status.
type ErrorKind int

const (
	// Invalid is an input that can never succeed as it stands.
	Invalid ErrorKind = iota + 1
	// Forbidden is an act on something visible that this person may not do.
	Forbidden
	// NotFound is a thing that does not exist, or that this person may not know of.
	NotFound
	// Conflict is an act that the present state does not allow.
	Conflict
	// Unavailable is temporary: the same act may succeed a moment later.
	Unavailable
	// Unauthenticated is a caller whose identity was not proven.
	Unauthenticated
	// Limited is an act that came too often.
	Limited
	// Stale is a change made on the ground of an older version.
	Stale
	// Gone is an account that was forgotten at its person's wish.
	Gone
)

// Error is the only error whose words may reach a client. Code is stable and never reused;
// the text is English, for engineers, and holds nothing personal.
type Error struct {
	Kind ErrorKind
	Code string
	Text string
	// Params fill the client's own sentence for the code: ids, codes, instants and numbers only.
	Params map[string]string
}

func (e *Error) Error() string { return e.Code + ": " + e.Text }

// E makes an Error with a formatted text.
func E(kind ErrorKind, code, format string, args ...any) error {
	return &Error{Kind: kind, Code: code, Text: fmt.Sprintf(format, args...)}
}

// With returns a copy of the error that carries one more parameter.
func (e *Error) With(name, value string) *Error {
	next := *e
	next.Params = make(map[string]string, len(e.Params)+1)
	for k, v := range e.Params {
		next.Params[k] = v
	}
	next.Params[name] = value
	return &next
}

// Amiss is an Invalid error of one field of what was sent, by its name in the contract: "words".
func Amiss(field, code, format string, args ...any) error {
	return E(Invalid, code, format, args...).(*Error).With("field", field)
}

// Within says that an Invalid error is of something that is itself a field, or a member of a list by its
// number: Within("slots", Within("1", err)) makes "start" slots.1.start. Others come back as they are.
func Within(field string, err error) error {
	var e *Error
	if !errors.As(err, &e) || e.Kind != Invalid {
		return err
	}
	if inner := e.Params["field"]; inner != "" {
		field += "." + inner
	}
	return e.With("field", field)
}

// member is Within for one of a list.
func member(list string, i int, err error) error { return Within(list, Within(strconv.Itoa(i), err)) }

// instant is a moment as a parameter of an error, written as the contract writes it.
func instant(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// CodeOf returns the code of the Error in err's chain, or "" where there is none.
func CodeOf(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// IsKind reports whether err's chain holds an Error of this kind.
func IsKind(err error, kind ErrorKind) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind == kind
}
