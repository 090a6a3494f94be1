package demo

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"naober/matching/care"
)

// Clock is the machine's clock with an offset that only grows. The offset is on disk before anybody
// reads it, so that a killed demo goes on at the moment it had reached. It is safe for concurrent
// use.
type Clock struct {
	wall   func() time.Time
	file   string
	mu     sync.Mutex // one move at a time
	offset atomic.Int64
}

// clockFile is the shape of the offset on disk.
type clockFile struct {
	OffsetMillis int64 `json:"offsetMillis"`
}

// OpenClock reads the offset from a file; an absent file means none. wall is time.Now outside tests.
func OpenClock(file string, wall func() time.Time) (*Clock, error) {
	c := &Clock{wall: wall, file: file}
	var stored clockFile
	if err := readJSON(file, &stored); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	c.offset.Store(stored.OffsetMillis)
	return c, nil
}

// Now is the demo's present.
func (c *Clock) Now() time.Time { return c.wall().Round(0).Add(c.Offset()) }

// Offset is what the demo is ahead of the machine.
func (c *Clock) Offset() time.Duration {
	return time.Duration(c.offset.Load()) * time.Millisecond
}

// Advance moves the clock forward and returns the new present.
func (c *Clock) Advance(d time.Duration) (time.Time, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.advance(d)
}

// AdvanceTo moves the clock forward to a moment and returns the new present.
func (c *Clock) AdvanceTo(t time.Time) (time.Time, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.advance(t.Sub(c.Now()))
}

func (c *Clock) advance(d time.Duration) (time.Time, error) {
	const most = 10 * 365 * 24 * time.Hour
	// A part of a millisecond is rounded up: who moves to a moment is not before it.
	next := c.offset.Load() + (d + time.Millisecond - 1).Milliseconds()
	switch {
	case d <= 0:
		return time.Time{}, care.E(care.Invalid, "clock_backwards", "the demo's clock only moves forward")
	case d > most || next > most.Milliseconds():
		return time.Time{}, care.E(care.Invalid, "clock_too_far", "the demo's clock moves at most ten years")
	}
	if err := writeJSON(c.file, clockFile{OffsetMillis: next}); err != nil {
		return time.Time{}, err
	}
	c.offset.Store(next)
	return c.Now(), nil
}

func readJSON(file string, into any) error {
	raw, err := os.ReadFile(filepath.Clean(file))
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, into)
}

// writeJSON replaces a file in one step that survives a kill and a power cut: written beside, synced,
// renamed, and the folder synced.
func writeJSON(file string, value any) error {
	raw, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return writeFile(file, append(raw, '\n'))
}

func writeFile(file string, raw []byte) error {
	beside := file + ".new"
	f, err := os.OpenFile(filepath.Clean(beside), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(raw)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(beside, file); err != nil {
		return err
	}
	folder, err := os.Open(filepath.Dir(file))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
