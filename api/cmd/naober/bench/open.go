package bench

import (
	"context"
	"strings"

	"naober/api/app"
	"naober/matching/care"
)

// World is what was laid before the holder, for clients that are measured from outside.
type World struct {
	API       string           `json:"api"` // where it is served
	Community care.CommunityID `json:"community"`
	Docs      int              `json:"docs"` // that the holder sees, about
	Holder    Account          `json:"holder"`
	Neighbour Account          `json:"neighbour"` // whom the holder visits
	Visits    []care.VisitID   `json:"visits"`
	Asks      []openAsk        `json:"asks"` // put to the holder
	Own       []care.RequestID `json:"own"`  // of the holder
}

// Account is somebody who is signed in.
type Account struct {
	Person care.PersonID `json:"person"`
	Token  string        `json:"token"`
}

// Lay makes a world of about so many documents.
func Lay(ctx context.Context, a *app.App, post *Letterbox, docs int) (World, error) {
	v, err := found(ctx, a, post, callers)
	if err != nil {
		return World{}, err
	}
	h, err := furnish(ctx, v, docs)
	if err != nil {
		return World{}, err
	}
	account := func(n int) Account {
		return Account{Person: v.people[n].id, Token: strings.TrimPrefix(v.people[n].bearer, "Bearer ")}
	}
	return World{Community: v.id, Docs: docs, Holder: account(holder), Neighbour: account(neighbour), Visits: h.visits, Asks: h.asks, Own: h.own}, nil
}
