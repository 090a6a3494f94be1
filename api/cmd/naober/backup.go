package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"naober/api/feed"
	"naober/api/store/sqlitestore"
	"naober/api/store/vault"
)

const backupUsage = `naober backup, for the embedded store, with the NAOBER_STORE, NAOBER_KEY_STORE and NAOBER_SECRET_FILE of serve:
  backup save FOLDER      the data as of now, while the service runs; not the keys
  backup verify [FOLDER]  reads everything, of a backup or of the store
  backup restore FOLDER   in place of the data, while the service is stopped; what was there is kept.
                          --lose-people takes also a backup that has lost people to a rotate-person-key
Keep keys.db apart, where old copies of it are destroyed: who is forgotten must stay forgotten`

// errNoAct says what backup can do.
var errNoAct = errors.New("what is to be done?\n" + backupUsage)

// backupAct is what an operator asked for.
type backupAct struct {
	what, folder string
	losePeople   bool
}

// readBackupAct reads the whole command line before anything is opened. A flag may stand anywhere.
func readBackupAct(args []string) (backupAct, error) {
	var a backupAct
	flags := flag.NewFlagSet("naober backup", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.BoolVar(&a.losePeople, "lose-people", false, "")
	var words []string
	for rest := args; len(rest) > 0; {
		if flags.Parse(rest) != nil {
			return a, errNoAct
		}
		if rest = flags.Args(); len(rest) > 0 {
			words, rest = append(words, rest[0]), rest[1:]
		}
	}
	if len(words) == 0 || len(words) > 2 || a.losePeople && words[0] != "restore" {
		return a, errNoAct
	}
	if a.what = words[0]; len(words) == 2 {
		a.folder = words[1]
	}
	return a, nil
}

// backup runs one act on the embedded store's data.
func backup(ctx context.Context, args []string, env func(string) string, out io.Writer) error {
	a, err := readBackupAct(args)
	if err != nil {
		return err
	}
	var c config
	if err := c.readGround(settings(env)); err != nil {
		return err
	}
	if onServer(c.Store) {
		return errors.New("a MongoDB server is backed up with its own tools, database and key database apart")
	}
	d := dataFolder{c}
	switch {
	case a.what == "verify" && a.folder == "":
		return d.verify(ctx, out)
	case a.folder == "":
		return errors.New("which folder?\n" + backupUsage)
	case a.what == "save":
		return d.save(ctx, a.folder, out)
	case a.what == "verify":
		return d.verifyBackup(ctx, a.folder, out)
	case a.what == "restore":
		return d.restore(ctx, a, out)
	}
	return errNoAct
}

// dataFolder is where the embedded store lies, with the keys to it.
type dataFolder struct{ config }

// with runs an act on the store that stands in the folder.
func (d dataFolder) with(ctx context.Context, act func(*sqlitestore.Store) error) error {
	s, closeIt, err := openStanding(ctx, d.config)
	if err != nil {
		return err
	}
	return errors.Join(act(s.(*sqlitestore.Store)), closeIt())
}

func (d dataFolder) save(ctx context.Context, folder string, out io.Writer) error {
	return d.with(ctx, func(s *sqlitestore.Store) error {
		m, err := s.Backup(ctx, folder)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(out, "saved %d bytes in %s, without the keys\n", m.Bytes, folder)
		return err
	})
}

func (d dataFolder) verify(ctx context.Context, out io.Writer) error {
	return d.with(ctx, func(s *sqlitestore.Store) error {
		n, err := s.Verify(ctx)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(out, "read %d documents; all is well\n", n)
		return err
	})
}

// verifyBackup opens a copy of the backup with the keys that stand.
func (d dataFolder) verifyBackup(ctx context.Context, folder string, out io.Writer) error {
	if err := d.stand(d.Store); err != nil {
		return err
	}
	m, n, err := sqlitestore.VerifyBackup(ctx, folder, sqlitestore.Options{Key: d.Secret, OldKeys: d.Old, Keys: d.file(d.Store)})
	switch lost := vault.Lost(0); {
	case errors.As(err, &lost):
		return fmt.Errorf("the backup in %s, as of %s: %w. A backup that was made after that has them; restore takes this one with --lose-people alone", folder, m.At.Format(time.RFC3339), err)
	case err != nil:
		return err
	case n == 0:
		return fmt.Errorf("the backup in %s is of a store in which nothing was ever laid", folder)
	}
	_, err = fmt.Fprintf(out, "read %d documents as of %s; all is well\n", n, m.At.Format(time.RFC3339))
	return err
}

func (d dataFolder) restore(ctx context.Context, a backupAct, out io.Writer) error {
	lost := vault.Lost(0)
	err := d.verifyBackup(ctx, a.folder, out)
	if a.losePeople && errors.As(err, &lost) {
		_, err = fmt.Fprintf(out, "%s. They are given up, as --lose-people says\n", lost)
	}
	if err == nil {
		err = os.MkdirAll(d.Store, 0o700)
	}
	if err != nil {
		return err
	}
	kept, err := sqlitestore.Restore(ctx, a.folder, dataFile(d.Store))
	if err != nil {
		return err
	}
	if kept != "" {
		if _, err := fmt.Fprintln(out, "what stood there is kept as", kept); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(out, "restored in %s; at the next start clocks and messages hold until kill -USR1 or ten steady minutes release them\n", d.Store)
	return err
}

// restorable is a store that can come from a backup.
type restorable interface {
	Restored() (bool, error)
	Resumed() error
}

// forgetRestore lets older data pass for those that were there.
func forgetRestore(s store) error {
	if r, ok := s.(restorable); ok {
		return r.Resumed()
	}
	return nil
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
