package mongostore

import (
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/bson"

	"naober/api/port"
	"naober/api/store/record"
	"naober/matching/care"
)

// document is the stored shape of every kind. Only State differs between kinds.
type document struct {
	ID    string   `bson:"_id"`
	Rev   int64    `bson:"rev"`
	Ver   int64    `bson:"ver"`
	Seq   int64    `bson:"seq"` // number of the document's last event, drained or not
	State bson.Raw `bson:"state"`

	Boxes []record.Box `bson:"boxes,omitempty"` // the personal fields of State, sealed

	Keys    []string  `bson:"keys,omitempty"` // "name:value"; no name holds a colon
	Due     time.Time `bson:"due,omitempty"`
	Expires time.Time `bson:"expires,omitempty"`
	Point   *point    `bson:"point,omitempty"`

	Events  []record.EventRecord `bson:"events,omitempty"`
	Pending time.Time            `bson:"pending,omitempty"` // since when events wait; absent when none do
	Nonces  []mark               `bson:"nonces,omitempty"`
}

// point is a GeoJSON point: longitude first.
type point struct {
	Type        string     `bson:"type"`
	Coordinates [2]float64 `bson:"coordinates"`
}

func geoPoint(p care.Point) point {
	return point{Type: "Point", Coordinates: [2]float64{p.Lon, p.Lat}}
}

// keyText is a key as it stands in the index.
func keyText(k port.Key) string { return k.Name + ":" + k.Value }

// find writes what the document is found by.
func (d *document) find(f record.Facts) {
	d.Keys, d.Due, d.Expires, d.Point = nil, f.Due, f.Expires, nil
	for _, k := range f.Keys {
		if text := keyText(k); !slices.Contains(d.Keys, text) {
			d.Keys = append(d.Keys, text)
		}
	}
	if f.Point != nil {
		p := geoPoint(*f.Point)
		d.Point = &p
	}
}

// emit appends events under the next numbers of the document's own sequence.
func (d *document) emit(events []care.Event, now time.Time) {
	if len(events) == 0 {
		return
	}
	if len(d.Events) == 0 {
		d.Pending = now
	}
	d.Events = append(slices.Clip(d.Events), record.Number(d.Seq, events)...)
	d.Seq += int64(len(events))
}

// The filters of this package. Values are typed, so that nothing from outside can become an
// operator: a string of any content is compared as that string.

func byID(id string) bson.D { return bson.D{{Key: "_id", Value: id}} }

func byRev(id string, rev int64) bson.D {
	return bson.D{{Key: "_id", Value: id}, {Key: "rev", Value: rev}}
}

func byIDAfter(id string) bson.D {
	return bson.D{{Key: "_id", Value: bson.D{{Key: "$gt", Value: id}}}}
}

func byKeyAfter(k port.Key, id string) bson.D {
	return append(bson.D{{Key: "keys", Value: keyText(k)}}, byIDAfter(id)...)
}

// byDueUntil names both ends: a server may use a partial index only where the filter itself says
// that the field is there.
func byDueUntil(now time.Time) bson.D {
	return bson.D{{Key: "due", Value: bson.D{{Key: "$gt", Value: time.Time{}}, {Key: "$lte", Value: now}}}}
}

func ascending(fields ...string) bson.D {
	order := make(bson.D, len(fields))
	for i, f := range fields {
		order[i] = bson.E{Key: f, Value: 1}
	}
	return order
}
