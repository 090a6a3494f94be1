package handset

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"naober/mobile-contract/client"
	"naober/mobile-contract/wire"
)

// callTime is how long a device waits for an answer.
const callTime = 30 * time.Second

// link is a device's way to the service: where it is, whose account, and its tokens and keys while somebody is signed
// in. It is written into the folder whenever it changes, readable for its owner alone; an app would keep tokens and
// keys where its system keeps such things.
type link struct {
	ctx     context.Context
	file    string
	Server  string          `json:"server"`
	Flow    string          `json:"flow,omitempty"` // a code was asked for
	Account string          `json:"account,omitempty"`
	Tokens  wire.Tokens     `json:"tokens"`
	Keys    wire.DeviceKeys `json:"keys"`
}

func linkFile(dir string) string { return filepath.Join(dir, "link.json") }

func storeFile(dir string) string { return filepath.Join(dir, "store.db") }

func openLink(ctx context.Context, dir string) (*link, error) {
	l := &link{ctx: ctx, file: linkFile(dir)}
	raw, err := os.ReadFile(l.file)
	if err == nil {
		err = json.Unmarshal(raw, l)
	}
	switch {
	case err != nil || l.Account == "":
		return nil, fmt.Errorf("nobody is signed in at %s: naober client --dir %s sign-in", dir, dir)
	case l.Keys.StoreKey == "":
		n, err := client.UnsentIn(storeFile(dir))
		return nil, errors.Join(fmt.Errorf("%s is locked with %d unsent: naober client --dir %s sign-in", dir, n, dir), err)
	}
	return l, nil
}

func (l *link) save() error {
	raw, err := json.Marshal(l)
	if err != nil {
		return err
	}
	return put(l.file, raw)
}

// Post implements client.Link.
func (l *link) Post(path string, body []byte) (*client.Reply, error) {
	return l.send(http.MethodPost, path, body, l.Tokens.Access)
}

// Delete implements client.Link.
func (l *link) Delete(path string) (*client.Reply, error) {
	reply, err := l.send(http.MethodDelete, path, nil, l.Tokens.Access)
	if err == nil && reply.Status == http.StatusUnauthorized {
		if fresh, failed := l.Refresh(); failed == nil && fresh {
			return l.send(http.MethodDelete, path, nil, l.Tokens.Access)
		}
	}
	return reply, err
}

func (l *link) send(method, path string, body []byte, access string) (*client.Reply, error) {
	ctx, cancel := context.WithTimeout(l.ctx, callTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimRight(l.Server, "/")+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	if access != "" {
		req.Header.Set("Authorization", "Bearer "+access)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(io.LimitReader(res.Body, 64<<20))
	wait, _ := strconv.Atoi(res.Header.Get("Retry-After"))
	kind := res.Header.Get("Content-Type")
	return &client.Reply{Status: res.StatusCode, JSON: strings.HasPrefix(kind, "application/json") || strings.HasPrefix(kind, "application/problem+json"),
		RetryAfter: wait, Body: raw}, errors.Join(err, res.Body.Close())
}

// Refresh implements client.Link.
func (l *link) Refresh() (bool, error) {
	var fresh wire.Tokens
	status, err := l.ask("/v1/tokens", wire.Refresh{Refresh: l.Tokens.Refresh}, &fresh)
	if err != nil || status != http.StatusOK {
		return false, err
	}
	l.Tokens = fresh
	return true, l.save()
}

// ask makes a call without a token and reads its answer where it succeeds.
func (l *link) ask(path string, body, into any) (int, error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return 0, err
	}
	reply, err := l.send(http.MethodPost, path, raw, "")
	if err != nil || reply.Status >= 300 {
		if err == nil && !reply.JSON {
			err = errors.New("something else than the service answered")
		}
		if err != nil {
			return 0, err
		}
		return reply.Status, nil
	}
	return reply.Status, json.Unmarshal(reply.Body, into)
}

// signIn signs a folder in: a call without a code asks for one, a call with it gets the tokens.
func signIn(ctx context.Context, dir string, args []string, out, errs io.Writer) error {
	flags := flag.NewFlagSet("naober client sign-in", flag.ContinueOnError)
	flags.SetOutput(errs)
	server, contact := flags.String("server", "", "address of the service"), flags.String("contact", "", "mail address or phone number")
	code, person := flags.String("code", "", "the code that came"), flags.String("person", "", "who it is, where several share the contact")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	l := &link{ctx: ctx, file: linkFile(dir)}
	if raw, err := os.ReadFile(l.file); err == nil {
		if err := json.Unmarshal(raw, l); err != nil {
			return fmt.Errorf("%s cannot be read: %w", l.file, err)
		}
	}
	if *server != "" {
		l.Server = *server
	}
	switch {
	case l.Server == "":
		return errors.New("sign-in needs --server")
	case *code == "":
		return l.requestCode(*contact, out)
	case l.Flow == "":
		return errors.New("ask for a code first")
	}
	return l.redeem(wire.Redemption{Flow: l.Flow, Code: *code, Person: *person, Device: "naober client"}, out)
}

func (l *link) requestCode(contact string, out io.Writer) error {
	var flow wire.Flow
	status, err := l.ask("/v1/sign-in/codes", wire.CodeRequest{Contact: contact}, &flow)
	if err == nil && status >= 300 {
		err = fmt.Errorf("the service answers %d", status)
	}
	if err != nil {
		return err
	}
	l.Flow = flow.Flow
	_, err = fmt.Fprintln(out, "a code is on its way")
	return errors.Join(err, l.save())
}

func (l *link) redeem(r wire.Redemption, out io.Writer) error {
	var in wire.SignedIn
	status, err := l.ask("/v1/sign-in/tokens", r, &in)
	switch {
	case err != nil:
		return err
	case status >= 300:
		return fmt.Errorf("the service answers %d: is it the last code that came?", status)
	case in.Tokens == nil && in.Unregistered:
		return errors.New("nobody has this contact; register first")
	case in.Tokens == nil:
		for _, p := range in.Choices {
			fmt.Fprintf(out, "%s %s\n", p.Person, p.FirstName)
		}
		return errors.New("several people share this contact: say --person")
	case l.Account != "" && l.Account != in.Tokens.Person:
		return errors.New("this folder is another account's: take one of its own")
	}
	l.Tokens, l.Flow = *in.Tokens, ""
	if err := l.fetchKeys(); err != nil {
		return err
	}
	l.Account = in.Tokens.Person
	_, err = fmt.Fprintln(out, "signed in")
	return errors.Join(err, l.save())
}

// fetchKeys gets what this device seals with.
func (l *link) fetchKeys() error {
	reply, err := l.Post("/sync/v1/keys", []byte("{}"))
	switch {
	case err != nil:
		return err
	case reply.Status != http.StatusOK || !reply.JSON:
		return fmt.Errorf("the service answers %d to the question for keys", reply.Status)
	}
	return json.Unmarshal(reply.Body, &l.Keys)
}

// refusal is what a person can be told of an answer.
func refusal(r *client.Reply) string {
	var p wire.Problem
	if r.JSON && json.Unmarshal(r.Body, &p) == nil && p.Detail != "" {
		return fmt.Sprintf("%d %s: %s", r.Status, p.Code, p.Detail)
	}
	return fmt.Sprintf("%d, from something else than the service", r.Status)
}
