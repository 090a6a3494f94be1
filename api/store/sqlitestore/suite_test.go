package sqlitestore_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"naober/api/store/sqlitestore"
	"naober/api/store/storetest"
)

// TestMain lets promises about several processes start this binary as their child.
func TestMain(m *testing.M) { os.Exit(storetest.Main(m, backendAt)) }

// TestSuite holds the promises that every store keeps.
func TestSuite(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Backend {
		b, err := backendAt(filepath.Join(t.TempDir(), "naober.db"))
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

// backend is one handle on a file.
type backend struct {
	*sqlitestore.Store
	path string
}

func backendAt(path string) (storetest.Backend, error) {
	sum := sha256.Sum256([]byte("nothing in a test is anybody's"))
	return opened(path, sqlitestore.Options{Key: sum[:]})
}

func opened(path string, opts sqlitestore.Options) (storetest.Keyed, error) {
	s, err := sqlitestore.Open(context.Background(), path, opts)
	if err != nil {
		return nil, err
	}
	return backend{s, path}, nil
}

// TestKeys holds the promises about the keys of the key store.
func TestKeys(t *testing.T) {
	storetest.RunKeys(t, func(t *testing.T) storetest.OpenKeyed {
		path := filepath.Join(t.TempDir(), "naober.db")
		return func(service []byte, old ...[]byte) (storetest.Keyed, error) {
			return opened(path, sqlitestore.Options{Key: service, OldKeys: old, Lent: storetest.Lent})
		}
	})
}

func (b backend) Locator() string { return b.path }

func (b backend) Reopen() (storetest.Backend, error) { return backendAt(b.path) }

// KeyBytes implements storetest.Keyed.
func (b backend) KeyBytes(context.Context) ([]byte, error) {
	files, err := filepath.Glob(filepath.Join(filepath.Dir(b.path), "keys.db*"))
	var all []byte
	for _, name := range files {
		raw, other := os.ReadFile(name)
		all, err = append(all, raw...), errors.Join(err, other)
	}
	return all, err
}
