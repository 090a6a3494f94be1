package sqlitestore

import (
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"naober/api/app"
)

// TestCheckOnAFullDisk lets no file of this process grow any more, as on a disk that is full: the store
// can still be read, and says that it cannot work.
func TestCheckOnAFullDisk(t *testing.T) {
	for _, which := range []string{"naober.db", "keys.db"} {
		t.Run(which, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "naober.db")
			s, err := Open(t.Context(), path, Options{Key: make([]byte, 32)})
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			}()
			if err := s.Check(t.Context()); err != nil {
				t.Fatal(err)
			}
			// Of the two files the one that is not looked at has said so within the time.
			now := time.Now()
			s.probe, s.keys.probe = &app.Probe{}, &app.Probe{}
			if which == "naober.db" {
				_ = s.keys.probe.Check(now, func() error { return nil })
			} else {
				_ = s.probe.Check(now, func() error { return nil })
			}
			grows := limited(t, filepath.Join(filepath.Dir(path), which+"-wal"))
			err = s.Check(t.Context())
			var version int
			read := s.read.QueryRowContext(t.Context(), `PRAGMA user_version`).Scan(&version)
			grows()
			if err == nil || read != nil {
				t.Errorf("on a full disk it says %v, and reading %v", err, read)
			}
			s.probe, s.keys.probe = &app.Probe{}, &app.Probe{}
			if err := s.Check(t.Context()); err != nil {
				t.Errorf("with room again: %v", err)
			}
		})
	}
}

// limited keeps every file of this process from growing beyond the size of one, until the returned
// function is called. No test runs beside it.
func limited(t *testing.T, path string) (grows func()) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	var was syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &was); err != nil {
		t.Fatal(err)
	}
	signal.Ignore(syscall.SIGXFSZ)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: uint64(info.Size()), Max: was.Max}); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &was); err != nil {
			t.Fatal(err)
		}
		signal.Reset(syscall.SIGXFSZ)
	}
}
