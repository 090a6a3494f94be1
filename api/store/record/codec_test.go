package record_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"go.mongodb.org/mongo-driver/bson"
	"pgregory.net/rapid"

	"naober/api/app"
	"naober/api/offline"
	"naober/api/port"
	"naober/api/store/record"
	"naober/matching/care"
)

// kind is one codec without its types, so that one table holds them all.
type kind struct {
	name   string
	noun   string
	shape  reflect.Type
	sealed bool // has personal fields
	owned  bool // says whose they are
	round  func(*testing.T)
	read   func(*testing.T, []byte, bool) // any bytes, as JSON or as BSON
}

func kinds() []kind {
	return []kind{
		of(record.Persons()), of(record.Helpers()), of(record.Communities()), of(record.Organizations()),
		of(record.Memberships()), of(record.Offers()), of(record.Requests()), of(record.Histories()),
		of(record.Messages()), of(record.Feedbacks()), of(record.Reports()), of(record.Referrals()),
		of(record.Sessions()), of(record.Flows()), of(record.SigningKeys()), of(record.Ledger()),
		of(record.Tasks()), of(record.Tallies()), of(record.Views()), of(record.Leases()), of(record.Parked()),
		of(record.Deliveries()), of(record.Groups()), of(record.Writers()), of(record.Snapshots()), of(record.Outcomes()),
		of(record.Letters()), of(record.Epochs()),
	}
}

func of[T, R any](c record.Codec[T, R]) kind {
	return kind{name: c.Kind, noun: c.Noun, shape: reflect.TypeFor[R](), sealed: record.NewSealer(c, nil).Sealed(), owned: c.Owner != nil, round: func(t *testing.T) {
		t.Run("nothing is forgotten", rapid.MakeCheck(func(t *rapid.T) { keepsAll(t, c) }))
		t.Run("instants become UTC milliseconds", rapid.MakeCheck(func(t *rapid.T) { cutsInstants(t, c) }))
		t.Run("an empty value stays empty", func(t *testing.T) {
			var zero T
			if back := viaJSON(t, c, c.To(zero)); !reflect.DeepEqual(back, zero) {
				t.Errorf("got %+v", back)
			}
		})
	}, read: func(t *testing.T, raw []byte, asBSON bool) { readsAny(t, c, raw, asBSON) }}
}

// readsAny reads a stored row of whatever bytes: what can be read at all can be shown, found and
// written again without a panic.
func readsAny[T, R any](t *testing.T, c record.Codec[T, R], raw []byte, asBSON bool) {
	var shape R
	unmarshal := json.Unmarshal
	if asBSON {
		unmarshal = bson.Unmarshal
	}
	if unmarshal(raw, &shape) != nil {
		return
	}
	if boxes, err := record.Boxes(raw); err == nil && !asBSON {
		docs := []record.Opened[R]{{ID: "x", Shape: shape, Boxes: boxes}}
		if record.NewSealer(c, newLock(t)).Open(t.Context(), docs) == nil && c.Owner == nil && len(boxes) > 0 {
			t.Error("a sealed field opened in a kind that has none")
		}
	}
	value := c.From(shape)
	c.Facts(value)
	c.To(value)
}

func keepsAll[T, R any](t *rapid.T, c record.Codec[T, R]) {
	var v T
	fill(t, reflect.ValueOf(&v).Elem(), false)
	if back := viaJSON(t, c, c.To(v)); !reflect.DeepEqual(back, v) {
		t.Fatalf("by JSON:\n got %+v\nwant %+v", back, v)
	}
	if back := viaBSON(t, c, c.To(v)); !reflect.DeepEqual(back, v) {
		t.Fatalf("by BSON:\n got %+v\nwant %+v", back, v)
	}
}

func cutsInstants[T, R any](t *rapid.T, c record.Codec[T, R]) {
	var v T
	fill(t, reflect.ValueOf(&v).Elem(), true)
	stored := c.To(v)
	if path := coarse(reflect.ValueOf(stored), c.Kind); path != "" {
		t.Fatalf("%s is stored finer than a millisecond or in another zone", path)
	}
	var fine R
	fill(t, reflect.ValueOf(&fine).Elem(), true)
	if path := coarse(reflect.ValueOf(c.From(fine)), c.Kind); path != "" {
		t.Fatalf("%s is read finer than a millisecond or in another zone", path)
	}
	facts := c.Facts(v)
	if path := coarse(reflect.ValueOf(facts.Due), "due"); path != "" {
		t.Fatalf("%s is finer than what is stored", path)
	}
	if path := coarse(reflect.ValueOf(facts.Expires), "expires"); path != "" {
		t.Fatalf("%s is finer than what is stored", path)
	}
}

type fatal interface{ Fatal(...any) }

func viaJSON[T, R any](t fatal, c record.Codec[T, R], shape R) T {
	raw, err := json.Marshal(shape)
	if err != nil {
		t.Fatal(err)
	}
	var back R
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	return c.From(back)
}

func viaBSON[T, R any](t fatal, c record.Codec[T, R], shape R) T {
	raw, err := bson.Marshal(shape)
	if err != nil {
		t.Fatal(err)
	}
	var back R
	if err := bson.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	return c.From(back)
}

func TestCodecRoundTrip(t *testing.T) {
	for _, k := range kinds() {
		t.Run(k.name, k.round)
	}
}

func TestEveryPortHasItsCodec(t *testing.T) {
	ports := reflect.TypeFor[app.Stores]()
	names := map[string]bool{}
	for _, k := range kinds() {
		if names[k.name] || k.noun == "" {
			t.Errorf("%s stands twice or has no noun", k.name)
		}
		names[k.name] = true
	}
	// Feed and audit log have no codec of their own; the port of pushes reads the codec of deliveries.
	all := ports.NumField() + reflect.TypeFor[offline.Stores]().NumField()
	if len(names) != all-2 {
		t.Errorf("%d codecs for %d ports; feed and audit log have none", len(names), all)
	}
}

func TestEventRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var r port.Row
		fill(t, reflect.ValueOf(&r).Elem(), false)
		raw, err := json.Marshal(record.ToRow(r))
		if err != nil {
			t.Fatal(err)
		}
		var back record.FeedRecord
		if err := json.Unmarshal(raw, &back); err != nil {
			t.Fatal(err)
		}
		if got := record.FromRow(back); !reflect.DeepEqual(got, r) {
			t.Fatalf("got %+v\nwant %+v", got, r)
		}
	})
}

func TestNumberGoesOnWhereTheSequenceStands(t *testing.T) {
	got := record.Number(6, []care.Event{{Type: care.AskMade}, {Type: care.AskLapsed}})
	if len(got) != 2 || got[0].Seq != 7 || got[1].Seq != 8 || got[1].Type != care.AskLapsed {
		t.Errorf("got %+v", got)
	}
}
