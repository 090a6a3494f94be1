package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"time"

	"naober/api/feed"
	"naober/api/store/sqlitestore"
)

const backupUsage = `naober backup, for the embedded store, with the NAOBER_STORE, NAOBER_KEY_STORE and NAOBER_SECRET_FILE of serve:
  backup save FOLDER      the data as of now, while the service runs; not the keys
  backup verify [FOLDER]  reads everything, of a backup or of the store
  backup restore FOLDER   in place of the data, while the service is stopped; what was there is kept
Keep keys.db apart, where old copies of it are destroyed: who is forgotten must stay forgotten`

// backup runs one act on the embedded store's data.
func backup(ctx context.Context, args []string, env func(string) string, out io.Writer) error {
	flags := flag.NewFlagSet("naober backup", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	if err := flags.Parse(args); err != nil || flags.NArg() == 0 || flags.NArg() > 2 {
		return errors.New("what is to be done?\n" + backupUsage)
	}
	var c config
	if err := c.readGround(settings(env)); err != nil {
		return err
	}
	if onServer(c.Store) {
		return errors.New("a MongoDB server is backed up with its own tools, database and key database apart")
	}
	d := dataFolder{path: filepath.Join(c.Store, "naober.db"), options: sqlitestore.Options{Key: c.Secret, OldKeys: c.Old, Keys: c.file(c.Store), Now: time.Now}}
	switch what, folder := flags.Arg(0), flags.Arg(1); {
	case what == "verify" && folder == "":
		return d.verify(ctx, out)
	case folder == "":
		return errors.New("which folder?\n" + backupUsage)
	case what == "save":
		return d.save(ctx, folder, out)
	case what == "verify":
		return d.verifyBackup(ctx, folder, out)
	case what == "restore":
		return d.restore(ctx, folder, out)
	}
	return errors.New("what is to be done?\n" + backupUsage)
}

// dataFolder is where the embedded store lies.
type dataFolder struct {
	path    string
	options sqlitestore.Options
}

func (d dataFolder) save(ctx context.Context, folder string, out io.Writer) error {
	s, err := sqlitestore.Open(ctx, d.path, d.options)
	if err != nil {
		return err
	}
	m, err := s.Backup(ctx, folder)
	if err = errors.Join(err, s.Close()); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "saved %d bytes in %s, without the keys\n", m.Bytes, folder)
	return err
}

func (d dataFolder) verify(ctx context.Context, out io.Writer) error {
	s, err := sqlitestore.Open(ctx, d.path, d.options)
	if err != nil {
		return err
	}
	n, err := s.Verify(ctx)
	if err = errors.Join(err, s.Close()); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "read %d documents; all is well\n", n)
	return err
}

func (d dataFolder) verifyBackup(ctx context.Context, folder string, out io.Writer) error {
	m, n, err := sqlitestore.VerifyBackup(ctx, folder, d.options)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "read %d documents as of %s; all is well\n", n, m.At.Format(time.RFC3339))
	return err
}

func (d dataFolder) restore(ctx context.Context, folder string, out io.Writer) error {
	if err := d.verifyBackup(ctx, folder, out); err != nil {
		return err
	}
	kept, err := sqlitestore.Restore(ctx, folder, d.path)
	if err != nil {
		return err
	}
	if kept != "" {
		if _, err := fmt.Fprintln(out, "what stood there is kept as", kept); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintln(out, "restored; at the next start clocks and messages hold until kill -USR1 or ten steady minutes release them")
	return err
}

// restorable is a store that can come from a backup.
type restorable interface {
	Restored() (bool, error)
	Resumed() error
}

const holdLook = 5 * time.Second

// holdRestored holds clocks and messages where the data came from a backup: what it says is due may
// long have been done.
func holdRestored(s store, hold *feed.Hold) error {
	r, ok := s.(restorable)
	if !ok {
		return nil
	}
	restored, err := r.Restored()
	if restored {
		hold.Begin(feed.HoldRestore)
	}
	return err
}

// followRestored forgets the restore once the hold has ended, so that a restart before that holds again.
func followRestored(ctx context.Context, s store, hold *feed.Hold, log *slog.Logger) {
	r, ok := s.(restorable)
	if !ok {
		return
	}
	look := time.NewTicker(holdLook)
	defer look.Stop()
	for restored, err := r.Restored(); restored || err != nil; restored, err = r.Restored() {
		if err == nil && hold.Check() == "" {
			err = r.Resumed()
		}
		if err != nil {
			log.Error("the mark of a restore", "error", "not read or removed")
		}
		select {
		case <-ctx.Done():
			return
		case <-look.C:
		}
	}
}
