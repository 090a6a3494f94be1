package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"

	"naober/api/app"
	"naober/api/cmd/naober/faults"
	"naober/api/feed"
	"naober/api/rest"
	"naober/api/store/sqlitestore"
)

// loud is said at the start of a server with fault switches.
const loud = "FAULTS: this server fails on purpose when it is told to, and whoever reaches its control port can erase everybody. It is for tests of apps alone."

// framed puts the switches around a service that is being wired.
func framed(p parts, opened store, a *app.App, server *rest.Server, all []feed.Consumer) {
	on := faults.Service{App: a, Devices: opened.Offline(), Now: a.Now}
	if s, ok := opened.(*sqlitestore.Store); ok {
		on.Save = func(ctx context.Context, folder string) error {
			_, err := s.Backup(ctx, folder)
			return err
		}
	}
	p.Faults.Attach(on)
	server.Frame(rest.Frame{Calls: p.Faults.Calls, Library: p.Faults.Library, Actor: p.Faults.Actor})
	wake := slices.IndexFunc(all, func(c feed.Consumer) bool { return c.Name == "wake" })
	all[wake] = p.Faults.Wake(all[wake])
}

// goBack puts the data of a service that has ended back to a mark, and builds it anew on the same address.
func goBack(ctx context.Context, p parts, to faults.Return, address string) (*service, net.Listener, error) {
	kept, err := sqlitestore.Restore(ctx, to.Folder, dataFile(p.Store))
	if err == nil && kept != "" {
		err = os.Remove(kept)
	}
	if err != nil {
		return nil, nil, err
	}
	p.Silent = !to.NewEpoch
	s, err := build(ctx, p)
	if err != nil {
		return nil, nil, err
	}
	s.hold.Release() // the clock is right, and no operator watches
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, nil, errors.Join(err, s.close())
	}
	return s, l, nil
}

// faultsFile lies beside data that may be lost: a server with fault switches began them.
const faultsFile = "faults"

// mayFail refuses fault switches where real people could be behind the settings, or the data are not of a server
// with switches from their beginning on. It leaves its sign beside data that are yet to be made.
func mayFail(c config) error {
	var wrong []error
	bad := func(what string) { wrong = append(wrong, errors.New("--faults: "+what)) }
	if c.Watch == "" {
		bad("NAOBER_WATCH_LISTEN is needed, for the switches stand there")
	}
	if !loopbackOnly(c.Listen) {
		bad("NAOBER_LISTEN is a loopback address: nobody else may reach this server")
	}
	if len(c.Proxies) > 0 {
		bad("NAOBER_TRUSTED_PROXIES means that others reach this server")
	}
	if c.FCM.Project != "" && c.FCM.Endpoint == "" {
		bad("NAOBER_FCM_PROJECT would push to real phones")
	}
	if onServer(c.Store) {
		bad("NAOBER_STORE is a folder")
	}
	if len(wrong) > 0 {
		return errors.Join(wrong...)
	}
	sign := filepath.Join(c.Store, faultsFile)
	if _, err := os.Stat(sign); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if _, err := os.Stat(dataFile(c.Store)); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(err, fmt.Errorf("--faults: the data in %s were begun without; name a new folder", c.Store))
	}
	return errors.Join(os.MkdirAll(c.Store, 0o700), os.WriteFile(sign, []byte(loud+"\n"), 0o600))
}

// withFaults serves the switches below /test/ and everything else as before.
func withFaults(s *faults.Switches, rest http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/test/", s.Handler())
	mux.Handle("/", rest)
	return mux
}

// current is a handler that can be changed while it serves; nobody is served before the first.
type current struct{ now atomic.Pointer[http.Handler] }

func (c *current) set(h http.Handler) { c.now.Store(&h) }

// ServeHTTP implements http.Handler.
func (c *current) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h := c.now.Load(); h != nil {
		(*h).ServeHTTP(w, r)
		return
	}
	http.Error(w, "not ready", http.StatusServiceUnavailable)
}
