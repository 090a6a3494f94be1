package mongostore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"

	"naober/api/port"
	"naober/api/store/storetest"
)

// killPromise is the promise that needs a database that may be killed.
const killPromise = "everything acknowledged is there, whole, after kill -9 of the database"

func TestMain(m *testing.M) {
	os.Exit(storetest.Main(m, func(locator string) (storetest.Backend, error) {
		uri, database, _ := strings.Cut(locator, " ")
		return openBackend(uri, database)
	}))
}

// backend is one handle on one database, for the suite that both stores pass.
type backend struct {
	*Store
	uri, database string
}

func openBackend(uri, database string) (backend, error) {
	s, err := Open(context.Background(), uri, database, testOptions())
	return backend{s, uri, database}, err
}

func (b backend) Locator() string                    { return b.uri + " " + b.database }
func (b backend) Reopen() (storetest.Backend, error) { return openBackend(b.uri, b.database) }
func (b backend) Close() error                       { return b.Store.Close(context.Background()) }

// DocumentSize implements storetest.Sizer.
func (b backend) DocumentSize(ctx context.Context, doc port.DocRef) (int, error) {
	raw, err := b.db.Collection(doc.Kind).FindOne(ctx, byID(doc.ID)).Raw()
	return len(raw), err
}

// KeyBytes implements storetest.Keyed by the documents: the disk is the server's.
func (b backend) KeyBytes(ctx context.Context) ([]byte, error) {
	names, err := b.keys.db.ListCollectionNames(ctx, bson.D{})
	var all []byte
	for _, name := range names {
		found, other := b.keys.db.Collection(name).Find(ctx, bson.D{})
		if err = errors.Join(err, other); err != nil {
			return nil, err
		}
		for found.Next(ctx) {
			all = append(all, found.Current...)
		}
		err = errors.Join(err, found.Err())
	}
	return all, err
}

func TestSuite(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Backend {
		b, err := openBackend(serverURI(t), newDatabase(t))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := b.Close(); err != nil {
				t.Error(err)
			}
		})
		return b
	})
}

// TestKeys holds the promises about the keys of the key store.
func TestKeys(t *testing.T) {
	storetest.RunKeys(t, func(t *testing.T) storetest.OpenKeyed {
		uri, database := serverURI(t), newDatabase(t)
		return func(service []byte, old ...[]byte) (storetest.Keyed, error) {
			s, err := Open(context.Background(), uri, database, Options{Key: service, OldKeys: old, Lent: storetest.Lent})
			return backend{s, uri, database}, err
		}
	})
}

// killable is a backend whose server belongs to the test alone.
type killable struct {
	backend
	dir string
}

func (k killable) KillServer() error {
	_, err := mongoScript("kill", "--dir", k.dir)
	return err
}

// RestartServer implements storetest.Server. The server comes back on its old port; each connection
// of the old one fails once before the driver knows.
func (k killable) RestartServer() error {
	if _, err := mongoScript("start", "--dir", k.dir); err != nil {
		return err
	}
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	return again(ctx, k.Check)
}

// mongoScript runs deploy/mongo.sh on a server of its own, whatever server the caller named.
func mongoScript(args ...string) (string, error) {
	cmd := exec.Command("../../../deploy/mongo.sh", args...)
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "NAOBER_MONGO_URI=") && !strings.HasPrefix(v, "NAOBER_MONGO_DIR=") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("mongo.sh %s: %w: %s", args[0], err, said.String())
	}
	return strings.TrimSpace(string(out)), err
}

func TestKilledDatabase(t *testing.T) {
	if os.Getenv("NAOBER_MONGO_DIR") == "" {
		t.Skip("needs a database that it may kill: run under deploy/mongo.sh with")
	}
	dir, err := os.MkdirTemp("", "naober-kill-") // t.TempDir is too long a name for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := mongoScript("stop", "--dir", dir, "--wipe"); err != nil {
			t.Error(err)
		}
	})
	uri, err := mongoScript("start", "--durable", "--dir", dir)
	if err != nil {
		t.Fatal(err)
	}
	b, err := openBackend(uri, "naober")
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := b.Close(); err != nil && !errors.Is(err, mongo.ErrClientDisconnected) {
			t.Error(err)
		}
	}()
	held := false
	for _, p := range storetest.Promises() {
		if p.Name == killPromise {
			p.Hold(t, killable{b, dir})
			held = true
		}
	}
	if !held {
		t.Fatalf("the suite has no promise %q", killPromise)
	}
}
