package mongostore

import (
	"context"

	"go.mongodb.org/mongo-driver/bson"

	"naober/api/port"
	"naober/api/store/record"
	"naober/matching/care"
)

// communities adds the search by place.
type communities struct {
	collection[care.CommunityID, care.Community, record.CommunityRecord]
}

// Near implements app.Communities. $nearSphere sorts by the distance itself.
func (c communities) Near(ctx context.Context, p care.Point, limit int) ([]port.Stored[care.Community], error) {
	if !p.Valid() {
		return nil, care.E(care.Invalid, "point_invalid", "a point has a latitude and a longitude on earth")
	}
	near := bson.D{{Key: "$nearSphere", Value: bson.D{{Key: "$geometry", Value: geoPoint(p)}}}}
	return c.list(ctx, bson.D{{Key: "point", Value: near}}, nil, limit)
}
