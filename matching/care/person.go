package care

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Point is a place on earth in degrees, WGS 84.
type Point struct{ Lat, Lon float64 }

// Valid reports whether the point lies on earth; NaN does not.
func (p Point) Valid() bool {
	return p.Lat >= -90 && p.Lat <= 90 && p.Lon >= -180 && p.Lon <= 180
}

// Place is somewhere exact. Town is one of the product's place names and is all that anybody sees
// before a yes; the rest is personal.
type Place struct {
	Point    Point
	Street   string // street and number
	PostCode string
	Town     string
}

// amiss names the field of the first thing that a place lacks: it has a point on earth and a town, and nothing
// but short texts. Empty where nothing is amiss.
func (p Place) amiss() string {
	switch {
	case !plainText(p.Town, 1, 80):
		return "town"
	case !plainText(p.Street, 0, 120):
		return "street"
	case !plainText(p.PostCode, 0, 10):
		return "postCode"
	case p.Point.Valid():
		return ""
	case Point{Lat: p.Point.Lat}.Valid():
		return "lon"
	}
	return "lat"
}

// Contact is a way to reach a person. Couples share contacts, so one is never unique.
type Contact struct {
	Kind  ContactKind
	Value string // normalised: E.164, or a lower-case mail address
}

// ContactKind tells a phone from a mail address.
type ContactKind string

// The kinds of contact.
const (
	Phone ContactKind = "phone"
	Mail  ContactKind = "mail"
)

// Gender is asked only so that a resident's wish can be honoured; empty means not told.
type Gender string

// The genders a wish can name.
const (
	Woman Gender = "woman"
	Man   Gender = "man"
	Other Gender = "other"
)

func (g Gender) known() bool { return g == "" || g == Woman || g == Man || g == Other }

// Channel is the way something reached us, or a person was told.
type Channel string

// The channels of intake.
const (
	ByApp     Channel = "app"
	ByPhone   Channel = "phone"
	ByDesk    Channel = "desk"
	ByLetter  Channel = "letter"
	ByPartner Channel = "partner" // a professional's system
)

// Known reports whether the channel is one of ours.
func (c Channel) Known() bool {
	switch c {
	case ByApp, ByPhone, ByDesk, ByLetter, ByPartner:
		return true
	}
	return false
}

// Person is somebody we know: resident, volunteer, worker or several of these at once.
// What they may do comes from memberships, what binds them as a helper from Helper.
type Person struct {
	ID           PersonID
	FirstName    string
	LastName     string
	BirthDate    string // local date 2006-01-02
	Gender       Gender
	Language     string // two lower-case letters
	Contacts     []Contact
	Home         Place
	WithoutApp   bool // reached by the desk's phone list or by letter
	Registered   Channel
	RegisteredBy PersonID // empty where they did it themselves
	CreatedAt    time.Time
	Life         Life
	ForgetAt     time.Time // they asked to be forgotten: nothing they said of themselves is left
	ForgottenAt  time.Time // everything of theirs has ended and their key is destroyed
	Alias        *Alias    // another record of the same person stays in place of this one
	Absorbed     []Absorbed
}

// Register checks a new person and says that they are there. It never looks for duplicates: that
// needs a store.
func Register(p Person, now time.Time) (Person, []Event, error) {
	if err := p.validate(now); err != nil {
		return p, nil, err
	}
	p.CreatedAt = now
	return p, []Event{{Type: PersonRegistered, At: now, By: p.RegisteredBy, Person: p.ID}}, nil
}

// Edit replaces what the person may change of themselves; identity and origin stay.
func (p Person) Edit(next Person, by PersonID, now time.Time) (Person, []Event, error) {
	if p.Gone() || p.Alias != nil {
		return p, nil, personGone()
	}
	next.ID, next.CreatedAt = p.ID, p.CreatedAt
	next.Registered, next.RegisteredBy, next.Life = p.Registered, p.RegisteredBy, p.Life
	next.ForgetAt, next.ForgottenAt, next.Alias, next.Absorbed = p.ForgetAt, p.ForgottenAt, p.Alias, p.Absorbed
	if err := next.validate(now); err != nil {
		return p, nil, err
	}
	return next, []Event{{Type: PersonChanged, At: now, By: by, Person: p.ID}}, nil
}

func (p Person) validate(now time.Time) error {
	born, err := time.Parse(time.DateOnly, p.BirthDate)
	switch {
	case !plainText(p.FirstName, 1, 60):
		return Amiss("firstName", "name_invalid", "first and last name are needed, of at most 60 and 80 characters")
	case !plainText(p.LastName, 1, 80):
		return Amiss("lastName", "name_invalid", "first and last name are needed, of at most 60 and 80 characters")
	case err != nil || born.Year() < 1900 || born.After(now):
		return Amiss("birthDate", "birth_date_invalid", "a birth date is YYYY-MM-DD, not before 1900 and not in the future")
	case born.AddDate(16, 0, 0).After(now):
		return Amiss("birthDate", "too_young", "an account of one's own needs an age of 16")
	case !p.Gender.known():
		return Amiss("gender", "gender_unknown", "there is no such gender; it need not be told")
	case !isLanguage(p.Language):
		return Amiss("language", "language_invalid", "a language is two lower-case letters")
	case len(p.Contacts) > 4:
		return Amiss("contacts", "contacts_too_many", "a person has at most 4 contacts")
	case len(p.Contacts) == 0 && !p.WithoutApp:
		return Amiss("contacts", "contact_missing", "somebody with the app needs a mail address or a phone number")
	case p.Home.amiss() != "":
		return Amiss("home."+p.Home.amiss(), "place_invalid", "the home needs a point on earth and a town; street and post code are short texts")
	}
	return nil
}

// plainText reports whether s is valid UTF-8 on one line, without control characters and without
// invisible ones that turn a name around or leave it empty, with a length in runes within the bounds.
func plainText(s string, least, most int) bool {
	// A filler counts as a letter and a blank of braille as a sign; both show nothing.
	invisible := func(r rune) bool {
		return unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point) || r == '\u2800'
	}
	return lineText(s, least, most) && !strings.ContainsFunc(s, invisible)
}

// lineText is plainText in which emoji may be joined and writing may change its direction.
func lineText(s string, least, most int) bool {
	if !utf8.ValidString(s) {
		return false
	}
	ends := func(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp) }
	n := utf8.RuneCountInString(strings.TrimSpace(s))
	return n >= least && utf8.RuneCountInString(s) <= most && !strings.ContainsFunc(s, ends)
}

// isCode reports whether s is a reason's code: lower-case letters, digits, dots and underscores, at
// most 40. Codes enter events and so the feed; what a person writes never does.
func isCode(s string) bool {
	return len(s) <= 40 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789._") == ""
}

// reasonInvalid is what a reason that is no code answers.
func reasonInvalid() error {
	return Amiss("reason", "reason_invalid", "a reason is a code of at most 40 lower-case characters")
}

// isLanguage reports whether s is a code of two lower-case letters.
func isLanguage(s string) bool {
	return len(s) == 2 && 'a' <= s[0] && s[0] <= 'z' && 'a' <= s[1] && s[1] <= 'z'
}

// longText is lineText that may have line breaks and tabs.
func longText(s string, least, most int) bool {
	flat := strings.NewReplacer("\n", " ", "\r", " ", "\t", " ").Replace(s)
	return lineText(flat, least, most)
}
