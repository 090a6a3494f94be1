package wire

// Person is what one person may see of another.
type Person struct {
	ID        string `json:"id"`
	FirstName string `json:"firstName"`
	LastName  string `json:"lastName,omitempty"`
}

// NewPlace is somewhere, as it is sent to the service.
type NewPlace struct {
	Town     string  `json:"town"`
	Street   string  `json:"street,omitempty"`
	PostCode string  `json:"postCode,omitempty"`
	Lat      float64 `json:"lat"`
	Lon      float64 `json:"lon"`
}

// Place is somewhere, as the reader may see it: exact, or an area, or the town alone.
type Place struct {
	Town     string   `json:"town"`
	Street   string   `json:"street,omitempty"`
	PostCode string   `json:"postCode,omitempty"`
	Lat      *float64 `json:"lat,omitempty"`
	Lon      *float64 `json:"lon,omitempty"`
	Area     *Area    `json:"area,omitempty"`
}

// Area stands for a place whose address is not for the reader: square kilometres around the place
// named in town, in which at least 50 people live. It is the same for everybody and never changes.
// Outline is closed rings, to be filled by the even-odd rule; it is empty far from every village.
type Area struct {
	Cell    string    `json:"cell"`
	Outline [][]Point `json:"outline"`
}

// Point is a point on earth, in degrees (WGS 84).
type Point struct {
	Lat float64 `json:"lat"`
	Lon float64 `json:"lon"`
}

// Contact is a way to reach a person: a phone number as E.164, or a mail address.
type Contact struct {
	Kind  string `json:"kind"`
	Value string `json:"value"`
}

// Profile is a person whole for themselves and their desk; moderators see name, town and since when.
type Profile struct {
	ID         string    `json:"id"`
	FirstName  string    `json:"firstName"`
	LastName   string    `json:"lastName"`
	BirthDate  string    `json:"birthDate,omitempty"`
	Gender     string    `json:"gender,omitempty"`
	Language   string    `json:"language,omitempty"`
	Contacts   []Contact `json:"contacts,omitempty"`
	Home       Place     `json:"home"`
	WithoutApp bool      `json:"withoutApp,omitempty"`
	Registered string    `json:"registered,omitempty"`
	CreatedAt  Instant   `json:"createdAt"`
}

// ProfileEdit replaces what a person says of themselves.
type ProfileEdit struct {
	FirstName string   `json:"firstName"`
	LastName  string   `json:"lastName"`
	BirthDate string   `json:"birthDate"`
	Gender    string   `json:"gender,omitempty"`
	Language  string   `json:"language"`
	Home      NewPlace `json:"home"`
}

// NewPerson registers with the contact that a code went to.
type NewPerson struct {
	ProfileEdit
	Contact   string `json:"contact"`
	Community string `json:"community"`
}

// NewDeskPerson is registered at the desk of the community in the path. Contacts are as typed.
type NewDeskPerson struct {
	ProfileEdit
	Contacts []string `json:"contacts,omitempty"`
	Others   bool     `json:"others,omitempty"` // the probable duplicates are other people
}

// NewContact adds a contact that a code has proven.
type NewContact struct {
	Contact string `json:"contact"`
	Flow    string `json:"flow"`
	Code    string `json:"code"`
}

// ContactRemoval takes a contact away.
type ContactRemoval struct {
	Contact string `json:"contact"`
}

// Search finds people of a village by the beginnings of their names, or by birth date.
type Search struct {
	Query string `json:"query"`
}

// Mirror is oneself as a neighbour sees one: each part to the letter as their own calls show it.
type Mirror struct {
	Relation string            `json:"relation"`
	Person   *Profile          `json:"person,omitempty"`
	Requests []Request         `json:"requests"`
	Offers   []Offer           `json:"offers"`
	Helpers  []ModeratedHelper `json:"helpers"` // one's book, as each of one's villages sees it
}

// View is one reading of one's personal data by somebody else: who, in whose name, what, on which
// ground. Body is the name of the organisation, or else of the village; a helper reads in nobody's.
type View struct {
	ID           string  `json:"id"`
	By           string  `json:"by"`
	Name         string  `json:"name,omitempty"`
	As           string  `json:"as"`
	Community    string  `json:"community,omitempty"`
	Organization string  `json:"organization,omitempty"`
	Body         string  `json:"body,omitempty"`
	What         string  `json:"what"`
	Request      string  `json:"request,omitempty"`
	Basis        string  `json:"basis,omitempty"`
	At           Instant `json:"at"`
}

// Forgetting asks that somebody is forgotten for good. Their first name, typed once more, confirms it.
type Forgetting struct {
	FirstName string `json:"firstName"`
}
