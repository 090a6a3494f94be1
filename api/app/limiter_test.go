package app_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"naober/api/app"
	"naober/api/port"
	"naober/api/store/sqlitestore"
	"naober/matching/care"
)

// busy is somebody who calls often; a person may make 300 search calls in ten minutes, of which a
// process takes 5 at a time.
const (
	busy      = care.PersonID("01KAS0GR0110000000000000BB")
	searching = 300
)

func TestAllowanceIsSharedByProcesses(t *testing.T) {
	t.Parallel()
	in := install(t)
	processes := []*app.App{in.App, in.process(in.vault.Secret()), in.process(in.vault.Secret())}
	answers := together(2*searching, func(i int) error {
		return processes[i%len(processes)].AdmitPerson(t.Context(), app.Searching, busy)
	})
	// Each process asked for more than its share, so none is left holding a block.
	if answers[""] != searching || answers["too_many_calls"] != searching {
		t.Errorf("answers %v, want %d admitted", answers, searching)
	}
}

func TestAllowanceCostsOneWriteABlock(t *testing.T) {
	t.Parallel()
	in := install(t)
	calls := in.calls.during(func() {
		for range 1_000 {
			codeIs(t, in.AdmitPerson(t.Context(), app.Reading, busy), "")
		}
	})
	// Ten blocks of 100; the first one also inserts the tally.
	if len(calls) != 11 {
		t.Errorf("%d calls of the store for 1,000 readings, want 11: %v", len(calls), calls)
	}
}

func TestAllowanceOfClassesAndPersonsIsTheirOwn(t *testing.T) {
	t.Parallel()
	in := install(t)
	drain(t, in.App)
	codeIs(t, in.AdmitPerson(t.Context(), app.Searching, busy), "too_many_calls")
	codeIs(t, in.AdmitPerson(t.Context(), app.Reading, busy), "")
	codeIs(t, in.AdmitPerson(t.Context(), app.Writing, busy), "")
	codeIs(t, in.AdmitPerson(t.Context(), app.Searching, "01KAS0GR0110000000000000CC"), "")
}

func TestAllowanceTellsWhenToComeBack(t *testing.T) {
	t.Parallel()
	in := install(t)
	drain(t, in.App)
	in.clock.pass(4 * time.Minute)
	if got := retryAfter(in.AdmitPerson(t.Context(), app.Searching, busy)); got != "360" {
		t.Errorf("retryAfter is %q, want 360", got)
	}
	in.clock.pass(6*time.Minute - time.Millisecond)
	codeIs(t, in.AdmitPerson(t.Context(), app.Searching, busy), "too_many_calls")
	in.clock.pass(time.Millisecond)
	codeIs(t, in.AdmitPerson(t.Context(), app.Searching, busy), "")
	if hit := in.LimitsHit()["search calls of a person"]; hit != 2 {
		t.Errorf("%d refusals were counted, want 2", hit)
	}
}

// TestAllowanceOfAWideNetwork fills a /48 from ever new /64s in it.
func TestAllowanceOfAWideNetwork(t *testing.T) {
	t.Parallel()
	in := install(t)
	admitted := 0
	for i := range 600*64 + 1 { // one more than it may
		if in.AdmitNobody(t.Context(), app.Mailing, fmt.Sprintf("2001:db8:1:%x::1", i%100)) == nil {
			admitted++
		}
	}
	if admitted > 600*64 || admitted < 600*64-10 {
		t.Errorf("%d were admitted from a /48, want 64 times the 600 of a line", admitted)
	}
	codeIs(t, in.AdmitNobody(t.Context(), app.Mailing, "2001:db8:1:ffff::1"), "too_many_calls")
	codeIs(t, in.AdmitNobody(t.Context(), app.Mailing, "2001:db8:2:1::1"), "")
}

func TestAllowanceWithoutStoreIsOneBlock(t *testing.T) {
	t.Parallel()
	in := install(t)
	stores := in.stores
	stores.Tallies = absentTallies{stores.Tallies}
	a := app.New(app.Settings{Stores: stores, Now: in.clock.Now, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Secret: secret})
	admitted := 0
	for range 100 {
		if a.AdmitPerson(t.Context(), app.Searching, busy) == nil {
			admitted++
		}
	}
	if admitted != 5 {
		t.Errorf("%d were admitted without a store, want one block of 5", admitted)
	}
	in.clock.pass(10 * time.Second)
	codeIs(t, a.AdmitPerson(t.Context(), app.Searching, busy), "")
}

// TestAllowanceOutlivesAHiccupOfTheStore loses the store for a moment after blocks that it gave: whoever
// has used one up lives on a blind block, and the window goes on once the store is back.
func TestAllowanceOutlivesAHiccupOfTheStore(t *testing.T) {
	t.Parallel()
	in := install(t)
	away, stores := &flickering{Documents: in.stores.Tallies}, in.stores
	stores.Tallies = away
	a := app.New(app.Settings{Stores: stores, Now: in.clock.Now, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Secret: secret})
	admit := func(times int) (admitted int) {
		for range times {
			if a.AdmitPerson(t.Context(), app.Searching, busy) == nil {
				admitted++
			}
		}
		return admitted
	}
	if got := admit(10); got != 10 {
		t.Fatalf("%d of 10 were admitted", got)
	}
	away.away = true
	if got := admit(100); got != 5 {
		t.Errorf("%d were admitted while the store was away, want one block of 5", got)
	}
	away.away = false
	in.clock.pass(10 * time.Second)
	if got := admit(searching); got != searching-10 {
		t.Errorf("%d were admitted afterwards, want the %d that the window still holds", got, searching-10)
	}
}

// TestAllowanceAfterAClockThatRanAhead fills windows while the clock stands ten years ahead: once it is
// set right they lock nobody out, here and in a process that starts afterwards.
func TestAllowanceAfterAClockThatRanAhead(t *testing.T) {
	t.Parallel()
	in := install(t)
	const years = 10 * 365 * 24 * time.Hour
	in.clock.pass(years)
	drain(t, in.App)
	codeIs(t, in.AdmitPerson(t.Context(), app.Searching, busy), "too_many_calls")
	in.clock.pass(-years)
	codeIs(t, in.AdmitPerson(t.Context(), app.Searching, busy), "")
	codeIs(t, in.process(in.vault.Secret()).AdmitPerson(t.Context(), app.Searching, busy), "")
	in.clock.pass(-time.Second) // clocks that lie a second apart share a window
	late, admitted := in.process(in.vault.Secret()), 0
	for range searching {
		if late.AdmitPerson(t.Context(), app.Searching, busy) == nil {
			admitted++
		}
	}
	if admitted != searching-10 {
		t.Errorf("%d were admitted beside two blocks of 5, want %d", admitted, searching-10)
	}
}

// TestALimitOfAllRefusesNobody asks for codes from ever new addresses to ever new contacts: past the
// limit of all together the log says so once, and the next person still gets a code.
func TestALimitOfAllRefusesNobody(t *testing.T) {
	t.Parallel()
	in := install(t)
	var log strings.Builder
	a := app.New(app.Settings{Stores: in.stores, Now: in.clock.Now, Log: slog.New(slog.NewTextHandler(&log, nil)), Postman: in.mail, Secret: secret, Region: "NL"})
	fill := app.FillOverall(t.Context(), a)
	if fill != nil {
		t.Fatal(fill)
	}
	for i := range 3 {
		_, err := a.RequestCode(t.Context(), fmt.Sprintf("p%d@example.org", i), fmt.Sprintf("192.0.2.%d", i))
		codeIs(t, err, "")
	}
	if n := strings.Count(log.String(), "everybody together"); n != 1 {
		t.Errorf("the log says it %d times, want once:\n%s", n, log.String())
	}
	if a.LimitsHit()["codes"] != 3 {
		t.Errorf("counted are %v", a.LimitsHit())
	}
}

func drain(t *testing.T, a *app.App) {
	t.Helper()
	for range searching {
		codeIs(t, a.AdmitPerson(t.Context(), app.Searching, busy), "")
	}
}

// absentTallies is a store that does not answer.
type absentTallies struct {
	port.Documents[string, app.Tally]
}

func (absentTallies) Update(context.Context, string, port.Write, port.Change[app.Tally]) (port.Stored[app.Tally], error) {
	return port.Stored[app.Tally]{}, care.E(care.Unavailable, "store_unavailable", "away")
}

// flickering is a store that answers or does not.
type flickering struct {
	port.Documents[string, app.Tally]
	away bool
}

func (f *flickering) Update(ctx context.Context, id string, w port.Write, change port.Change[app.Tally]) (port.Stored[app.Tally], error) {
	if f.away {
		return port.Stored[app.Tally]{}, care.E(care.Unavailable, "store_unavailable", "away")
	}
	return f.Documents.Update(ctx, id, w, change)
}

// BenchmarkAdmit measures what the limit adds to a call of one person, and what counting each call
// in the store would.
func BenchmarkAdmit(b *testing.B) {
	clock := &handClock{now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	store, err := sqlitestore.Open(b.Context(), filepath.Join(b.TempDir(), "naober.db"), sqlitestore.Options{Key: secret, Now: clock.Now})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	a := app.New(app.Settings{Stores: store.Stores(), Now: clock.Now, Log: slog.New(slog.DiscardHandler), Secret: secret, Room: 1_000_000})
	for name, admit := range map[string]func() error{
		"in blocks": func() error { return a.AdmitPerson(b.Context(), app.Reading, busy) },
		"each":      func() error { return app.CountEach(b.Context(), a, string(busy)) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if err := admit(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
