package rest

import (
	"math"

	"naober/api/app"
	"naober/matching/care"
	"naober/matching/place"
	"naober/mobile-contract/wire"
)

func toPersonRef(p *app.PersonView) *wire.Person {
	if p == nil {
		return nil
	}
	return &wire.Person{ID: string(p.ID), FirstName: p.FirstName, LastName: p.LastName}
}

// toPlace shows a place: exact, or the town alone.
func toPlace(p care.Place, exact bool) wire.Place {
	if !exact {
		return wire.Place{Town: p.Town}
	}
	return wire.Place{Town: p.Town, Street: p.Street, PostCode: p.PostCode, Lat: &p.Point.Lat, Lon: &p.Point.Lon}
}

// toArea shows a cell in place of a place: by the name of what it is around, and its outline.
func toArea(c place.Cell) wire.Place {
	rings := list(c.Outline(), func(ring []care.Point) []wire.Point {
		return list(ring, func(p care.Point) wire.Point { return wire.Point{Lat: fiveDecimals(p.Lat), Lon: fiveDecimals(p.Lon)} })
	})
	return wire.Place{Town: c.Place.Label(), Area: &wire.Area{Cell: string(c.ID), Outline: rings}}
}

// fiveDecimals is a metre, which is fine enough for a border.
func fiveDecimals(degrees float64) float64 { return math.Round(degrees*1e5) / 1e5 }

func fromPlace(p wire.NewPlace) care.Place {
	return care.Place{Point: care.Point{Lat: p.Lat, Lon: p.Lon}, Street: p.Street, PostCode: p.PostCode, Town: p.Town}
}

// toProfile shows a person as app has cut them down; a moderator's view has no point on earth.
func toProfile(p care.Person) wire.Profile {
	contact := func(c care.Contact) wire.Contact { return wire.Contact{Kind: string(c.Kind), Value: c.Value} }
	return wire.Profile{ID: string(p.ID), FirstName: p.FirstName, LastName: p.LastName, BirthDate: p.BirthDate, Gender: string(p.Gender),
		Language: p.Language, Contacts: each(p.Contacts, contact), Home: toPlace(p.Home, p.Home.Point != care.Point{}), WithoutApp: p.WithoutApp,
		Registered: string(p.Registered), CreatedAt: wire.Instant(p.CreatedAt)}
}

func fromProfile(e wire.ProfileEdit) app.PersonEdit {
	return app.PersonEdit{FirstName: e.FirstName, LastName: e.LastName, BirthDate: e.BirthDate, Gender: care.Gender(e.Gender),
		Language: e.Language, Home: fromPlace(e.Home)}
}

func fromNewPerson(n wire.NewDeskPerson, in care.CommunityID) app.NewPerson {
	e := fromProfile(n.ProfileEdit)
	return app.NewPerson{FirstName: e.FirstName, LastName: e.LastName, BirthDate: e.BirthDate, Gender: e.Gender, Language: e.Language,
		Home: e.Home, Contacts: n.Contacts, Community: in, Others: n.Others}
}

func toView(v app.SeenView) wire.View {
	return wire.View{ID: v.ID, By: string(v.By), Name: v.Name, As: string(v.As), Community: string(v.Community), Organization: string(v.Organization), Body: v.Body,
		What: v.What, Request: string(v.Request), Basis: string(v.Basis), At: wire.Instant(v.At)}
}

func toTokens(t app.Tokens) wire.Tokens {
	return wire.Tokens{Access: t.Access, Refresh: t.Refresh, ExpiresAt: wire.Instant(t.ExpiresAt), Session: string(t.Session), Person: string(t.Person)}
}

func toSignedIn(s app.SignedIn) wire.SignedIn {
	shown := wire.SignedIn{Unregistered: s.Unregistered, Choices: each(s.Choices, func(c app.Choice) wire.Choice {
		return wire.Choice{Person: string(c.Person), FirstName: c.FirstName}
	})}
	if s.Tokens != nil {
		tokens := toTokens(*s.Tokens)
		shown.Tokens = &tokens
	}
	return shown
}

func toDevice(d app.Device) wire.Device {
	return wire.Device{ID: string(d.Session), Name: d.Name, CreatedAt: wire.Instant(d.CreatedAt), UsedAt: wire.Instant(d.UsedAt), Current: d.Current}
}
