// Package storetest holds the one suite that every store behind app.Stores must pass: what a
// document write promises, what the feed promises, and that both hold when several goroutines,
// several processes and SIGKILL take part.
//
// It knows no database. A store's own test package says how to open a fresh store, how to open the
// same data again, and calls Run; its TestMain calls Main, so that promises about several processes
// can start this same test binary as a child. The package also holds the broken stores that prove
// the suite itself: each must fail at least one promise.
package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
)

// Backend is one handle on one store's data. Several handles on the same data, in one process or
// in several, are what production has.
type Backend interface {
	Stores() app.Stores
	// Locator names the data, so that another process can open it: a path, a URI with a database.
	Locator() string
	// Reopen makes another handle on the same data.
	Reopen() (Backend, error)
	// Close lets go of the handle; the data stays.
	Close() error
}

// Server is a Backend whose database is a process of its own that can be killed. A backend that
// was given a server it may not kill answers errors.ErrUnsupported.
type Server interface {
	KillServer() error
	RestartServer() error
}

// Sizer is a Backend that can tell how many bytes a stored document takes. Without it a document
// is measured as JSON of the domain value, whose longer names make it an upper bound.
type Sizer interface {
	DocumentSize(ctx context.Context, doc port.DocRef) (int, error)
}

// Opener makes a fresh, empty store and removes it with t.Cleanup.
type Opener func(t *testing.T) Backend

// T is what a promise needs of *testing.T. The tests of the suite itself put a recorder in its
// place, to see a broken store fail without failing.
type T interface {
	Helper()
	Context() context.Context
	Logf(format string, args ...any)
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Skipf(format string, args ...any)
}

// Promise is one thing that every store keeps. Its name finishes the sentence.
type Promise struct {
	Name string
	// Processes says that the promise starts children of the test binary.
	Processes bool

	check func(*trial)
}

// promiseTime bounds one promise; a store that hangs fails instead of standing still.
const promiseTime = 2 * time.Minute

// Hold checks the promise against a fresh store.
func (p Promise) Hold(t T, b Backend) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), promiseTime)
	defer cancel()
	p.check(&trial{T: t, ctx: ctx, backend: b, Stores: b.Stores()})
}

// Run checks every promise, each against a fresh store.
func Run(t *testing.T, open Opener) {
	for _, p := range Promises() {
		t.Run(p.Name, func(t *testing.T) { p.Hold(t, open(t)) })
	}
}

// Promises lists what Run checks.
func Promises() []Promise {
	var all []Promise
	for _, group := range [][]Promise{
		writePromises(), noncePromises(), readPromises(), valuePromises(), feedPromises(), moverPromises(),
		racePromises(), leasePromises(), crashPromises(), frozenPromises(), auditPromises(),
	} {
		all = append(all, group...)
	}
	return all
}

// trial is one promise being checked against one store.
type trial struct {
	T
	app.Stores
	ctx     context.Context
	backend Backend
}

// ok ends the promise where err is one.
func (x *trial) ok(err error) {
	x.Helper()
	if err != nil {
		x.Fatalf("unexpected error: %v", err)
	}
}

// refused wants an error of this kind and, where one is named, of this code.
func (x *trial) refused(err error, kind care.ErrorKind, code string) {
	x.Helper()
	if !care.IsKind(err, kind) || (code != "" && care.CodeOf(err) != code) {
		x.Errorf("error is %v, want kind %d code %q", err, kind, code)
	}
}

// same reports where two values differ. Times are equal when they are the same instant, and an
// empty slice equals none.
func (x *trial) same(what string, got, want any) {
	x.Helper()
	if at := difference(got, want); at != "" {
		x.Errorf("%s came back different: %s", what, at)
	}
}

// handle opens the same data once more. The caller closes it.
func (x *trial) handle() *trial {
	x.Helper()
	b, err := x.backend.Reopen()
	x.ok(err)
	return &trial{T: x.T, ctx: x.ctx, backend: b, Stores: b.Stores()}
}

func (x *trial) close() {
	x.Helper()
	if err := x.backend.Close(); err != nil {
		x.Errorf("closing a handle: %v", err)
	}
}

// failed tells an error of the machine from a verdict of the rules.
func failed(err error) bool {
	var e *care.Error
	return err != nil && !errors.As(err, &e)
}
