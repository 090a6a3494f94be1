package storetest_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"

	"naober/api/store/sqlitestore"
	"naober/api/store/storetest"
)

// TestMain lets promises about several processes start this binary as their child.
func TestMain(m *testing.M) {
	os.Exit(storetest.Main(m, func(locator string) (storetest.Backend, error) {
		return storetest.OpenBroken(locator, openAt)
	}))
}

// stores is how many stores a break may ruin until the suite notices: a race can go well by luck.
const stores = 5

// TestBrokenStores shows that the suite fails a store that is broken on purpose, one promise each.
func TestBrokenStores(t *testing.T) {
	for _, k := range storetest.Breaks() {
		t.Run(k.Name, func(t *testing.T) {
			var failures []string
			for range stores {
				if failures = observe(t, promise(t, k.Promise), k.Wrap(open(t))); len(failures) > 0 {
					break
				}
			}
			if len(failures) == 0 {
				t.Fatalf("the suite did not notice: %q held %d times", k.Promise, stores)
			}
			t.Logf("fails %q: %s", k.Promise, failures[0])
		})
	}
}

// TestSoundStore shows that the promises fail for the break alone: under the same recorder, the
// store as it is keeps each of them.
func TestSoundStore(t *testing.T) {
	var seen []string
	for _, k := range storetest.Breaks() {
		if slices.Contains(seen, k.Promise) {
			continue
		}
		seen = append(seen, k.Promise)
		t.Run(k.Promise, func(t *testing.T) {
			for _, failure := range observe(t, promise(t, k.Promise), open(t)) {
				t.Error(failure)
			}
		})
	}
}

func promise(t *testing.T, name string) storetest.Promise {
	t.Helper()
	all := storetest.Promises()
	i := slices.IndexFunc(all, func(p storetest.Promise) bool { return p.Name == name })
	if i < 0 {
		t.Fatalf("there is no promise %q", name)
	}
	return all[i]
}

// observe checks a promise and returns its failures instead of failing.
func observe(t *testing.T, p storetest.Promise, b storetest.Backend) []string {
	t.Helper()
	r := &recorder{ctx: t.Context()}
	done := make(chan struct{})
	go func() {
		defer close(done)
		p.Hold(r, b)
	}()
	<-done
	return r.failures
}

// recorder is a storetest.T that only remembers.
type recorder struct {
	ctx      context.Context
	mu       sync.Mutex
	failures []string
}

func (r *recorder) Helper()                  {}
func (r *recorder) Context() context.Context { return r.ctx }
func (r *recorder) Logf(string, ...any)      {}

func (r *recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}

func (r *recorder) Skipf(format string, args ...any) { r.Fatalf("skipped: "+format, args...) }

// backend is one handle on a file; the embedded store stands for a sound one.
type backend struct {
	*sqlitestore.Store
	path string
}

func open(t *testing.T) storetest.Backend {
	t.Helper()
	b, err := openAt(filepath.Join(t.TempDir(), "sound.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func openAt(path string) (storetest.Backend, error) {
	s, err := sqlitestore.Open(context.Background(), path, sqlitestore.Options{Key: make([]byte, 32)})
	if err != nil {
		return nil, err
	}
	return backend{s, path}, nil
}

func (b backend) Locator() string { return b.path }

func (b backend) Reopen() (storetest.Backend, error) { return openAt(b.path) }
