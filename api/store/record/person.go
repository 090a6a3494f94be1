package record

import (
	"time"

	"naober/matching/care"
)

// PersonRecord is a stored care.Person.
type PersonRecord struct {
	ID           care.PersonID   `json:"id" bson:"id"`
	FirstName    string          `json:"firstName,omitempty" bson:"firstName,omitempty" seal:"yes"`
	LastName     string          `json:"lastName,omitempty" bson:"lastName,omitempty" seal:"yes"`
	BirthDate    string          `json:"birthDate,omitempty" bson:"birthDate,omitempty" seal:"yes"`
	Gender       care.Gender     `json:"gender,omitempty" bson:"gender,omitempty" seal:"yes"`
	Language     string          `json:"language,omitempty" bson:"language,omitempty" seal:"yes"`
	Contacts     []ContactRecord `json:"contacts,omitempty" bson:"contacts,omitempty" seal:"yes"`
	Home         PlaceRecord     `json:"home,omitzero" bson:"home,omitempty" seal:"yes"`
	WithoutApp   bool            `json:"withoutApp,omitempty" bson:"withoutApp,omitempty"`
	Registered   care.Channel    `json:"registered,omitempty" bson:"registered,omitempty"`
	RegisteredBy care.PersonID   `json:"registeredBy,omitempty" bson:"registeredBy,omitempty"`
	CreatedAt    time.Time       `json:"createdAt,omitzero" bson:"createdAt,omitempty"`
	Life         LifeRecord      `json:"life,omitzero" bson:"life,omitempty" seal:"yes"`
	ForgetAt     time.Time       `json:"forgetAt,omitzero" bson:"forgetAt,omitempty"`
	ForgottenAt  time.Time       `json:"forgottenAt,omitzero" bson:"forgottenAt,omitempty"`
	Alias        *AliasRecord    `json:"alias,omitempty" bson:"alias,omitempty"`

	Absorbed []AbsorbedRecord `json:"absorbed,omitempty" bson:"absorbed,omitempty"`
}

// ContactRecord is a stored care.Contact.
type ContactRecord struct {
	Kind  care.ContactKind `json:"kind,omitempty" bson:"kind,omitempty"`
	Value string           `json:"value,omitempty" bson:"value,omitempty"`
}

// PointRecord is a stored care.Point, in degrees.
type PointRecord struct {
	Lat float64 `json:"lat,omitempty" bson:"lat,omitempty"`
	Lon float64 `json:"lon,omitempty" bson:"lon,omitempty"`
}

// PlaceRecord is a stored care.Place.
type PlaceRecord struct {
	Point    PointRecord `json:"point,omitzero" bson:"point,omitempty"`
	Street   string      `json:"street,omitempty" bson:"street,omitempty"`
	PostCode string      `json:"postCode,omitempty" bson:"postCode,omitempty"`
	Town     string      `json:"town,omitempty" bson:"town,omitempty"`
}

// Persons translates persons. Nothing here tells who has which contact: that index lies in the key
// store.
func Persons() Codec[care.Person, PersonRecord] {
	return Codec[care.Person, PersonRecord]{
		Kind: "persons", Noun: "person", Events: true, To: toPerson, From: fromPerson, Facts: noFacts[care.Person],
		Owner: func(p PersonRecord) care.PersonID { return p.ID },
	}
}

func toPerson(p care.Person) PersonRecord {
	return PersonRecord{ID: p.ID, FirstName: p.FirstName, LastName: p.LastName, BirthDate: p.BirthDate, Gender: p.Gender,
		Language: p.Language, Contacts: each(p.Contacts, toContact), Home: toPlace(p.Home), WithoutApp: p.WithoutApp,
		Registered: p.Registered, RegisteredBy: p.RegisteredBy, CreatedAt: at(p.CreatedAt), Life: toLife(p.Life),
		ForgetAt: at(p.ForgetAt), ForgottenAt: at(p.ForgottenAt), Alias: ref(p.Alias, toAlias), Absorbed: each(p.Absorbed, toAbsorbed)}
}

func fromPerson(p PersonRecord) care.Person {
	return care.Person{ID: p.ID, FirstName: p.FirstName, LastName: p.LastName, BirthDate: p.BirthDate, Gender: p.Gender,
		Language: p.Language, Contacts: each(p.Contacts, fromContact), Home: fromPlace(p.Home), WithoutApp: p.WithoutApp,
		Registered: p.Registered, RegisteredBy: p.RegisteredBy, CreatedAt: at(p.CreatedAt), Life: fromLife(p.Life),
		ForgetAt: at(p.ForgetAt), ForgottenAt: at(p.ForgottenAt), Alias: ref(p.Alias, fromAlias), Absorbed: each(p.Absorbed, fromAbsorbed)}
}

func toContact(c care.Contact) ContactRecord   { return ContactRecord(c) }
func fromContact(c ContactRecord) care.Contact { return care.Contact(c) }

func toPlace(p care.Place) PlaceRecord {
	return PlaceRecord{Point: PointRecord(p.Point), Street: p.Street, PostCode: p.PostCode, Town: p.Town}
}

func fromPlace(p PlaceRecord) care.Place {
	return care.Place{Point: care.Point(p.Point), Street: p.Street, PostCode: p.PostCode, Town: p.Town}
}
