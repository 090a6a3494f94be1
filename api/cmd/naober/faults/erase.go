package faults

import (
	"context"
	"crypto/rand"

	"naober/api/app"
	"naober/matching/care"
)

// erase forgets an account, as its own person would.
func erase(ctx context.Context, a *app.App, account care.PersonID) error {
	p, err := a.Stores.Persons.Get(ctx, account)
	if err != nil {
		return err
	}
	return a.ForgetMe(ctx, app.Caller{Person: account, Nonce: care.Nonce(rand.Text())}, p.Value.FirstName)
}
