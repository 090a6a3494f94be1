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

// link is a device's way to the service: where it is, and the tokens of the one account. It is written into the
// folder whenever it changes, readable for its owner alone.
type link struct {
	ctx    context.Context
	file   string
	Server string      `json:"server"`
	Flow   string      `json:"flow,omitempty"` // a code was asked for
	Tokens wire.Tokens `json:"tokens"`
}

func linkFile(dir string) string { return filepath.Join(dir, "link.json") }

func openLink(ctx context.Context, dir string) (*link, error) {
	l := &link{ctx: ctx, file: linkFile(dir)}
	raw, err := os.ReadFile(l.file)
	if err == nil {
		err = json.Unmarshal(raw, l)
	}
	if err != nil || l.Tokens.Person == "" {
		return nil, fmt.Errorf("nobody is signed in at %s: naober client --dir %s sign-in", dir, dir)
	}
	return l, nil
}

func (l *link) save() error {
	raw, err := json.Marshal(l)
	if err != nil {
		return err
	}
	fresh := l.file + ".new"
	return errors.Join(os.WriteFile(fresh, raw, 0o600), os.Rename(fresh, l.file))
}

// Post implements client.Link.
func (l *link) Post(path string, body []byte) (*client.Reply, error) {
	return l.send(path, body, l.Tokens.Access)
}

func (l *link) send(path string, body []byte, access string) (*client.Reply, error) {
	ctx, cancel := context.WithTimeout(l.ctx, callTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimRight(l.Server, "/")+path, bytes.NewReader(body))
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
	reply, err := l.send(path, raw, "")
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
	case l.Tokens.Person != "" && l.Tokens.Person != in.Tokens.Person:
		return errors.New("this folder is another account's: take one of its own")
	}
	l.Tokens, l.Flow = *in.Tokens, ""
	_, err = fmt.Fprintln(out, "signed in")
	return errors.Join(err, l.save())
}
