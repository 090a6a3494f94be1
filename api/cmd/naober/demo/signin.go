package demo

import (
	"context"
	"crypto/rand"
	"sync"

	"naober/api/app"
	"naober/matching/care"
)

// Entrance signs invented people in the way everybody signs in, with a code from the postman. It is
// for quick looks and scripts; a phone goes over HTTP.
type Entrance struct {
	App  *app.App
	Post *Postman

	mu sync.Mutex // of two codes to one contact only the later is remembered
}

// SignIn opens a session for whoever has the mail address. With phone their demo phone receives
// push messages on it.
func (e *Entrance) SignIn(ctx context.Context, mail string, phone bool) (app.Tokens, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	// Each call comes from an address of its own, so that a script is not taken for a thief.
	from := "demo control port " + rand.Text()
	flow, err := e.App.RequestCode(ctx, mail, from)
	if err != nil {
		return app.Tokens{}, err
	}
	code, _ := e.Post.Last(mail)
	in, err := e.App.RedeemCode(ctx, app.Redemption{Flow: flow, Code: code.Code, Device: "demo", Address: from, Nonce: care.Nonce(rand.Text())})
	switch {
	case err != nil:
		return app.Tokens{}, err
	case in.Tokens == nil:
		return app.Tokens{}, care.E(care.NotFound, "person_not_found", "nobody in the demo has this contact alone")
	case !phone:
		return *in.Tokens, nil
	}
	caller := app.Caller{Person: in.Tokens.Person, Session: in.Tokens.Session}
	return *in.Tokens, e.App.SetPushToken(ctx, caller, phoneOf(caller.Person), "")
}
