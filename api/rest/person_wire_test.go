package rest

import (
	"encoding/json"
	"strings"
	"testing"

	"naober/matching/care"
	"naober/matching/place"
)

// TestAreaFarFromEveryVillage has an empty outline, and never null: a client draws what is there.
func TestAreaFarFromEveryVillage(t *testing.T) {
	t.Parallel()
	raw, err := json.Marshal(toArea(place.CellOf(care.Point{Lat: 7, Lon: 7})))
	must(t, err)
	if !strings.Contains(string(raw), `"outline":[]`) {
		t.Errorf("the area is %s", raw)
	}
}
