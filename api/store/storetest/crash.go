package storetest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
)

func crashPromises() []Promise {
	return []Promise{
		{Name: "everything acknowledged is there, whole, after kill -9 of the process", check: killedProcess, Processes: true},
		{Name: "everything acknowledged is there, whole, after kill -9 of the database", check: killedServer, Processes: true},
	}
}

const (
	lanes       = 3 // goroutines that write at once
	usualKills  = 8
	serverKills = 2
	leastAcks   = 5
	mostAcks    = 45
)

// kills is how often a promise kills: NAOBER_KILLS, for longer runs, or the usual number.
func (x *trial) kills(usual int) int {
	x.Helper()
	given := os.Getenv("NAOBER_KILLS")
	if given == "" {
		return usual
	}
	n, err := strconv.Atoi(given)
	x.ok(err)
	return n
}

// writeLane writes request after request, each inserted and then changed under nonces of its own,
// and reports each acknowledgement.
func writeLane(ctx context.Context, s app.Stores, lane string, ack func(step string, i int)) error {
	for i := 0; ctx.Err() == nil; i++ {
		name := fmt.Sprint(lane, "/", i)
		r, events, err := newRequest(name, 1)
		if err != nil {
			return err
		}
		if _, err := s.Requests.Insert(ctx, r.ID, r, events, port.Write{Nonce: nonce("made", name)}); err != nil {
			return err
		}
		ack("made", i)
		if _, err := s.Requests.Update(ctx, r.ID, port.Write{Nonce: nonce("told", name)}, say(name, name)); err != nil {
			return err
		}
		ack("told", i)
	}
	return ctx.Err()
}

// write runs the lanes in the child until it is killed.
func (p process) write(ctx context.Context) error {
	var mu sync.Mutex
	var all sync.WaitGroup
	failed := make([]error, lanes)
	for l := range lanes {
		all.Go(func() {
			failed[l] = writeLane(ctx, p.Stores, fmt.Sprint(p.arg, "/", l), func(step string, i int) {
				mu.Lock()
				defer mu.Unlock()
				p.say("%s %d %d", step, l, i)
			})
		})
	}
	all.Wait()
	return errors.Join(failed...)
}

// acknowledged is what a writer was told: per lane how many requests were made, and changed.
type acknowledged struct{ made, told [lanes]int }

func (a *acknowledged) note(step string, lane, i int) {
	if step == "made" {
		a.made[lane] = i + 1
	} else {
		a.told[lane] = i + 1
	}
}

func (a *acknowledged) read(x *trial, line string) {
	x.Helper()
	var step string
	var lane, i int
	_, err := fmt.Sscan(line, &step, &lane, &i)
	x.ok(err)
	a.note(step, lane, i)
}

// killedProcess kills a writing child at a random acknowledgement, again and again.
func killedProcess(x *trial) {
	rng := x.seeded()
	for kill := range x.kills(usualKills) {
		run := fmt.Sprint("run ", kill)
		c := x.child("write", run)
		var acks acknowledged
		for range leastAcks + rng.IntN(mostAcks) {
			acks.read(x, c.line())
		}
		for _, line := range c.killAndRead() {
			acks.read(x, line)
		}
		x.whole(run, acks)
	}
}

// whole checks, through a new handle, everything that was acknowledged in a run, and that what was
// in work when the end came is there as a whole or not at all.
func (x *trial) whole(run string, acks acknowledged) {
	x.Helper()
	h := x.handle()
	defer h.close()
	for lane := range lanes {
		if acks.told[lane] > acks.made[lane] {
			h.Fatalf("lane %d was told %d of %d", lane, acks.told[lane], acks.made[lane])
		}
		for i := 0; i <= acks.made[lane]; i++ {
			h.wholeRequest(fmt.Sprint(run, "/", lane, "/", i), i < acks.made[lane], i < acks.told[lane])
		}
	}
	h.drainAll() // the next run finds its own events only
}

// still reads a document with its events as one. What a killed process had sent to its database may
// arrive between two readings.
func (x *trial) still(id care.RequestID) (port.Stored[care.Request], port.Pending, error) {
	x.Helper()
	for {
		before, err := x.Requests.Get(x.ctx, id)
		if err != nil {
			return before, port.Pending{}, err
		}
		pending := x.pending(string(id))
		after, err := x.Requests.Get(x.ctx, id)
		if err != nil || after.Rev == before.Rev {
			return after, pending, err
		}
	}
}

func (x *trial) wholeRequest(name string, made, told bool) {
	x.Helper()
	r, events, err := newRequest(name, 1)
	x.ok(err)
	id := r.ID
	read, pending, err := x.still(id)
	if care.IsKind(err, care.NotFound) {
		if made {
			x.Errorf("%s was acknowledged and is gone", name)
		}
		return
	}
	x.ok(err)
	wasTold := read.Value.Words == name
	if told && !wasTold {
		x.Errorf("the change of %s was acknowledged and is gone", name)
	}
	want := r
	if wasTold {
		_, more, err := say(name, name)(r)
		x.ok(err)
		want.Words, events = name, append(events, more...)
	}
	x.same(name, read.Value, want)
	x.same("the events of "+name, eventsOf(pending), events)

	again, err := x.Requests.Insert(x.ctx, id, r, nil, port.Write{Nonce: nonce("made", name)})
	x.ok(err) // id_taken would mean that the document is there without its nonce
	x.same("the repeated insert of "+name, again, read)
	if wasTold {
		again, err := x.Requests.Update(x.ctx, id, port.Write{Nonce: nonce("told", name)}, say("twice", "twice"))
		x.ok(err)
		x.same("the repeated change of "+name, again, read)
	}
}

// killedServer kills the database while this process writes, and starts it again.
func killedServer(x *trial) {
	server, ok := x.backend.(Server)
	if !ok {
		x.Skipf("this store has no database process of its own")
		return
	}
	rng := x.seeded()
	for kill := range x.kills(serverKills) {
		run := fmt.Sprint("run ", kill)
		acks, err := x.writeUntil(run, leastAcks+rng.IntN(mostAcks), server.KillServer)
		if errors.Is(err, errors.ErrUnsupported) {
			x.Skipf("this database may not be killed")
			return
		}
		x.ok(err)
		x.ok(server.RestartServer())
		x.whole(run, acks)
	}
}

// writeUntil writes in several goroutines, kills after a number of acknowledgements, and returns
// once every goroutine has met the end.
func (x *trial) writeUntil(run string, most int, kill func() error) (acknowledged, error) {
	ctx, stop := context.WithCancel(x.ctx)
	defer stop()
	var mu sync.Mutex
	var acks acknowledged
	count, reached := 0, make(chan struct{})
	var all sync.WaitGroup
	for l := range lanes {
		all.Go(func() {
			err := writeLane(ctx, x.Stores, fmt.Sprint(run, "/", l), func(step string, i int) {
				mu.Lock()
				defer mu.Unlock()
				acks.note(step, l, i)
				if count++; count == most {
					close(reached)
				}
			})
			if err == nil {
				x.Errorf("a writer came to an end by itself")
			}
		})
	}
	select {
	case <-reached:
	case <-x.ctx.Done():
	}
	err := kill()
	stop()
	all.Wait()
	return acks, err
}
