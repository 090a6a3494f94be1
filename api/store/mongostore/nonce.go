package mongostore

import (
	"context"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo/options"

	"naober/api/app"
	"naober/api/store/record"
	"naober/matching/care"
)

const (
	// maxNonces is how many intents one document remembers; sync-contract, head.
	maxNonces = 64
	// finalFor is how long an intent's ledger row has its verdict before the document forgets it.
	finalFor = 10 * time.Minute
	// rowlessFor is how long a nonce without a ledger row is kept: the server's own claims, which
	// the reconciler settles within minutes, and intents whose row has expired.
	rowlessFor = 24 * time.Hour
)

// mark is a nonce that the document answered, and when.
type mark struct {
	Nonce care.Nonce `bson:"nonce"`
	At    time.Time  `bson:"at"`
}

// holds reports whether the document answered this nonce.
func (d document) holds(n care.Nonce) bool {
	return n != "" && slices.ContainsFunc(d.Nonces, func(m mark) bool { return m.Nonce == n })
}

// remember adds the nonce of a write to the document's marks and drops those that have served. The
// ledger is read only where a mark is old enough to go, or where the document is full.
func (s *Store) remember(ctx context.Context, marks []mark, n care.Nonce) ([]mark, error) {
	now := s.now()
	full := n != "" && len(marks) >= maxNonces
	if full || slices.ContainsFunc(marks, func(m mark) bool { return now.Sub(m.At) >= finalFor }) {
		rows, err := s.verdicts(ctx, marks)
		if err != nil {
			return nil, err
		}
		served := func(m mark) bool { return m.served(rows, now) }
		marks = slices.DeleteFunc(slices.Clone(marks), served)
	}
	if n == "" {
		return marks, nil
	}
	if len(marks) >= maxNonces {
		return nil, care.E(care.Unavailable, "document_busy", "too many intents on one document are not final yet")
	}
	return append(slices.Clip(marks), mark{Nonce: n, At: now}), nil
}

// served reports whether no resend can need the mark any more: the ledger answers it.
func (m mark) served(rows map[care.Nonce]record.LedgerRecord, now time.Time) bool {
	row, found := rows[m.Nonce]
	if !found {
		return now.Sub(m.At) >= rowlessFor
	}
	final := row.State == app.Applied || row.State == app.Rejected
	return final && now.Sub(row.At) >= finalFor
}

// verdicts reads the ledger rows of the marks. A client's nonce is its ledger key; the server's own
// has no row.
func (s *Store) verdicts(ctx context.Context, marks []mark) (map[care.Nonce]record.LedgerRecord, error) {
	keys := make([]care.Nonce, len(marks))
	for i, m := range marks {
		keys[i] = m.Nonce
	}
	ledger := record.Ledger().Kind
	filter := bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: keys}}}}
	fields := options.Find().SetProjection(bson.D{{Key: "state.state", Value: 1}, {Key: "state.at", Value: 1}})
	cursor, err := s.db.Collection(ledger).Find(ctx, filter, fields)
	if err != nil {
		return nil, failure("read", ledger, err)
	}
	var found []struct {
		ID    care.Nonce          `bson:"_id"`
		State record.LedgerRecord `bson:"state"`
	}
	if err := cursor.All(ctx, &found); err != nil {
		return nil, failure("read", ledger, err)
	}
	rows := make(map[care.Nonce]record.LedgerRecord, len(found))
	for _, f := range found {
		rows[f.ID] = f.State
	}
	return rows, nil
}
