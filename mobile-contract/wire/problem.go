// Package wire holds the Go shapes of what travels between a device and the service, as the prose
// and the OpenAPI file of this folder describe it. It knows neither the domain nor HTTP.
package wire

// Problem is the body of every refusal, after RFC 9457. Code is stable and never reused; a client
// shows its own sentence for it, filled from Params.
type Problem struct {
	Type     string            `json:"type"`
	Title    string            `json:"title"`
	Status   int               `json:"status"`
	Code     string            `json:"code"`
	Detail   string            `json:"detail"`
	Instance string            `json:"instance"`
	Params   map[string]string `json:"params,omitempty"`
	// Error and Wipe come with 410 alone: the account was forgotten, and its device forgets it too.
	Error string `json:"error,omitempty"`
	Wipe  bool   `json:"wipe,omitempty"`
}
