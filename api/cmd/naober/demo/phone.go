package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"naober/api/app"
	"naober/api/port"
	"naober/api/token"
	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// Phones are the devices of the invented people: each calls the API over HTTP under a session of its
// own, and knows nothing but what the API answers. Safe for concurrent use.
type Phones struct {
	api       string
	http      *http.Client
	sessions  port.Documents[app.SessionID, app.Session]
	refresher token.Refresher
	of        map[care.PersonID]app.SessionID

	mu     sync.Mutex
	access map[care.PersonID]string
}

// NewPhones switches on the phones of a world. api is the address of the surface, without a path.
func NewPhones(w *World, api string, a *app.App) *Phones {
	p := &Phones{api: api, http: &http.Client{Timeout: 15 * time.Second}, sessions: a.Stores.Sessions, refresher: a.Refresher,
		of: map[care.PersonID]app.SessionID{}, access: map[care.PersonID]string{}}
	for _, s := range w.Phones {
		p.of[s.Person] = s.ID
	}
	return p
}

// SwitchOnCast gives the volunteers of the cast phones of their own, so that whoever plays another
// part gets an answer from them. A script's server goes without: there every phone is the script's.
func (w *World) SwitchOnCast(ctx context.Context, sessions port.Documents[app.SessionID, app.Session]) error {
	persons := map[care.PersonID]care.Person{}
	for _, p := range w.Persons {
		persons[p.ID] = p
	}
	for _, part := range w.Cast {
		if !slices.Contains(part.Roles, care.Volunteer) {
			continue
		}
		w.addPhone(persons[part.Person])
		s := w.Phones[len(w.Phones)-1]
		if _, err := sessions.Insert(ctx, s.ID, s, nil, port.Write{}); err != nil && care.CodeOf(err) != "id_taken" {
			return err
		}
	}
	return nil
}

// borrowed reports whether somebody is signed in as this person besides their own phone: then that
// one answers, and nobody by themselves.
func (p *Phones) borrowed(ctx context.Context, who care.PersonID) (bool, error) {
	found, err := p.sessions.Find(ctx, port.Key{Name: app.ByPerson, Value: string(who)}, port.Page{Limit: 100})
	return slices.ContainsFunc(found, func(s port.Stored[app.Session]) bool {
		return s.Value.ID != p.of[who] && s.Value.EndedAt.IsZero()
	}), err
}

// refused is an answer of the API that no repetition changes.
type refused struct {
	status int
	code   string
}

func (r *refused) Error() string { return fmt.Sprintf("%d %s", r.status, r.code) }

// call makes one call as a person and reads its answer. key is the intent's idempotency key; empty
// for a reading. into may be nil.
func (p *Phones) call(ctx context.Context, as care.PersonID, method, path string, key care.Nonce, body, into any) error {
	p.mu.Lock()
	access := p.access[as]
	p.mu.Unlock()
	err := &refused{status: http.StatusUnauthorized}
	if access != "" {
		failed := p.send(ctx, access, method, path, key, body, into)
		if !errors.As(failed, &err) || err.status != http.StatusUnauthorized {
			return failed
		}
	}
	access, renewed := p.renew(ctx, as)
	if renewed != nil {
		return renewed
	}
	return p.send(ctx, access, method, path, key, body, into)
}

// renew exchanges the refresh token that the phone holds. What a phone keeps on its own disk is
// worked out here from the session: the demo's phones have no disk.
func (p *Phones) renew(ctx context.Context, as care.PersonID) (string, error) {
	s, err := p.sessions.Get(ctx, p.of[as])
	if err != nil {
		return "", err
	}
	raw, err := p.refresher.Encode(string(s.Value.ID), s.Value.Used+1, s.Value.Salt)
	if err != nil {
		return "", err
	}
	var fresh wire.Tokens
	if err := p.send(ctx, "", http.MethodPost, "/v1/tokens", "", wire.Refresh{Refresh: raw}, &fresh); err != nil {
		return "", err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.access[as] = fresh.Access
	return fresh.Access, nil
}

func (p *Phones) send(ctx context.Context, access, method, path string, key care.Nonce, body, into any) error {
	var sent io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return err
		}
		sent = bytes.NewReader(raw)
	}
	call, err := http.NewRequestWithContext(ctx, method, p.api+path, sent)
	if err != nil {
		return err
	}
	call.Header.Set("Content-Type", "application/json")
	if access != "" {
		call.Header.Set("Authorization", "Bearer "+access)
	}
	if key != "" {
		call.Header.Set("Idempotency-Key", string(key))
	}
	response, err := p.http.Do(call)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answered, err := io.ReadAll(io.LimitReader(response.Body, 4<<20))
	switch {
	case err != nil:
		return err
	case response.StatusCode >= http.StatusInternalServerError || response.StatusCode == http.StatusTooManyRequests:
		return fmt.Errorf("the API answered %d", response.StatusCode)
	case response.StatusCode >= http.StatusBadRequest:
		var p wire.Problem
		// A refusal without a code is a refusal all the same.
		_ = json.Unmarshal(answered, &p)
		return &refused{status: response.StatusCode, code: p.Code}
	case into == nil || len(answered) == 0:
		return nil
	}
	return json.Unmarshal(answered, into)
}
