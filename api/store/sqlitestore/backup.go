package sqlitestore

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// The files of a backup.
const (
	backupData     = "naober.db"
	backupManifest = "manifest.json"
	backupFormat   = 1
)

// Manifest says what a backup holds, so that a change of a single bit shows.
type Manifest struct {
	Format int       `json:"format"`
	At     time.Time `json:"at"`
	File   string    `json:"file"`
	Bytes  int64     `json:"bytes"`
	SHA256 string    `json:"sha256"`
}

// Backup copies the data as of one moment into a new folder, while the service goes on. The key store
// is left out on purpose: whoever is forgotten later must be forgotten by every backup too. The
// manifest comes last; a folder without one is no backup.
func (s *Store) Backup(ctx context.Context, folder string) (Manifest, error) {
	if err := os.Mkdir(folder, 0o700); err != nil {
		return Manifest{}, fmt.Errorf("a backup goes into a folder that is not there yet: %w", err)
	}
	file := filepath.Join(folder, backupData)
	if err := s.copyInto(ctx, file); err != nil {
		return Manifest{}, errors.Join(err, os.RemoveAll(folder))
	}
	m := Manifest{Format: backupFormat, At: s.opts.Now().UTC().Truncate(time.Second), File: backupData}
	var err error
	if m.Bytes, m.SHA256, err = digest(file); err == nil {
		err = writeManifest(folder, m)
	}
	if err != nil {
		return Manifest{}, errors.Join(err, os.RemoveAll(folder))
	}
	return m, nil
}

// copyInto has SQLite itself write a copy without the free pages, and waits until it is on disk. A
// plain copy of the file would miss what still lies in the WAL.
func (s *Store) copyInto(ctx context.Context, file string) error {
	source, err := connect(s.path, 1)
	if err != nil {
		return err
	}
	_, err = source.ExecContext(ctx, `VACUUM INTO ?`, file)
	if err = errors.Join(failed(err), source.Close()); err != nil {
		return err
	}
	return errors.Join(os.Chmod(file, 0o600), flush(file))
}

// digest reads a file to its end.
func digest(file string) (bytes int64, sum string, err error) {
	f, err := os.Open(filepath.Clean(file))
	if err != nil {
		return 0, "", err
	}
	hash := sha256.New()
	bytes, err = io.Copy(hash, f)
	return bytes, hex.EncodeToString(hash.Sum(nil)), errors.Join(err, f.Close())
}

func writeManifest(folder string, m Manifest) error {
	raw, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	name := filepath.Join(folder, backupManifest)
	if err := os.WriteFile(name+".new", append(raw, '\n'), 0o600); err != nil {
		return err
	}
	return errors.Join(flush(name+".new"), os.Rename(name+".new", name), flush(folder))
}

// flush waits until a file, or a folder's list of files, is on disk.
func flush(name string) error {
	f, err := os.Open(filepath.Clean(name))
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// ReadManifest reads a backup's manifest and holds the file to it.
func ReadManifest(folder string) (Manifest, error) {
	raw, err := os.ReadFile(filepath.Join(filepath.Clean(folder), backupManifest))
	if errors.Is(err, fs.ErrNotExist) {
		return Manifest{}, fmt.Errorf("%s holds no whole backup: there is no %s", folder, backupManifest)
	}
	if err != nil {
		return Manifest{}, err
	}
	var m Manifest
	if err := json.Unmarshal(raw, &m); err != nil || m.Format != backupFormat || m.File != backupData {
		return Manifest{}, fmt.Errorf("%s is not a manifest of this form", filepath.Join(folder, backupManifest))
	}
	bytes, sum, err := digest(filepath.Join(folder, m.File))
	switch {
	case err != nil:
		return m, err
	case bytes != m.Bytes:
		return m, fmt.Errorf("%s has %d bytes, the manifest says %d", m.File, bytes, m.Bytes)
	case sum != m.SHA256:
		return m, fmt.Errorf("%s is not the file that was backed up: its SHA-256 differs", m.File)
	}
	return m, nil
}
