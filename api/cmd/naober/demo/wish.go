package demo

import (
	"math/rand/v2"
	"time"

	"naober/matching/care"
	"naober/matching/place"
	"naober/mobile-contract/wire"
)

// wish is something that people often ask for.
type wish struct {
	kind  care.Kind
	often int // against the others
	lasts time.Duration
	words []string
}

// wishes are in the people's own words.
func wishes() []wish {
	return []wish{
		{care.GroceriesKind, 5, time.Hour, []string{"Ik heb een tas boodschappen nodig, de winkel is te ver lopen.", "Kan iemand mee naar de supermarkt? Ik til niet meer zo goed."}},
		{care.CompanyKind, 4, 90 * time.Minute, []string{"Gezellig een kop koffie en een potje rummikub.", "Iemand om een eindje mee te wandelen."}},
		{care.RideKind, 3, 2 * time.Hour, []string{"Ik moet voor controle en mag zelf niet rijden."}},
		{care.GardenKind, 2, 2 * time.Hour, []string{"De heg is te hoog geworden.", "Het gras moet nog een keer gemaaid."}},
		{care.PetKind, 2, 30 * time.Minute, []string{"De hond moet een rondje, ik heb een zere voet."}},
		{care.DigitalKind, 2, time.Hour, []string{"Ik kom niet meer in mijn mail.", "Wie helpt mij beeldbellen met mijn kleinzoon?"}},
		{care.OddJobKind, 1, time.Hour, []string{"De lamp in de gang moet vervangen, ik durf niet meer op de trap.", "Er moet een plankje aan de muur."}},
		{care.PaperworkKind, 1, time.Hour, []string{"Een brief van de gemeente die ik niet begrijp."}},
	}
}

// anyWish draws one by how often it is asked.
func anyWish(r *rand.Rand) wish {
	var urn []wish
	for _, w := range wishes() {
		for range w.often {
			urn = append(urn, w)
		}
	}
	return pick(r, urn)
}

// wishOf draws a request of somebody in a village, on one of the coming days: a ride at its hour,
// anything else whenever it suits the helper.
func wishOf(r *rand.Rand, village care.Community, now time.Time) wire.NewRequest {
	w := anyWish(r)
	for village.Town == stage && w.kind == care.RideKind {
		w = anyWish(r) // rides on the stage are the story's
	}
	where, err := care.LoadZone(village.Zone)
	if err != nil {
		where = time.UTC
	}
	day := now.In(where).AddDate(0, 0, 1+r.IntN(5))
	at := func(hour, minute int) time.Time {
		return time.Date(day.Year(), day.Month(), day.Day(), hour, minute, 0, 0, where)
	}
	asked := wire.NewRequest{Community: string(village.ID), Publish: true, RequestEdit: wire.RequestEdit{Kind: string(w.kind), Words: pick(r, w.words),
		Urgency: string(care.Ordinary)}}
	if w.kind == care.RideKind {
		start, to := at(9+r.IntN(6), 15*r.IntN(4)), pick(r, place.Destinations())
		asked.Slots = []wire.NewSlot{{Start: wire.Instant(start), End: wire.Instant(start.Add(w.lasts))}}
		asked.Ride = &wire.NewRide{To: wire.NewPlace{Town: to.Town, Street: to.Name, Lat: to.Point.Lat, Lon: to.Point.Lon},
			ReturnAt: wire.Instant(start.Add(90 * time.Minute)), Passengers: 1, Walker: chance(r, 30)}
		return asked
	}
	asked.Slots = []wire.NewSlot{{Start: wire.Instant(at(9, 0)), End: wire.Instant(at(21, 0)), DurationMinutes: int(w.lasts.Minutes())}}
	return asked
}
