package vault

import (
	"context"
	"fmt"

	"naober/api/app"
	"naober/api/port"
	"naober/api/store/record"
	"naober/matching/care"
)

// Lost is how many people read as if they were forgotten and were not: what the data holds of them is
// sealed under keys that a rotation has destroyed since.
type Lost int

func (l Lost) Error() string {
	who := "people read as if they were"
	if l == 1 {
		who = "person reads as if they were"
	}
	return fmt.Sprintf("%d %s forgotten: what this data holds of them is sealed under a key that rotate-person-key has destroyed since", int(l), who)
}

// numbers are the keys that a ring has, and the last one that it ever had.
type numbers struct {
	newest int
	held   map[int]bool
}

// Lost counts the people of whom the data holds something sealed under a key that a rotation has
// destroyed since: it reads as empty, as if they were forgotten, and nothing brings it back. Such data
// is older than the rotation. Who was forgotten does not count: their ring says so, whatever was
// rotated before.
//
// The rings are read first. A rotation destroys a key only when no document is under it any more, so
// one that goes on meanwhile adds nobody.
func (v *Vault) Lost(ctx context.Context) (people int, err error) {
	rings := map[care.PersonID]numbers{}
	err = v.Rings.Each(ctx, func(r port.Stored[app.Ring]) error {
		if r.Value.DestroyedAt.IsZero() {
			n := numbers{r.Value.Newest, make(map[int]bool, len(r.Value.Keys))}
			for _, k := range r.Value.Keys {
				n.held[k.Number] = true
			}
			rings[care.PersonID(r.Value.Owner)] = n
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	lost := map[care.PersonID]bool{}
	_, err = v.Reseal(ctx, func(b record.Box) bool {
		if n, ok := rings[b.Owner]; ok && b.Number <= n.newest && !n.held[b.Number] {
			lost[b.Owner] = true
		}
		return false // it only looks
	})
	return len(lost), err
}
