package matching

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"naober/matching/care"
	"naober/matching/place"
)

// Reason is why somebody was chosen: a message key and what its sentence is filled with. Reasons may
// be shown to the helper, so distances are those between two places, never between two homes.
type Reason struct {
	Key    string
	Params map[string]string
}

// The keys of reasons.
const (
	ReasonSamePlace = "same_place" // place
	ReasonNearby    = "nearby"     // band
	ReasonKnownFace = "known_face"
	ReasonKind      = "kind_offered" // kind
	ReasonFree      = "free_then"
	ReasonVehicle   = "vehicle_fits"
	ReasonLanguage  = "language_spoken" // languages
	ReasonSkill     = "skills_match"    // skills
	ReasonJourney   = "joins_journey"   // visit, minutes
)

// JoinsJourney is why a driver was asked to take somebody along: on the journey of one of their visits, for
// so many minutes more. It comes before the other reasons.
func JoinsJourney(visit care.VisitID, detour time.Duration) Reason {
	return Reason{Key: ReasonJourney, Params: map[string]string{"visit": string(visit), "minutes": strconv.Itoa(int(detour / time.Minute))}}
}

// Why lists why somebody who was asked fits, for their own eyes: the reasons that Rank gives, whatever
// rule would keep them out by now.
func Why(n Need, c Candidate) []Reason { return reasons(n, Fit{Candidate: c}) }

// reasons lists why the helper fits, always in the same order.
func reasons(n Need, f Fit) []Reason {
	c, wished := f.Candidate, n.Request.Needs
	list := []Reason{distanceReason(c.Home, n.Request.Where.Point)}
	if c.KnownFace {
		list = append(list, Reason{Key: ReasonKnownFace})
	}
	list = append(list, reason(ReasonKind, "kind", string(n.Request.Kind)), Reason{Key: ReasonFree})
	if n.Request.Ride != nil {
		list = append(list, Reason{Key: ReasonVehicle})
	}
	if len(wished.Languages) > 0 {
		list = append(list, reason(ReasonLanguage, "languages", sorted(wished.Languages)))
	}
	if len(wished.Skills) > 0 {
		list = append(list, reason(ReasonSkill, "skills", sorted(wished.Skills)))
	}
	return list
}

func reason(key, param, value string) Reason {
	return Reason{Key: key, Params: map[string]string{param: value}}
}

func sorted(words []string) string {
	return strings.Join(slices.Sorted(slices.Values(words)), ",")
}

// distanceReason is the same for everybody in a cell, so that moving one's own home about tells
// nothing of where another's is.
func distanceReason(home, where care.Point) Reason {
	from, to := place.CellOf(home), place.CellOf(where)
	if from.Place.ID == to.Place.ID {
		return reason(ReasonSamePlace, "place", to.Place.Label())
	}
	return reason(ReasonNearby, "band", band(place.Distance(from.Centre, to.Centre)))
}

func band(metres float64) string {
	switch {
	case metres < 5_000:
		return "under_5_km"
	case metres < 10_000:
		return "5_to_10_km"
	case metres < 20_000:
		return "10_to_20_km"
	}
	return "over_20_km"
}
