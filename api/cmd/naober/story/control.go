package story

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"naober/api/cmd/naober/demo"
)

// Control is the port that only a demo has: its clock, its codes, its stillness.
type Control struct{ line *Line }

// moved is the demo's present.
type moved struct {
	Now time.Time `json:"now"`
}

// Now is the demo's present.
func (c Control) Now(ctx context.Context) (time.Time, error) {
	var m moved
	err := c.ask(ctx, http.MethodGet, "/clock", nil, &m)
	return m.Now, err
}

// MoveTo moves the clock forward to a moment and waits until all that is due by then is done. Where
// an answer was lost the clock may be there already, and that is as good.
func (c Control) MoveTo(ctx context.Context, t time.Time) error {
	err := c.ask(ctx, http.MethodPost, "/clock", map[string]time.Time{"to": t}, nil)
	if err != nil {
		now, read := c.Now(ctx)
		if read != nil || now.Before(t) {
			return err
		}
	}
	return c.Settle(ctx)
}

// Settle waits until the loops have nothing left to do.
func (c Control) Settle(ctx context.Context) error {
	return c.ask(ctx, http.MethodPost, "/settle", nil, nil)
}

// Code is the sign-in code that went to a mail address last; ok is false where none is known, as
// after a restart.
func (c Control) Code(ctx context.Context, contact string) (code string, ok bool, err error) {
	a, err := c.line.exchange(ctx, call{side: control, method: http.MethodGet, path: "/codes?contact=" + url.QueryEscape(contact)})
	if err != nil || a.status == http.StatusNotFound {
		return "", false, err
	}
	var last demo.Code
	err = decodeControl("/codes", a, &last)
	return last.Code, err == nil, err
}

// Cast are the people of the story.
func (c Control) Cast(ctx context.Context) ([]demo.Part, error) {
	var cast []demo.Part
	err := c.ask(ctx, http.MethodGet, "/cast", nil, &cast)
	return cast, err
}

func (c Control) ask(ctx context.Context, method, path string, body, into any) error {
	made := call{side: control, method: method, path: path}
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return err
		}
		made.body = raw
	}
	a, err := c.line.exchange(ctx, made)
	if err != nil {
		return err
	}
	return decodeControl(path, a, into)
}

func decodeControl(path string, a answer, into any) error {
	if a.status != http.StatusOK {
		return fmt.Errorf("control port %s: %d %s", path, a.status, a.body)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(a.body, into)
}

// afterKill is how far the clock goes on at each restart: longer than every grace that the service
// gives to work which a killed process left half done, so that the story need not wait for it.
const afterKill = 65 * time.Second

// Revive moves the clock of a server that was just restarted.
func Revive(ctx context.Context, controlURL string) error {
	body := fmt.Sprintf(`{"advance":%q}`, afterKill)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, controlURL+"/clock", strings.NewReader(body))
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("control port /clock after a restart: %d", response.StatusCode)
	}
	return nil
}
