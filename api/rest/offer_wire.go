package rest

import (
	"time"

	"naober/matching/care"
	"naober/mobile-contract/wire"
)

func toOffer(o care.Offer) wire.Offer {
	shown := wire.Offer{ID: string(o.ID), Helper: string(o.Helper), Community: string(o.Community),
		CreatedAt: wire.Instant(o.CreatedAt), EndedAt: wire.Instant(o.EndedAt),
		OfferEdit: wire.OfferEdit{Kinds: texts(o.Kinds), Radius: o.Radius, Travel: string(o.Travel), Vehicle: wire.Vehicle(o.Vehicle),
			Languages: o.Languages, Skills: o.Skills, Note: o.Note}}
	if o.Boxed != nil {
		shown.Boxed = &wire.Journey{At: toInterval(o.Boxed.At), From: o.Boxed.From, To: o.Boxed.To, Seats: o.Boxed.Seats}
		return shown
	}
	shown.Availability = &wire.Availability{Zone: o.Availability.Zone, Weekly: list(o.Availability.Weekly, toWindow),
		Except: each(o.Availability.Except, func(x care.Exception) wire.Interval {
			return wire.Interval{From: wire.Instant(x.From), Until: wire.Instant(x.Until)}
		})}
	return shown
}

func toWindow(w care.Window) wire.Window {
	return wire.Window{Day: int(w.Day), Start: w.Start.String(), End: w.End.String()}
}

func toInterval(i care.Interval) wire.Interval {
	return wire.Interval{From: wire.Instant(i.From), Until: wire.Instant(i.Until)}
}

func fromOffer(n wire.NewOffer) (care.Offer, error) {
	made, err := fromOfferEdit(n.OfferEdit)
	if err != nil {
		return made, err
	}
	if made.Community, err = bodyID[care.CommunityID]("community", n.Community); err != nil {
		return made, err
	}
	made.Helper, err = optionalID[care.PersonID]("helper", n.Helper)
	return made, err
}

func fromOfferEdit(n wire.OfferEdit) (care.Offer, error) {
	o := care.Offer{Radius: n.Radius, Travel: care.TravelMode(n.Travel), Vehicle: care.Vehicle(n.Vehicle),
		Kinds:     each(n.Kinds, func(k string) care.Kind { return care.Kind(k) }),
		Languages: n.Languages, Skills: n.Skills, Note: n.Note}
	if n.Boxed != nil {
		o.Boxed = &care.Boxed{At: fromInterval(n.Boxed.At), From: n.Boxed.From, To: n.Boxed.To, Seats: n.Boxed.Seats}
	}
	if n.Availability == nil {
		return o, nil
	}
	weekly, err := tryEach(n.Availability.Weekly, fromWindow)
	err = care.Within("availability", care.Within("weekly", err))
	o.Availability = care.Availability{Zone: n.Availability.Zone, Weekly: weekly,
		Except: each(n.Availability.Except, func(i wire.Interval) care.Exception {
			return care.Exception{From: time.Time(i.From), Until: time.Time(i.Until)}
		})}
	return o, err
}

func fromWindow(w wire.Window) (care.Window, error) {
	start, err := care.ParseClock(w.Start)
	if err != nil {
		return care.Window{}, care.Within("start", err)
	}
	end, err := care.ParseClock(w.End)
	return care.Window{Day: time.Weekday(w.Day), Start: start, End: end}, care.Within("end", err)
}

func fromInterval(i wire.Interval) care.Interval {
	return care.Interval{From: time.Time(i.From), Until: time.Time(i.Until)}
}
