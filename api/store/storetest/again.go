package storetest

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
)

// calls is how often sameCallAgain makes its call.
const calls = 40

// sameCallAgain makes one call again and again through one of two handles while both write: it reads
// memberships one by one and as lists, so a store may answer from memory what nobody has changed.
func sameCallAgain(x, other *trial) {
	seed := rand.Uint64()
	x.Logf("seed %d", seed)
	draw := rand.New(rand.NewPCG(seed, 0))
	who := []care.PersonID{named[care.PersonID]("one"), named[care.PersonID]("two")}
	var written []port.Stored[care.Membership]
	for n := range calls {
		h := []*trial{x, other}[draw.IntN(2)]
		switch turn := draw.IntN(4); {
		case turn == 0 || len(written) == 0:
			m := care.Membership{ID: named[care.MembershipID]("member", n), Person: who[draw.IntN(2)], Community: village, Role: care.Resident, StartedAt: monday()}
			stored, err := h.Memberships.Insert(h.ctx, m.ID, m, nil, port.Write{})
			h.ok(err)
			written = append(written, stored)
		case turn == 1: // nothing happens
		default:
			m := &written[draw.IntN(len(written))]
			stored, err := h.Memberships.Update(h.ctx, m.Value.ID, port.Write{Quiet: draw.IntN(2) == 0}, func(m care.Membership) (care.Membership, []care.Event, error) {
				m.EndedAt = monday().Add(time.Duration(n) * time.Second)
				if draw.IntN(3) == 0 {
					m.Person = who[draw.IntN(2)]
				}
				return m, nil, nil
			})
			h.ok(err)
			*m = stored
		}
		x.callShows(fmt.Sprint("call ", n), who, written)
	}
}

// callShows makes the call, in which each is read twice.
func (x *trial) callShows(what string, who []care.PersonID, want []port.Stored[care.Membership]) {
	x.Helper()
	ctx := app.WithMoment(x.ctx, "GET", "/v1/memberships")
	for range 2 {
		for _, m := range want {
			got, err := x.Memberships.Get(ctx, m.Value.ID)
			x.ok(err)
			x.same(what, got, m)
		}
		for _, p := range who {
			theirs := slices.DeleteFunc(slices.Clone(want), func(m port.Stored[care.Membership]) bool { return m.Value.Person != p })
			slices.SortFunc(theirs, func(a, b port.Stored[care.Membership]) int { return cmp.Compare(a.ID, b.ID) })
			got, err := x.Memberships.Find(ctx, port.Key{Name: app.ByPerson, Value: string(p)}, port.Page{Limit: 1000})
			x.ok(err)
			x.same(what, got, theirs)
		}
	}
}
