package fcm

import (
	"fmt"
	"log/slog"
	"maps"
	"regexp"
	"strconv"
	"strings"
	"time"

	"firebase.google.com/go/v4/messaging"
)

// Message is one push to one device. It says *that* something happened and to which documents: the
// phone has the words, in its own language, and fetches the rest over an authenticated line.
type Message struct {
	Token       string            // FCM registration token: a capability, never to be logged
	Key         string            // message key, such as "ask.new"
	Params      map[string]string // name -> an id, a code or a count under 1000; nothing else passes
	CollapseKey string            // a later message with the same key replaces this one; may be empty
	TTL         time.Duration     // how long FCM keeps trying; over 0, at most MaxTTL
	High        bool              // wakes the phone now; only for what a person must see at once

	// TitleKey and BodyKey are message keys of the notification that the system itself shows, with
	// dots written as underscores on the wire, as Android's resource names demand ("ask.new.title"
	// is looked up as ask_new_title). Both empty means nothing is shown unless the app shows it.
	TitleKey, BodyKey string
}

// MaxTTL is the longest time FCM keeps a message, by its documentation.
const MaxTTL = 28 * 24 * time.Hour

// maxCollapse is APNs' limit for apns-collapse-id, in bytes.
const maxCollapse = 64

var (
	codeForm  = regexp.MustCompile(`^[a-z][a-z0-9]*([._][a-z0-9]+)*$`)
	paramForm = regexp.MustCompile(`^[a-z][a-zA-Z0-9]{0,31}$`)
	idForm    = regexp.MustCompile(`^[0-7][0-9A-HJKMNP-TV-Z]{25}$`) // a ULID
	countForm = regexp.MustCompile(`^[0-9]{1,3}$`)
)

// String shows a message without its token, so that a log line cannot leak one.
func (m Message) String() string {
	return fmt.Sprintf("fcm.Message{%s, %d params}", m.Key, len(m.Params))
}

// GoString does for %#v what String does for the other verbs.
func (m Message) GoString() string { return m.String() }

// LogValue implements slog.LogValuer.
func (m Message) LogValue() slog.Value { return slog.StringValue(m.String()) }

// problem gives the code of what keeps a message from being sent, or "". It is what holds a name,
// an address or a sentence back even when a caller makes a mistake.
func (m Message) problem() string {
	switch {
	case m.Token == "" || strings.ContainsAny(m.Token, " \t\r\n"):
		return "token_invalid"
	case !isCode(m.Key):
		return "key_invalid"
	case !optional(m.TitleKey, isCode) || !optional(m.BodyKey, isCode):
		return "text_key_invalid"
	case m.TTL <= 0 || m.TTL > MaxTTL:
		return "ttl_invalid"
	case !optional(m.CollapseKey, isCollapse):
		return "collapse_key_invalid"
	}
	for name, value := range m.Params {
		if !isParam(name) {
			return "param_name_invalid"
		}
		if !idForm.MatchString(value) && !isCode(value) && !countForm.MatchString(value) {
			return "param_value_invalid"
		}
	}
	return ""
}

func optional(value string, form func(string) bool) bool { return value == "" || form(value) }

func isCode(value string) bool { return len(value) <= 64 && codeForm.MatchString(value) }

// isCollapse accepts codes and ids joined by colons: "ask.new:01J...".
func isCollapse(value string) bool {
	for part := range strings.SplitSeq(value, ":") {
		if !isCode(part) && !idForm.MatchString(part) {
			return false
		}
	}
	return len(value) <= maxCollapse
}

// isParam leaves out the names that FCM keeps for itself and the one that holds the message key.
func isParam(name string) bool {
	return paramForm.MatchString(name) && name != "key" && name != "from" &&
		!strings.HasPrefix(name, "google") && !strings.HasPrefix(name, "gcm")
}

// wire gives the SDK's form. The instant is needed because APNs wants to know when to stop, where
// Android wants to know for how long to go on.
func (m Message) wire(now time.Time) *messaging.Message {
	data := map[string]string{"key": m.Key}
	maps.Copy(data, m.Params)
	return &messaging.Message{
		Token:   m.Token,
		Data:    data,
		Android: m.android(),
		APNS:    m.apns(now),
	}
}

func (m Message) android() *messaging.AndroidConfig {
	config := &messaging.AndroidConfig{CollapseKey: m.CollapseKey, Priority: "normal", TTL: &m.TTL}
	if m.High {
		config.Priority = "high"
	}
	if m.shown() {
		config.Notification = &messaging.AndroidNotification{
			TitleLocKey: resource(m.TitleKey),
			BodyLocKey:  resource(m.BodyKey),
			Tag:         m.CollapseKey,
			Visibility:  messaging.VisibilityPrivate, // not on a locked screen that others can see
		}
	}
	return config
}

// apns follows Apple's page "Sending notification requests to APNs": a background push must have
// priority 5, and APNs drops one that has 10.
func (m Message) apns(now time.Time) *messaging.APNSConfig {
	headers := map[string]string{
		"apns-expiration": strconv.FormatInt(now.Add(m.TTL).Unix(), 10),
		"apns-priority":   "5",
		"apns-push-type":  "background",
	}
	aps := &messaging.Aps{ContentAvailable: !m.shown()}
	if m.CollapseKey != "" {
		headers["apns-collapse-id"] = m.CollapseKey
	}
	if m.shown() {
		headers["apns-push-type"] = "alert"
		aps.Alert = &messaging.ApsAlert{TitleLocKey: resource(m.TitleKey), LocKey: resource(m.BodyKey)}
		if m.High {
			headers["apns-priority"] = "10"
		}
	}
	return &messaging.APNSConfig{Headers: headers, Payload: &messaging.APNSPayload{Aps: aps}}
}

func (m Message) shown() bool { return m.TitleKey != "" || m.BodyKey != "" }

func resource(key string) string { return strings.ReplaceAll(key, ".", "_") }
