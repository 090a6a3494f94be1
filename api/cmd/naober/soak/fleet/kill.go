package fleet

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"naober/api/cmd/naober/soak"
)

const (
	killsMost = 2 // of the process, in one schedule
	// killWithin is how long after the beginning of a push the process is killed at the latest.
	killWithin = 12 * time.Millisecond
	// restTime bounds how long everybody may take to come to rest; a process that ended keeps an intent for 15 s.
	// crashEvery: in one schedule of so many the database is ended in place of the process.
	crashEvery = 10
	restTime   = 80 * time.Second
	restEvery  = 500 * time.Millisecond
)

// Ground is the data of a process that is killed.
type Ground interface {
	soak.Ground
	// Now is the clock of the process.
	Now() time.Time
	// Drop removes the data.
	Drop(ctx context.Context) error
}

// playProcess plays a schedule on a service that is a process of its own, with its own loops and the machine's
// clock.
func (y *yard) playProcess(ctx context.Context, s Schedule) (got result, err error) {
	files, err := os.MkdirTemp(y.Files, "process-")
	if err != nil {
		return result{}, err
	}
	g, err := y.Ground(files)
	if err != nil {
		return result{}, err
	}
	w := &world{ctx: ctx, plan: s, bug: y.bug, files: files, machine: g.Now, post: &letterbox{}, tap: newTap(), intents: map[string]*intent{}}
	if s.Seed%crashEvery == 0 {
		w.crash = y.Crash
	}
	defer func() {
		for _, d := range w.devices {
			err = errors.Join(err, d.shut())
		}
		err = errors.Join(err, g.Drop(context.WithoutCancel(ctx)), os.RemoveAll(files))
	}()
	a, closeIt, err := g.Open(ctx, w.post)
	if err != nil {
		return result{}, err
	}
	w.village, err = found(ctx, a, w.post)
	if err = errors.Join(err, closeIt()); err != nil {
		return result{}, err
	}
	p := soak.NewProcess(y.Binary, g.Args(), io.Discard)
	if err := p.Start(ctx); err != nil {
		return result{}, err
	}
	w.send = func(c call) (reply, error) { return over(ctx, p, c) }
	w.look, w.kill = w.send, func(c call) (reply, error) { return w.killDuring(p, c) }
	if err := errors.Join(w.play(), p.Stop()); err != nil {
		return w.result, err
	}
	if a, closeIt, err = g.Open(ctx, w.post); err != nil {
		return w.result, err
	}
	w.stores = a.Stores
	return w.result, errors.Join(w.judge(), closeIt())
}

// over carries a call to a process.
func over(ctx context.Context, p *soak.Process, c call) (reply, error) {
	base, _, err := p.Ready(ctx)
	if err != nil {
		return reply{}, err
	}
	req, err := http.NewRequestWithContext(ctx, c.method, base+c.path, bytes.NewReader(c.body))
	if err != nil {
		return reply{}, err
	}
	for name, value := range map[string]string{"Content-Type": "application/json", "Idempotency-Key": c.key, "Authorization": "Bearer " + c.token} {
		if value != "" && value != "Bearer " && (name != "Content-Type" || c.body != nil) {
			req.Header.Set(name, value)
		}
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return reply{}, err
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, mostBody))
	after, _ := strconv.Atoi(res.Header.Get("Retry-After")) // absent is 0
	return reply{status: res.StatusCode, json: strings.Contains(res.Header.Get("Content-Type"), "json"), after: after, body: body}, errors.Join(err, res.Body.Close())
}

// killDuring sends a call and kills the process meanwhile. Whether it was answered before, nobody says.
func (w *world) killDuring(p *soak.Process, c call) (reply, error) {
	w.result.kills++
	dice := rand.New(rand.NewPCG(w.plan.Seed, uint64(w.result.kills)))
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = over(w.ctx, p, c)
	}()
	pass(w.ctx, time.Duration(dice.Int64N(int64(killWithin))))
	if w.crash != nil { // the process lives on, and may even have an answer
		err := w.crash(w.ctx)
		<-done
		return reply{}, errors.Join(errCut, err)
	}
	err := p.Kill()
	<-done
	return reply{}, errors.Join(errCut, err, p.Start(w.ctx))
}

// pass waits, unless all is over.
func pass(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// healProcess lets everybody talk without harm until each device holds what a new one would get.
func (w *world) healProcess() error {
	w.deliverAll(rand.New(rand.NewPCG(w.plan.Seed, 2)))
	for _, d := range w.devices {
		d.doomed, d.ahead = false, 0
	}
	for end := time.Now().Add(restTime); ; pass(w.ctx, restEvery) {
		rest := true
		for _, d := range w.devices {
			r, err := d.client.Sync()
			left, failed := d.client.Outbox()
			if err := errors.Join(failed, w.ctx.Err()); err != nil {
				return err
			}
			rest = rest && err == nil && r.Complete && left == "[]"
		}
		for _, d := range w.devices {
			if rest {
				shown, err := d.shown()
				if err != nil {
					return err
				}
				may, err := w.fresh(d.owner) // where the store is away, it is not over
				rest = err == nil && maps.EqualFunc(shown, may, func(a, b json.RawMessage) bool { return bytes.Equal(a, b) })
			}
		}
		if rest {
			return nil
		}
		if time.Now().After(end) {
			w.result.find(stuck, "the devices do not come to rest in %s", restTime)
			return nil
		}
	}
}
