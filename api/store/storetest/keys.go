package storetest

import (
	"context"
	"crypto/sha256"
	"fmt"
	"sync"
	"testing"
	"time"

	"naober/api/port"
	"naober/api/store/vault"
	"naober/matching/care"
)

// Lent is how long the stores of RunKeys lend a ring: short enough to be waited for; half of it is
// what a write on a busy machine may take.
const Lent = time.Second

// Keyed is a Backend whose key store can be acted on.
type Keyed interface {
	Backend
	Vault() *vault.Vault
	Check(ctx context.Context) error
	// KeyBytes are all bytes of the key store, on its disk where that can be read and otherwise in
	// its documents.
	KeyBytes(ctx context.Context) ([]byte, error)
}

// OpenKeyed makes a handle on the same data, under a service key and former ones.
type OpenKeyed func(service []byte, old ...[]byte) (Keyed, error)

// RunKeys checks what a store promises about its keys, each promise against fresh data.
func RunKeys(t *testing.T, fresh func(t *testing.T) OpenKeyed) {
	for name, check := range map[string]func(*keyTrial){
		"a service key is changed under readers and writers":      rewrapUnderTraffic,
		"a change of the service key that was cut off is resumed": rewrapResumed,
		"every process wraps as the root ring does":               rewrapAtOneMoment,
		"everybody's key is renewed under readers and writers":    renewUnderTraffic,
		"a renewal of keys that was cut off is resumed":           renewResumed,
		"one person's key is renewed, and nobody else's":          renewOne,
		"a renewed key outlasts what was lent of it":              renewOutlastsLoans,
		"of a destroyed key no byte is left":                      destroyedLeavesNoByte,
		"a process that missed a change of the service key knows": missedRewrap,
		"devices keep their key until the person is forgotten":    deviceKeysStay,
		"who was lost by a rotation is told from the forgotten":   lostIsTold,
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), promiseTime)
			defer cancel()
			check(&keyTrial{T: t, ctx: ctx, open: fresh(t)})
		})
	}
}

type keyTrial struct {
	*testing.T
	ctx  context.Context
	open OpenKeyed
}

func serviceKey(name string) []byte {
	sum := sha256.Sum256([]byte(name))
	return sum[:]
}

// process is a handle that is closed with the test.
func (x *keyTrial) process(service string, old ...string) *trial {
	x.Helper()
	var former [][]byte
	for _, o := range old {
		former = append(former, serviceKey(o))
	}
	b, err := x.open(serviceKey(service), former...)
	if err != nil {
		x.Fatal(err)
	}
	x.Cleanup(func() {
		if err := b.Close(); err != nil {
			x.Error(err)
		}
	})
	return &trial{T: x.T, ctx: x.ctx, backend: b, Stores: b.Stores()}
}

func (x *trial) vault() *vault.Vault { return x.backend.(Keyed).Vault() }

func sealedPerson(n int) care.Person {
	return care.Person{ID: named[care.PersonID]("sealed", n), FirstName: fmt.Sprint("Jantje ", n)}
}

func (x *trial) settlePersons(from, until int) {
	x.Helper()
	for n := from; n < until; n++ {
		p := sealedPerson(n)
		_, err := x.Persons.Insert(x.ctx, p.ID, p, nil, port.Write{})
		x.ok(err)
	}
}

// readable wants every person with their name.
func (x *trial) readable(until int) {
	x.Helper()
	for n := range until {
		want := sealedPerson(n)
		read, err := x.Persons.Get(x.ctx, want.ID)
		x.ok(err)
		if read.Value.FirstName != want.FirstName {
			x.Errorf("person %d reads as %q, want %q", n, read.Value.FirstName, want.FirstName)
		}
	}
}

// traffic reads and writes persons through several handles, and makes new ones, until it is told to
// stop; stop gives how many there are then.
func traffic(known int, handles ...*trial) (stop func() (persons int)) {
	end := make(chan struct{})
	var going sync.WaitGroup
	var mu sync.Mutex
	next := known
	for i, h := range handles {
		going.Go(func() {
			for round := i; ; round++ {
				select {
				case <-end:
					return
				default:
				}
				p := sealedPerson(round % known)
				_, err := h.Persons.Update(h.ctx, p.ID, port.Write{}, func(old care.Person) (care.Person, []care.Event, error) {
					if old.FirstName != p.FirstName {
						h.Errorf("a writer read %q, want %q", old.FirstName, p.FirstName)
					}
					old.BirthDate = fmt.Sprintf("19%02d-01-01", round%100)
					return old, nil, nil
				})
				if err != nil {
					h.Errorf("a writer: %v", err)
					return
				}
				mu.Lock()
				n := next
				next++
				mu.Unlock()
				h.settlePersons(n, n+1)
			}
		})
	}
	return func() int {
		close(end)
		going.Wait()
		return next
	}
}

const settled = 30

func rewrapUnderTraffic(x *keyTrial) {
	first := x.process("former")
	first.settlePersons(0, settled)
	a, b := x.process("new", "former"), x.process("former", "new")
	stop := traffic(settled, a, b)
	done, err := a.vault().Rewrap(x.ctx, nil)
	if err != nil || done.Rings < settled+1 || done.Keys != done.Rings {
		x.Errorf("rewrapped %+v, %v; want %d rings of one key or more", done, err, settled+1)
	}
	// What is written from here on must not be under the former key either.
	all := stop()
	alone := x.process("new")
	alone.readable(all)
	if string(alone.vault().Secret()) != string(first.vault().Secret()) {
		x.Error("the root secret changed with the service key")
	}
	if done, err = alone.vault().Rewrap(x.ctx, nil); err != nil || done != (vault.Rewrapped{}) {
		x.Errorf("a second time rewrapped %+v, %v; want nothing", done, err)
	}
	if refused, err := x.open(serviceKey("former")); err == nil {
		x.Error("the former service key still opens the key store")
		_ = refused.Close()
	}
}

func rewrapResumed(x *keyTrial) {
	x.process("former").settlePersons(0, settled)
	for cut := range 3 { // the root ring alone, and some more
		ctx, kill := context.WithCancel(x.ctx)
		_, err := x.process("new", "former").vault().Rewrap(ctx, func(done vault.Rewrapped) {
			if done.Rings > 4*cut {
				kill()
			}
		})
		kill()
		if err == nil {
			x.Fatalf("run %d was not cut off", cut)
		}
		x.process("former", "new").readable(settled)
		x.process("new", "former").readable(settled)
	}
	done, err := x.process("new", "former").vault().Rewrap(x.ctx, nil)
	if err != nil || done.Rings == 0 || done.Rings >= settled {
		x.Errorf("the last run rewrapped %+v, %v; want what the others left", done, err)
	}
	x.process("new").readable(settled)
}

// rewrapAtOneMoment lets a process with the new key write before anybody has changed keys: one that
// has only the former key must read that still.
func rewrapAtOneMoment(x *keyTrial) {
	former := x.process("former")
	x.process("new", "former").settlePersons(0, 3)
	former.readable(3)
}
