package care

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func standingOffer() Offer {
	return Offer{
		ID: "offer", Helper: "jan", Community: "grolloo", Kinds: []Kind{RideKind, GroceriesKind},
		Availability: weekly("Wed 09:00-17:00"), Radius: 15_000, Travel: ByCar, Vehicle: Vehicle{Seats: 3, Walker: true},
		Languages: []string{"nl", "de"}, Skills: []string{"lifting"}, Note: "Ik rijd graag.",
	}
}

func boxedOffer() Offer {
	o := standingOffer()
	o.Availability = Availability{}
	o.Boxed = &Boxed{At: nlInterval("2026-06-09T13:00", "2026-06-09T17:00"), From: "Grolloo", To: "Emmen", Seats: 2}
	return o
}

var offerDay = nl("2026-06-01T12:00")

func TestNewOffer(t *testing.T) {
	for name, o := range map[string]Offer{"that stands": standingOffer(), "for one journey": boxedOffer()} {
		made, events, err := NewOffer(o, "desk", offerDay)
		want := []Event{{Type: OfferMade, At: offerDay, By: "desk", Community: "grolloo", Helper: "jan", Offer: "offer"}}
		if err != nil || !reflect.DeepEqual(events, want) || !made.CreatedAt.Equal(offerDay) || !made.Active(offerDay) {
			t.Errorf("an offer %s: %+v, %v, %v", name, made, events, err)
		}
	}
}

func TestOfferRefuses(t *testing.T) {
	for name, row := range map[string]struct {
		base   func() Offer
		change func(*Offer)
		code   string
	}{
		"no helper":                         {standingOffer, func(o *Offer) { o.Helper = "" }, "offer_incomplete"},
		"no community":                      {standingOffer, func(o *Offer) { o.Community = "" }, "offer_incomplete"},
		"nothing to do":                     {standingOffer, func(o *Offer) { o.Kinds = nil }, "kinds_missing"},
		"a kind that is none":               {standingOffer, func(o *Offer) { o.Kinds = []Kind{"mowing"} }, "kind_unknown"},
		"a kind twice":                      {standingOffer, func(o *Offer) { o.Kinds = []Kind{PetKind, PetKind} }, "kind_twice"},
		"a radius below zero":               {standingOffer, func(o *Offer) { o.Radius = -1 }, "radius_invalid"},
		"a radius of 50,001 metres":         {standingOffer, func(o *Offer) { o.Radius = 50_001 }, "radius_invalid"},
		"no way of travelling":              {standingOffer, func(o *Offer) { o.Travel = "" }, "travel_unknown"},
		"a ride without a seat":             {standingOffer, func(o *Offer) { o.Vehicle = Vehicle{} }, "vehicle_missing"},
		"a walking frame without a vehicle": {standingOffer, func(o *Offer) { o.Kinds, o.Vehicle.Seats = []Kind{PetKind}, 0 }, "vehicle_missing"},
		"nine seats":                        {standingOffer, func(o *Offer) { o.Vehicle.Seats = 9 }, "vehicle_seats_invalid"},
		"a language in capitals":            {standingOffer, func(o *Offer) { o.Languages = []string{"NL"} }, "language_invalid"},
		"a language of three letters":       {standingOffer, func(o *Offer) { o.Languages = []string{"nld"} }, "language_invalid"},
		"an empty skill":                    {standingOffer, func(o *Offer) { o.Skills = []string{" "} }, "skill_invalid"},
		"21 skills":                         {standingOffer, func(o *Offer) { o.Skills = slices.Repeat([]string{"a"}, 21) }, "offer_too_many_words"},
		"a note of 501 characters":          {standingOffer, func(o *Offer) { o.Note = strings.Repeat("é", 501) }, "note_invalid"},
		"no hour of the week":               {standingOffer, func(o *Offer) { o.Availability.Weekly = nil }, "availability_missing"},
		"an impossible window":              {standingOffer, func(o *Offer) { o.Availability.Weekly[0].End = 9 * 60 }, "window_invalid"},
		"a journey that ends as it starts":  {boxedOffer, func(o *Offer) { o.Boxed.At.Until = o.Boxed.At.From }, "journey_time_invalid"},
		"a journey of over a day":           {boxedOffer, func(o *Offer) { o.Boxed.At.Until = o.Boxed.At.From.Add(24*time.Hour + 1) }, "journey_time_invalid"},
		"a journey that starts this moment": {boxedOffer, func(o *Offer) { o.Boxed.At.From = offerDay }, "journey_time_invalid"},
		"a journey in over a year":          {boxedOffer, func(o *Offer) { o.Boxed.At = nlInterval("2027-06-01T12:01", "2027-06-01T13:00") }, "journey_time_invalid"},
		"a journey to nowhere":              {boxedOffer, func(o *Offer) { o.Boxed.To = "" }, "journey_places_invalid"},
		"a journey with hours of the week":  {boxedOffer, func(o *Offer) { o.Availability = standingOffer().Availability }, "availability_unexpected"},
		"a journey without a seat":          {boxedOffer, func(o *Offer) { o.Boxed.Seats = 0 }, "journey_seats_invalid"},
		"more seats than the vehicle has":   {boxedOffer, func(o *Offer) { o.Boxed.Seats = 4 }, "journey_seats_invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			o := row.base()
			row.change(&o)
			if _, events, err := NewOffer(o, "jan", offerDay); CodeOf(err) != row.code || events != nil {
				t.Errorf("new: got %v, want %s", err, row.code)
			}
			made, _, err := NewOffer(row.base(), "jan", offerDay)
			if err != nil {
				t.Fatal(err)
			}
			if o.Helper == "" || o.Community == "" {
				return // an edit cannot change whose it is and where
			}
			if after, _, err := made.Edit("jan", o, offerDay); CodeOf(err) != row.code || !reflect.DeepEqual(after, made) {
				t.Errorf("edit: got %v, want %s and the offer as it was", err, row.code)
			}
		})
	}
}

func TestOfferEdit(t *testing.T) {
	made, _, err := NewOffer(standingOffer(), "jan", offerDay)
	if err != nil {
		t.Fatal(err)
	}
	next := Offer{ID: "other", Helper: "piet", Community: "rolde", Kinds: []Kind{PetKind}, Availability: weekly("Mon 09:00-10:00"), Travel: OnFoot, EndedAt: offerDay}
	later := offerDay.Add(time.Hour)
	edited, events, err := made.Edit("jan", next, later)
	if err != nil || len(events) != 1 || events[0].Type != OfferChanged || !events[0].At.Equal(later) {
		t.Fatalf("got %v, %v", events, err)
	}
	if edited.ID != "offer" || edited.Helper != "jan" || edited.Community != "grolloo" || !edited.CreatedAt.Equal(offerDay) || !edited.EndedAt.IsZero() {
		t.Errorf("an edit changed whose it is, where or since when: %+v", edited)
	}
	if edited.Travel != OnFoot || !slices.Equal(edited.Kinds, []Kind{PetKind}) {
		t.Errorf("an edit did not change what is offered: %+v", edited)
	}
	if _, _, err := made.Edit("piet", next, later); !IsKind(err, Forbidden) || CodeOf(err) != "not_your_offer" {
		t.Errorf("somebody else edits: %v", err)
	}
}

func TestOfferEnd(t *testing.T) {
	made, _, err := NewOffer(standingOffer(), "jan", offerDay)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := made.End("piet", offerDay); CodeOf(err) != "not_your_offer" {
		t.Errorf("somebody else ends it: %v", err)
	}
	ended, events, err := made.End("jan", offerDay)
	if err != nil || len(events) != 1 || events[0].Type != OfferEnded || ended.Active(offerDay) {
		t.Fatalf("got %+v, %v, %v", ended, events, err)
	}
	if !made.Active(offerDay) {
		t.Error("the offer it began with ended too")
	}
	if _, _, err := ended.End("jan", offerDay); CodeOf(err) != "offer_ended" {
		t.Errorf("ending twice: %v", err)
	}
	if _, _, err := ended.Edit("jan", standingOffer(), offerDay); CodeOf(err) != "offer_ended" {
		t.Errorf("editing what has ended: %v", err)
	}
	if err := ended.Serves(RideKind, nlInterval("2026-06-10T10:00", "2026-06-10T11:00")); CodeOf(err) != "offer_ended" {
		t.Errorf("serving after the end: %v", err)
	}
}

func TestOfferServes(t *testing.T) {
	for name, row := range map[string]struct {
		o    Offer
		kind Kind
		at   Interval
		code string
	}{
		"a ride in its hours":            {standingOffer(), RideKind, nlInterval("2026-06-10T09:00", "2026-06-10T17:00"), ""},
		"not a minute outside its hours": {standingOffer(), RideKind, nlInterval("2026-06-10T09:00", "2026-06-10T17:01"), "time_not_offered"},
		"not another kind":               {standingOffer(), NightSitKind, nlInterval("2026-06-10T09:00", "2026-06-10T10:00"), "kind_not_offered"},
		"not a time that is none":        {standingOffer(), RideKind, Interval{}, "interval_invalid"},
		"a ride inside its journey":      {boxedOffer(), RideKind, nlInterval("2026-06-09T13:00", "2026-06-09T17:00"), ""},
		"not a ride a minute before it":  {boxedOffer(), RideKind, nlInterval("2026-06-09T12:59", "2026-06-09T14:00"), "time_not_offered"},
		"not a ride on another day":      {boxedOffer(), RideKind, nlInterval("2026-06-10T13:00", "2026-06-10T14:00"), "time_not_offered"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := CodeOf(row.o.Serves(row.kind, row.at)); got != row.code {
				t.Errorf("got %q, want %q", got, row.code)
			}
		})
	}
}

func TestOfferForOneJourneyStandsUntilItStarts(t *testing.T) {
	o := boxedOffer()
	if !o.Active(nl("2026-06-09T12:59")) || o.Active(nl("2026-06-09T13:00")) {
		t.Error("a journey that has started takes nobody along")
	}
}

func TestOfferKeepsNothingOfTheCaller(t *testing.T) {
	given := boxedOffer()
	made, _, err := NewOffer(given, "jan", offerDay)
	if err != nil {
		t.Fatal(err)
	}
	given.Kinds[0], given.Boxed.To = OtherKind, "Assen"
	if made.Kinds[0] != RideKind || made.Boxed.To != "Emmen" {
		t.Error("changing what was given changed the offer")
	}
}
