package bench

import (
	"context"
	"errors"
	"fmt"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
)

// watched is one caller's request with a few questions open, for the readings.
type watched struct {
	bearer, list, candidates string
}

// creating makes a request a call, each caller in turn.
func (v *village) creating(to line) call {
	return func(_ context.Context, n int) error {
		at := v.visitTime(max(n, 0))
		const layout = "2006-01-02T15:04:05Z"
		body := fmt.Sprintf(`{"community":%q,"kind":"groceries","words":"Boodschappen, en iets lekkers.","urgency":"ordinary","publish":true,"slots":[{"start":%q,"end":%q}]}`,
			v.id, at.From.Format(layout), at.Until.Format(layout))
		by := v.people[(n+1)%callers]
		_, err := to.send("POST", "/v1/requests", by.bearer, v.key("create", n), []byte(body), 201, false)
		return err
	}
}

// accepting says yes to one of the asks a call, each by its own helper.
func (v *village) accepting(to line, asks []care.AskID) call {
	return func(_ context.Context, n int) error {
		_, err := to.send("POST", "/v1/asks/"+string(asks[n])+"/accept", v.people[n%callers].bearer, v.key("accept", n), nil, 200, false)
		return err
	}
}

// askAll writes so many requests with an open question each, and watches the first.
func (v *village) askAll(ctx context.Context, many int) ([]care.AskID, string, error) {
	var asks []care.AskID
	var last care.RequestID
	for n := range many {
		request, ask, err := v.asked(ctx, n)
		if err != nil {
			return nil, "", err
		}
		asks, last = append(asks, ask), request
	}
	return asks, string(last), v.watch(ctx, last, many-1)
}

// watch makes the readings of a neighbour who has one request of their own, with a question open.
func (v *village) watch(ctx context.Context, id care.RequestID, n int) error {
	r, err := v.app.Stores.Requests.Get(ctx, id)
	if err != nil {
		return err
	}
	by := v.people[(n+1)%callers]
	v.watched = watched{bearer: by.bearer, list: "/v1/requests?scope=mine&limit=1",
		candidates: fmt.Sprintf("/v1/requests/%s/slots/%s/candidates", id, r.Value.Slots[0].ID)}
	return nil
}

// newest is the request that was made last for the first caller.
func (v *village) newest(ctx context.Context) (string, error) {
	found, err := v.app.Stores.Requests.Find(ctx, port.Key{Name: app.ByFor, Value: string(v.people[0].id)}, port.Page{Limit: 1000})
	if err != nil {
		return "", err
	}
	if len(found) == 0 {
		return "", errors.New("bench: a request was made and is not there")
	}
	return found[len(found)-1].ID, nil
}
