package sqlitestore

import (
	"cmp"
	"context"
	"math"
	"slices"

	"naober/api/port"
	"naober/api/store/record"
	"naober/matching/care"
)

// communities adds the search by place. It looks at every community: a province has some hundreds.
type communities struct {
	collection[care.CommunityID, care.Community, record.CommunityRecord]
}

// Near implements app.Communities.
func (c communities) Near(ctx context.Context, p care.Point, limit int) ([]port.Stored[care.Community], error) {
	type far struct {
		port.Stored[care.Community]
		metres float64
	}
	var all []far
	err := c.Each(ctx, func(s port.Stored[care.Community]) error {
		all = append(all, far{s, metres(p, s.Value.Point)})
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b far) int {
		return cmp.Or(cmp.Compare(a.metres, b.metres), cmp.Compare(a.Value.ID, b.Value.ID))
	})
	near := make([]port.Stored[care.Community], min(len(all), bounded(limit)))
	for i := range near {
		near[i] = all[i].Stored
	}
	return near, nil
}

// metres is the great-circle distance by the haversine formula, on a sphere of the earth's mean
// radius, 6,371,008.8 m (IUGG).
func metres(a, b care.Point) float64 {
	const radius, degree = 6_371_008.8, math.Pi / 180
	sinLat := math.Sin((b.Lat - a.Lat) * degree / 2)
	sinLon := math.Sin((b.Lon - a.Lon) * degree / 2)
	h := sinLat*sinLat + math.Cos(a.Lat*degree)*math.Cos(b.Lat*degree)*sinLon*sinLon
	return 2 * radius * math.Asin(math.Sqrt(min(h, 1)))
}
