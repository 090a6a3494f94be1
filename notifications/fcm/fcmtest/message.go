package fcmtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"strings"
)

// maxPayload is FCM's limit on what a phone gets, in bytes.
const maxPayload = 4096

// sendRequest is the body of messages:send as far as the reference of FCM REST v1 defines it for a
// single token. A field that is not here is refused, as Google refuses one it does not know.
type sendRequest struct {
	ValidateOnly bool            `json:"validate_only"`
	Message      json.RawMessage `json:"message"`
}

type message struct {
	Name         string            `json:"name"`
	Data         map[string]string `json:"data"`
	Notification *notification     `json:"notification"`
	Android      *android          `json:"android"`
	APNS         *apns             `json:"apns"`
	Options      *options          `json:"fcm_options"`
	Token        string            `json:"token"`
}

type notification struct {
	Title string `json:"title"`
	Body  string `json:"body"`
	Image string `json:"image"`
}

type options struct {
	AnalyticsLabel string `json:"analytics_label"`
}

type android struct {
	CollapseKey  string               `json:"collapse_key"`
	Priority     string               `json:"priority"`
	TTL          string               `json:"ttl"`
	Package      string               `json:"restricted_package_name"`
	Data         map[string]string    `json:"data"`
	Notification *androidNotification `json:"notification"`
	DirectBootOK bool                 `json:"direct_boot_ok"`
}

type androidNotification struct {
	Title        string   `json:"title"`
	Body         string   `json:"body"`
	Icon         string   `json:"icon"`
	Color        string   `json:"color"`
	Sound        string   `json:"sound"`
	Tag          string   `json:"tag"`
	ClickAction  string   `json:"click_action"`
	BodyLocKey   string   `json:"body_loc_key"`
	BodyLocArgs  []string `json:"body_loc_args"`
	TitleLocKey  string   `json:"title_loc_key"`
	TitleLocArgs []string `json:"title_loc_args"`
	ChannelID    string   `json:"channel_id"`
	Visibility   string   `json:"visibility"`
}

type apns struct {
	Headers map[string]string          `json:"headers"`
	Payload map[string]json.RawMessage `json:"payload"`
}

var (
	durationForm = regexp.MustCompile(`^[0-9]{1,12}(\.[0-9]{1,9})?s$`)
	labelForm    = regexp.MustCompile(`^[a-zA-Z0-9-_.~%]{0,50}$`)
)

// parseSend reads a body. The last result is what FCM would put in its answer, "" when all is well.
func parseSend(body []byte) (sendRequest, message, string) {
	var request sendRequest
	var msg message
	if problem := strict(body, &request); problem != "" {
		return request, msg, problem
	}
	if len(request.Message) == 0 {
		return request, msg, "The message is not set."
	}
	if problem := strict(request.Message, &msg); problem != "" {
		return request, msg, problem
	}
	return request, msg, msg.problem()
}

func strict(raw []byte, into any) string {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return "Invalid JSON payload received. " + strings.TrimPrefix(err.Error(), "json: ")
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return "Invalid JSON payload received. Unexpected token."
	}
	return ""
}

// problem holds a message against the rules that FCM documents.
func (m message) problem() string {
	switch {
	case m.Token == "":
		return "Recipient of the message is not set."
	case strings.ContainsAny(m.Token, " \t\r\n") || len(m.Token) > maxPayload:
		return "The registration token is not a valid FCM registration token"
	case m.Options != nil && !labelForm.MatchString(m.Options.AnalyticsLabel):
		return "Invalid analytics label."
	case m.size() > maxPayload:
		return "Android message is too big"
	}
	for key := range m.Data {
		if reserved(key) {
			return "Invalid data payload key: " + key
		}
	}
	return m.Android.problem()
}

func (a *android) problem() string {
	switch {
	case a == nil:
		return ""
	case a.TTL != "" && !durationForm.MatchString(a.TTL):
		return "Illegal duration format; duration must end with 's'"
	case a.Priority != "" && !strings.EqualFold(a.Priority, "normal") && !strings.EqualFold(a.Priority, "high"):
		return "Invalid value at 'message.android.priority'"
	}
	return ""
}

// reserved follows the field reference: "from", "message_type", or anything starting with
// "google." or "gcm." ("google" and "gcm" bare in older texts).
func reserved(key string) bool {
	return key == "" || key == "from" || key == "message_type" ||
		strings.HasPrefix(key, "google") || strings.HasPrefix(key, "gcm")
}

// size counts what a phone would get. FCM does not publish its own count; the JSON of the parts is
// a little more than any encoding it uses.
func (m message) size() int {
	total := 0
	for key, value := range m.Data {
		total += len(key) + len(value)
	}
	shown := []any{m.Notification}
	if m.Android != nil {
		shown = append(shown, m.Android.Notification, m.Android.Data)
	}
	if m.APNS != nil {
		shown = append(shown, m.APNS.Payload)
	}
	for _, part := range shown {
		raw, err := json.Marshal(part)
		if err != nil {
			return maxPayload + 1
		}
		total += len(raw)
	}
	return total
}
