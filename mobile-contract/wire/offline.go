package wire

import "encoding/json"

// Push hands in what somebody did on a device.
type Push struct {
	PushVersion   int        `json:"pushVersion"` // 1
	ClientGroupID string     `json:"clientGroupID"`
	SchemaVersion string     `json:"schemaVersion" most:"20"`
	ProfileID     string     `json:"profileID,omitempty" most:"100"` // has no meaning here
	ClientNow     int64      `json:"clientNow,omitempty"`            // the device's clock at sending, in milliseconds since 1970
	Mutations     []Mutation `json:"mutations"`
}

// Mutation is one intent, with its number in its writer's sequence.
type Mutation struct {
	ClientID  string          `json:"clientID"`
	ID        int64           `json:"id"`
	Nonce     string          `json:"nonce,omitempty"` // 16 to 64 letters, digits, - and _; absent from a client that knows none
	Name      string          `json:"name"`
	Args      json.RawMessage `json:"args"`
	Timestamp float64         `json:"timestamp,omitempty"` // the device's clock when the person acted
}

// PushAnswer tells what became of each intent, in order, up to the first without a final result.
type PushAnswer struct {
	Epoch           string           `json:"epoch"`
	ServerNow       int64            `json:"serverNow"`
	Results         []MutationResult `json:"results"`
	LastMutationIDs map[string]int64 `json:"lastMutationIDs"`
}

// MutationResult is what became of one intent.
type MutationResult struct {
	ClientID   string            `json:"clientID"`
	ID         int64             `json:"id"`
	Status     string            `json:"status"` // applied, rejected, duplicate, retry, gap, forked
	Of         string            `json:"of,omitempty"`
	Code       string            `json:"code,omitempty"`
	Params     map[string]string `json:"params,omitempty"`
	Outcome    string            `json:"outcome,omitempty"` // key of the document that keeps a refusal
	ExpectedID int64             `json:"expectedID,omitempty"`
}

// Pull asks what an account may see, as the difference to what a cookie stands for.
type Pull struct {
	PullVersion   int     `json:"pullVersion"` // 1
	ClientGroupID string  `json:"clientGroupID"`
	SchemaVersion string  `json:"schemaVersion" most:"20"`
	ProfileID     string  `json:"profileID,omitempty" most:"100"` // has no meaning here
	Cookie        *Cookie `json:"cookie" null:"true"`
	MaxOps        int     `json:"maxOps,omitempty"`
	MaxBytes      int     `json:"maxBytes,omitempty"`
}

// Cookie stands for what a device holds. It is stored and given back as it came.
type Cookie struct {
	Order int64  `json:"order"`
	V     string `json:"v" most:"40"`
	E     string `json:"e" most:"40"`
}

// PullAnswer is one whole step.
type PullAnswer struct {
	Epoch                 string           `json:"epoch"`
	ServerNow             int64            `json:"serverNow"`
	Cookie                Cookie           `json:"cookie"`
	LastMutationIDChanges map[string]int64 `json:"lastMutationIDChanges"`
	Patch                 []PatchOp        `json:"patch"`
	HasMore               bool             `json:"hasMore"`
	Check                 *PullCheck       `json:"check,omitempty"`
	NextPollMs            int64            `json:"nextPollMs"`
	LeaseMs               int64            `json:"leaseMs"`
}

// PatchOp puts or removes one document, or removes all of them.
type PatchOp struct {
	Op    string          `json:"op"` // clear, del, put
	Key   string          `json:"key,omitempty"`
	Value json.RawMessage `json:"value,omitempty"`
}

// PullCheck is the number of documents after this step, and a hash over their keys.
type PullCheck struct {
	N int    `json:"n"`
	H string `json:"h"`
}

// HeldAddress is an address as a device holds it. It carries no moment of showing: each pull is one.
type HeldAddress struct {
	Visit    string  `json:"visit"`
	Name     string  `json:"name"`
	Place    Place   `json:"place"`
	To       *Place  `json:"to,omitempty"`
	Phone    string  `json:"phone,omitempty"`
	ForgetAt Instant `json:"forgetAt"`
	Until    Instant `json:"until"` // from here on it is not shown, connection or not
}

// Outcome is a refusal that stays on every device of the account until it is dismissed.
type Outcome struct {
	Nonce   string            `json:"nonce"`
	Name    string            `json:"name"`
	Subject string            `json:"subject,omitempty"` // id of the document that it was about
	Status  string            `json:"status"`            // rejected
	Code    string            `json:"code"`
	Params  map[string]string `json:"params,omitempty"`
	At      Instant           `json:"at"`
}

// VersionRefused is answered with status 200, as the replicache client expects it.
type VersionRefused struct {
	Error       string `json:"error"` // VersionNotSupported
	VersionType string `json:"versionType"`
	Min         string `json:"min"`
	Max         string `json:"max"`
}

// EventsTicket opens one stream of events, soon.
type EventsTicket struct {
	Ticket      string `json:"ticket"`
	ExpiresInMs int64  `json:"expiresInMs"`
}

// DeviceKeys are what a device keeps in its system's key store, each 32 bytes as base64url: StoreKey seals what the
// account's devices store, BundleKey what this device sends and gets by hand.
type DeviceKeys struct {
	StoreKey  string `json:"storeKey"`
	BundleKey string `json:"bundleKey"`
}

// SyncConfig is what a client keeps to.
type SyncConfig struct {
	PushVersion       int    `json:"pushVersion"`
	PullVersion       int    `json:"pullVersion"`
	SchemaVersion     string `json:"schemaVersion"`
	MaxMutations      int    `json:"maxMutations"`
	MaxPushBytes      int    `json:"maxPushBytes"`
	PageOps           int    `json:"pageOps"`
	PageBytes         int    `json:"pageBytes"`
	LeaseMs           int64  `json:"leaseMs"`
	StreamsPerAccount int    `json:"streamsPerAccount"`
}
