package wire

// CodeRequest asks for a sign-in code to a mail address or phone number.
type CodeRequest struct {
	Contact string `json:"contact"`
}

// Flow is one attempt to sign in. Its answer is the same whether the contact is known or not.
type Flow struct {
	Flow string `json:"flow"`
}

// Redemption turns a code into a session. Person and BirthYear choose among those who share the
// contact. Device is the name in the person's list of devices.
type Redemption struct {
	Flow      string `json:"flow"`
	Code      string `json:"code"`
	Person    string `json:"person,omitempty"`
	BirthYear int    `json:"birthYear,omitempty"`
	Device    string `json:"device,omitempty" most:"200"`
}

// PaperRedemption turns a code on paper into a session.
type PaperRedemption struct {
	Code   string `json:"code"`
	Device string `json:"device,omitempty" most:"200"`
}

// Registration makes an account with the contact that the flow's code went to.
type Registration struct {
	Flow   string    `json:"flow"`
	Code   string    `json:"code"`
	Device string    `json:"device,omitempty" most:"200"`
	Person NewPerson `json:"person"`
}

// SignedIn is the outcome of a right code: tokens, choices, or unregistered.
type SignedIn struct {
	Tokens       *Tokens  `json:"tokens,omitempty"`
	Choices      []Choice `json:"choices,omitempty"`
	Unregistered bool     `json:"unregistered,omitempty"`
}

// Choice is one of the persons who share a contact.
type Choice struct {
	Person    string `json:"person"`
	FirstName string `json:"firstName"`
}

// Tokens are what a device holds. The refresh token is presented once; its answer replaces both.
type Tokens struct {
	Access    string  `json:"access"`
	Refresh   string  `json:"refresh"`
	ExpiresAt Instant `json:"expiresAt"` // of the access token
	Session   string  `json:"session"`
	Person    string  `json:"person"`
}

// Refresh exchanges a refresh token for the next pair.
type Refresh struct {
	Refresh string `json:"refresh"`
}

// PaperCode is a sign-in code to print and hand over.
type PaperCode struct {
	Person    string  `json:"person"`
	Code      string  `json:"code"`
	ExpiresAt Instant `json:"expiresAt"`
}

// Device is one place where a person is signed in. UsedAt is to the hour.
type Device struct {
	ID        string  `json:"id"`
	Name      string  `json:"name"`
	CreatedAt Instant `json:"createdAt"`
	UsedAt    Instant `json:"usedAt"`
	Current   bool    `json:"current,omitempty"`
}

// PushToken binds this device's registration at the push service. Echo repeats what was pushed to it, and
// takes it over from somebody else who did not sign out here.
type PushToken struct {
	Token string `json:"token"`
	Echo  string `json:"echo,omitempty"`
}

// Key is the public half of a signing key, as RFC 8037 writes it.
type Key struct {
	Kty string `json:"kty"`
	Crv string `json:"crv"`
	X   string `json:"x"`
	Kid string `json:"kid"`
	Use string `json:"use"`
	Alg string `json:"alg"`
}

// Keys are the keys whose tokens count now (RFC 7517).
type Keys struct {
	Keys []Key `json:"keys"`
}

// Health says whether the process lives or is ready.
type Health struct {
	Status string `json:"status"`
}
