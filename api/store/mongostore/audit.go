package mongostore

import (
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"

	"naober/api/app"
	"naober/api/store/record"
	"naober/matching/care"
)

// audits serves app.Audits. A row's number is its _id, so two processes can never give one number
// twice. Give the service's user in production no right to update this collection.
type audits struct{ store *Store }

func (a audits) rows() *mongo.Collection { return a.store.db.Collection(auditName) }

// Append implements app.Audits. The row before it must stand, which makes the numbers dense; a
// source is looked for between the reading of the last row and here, as the mover does.
func (a audits) Append(ctx context.Context, row app.AuditRow) error {
	last, err := a.Last(ctx)
	if err != nil {
		return err
	}
	has, err := a.Has(ctx, row.Source)
	if err != nil {
		return err
	}
	if last.ID+1 == row.ID && !has {
		_, err = a.rows().InsertOne(ctx, record.ToAudit(row))
		if !mongo.IsDuplicateKeyError(err) {
			return failure("append to", auditName, err)
		}
	}
	return care.E(care.Conflict, "audit_moved", "another process was faster")
}

// Last implements app.Audits.
func (a audits) Last(ctx context.Context) (app.AuditRow, error) {
	var found record.AuditRecord
	err := a.rows().FindOne(ctx, bson.D{}, options.FindOne().SetSort(bson.D{{Key: "_id", Value: -1}})).Decode(&found)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return app.AuditRow{}, nil
	}
	if err != nil {
		return app.AuditRow{}, failure("read", auditName, err)
	}
	return record.FromAudit(found), nil
}

// Has implements app.Audits.
func (a audits) Has(ctx context.Context, source string) (bool, error) {
	err := a.rows().FindOne(ctx, bson.D{{Key: "source", Value: source}}, options.FindOne().SetProjection(ascending("_id"))).Err()
	if errors.Is(err, mongo.ErrNoDocuments) {
		return false, nil
	}
	return err == nil, failure("read", auditName, err)
}

// Read implements app.Audits.
func (a audits) Read(ctx context.Context, after int64, limit int) ([]app.AuditRow, error) {
	newer := bson.D{{Key: "_id", Value: bson.D{{Key: "$gt", Value: after}}}}
	cursor, err := a.rows().Find(ctx, newer, options.Find().SetSort(ascending("_id")).SetLimit(bounded(limit)))
	if err != nil {
		return nil, failure("read", auditName, err)
	}
	var found []record.AuditRecord
	if err := cursor.All(ctx, &found); err != nil {
		return nil, failure("read", auditName, err)
	}
	rows := make([]app.AuditRow, len(found))
	for i, r := range found {
		rows[i] = record.FromAudit(r)
	}
	return rows, nil
}

// Cut implements app.Audits. Rows are appended and never inserted below, so the last one read here
// stays above what goes.
func (a audits) Cut(ctx context.Context, upTo int64) error {
	last, err := a.Last(ctx)
	if err != nil {
		return err
	}
	_, err = a.rows().DeleteMany(ctx, bson.D{{Key: "_id", Value: bson.D{{Key: "$lt", Value: min(upTo+1, last.ID)}}}})
	return failure("cut", auditName, err)
}
