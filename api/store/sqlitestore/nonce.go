package sqlitestore

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"naober/api/app"
	"naober/api/store/record"
	"naober/matching/care"
)

const (
	maxNonces = 64               // a document with this many intents under way takes no other
	keptFinal = 10 * time.Minute // after the verdict, so that a process that was frozen still meets it
	keptAlone = 24 * time.Hour   // for an intent without a ledger row
)

// mark is a nonce in a document: this intent has had its effect here, or never will.
type mark struct {
	Nonce care.Nonce `json:"nonce"`
	At    time.Time  `json:"at"`
}

func (r row) holds(n care.Nonce) bool {
	return n != "" && slices.ContainsFunc(r.nonces, func(m mark) bool { return m.Nonce == n })
}

// remember gives the nonces of the next write: those that are still needed, and n. A nonce is the
// key of its ledger row; it leaves once that row has been final for ten minutes.
func (s *Store) remember(ctx context.Context, r row, n care.Nonce, now time.Time) ([]mark, error) {
	kept := r.nonces
	old := slices.ContainsFunc(kept, func(m mark) bool { return now.Sub(m.At) >= keptFinal })
	if old || len(kept) >= maxNonces {
		rows, err := s.verdicts(ctx, kept)
		if err != nil {
			return nil, err
		}
		kept = slices.DeleteFunc(slices.Clone(kept), func(m mark) bool { return forgettable(m, rows, now) })
	}
	switch {
	case n == "":
		return kept, nil
	case len(kept) >= maxNonces:
		return nil, care.E(care.Unavailable, "document_busy", "%d intents for this document are still under way", len(kept))
	}
	return append(slices.Clip(kept), mark{Nonce: n, At: now.UTC().Truncate(time.Millisecond)}), nil
}

func forgettable(m mark, rows map[care.Nonce]record.LedgerRecord, now time.Time) bool {
	row, found := rows[m.Nonce]
	if !found {
		return now.Sub(m.At) >= keptAlone
	}
	return (row.State == app.Applied || row.State == app.Rejected) && now.Sub(row.At) >= keptFinal
}

// verdicts reads the ledger rows of nonces. It may lag behind a write that is under way: then a
// nonce stays for one write more.
func (s *Store) verdicts(ctx context.Context, of []mark) (map[care.Nonce]record.LedgerRecord, error) {
	ids := make([]care.Nonce, len(of))
	for i, m := range of {
		ids[i] = m.Nonce
	}
	raw, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	found, err := table("ledger").list(ctx, s.read,
		`SELECT `+columns+` FROM ledger d WHERE d.id IN (SELECT value FROM json_each(?))`, string(raw))
	if err != nil {
		return nil, err
	}
	rows := make(map[care.Nonce]record.LedgerRecord, len(found))
	for _, r := range found {
		var l record.LedgerRecord
		if err := json.Unmarshal([]byte(r.state), &l); err != nil {
			return nil, failed(err)
		}
		rows[care.Nonce(r.id)] = l
	}
	return rows, nil
}
