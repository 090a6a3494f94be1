package mongostore

import (
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"

	"naober/api/app"
	"naober/api/store/record"
	"naober/api/store/vault"
	"naober/matching/care"
)

// openKeys opens the key store, on the same server where no other is named, and the vault on it.
func (s *Store) openKeys(ctx context.Context) error {
	name := s.opts.Keys
	if name == "" {
		name = s.db.Name() + "_keys"
	}
	keys := &Store{opts: s.opts, client: s.client, db: s.client.Database(name)}
	if s.opts.KeysURI != "" {
		var err error
		if keys, err = connect(ctx, s.opts.KeysURI, name, s.opts); err != nil {
			return err
		}
	}
	s.keys = keys
	if err := keys.stands(ctx, "key store"); err != nil {
		return err
	}
	entries := documents[string](keys, record.ContactEntries())
	if _, err := entries.coll.Indexes().CreateOne(ctx, byKey.model()); err != nil {
		return failure("index", "contacts", err)
	}
	var err error
	s.vault, err = vault.Open(ctx, vault.Settings{
		Rings: rings{documents[string](keys, record.Rings())}, Contacts: entries, Scrub: keys.scrub, Reseal: s.reseal,
		Service: s.opts.Key, Old: s.opts.OldKeys, Now: s.opts.Now, Lent: s.opts.Lent, Forgot: s.recall.forget, Owner: s.anybody,
	})
	return err
}

// anybody names the person with the lowest id.
func (s *Store) anybody(ctx context.Context) (care.PersonID, error) {
	name := record.Persons().Kind
	var first struct {
		ID care.PersonID `bson:"_id"`
	}
	one := options.FindOne().SetSort(bson.D{{Key: "_id", Value: 1}}).SetProjection(bson.D{{Key: "_id", Value: 1}})
	err := s.db.Collection(name).FindOne(ctx, bson.D{}, one).Decode(&first)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return "", nil
	}
	return first.ID, failure("read from", name, err)
}

// Vault is the key store of this data.
func (s *Store) Vault() *vault.Vault { return s.vault }

// rings adds the reading of many to the documents.
type rings struct {
	collection[string, app.Ring, record.RingRecord]
}

// Many implements vault.Rings.
func (r rings) Many(ctx context.Context, owners []string) ([]app.Ring, error) {
	var all []app.Ring
	for len(owners) > 0 {
		some := owners[:min(len(owners), pageSize)]
		owners = owners[len(some):]
		found, err := r.list(ctx, bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: some}}}}, nil, len(some))
		if err != nil {
			return nil, err
		}
		for _, f := range found {
			all = append(all, f.Value)
		}
	}
	return all, nil
}

// scrub removes the entries that name nobody. A write here is on the disks of the majority before
// it returns; what lay under it on them is the server's to overwrite, which is why the key store's
// disks are encrypted by whoever runs the server.
func (s *Store) scrub(ctx context.Context) error {
	name := record.ContactEntries().Kind
	_, err := s.db.Collection(name).DeleteMany(ctx, bson.D{{Key: "expires", Value: bson.D{{Key: "$lte", Value: s.now()}}}})
	return failure("remove from", name, err)
}
