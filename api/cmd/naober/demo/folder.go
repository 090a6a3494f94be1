package demo

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Folder is where one demo lives: its facts, its secret, its clock, its log, its embedded store.
type Folder struct {
	Path  string
	Facts Facts
}

// Facts are what a demo must remember to be the same one after a restart.
type Facts struct {
	Seed      uint64    `json:"seed"`
	FoundedAt time.Time `json:"foundedAt,omitzero"` // when its world begins; zero until the first seeding
	Database  string    `json:"database"`           // its name at a MongoDB server
	FCMPort   int       `json:"fcmPort,omitempty"`  // where its phones are reached
}

// Ports say where a running demo is reached. The file is there only once it is ready.
type Ports struct {
	API     string `json:"api"` // http://127.0.0.1:8080
	Control string `json:"control"`
	FCM     string `json:"fcm"`
	PID     int    `json:"pid"`
}

const factsFile = "demo.json"

// OpenFolder opens a demo's folder and makes it where it is absent. A folder that is neither empty
// nor a demo's is refused, so that fresh, which removes everything in it first, never hits another.
// seed is nil for the folder's own, or 1.
func OpenFolder(path string, fresh bool, seed *uint64) (*Folder, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	f := &Folder{Path: path}
	err = readJSON(f.file(factsFile), &f.Facts)
	known := err == nil
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if entries, err := os.ReadDir(path); err == nil && !known && len(entries) > 0 {
		return nil, fmt.Errorf("%s is neither empty nor the folder of a demo", path)
	}
	if known && fresh {
		if err := os.RemoveAll(path); err != nil {
			return nil, err
		}
		f.Facts, known = Facts{}, false
	}
	if known {
		if seed != nil && *seed != f.Facts.Seed {
			return nil, fmt.Errorf("the demo in %s was made from seed %d: --fresh makes another", path, f.Facts.Seed)
		}
		return f, nil
	}
	return f, f.found(seed)
}

// found makes a new folder. The facts are written last: they make it a demo's.
func (f *Folder) found(seed *uint64) error {
	f.Facts = Facts{Seed: 1}
	if seed != nil {
		f.Facts.Seed = *seed
	}
	if err := os.MkdirAll(f.Path, 0o700); err != nil {
		return err
	}
	f.Facts.Database = "naober_demo_" + strings.ToLower(rand.Text()[:10])
	return f.SaveFacts()
}

// SaveFacts makes the facts durable.
func (f *Folder) SaveFacts() error { return writeJSON(f.file(factsFile), f.Facts) }

// Secret reads the demo's service key, and makes one the first time.
func (f *Folder) Secret() ([]byte, error) {
	raw, err := os.ReadFile(f.SecretFile())
	if errors.Is(err, fs.ErrNotExist) {
		key := make([]byte, 32)
		if _, err := rand.Read(key); err != nil {
			return nil, err
		}
		return key, writeFile(f.SecretFile(), []byte(hex.EncodeToString(key)+"\n"))
	}
	if err != nil {
		return nil, err
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(raw)))
	if err != nil || len(key) != 32 {
		return nil, fmt.Errorf("%s is not a secret of the demo", f.SecretFile())
	}
	return key, nil
}

// SecretFile is the file of the service key.
func (f *Folder) SecretFile() string { return f.file("secret") }

// Clock opens the demo's clock.
func (f *Folder) Clock(wall func() time.Time) (*Clock, error) {
	return OpenClock(f.file("clock.json"), wall)
}

// Store is the folder of the embedded store.
func (f *Folder) Store() string { return f.file("store") }

// Marks is the folder of what the data of the embedded store can be put back to.
func (f *Folder) Marks() string { return f.file("marks") }

// Log opens the service's log for appending.
func (f *Folder) Log() (*os.File, error) {
	return os.OpenFile(f.file("demo.log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
}

// Announce says where the running demo is reached.
func (f *Folder) Announce(p Ports) error { return writeJSON(f.file("ports.json"), p) }

// Withdraw takes back what Announce said: whoever waits for the file then waits for a demo that is
// ready, and not for one that has ended.
func (f *Folder) Withdraw() error {
	err := os.Remove(f.file("ports.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func (f *Folder) file(name string) string { return filepath.Join(f.Path, name) }
