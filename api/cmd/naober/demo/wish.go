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
	words []string
	lasts time.Duration
}

// wishes are in the people's own words.
func wishes() []wish {
	return []wish{
		{care.GroceriesKind, []string{"Ik heb een tas boodschappen nodig, de winkel is te ver lopen.", "Kan iemand mee naar de supermarkt? Ik til niet meer zo goed."}, time.Hour},
		{care.CompanyKind, []string{"Gezellig een kop koffie en een potje rummikub.", "Iemand om een eindje mee te wandelen."}, 90 * time.Minute},
		{care.OddJobKind, []string{"De lamp in de gang moet vervangen, ik durf niet meer op de trap.", "Er moet een plankje aan de muur."}, time.Hour},
		{care.GardenKind, []string{"De heg is te hoog geworden.", "Het gras moet nog een keer gemaaid voor de winter."}, 2 * time.Hour},
		{care.DigitalKind, []string{"Ik kom niet meer in mijn mail.", "Wie helpt mij beeldbellen met mijn kleinzoon?"}, time.Hour},
		{care.PetKind, []string{"De hond moet een rondje, ik heb een zere voet."}, 30 * time.Minute},
		{care.PaperworkKind, []string{"Een brief van de gemeente die ik niet begrijp."}, time.Hour},
		{care.RideKind, []string{"Ik moet voor controle en mag zelf niet rijden."}, 2 * time.Hour},
	}
}

// wishOf draws a request of somebody in a village, for a quarter of an hour in the coming days.
func wishOf(r *rand.Rand, village care.Community, now time.Time) wire.NewRequest {
	w := pick(r, wishes())
	for village.Town == stage && w.kind == care.RideKind {
		w = pick(r, wishes()) // rides on the stage are the story's
	}
	where, err := care.LoadZone(village.Zone)
	if err != nil {
		where = time.UTC
	}
	day := now.In(where).AddDate(0, 0, 1+r.IntN(4))
	start := time.Date(day.Year(), day.Month(), day.Day(), 9+r.IntN(8), 15*r.IntN(4), 0, 0, where)
	asked := wire.NewRequest{Community: string(village.ID), Publish: true, RequestEdit: wire.RequestEdit{Kind: string(w.kind), Words: pick(r, w.words),
		Urgency: string(care.Ordinary), Slots: []wire.NewSlot{{Start: wire.Instant(start), End: wire.Instant(start.Add(w.lasts))}}}}
	if w.kind == care.RideKind {
		to := pick(r, place.Destinations())
		asked.Ride = &wire.Ride{To: wire.Place{Town: to.Town, Street: to.Name, Lat: &to.Point.Lat, Lon: &to.Point.Lon},
			ReturnAt: wire.Instant(start.Add(90 * time.Minute)), Passengers: 1, Walker: chance(r, 30)}
	}
	return asked
}
