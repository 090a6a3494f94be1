package sqlitestore

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"naober/api/port"
	"naober/matching/care"
)

// peopled is a store with so many persons in it.
func peopled(t *testing.T, persons int) *Store {
	t.Helper()
	s := fresh(t)
	for n := range persons {
		inhabit(t, s, fmt.Sprint("person ", n))
	}
	return s
}

func inhabit(t *testing.T, s *Store, name string) care.PersonID {
	t.Helper()
	p := care.Person{ID: care.DeriveID[care.PersonID](monday(), name), FirstName: name, LastName: "Eising", BirthDate: "1948-03-12", Language: "nl", WithoutApp: true,
		Home: care.Place{Town: "Witteveen", Street: "Hoofdstraat 12"}}
	if _, err := s.Stores().Persons.Insert(t.Context(), p.ID, p, []care.Event{{Type: care.PersonRegistered, At: monday(), Person: p.ID}}, port.Write{}); err != nil {
		t.Error(err)
	}
	return p.ID
}

func backedUp(t *testing.T, s *Store) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "backup")
	must[Manifest](t)(s.Backup(t.Context(), folder))
	return folder
}

func (s *Store) keysOptions() Options {
	return Options{Key: serviceKey(), Now: monday, Keys: filepath.Join(filepath.Dir(s.path), "keys.db")}
}

func TestBackup(t *testing.T) {
	s := peopled(t, 20)
	folder := backedUp(t, s)
	_, n, err := VerifyBackup(t.Context(), folder, s.keysOptions())
	if err != nil || n < 20 {
		t.Fatalf("read %d documents: %v", n, err)
	}
	files := must[[]os.DirEntry](t)(os.ReadDir(folder))
	if len(files) != 2 {
		t.Errorf("the backup holds %v; the keys stay out of it", files)
	}
	for _, f := range files {
		if info := must[os.FileInfo](t)(f.Info()); info.Mode().Perm() != 0o600 {
			t.Errorf("%s is %v", f.Name(), info.Mode())
		}
	}
	if _, err := s.Backup(t.Context(), folder); err == nil {
		t.Error("a second backup went over the first")
	}
}

// TestBackupUnderLoad takes backups while others write: what was acknowledged before one began is in it.
func TestBackupUnderLoad(t *testing.T) {
	s := fresh(t)
	ctx, stop := context.WithCancel(t.Context())
	var mu sync.Mutex
	var acknowledged []care.PersonID
	var group sync.WaitGroup
	for lane := range 3 {
		group.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				id := inhabit(t, s, fmt.Sprint(lane, "/", n))
				mu.Lock()
				acknowledged = append(acknowledged, id)
				mu.Unlock()
			}
		})
	}
	for range 5 {
		mu.Lock()
		before := append([]care.PersonID(nil), acknowledged...)
		mu.Unlock()
		folder := backedUp(t, s)
		_, n, err := VerifyBackup(t.Context(), folder, s.keysOptions())
		if err != nil || n < len(before) {
			t.Errorf("%d of %d documents: %v", n, len(before), err)
		}
	}
	stop()
	group.Wait()
}

func TestVerifyBackupFindsDamage(t *testing.T) {
	for name, harm := range map[string]func(t *testing.T, file string){
		"a flipped bit": func(t *testing.T, file string) {
			raw := must[[]byte](t)(os.ReadFile(file))
			raw[len(raw)/2] ^= 4
			if err := os.WriteFile(file, raw, 0o600); err != nil {
				t.Fatal(err)
			}
		},
		"a file cut short": func(t *testing.T, file string) {
			if err := os.Truncate(file, 4096); err != nil {
				t.Fatal(err)
			}
		},
		"a file that is gone": func(t *testing.T, file string) {
			if err := os.Remove(file); err != nil {
				t.Fatal(err)
			}
		},
		"no manifest": func(t *testing.T, file string) {
			if err := os.Remove(filepath.Join(filepath.Dir(file), backupManifest)); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := peopled(t, 5)
			folder := backedUp(t, s)
			harm(t, filepath.Join(folder, backupData))
			if _, _, err := VerifyBackup(t.Context(), folder, s.keysOptions()); err == nil {
				t.Error("nothing was found")
			}
		})
	}
}

// TestVerifyReadsSealedFields: a sealed value that was exchanged for another's does not open, whatever
// the manifest of a later backup says.
func TestVerifyReadsSealedFields(t *testing.T) {
	s := peopled(t, 2)
	ids := []care.PersonID{care.DeriveID[care.PersonID](monday(), "person 0"), care.DeriveID[care.PersonID](monday(), "person 1")}
	state := must[string](t)(stateOf(t.Context(), s, ids[0]))
	if _, err := s.write.ExecContext(t.Context(), `UPDATE persons SET state = ? WHERE id = ?`, strings.ReplaceAll(state, string(ids[0]), string(ids[1])), string(ids[1])); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Verify(t.Context()); err == nil {
		t.Error("one person's sealed fields were read as another's")
	}
}

func stateOf(ctx context.Context, s *Store, id care.PersonID) (state string, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT state FROM persons WHERE id = ?`, string(id)).Scan(&state)
	return state, err
}

func TestRestore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "naober.db")
	s := must[*Store](t)(Open(t.Context(), path, Options{Key: serviceKey(), Now: monday}))
	before := inhabit(t, s, "before")
	folder := backedUp(t, s)
	after := inhabit(t, s, "after")
	if _, err := Restore(t.Context(), folder, path); err == nil {
		t.Fatal("restored under a service that runs")
	}
	if held := must[bool](t)(s.Restored()); held {
		t.Fatal("a restore that was refused holds the clocks")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	kept := must[string](t)(Restore(t.Context(), folder, path))
	if _, err := os.Stat(kept); err != nil {
		t.Error("what stood there is gone: ", err)
	}
	s = opened(t, path, Options{Now: monday})
	if _, err := s.Stores().Persons.Get(t.Context(), before); err != nil {
		t.Error("what was backed up: ", err)
	}
	if _, err := s.Stores().Persons.Get(t.Context(), after); !care.IsKind(err, care.NotFound) {
		t.Error("what came after the backup: ", err)
	}
	if held := must[bool](t)(s.Restored()); !held {
		t.Error("nothing holds the clocks after a restore")
	}
	if err := s.Resumed(); err != nil || must[bool](t)(s.Restored()) {
		t.Error("the hold cannot be ended: ", err)
	}
}

// cutAfter ends at the so many-th look at it.
type cutAfter struct {
	context.Context
	looks *atomic.Int64
}

func (c cutAfter) Err() error {
	if c.looks.Add(-1) < 0 {
		return context.Canceled
	}
	return c.Context.Err()
}

// TestARestoreThatIsCutShort cuts a restore at every step. The data that stood there or the backup's
// stands there after each cut, and the next restore goes through.
func TestARestoreThatIsCutShort(t *testing.T) {
	done := false
	for cut := int64(0); !done; cut++ {
		path := filepath.Join(t.TempDir(), "naober.db")
		s := must[*Store](t)(Open(t.Context(), path, Options{Key: serviceKey(), Now: monday}))
		before := inhabit(t, s, "before")
		folder := backedUp(t, s)
		after := inhabit(t, s, "after")
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		looks := &atomic.Int64{}
		looks.Store(cut)
		_, err := Restore(cutAfter{t.Context(), looks}, folder, path)
		done = err == nil
		if _, gone := os.Stat(path); gone != nil {
			t.Fatalf("cut %d: nothing stands where the data should: %v", cut, gone)
		}
		has := func(p care.PersonID) bool {
			s := must[*Store](t)(Open(t.Context(), path, Options{Key: serviceKey(), Now: monday}))
			_, err := s.Stores().Persons.Get(t.Context(), p)
			if closed := s.Close(); closed != nil {
				t.Error(closed)
			}
			return err == nil
		}
		if !has(before) || has(after) == done {
			t.Errorf("cut %d: the data is neither what it was nor the backup's (done %t)", cut, done)
		}
		if done {
			continue
		}
		kept := must[string](t)(Restore(t.Context(), folder, path))
		if has(after) {
			t.Errorf("cut %d: a second restore changed nothing", cut)
		}
		if path = kept; !has(after) {
			t.Errorf("cut %d: what stood there was not kept", cut)
		}
		if cut > 100 {
			t.Fatal("the restore is never done")
		}
	}
}
