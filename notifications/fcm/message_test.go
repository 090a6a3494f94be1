package fcm

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

const (
	aToken = "dQw4w9WgXcQ:APA91bEXAMPLE-token_of-a-phone"
	anID   = "01KB2QJ5Z8M3V7T9R1C4X6W0AE"
)

func ask() Message {
	return Message{
		Token: aToken, Key: "ask.new", Params: map[string]string{"ask": anID},
		CollapseKey: "ask.new:" + anID, TTL: time.Hour, High: true,
		TitleKey: "ask.new.title", BodyKey: "ask.new.body",
	}
}

func TestMessageProblem(t *testing.T) {
	with := func(name, value string) func(*Message) {
		return func(m *Message) { m.Params = map[string]string{name: value} }
	}
	rows := []struct {
		name   string
		change func(*Message)
		want   string
	}{
		{"a whole message passes", func(*Message) {}, ""},
		{"without collapse key, texts and params it passes", func(m *Message) {
			*m = Message{Token: aToken, Key: "ask.new", TTL: time.Second}
		}, ""},
		{"the longest life passes", func(m *Message) { m.TTL = MaxTTL }, ""},
		{"a nanosecond longer does not", func(m *Message) { m.TTL = MaxTTL + 1 }, "ttl_invalid"},
		{"no life at all does not: FCM would drop it for a phone that is off", func(m *Message) { m.TTL = 0 }, "ttl_invalid"},
		{"no token does not", func(m *Message) { m.Token = "" }, "token_invalid"},
		{"a line break in the token does not", func(m *Message) { m.Token += "\n" }, "token_invalid"},
		{"no key does not", func(m *Message) { m.Key = "" }, "key_invalid"},
		{"a sentence as key does not", func(m *Message) { m.Key = "Geesje vraagt hulp" }, "key_invalid"},
		{"a sentence as title does not", func(m *Message) { m.TitleKey = "Nieuwe vraag" }, "text_key_invalid"},
		{"a sentence as body does not", func(m *Message) { m.BodyKey = "Kom je?" }, "text_key_invalid"},
		{"a code as value passes", with("kind", "odd_job"), ""},
		{"a count as value passes", with("count", "999"), ""},
		{"a longer number does not: it may be a house or a phone", with("count", "1000"), "param_value_invalid"},
		{"an id with a letter that base 32 lacks does not", with("ask", "U"+anID[1:]), "param_value_invalid"},
		{"a name does not", with("who", "Geesje"), "param_value_invalid"},
		{"an address does not", with("who", "schoolstraat 3"), "param_value_invalid"},
		{"a mail address does not", with("who", "geesje@example.org"), "param_value_invalid"},
		{"a phone number does not", with("who", "+31612345678"), "param_value_invalid"},
		{"an empty value does not", with("who", ""), "param_value_invalid"},
		{"a param cannot replace the key", with("key", anID), "param_name_invalid"},
		{"a name that FCM keeps does not", with("from", anID), "param_name_invalid"},
		{"nor one with its prefix", with("gcmId", anID), "param_name_invalid"},
		{"a collapse key of 64 bytes passes", func(m *Message) { m.CollapseKey = strings.Repeat("a", 64) }, ""},
		{"one of 65 does not", func(m *Message) { m.CollapseKey = "a:" + strings.Repeat("a", 63) }, "collapse_key_invalid"},
		{"a collapse key with an empty part does not", func(m *Message) { m.CollapseKey = "ask.new:" }, "collapse_key_invalid"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			m := ask()
			row.change(&m)
			if got := m.problem(); got != row.want {
				t.Errorf("got %q, want %q", got, row.want)
			}
		})
	}
}

// Every field that can hold text is filled with somebody's data in turn. A field that is added
// later is caught here too: by being refused, or by failing this test.
func TestMessageRefusesPersonalTextInEveryField(t *testing.T) {
	const personal = "Geesje Mulder, 06-12345678"
	kind := reflect.TypeFor[Message]()
	for i := range kind.NumField() {
		t.Run(kind.Field(i).Name, func(t *testing.T) {
			m := ask()
			field := reflect.ValueOf(&m).Elem().Field(i)
			switch field.Interface().(type) {
			case string:
				field.SetString(personal)
			case map[string]string:
				field.Set(reflect.ValueOf(map[string]string{"note": personal}))
			case bool, time.Duration:
				return // holds no text
			default:
				t.Fatalf("no rule for a field of type %s", field.Type())
			}
			if m.problem() == "" {
				t.Error("passed")
			}
		})
	}
}

func TestMessagePrintsWithoutItsToken(t *testing.T) {
	m := ask()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		for _, value := range []any{m, &m, []Message{m}} {
			if printed := fmt.Sprintf(verb, value); strings.Contains(printed, aToken) {
				t.Errorf("%s of %T shows it: %s", verb, value, printed)
			}
		}
	}
	if logged := m.LogValue().String(); strings.Contains(logged, aToken) {
		t.Errorf("the log shows it: %s", logged)
	}
}
