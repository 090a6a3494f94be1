package mongostore

import (
	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"
)

// The collections that hold no documents of package app.
const (
	feedName       = "feed"
	auditName      = "audit"
	migrationsName = "migrations"
)

// index names one way in which documents of a kind are found. It is also the index's name.
type index string

const (
	byKey     index = "keys"    // Find
	byDue     index = "due"     // Due
	byPending index = "pending" // Feed.Pending
	byExpiry  index = "expires" // the server's own housekeeping
	byPoint   index = "point"   // Communities.Near
	byEvent   index = "event"   // Feed.Has
	bySource  index = "source"  // Audits.Has
)

// kind is one collection of documents and how they are found.
type kind struct {
	name    string
	indexes []index
}

// kinds lists every collection but the one of migrations. byPending stands at exactly the kinds
// whose documents put events into the feed.
func kinds() []kind {
	return []kind{
		{"persons", []index{byKey, byPending}},
		{"helpers", []index{byKey, byDue, byPending}},
		{"communities", []index{byPoint, byPending}},
		{"organizations", nil},
		{"memberships", []index{byKey, byPending}},
		{"offers", []index{byKey, byPending}},
		{"requests", []index{byKey, byDue, byPending}},
		{"histories", []index{byKey}},
		{"messages", []index{byKey, byPending}},
		{"feedbacks", []index{byKey, byPending}},
		{"reports", []index{byKey, byPending}},
		{"referrals", []index{byKey, byPending}},
		{"tasks", []index{byKey}},
		{"sessions", []index{byKey, byExpiry}},
		{"flows", []index{byExpiry}},
		{"signing_keys", nil},
		{"ledger", []index{byKey, byExpiry}},
		{"tallies", []index{byExpiry}},
		{"views", []index{byKey, byExpiry, byPending}},
		{"leases", nil},
		{"parked", []index{byKey, byDue, byExpiry}},
		{"deliveries", []index{byKey, byDue, byExpiry}},
		{"groups", []index{byKey, byExpiry}},
		{"writers", []index{byKey, byExpiry}},
		{"snapshots", []index{byKey, byExpiry}},
		{"outcomes", []index{byKey, byExpiry}},
		{"letters", []index{byExpiry}},
		{"epochs", nil},
		{feedName, []index{byEvent}},
		{auditName, []index{bySource}},
	}
}

// eventKinds lists the collections whose documents hold events for the feed.
func eventKinds() []string {
	var names []string
	for _, k := range kinds() {
		for _, i := range k.indexes {
			if i == byPending {
				names = append(names, k.name)
			}
		}
	}
	return names
}

// model describes the index to the server. None is unique. The clock and the mover look through
// partial indexes, so what has nothing due and nothing pending costs them nothing.
func (i index) model() mongo.IndexModel {
	named := options.Index().SetName(string(i))
	switch i {
	case byKey:
		return mongo.IndexModel{Keys: bson.D{{Key: "keys", Value: 1}, {Key: "_id", Value: 1}}, Options: named}
	case byExpiry:
		return mongo.IndexModel{Keys: bson.D{{Key: "expires", Value: 1}}, Options: named.SetExpireAfterSeconds(0)}
	case byPoint:
		return mongo.IndexModel{Keys: bson.D{{Key: "point", Value: "2dsphere"}}, Options: named}
	case bySource:
		return mongo.IndexModel{Keys: bson.D{{Key: "source", Value: 1}}, Options: named}
	case byEvent:
		return mongo.IndexModel{Keys: bson.D{{Key: "doc", Value: 1}, {Key: "kind", Value: 1}, {Key: "event.seq", Value: 1}}, Options: named}
	}
	field := string(i) // byDue and byPending are named after the field they are about
	return mongo.IndexModel{
		Keys:    bson.D{{Key: field, Value: 1}, {Key: "_id", Value: 1}},
		Options: named.SetPartialFilterExpression(bson.D{{Key: field, Value: bson.D{{Key: "$exists", Value: true}}}}),
	}
}
