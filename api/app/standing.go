package app

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"

	"naober/api/port"
	"naober/matching/care"
)

// Standing names what decides what somebody may see and do: their memberships, their book with its approvals,
// pauses and blocks, and their own record. It is another one whenever one of these has changed. It says nothing
// else and is not reachable from outside.
func (a *App) Standing(ctx context.Context, p care.PersonID) (string, error) {
	sum := sha256.New()
	mix := func(id string, rev int64) {
		sum.Write(binary.BigEndian.AppendUint64([]byte(id+"\n"), uint64(rev)))
	}
	person, err := a.Stores.Persons.Get(ctx, p)
	if err != nil {
		return "", err
	}
	mix(person.ID, person.Ver)
	book, err := a.Stores.Helpers.Get(ctx, p)
	if err != nil && !care.IsKind(err, care.NotFound) {
		return "", err
	}
	mix(book.ID, book.Ver)
	for _, record := range a.selves(p) {
		for page := (port.Page{Limit: 200}); ; {
			found, err := a.Stores.Memberships.Find(ctx, port.Key{Name: ByPerson, Value: string(record)}, page)
			if err != nil {
				return "", err
			}
			for _, m := range found {
				page.After = m.ID
				mix(m.ID, m.Ver)
			}
			if len(found) < page.Limit {
				break
			}
		}
	}
	return hex.EncodeToString(sum.Sum(nil)[:16]), nil
}
