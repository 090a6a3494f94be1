package wire

import (
	"encoding/json"
	"fmt"
	"reflect"
	"time"
)

// layout is RFC 3339 in UTC with exactly three decimals, so that equal instants are equal texts.
const layout = "2006-01-02T15:04:05.000Z"

// Instant is a moment on the wire: RFC 3339 in UTC with milliseconds. What comes in may carry any
// offset and fewer or more decimals; what lies below the millisecond is cut off. Its zero value is
// left out where the field is marked omitzero.
type Instant time.Time

// IsZero serves omitzero.
func (i Instant) IsZero() bool { return time.Time(i).IsZero() }

// MarshalJSON writes the instant. A year beyond 9999 cannot be written.
func (i Instant) MarshalJSON() ([]byte, error) {
	t := time.Time(i).UTC()
	if y := t.Year(); y < 0 || y > 9999 {
		return nil, fmt.Errorf("wire: the year %d has no RFC 3339 form", y)
	}
	return []byte(t.Format(`"` + layout + `"`)), nil
}

// UnmarshalJSON reads RFC 3339 strictly, as far as the instant can be written in UTC again:
// 9999-12-31T23:59:59-01:00 cannot. Its error has the type to which the decoder adds the path of the
// field.
func (i *Instant) UnmarshalJSON(raw []byte) error {
	var t time.Time
	err := t.UnmarshalJSON(raw)
	if t = t.UTC().Truncate(time.Millisecond); err != nil || t.Year() < 0 || t.Year() > 9999 {
		return &json.UnmarshalTypeError{Value: "text", Type: reflect.TypeFor[Instant]()}
	}
	*i = Instant(t)
	return nil
}
