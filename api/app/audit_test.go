package app_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
)

// auditor feeds the audit log as the loops do.
func (in *installation) audit(rows ...port.Row) {
	in.t.Helper()
	for _, r := range rows {
		if err := in.Audit(in.t.Context(), r); err != nil {
			in.t.Fatal(err)
		}
	}
}

func decided(n int64) port.Row {
	return port.Row{Doc: port.DocRef{Kind: "helpers", ID: "01KAS0GR0110000000000000HH"}, Seq: n, Event: care.Event{Type: care.HelperPaused,
		At: time.Date(2026, 11, 23, 9, int(n), 0, 0, time.UTC), By: busy, Helper: "01KAS0GR0110000000000000HH", Community: grolloo, Code: "worry"}}
}

func (in *installation) log() []app.AuditRow {
	in.t.Helper()
	rows, err := in.stores.Audits.Read(in.t.Context(), 0, 1000)
	if err != nil {
		in.t.Fatal(err)
	}
	return rows
}

func TestAuditKeepsWhatNEN7513Asks(t *testing.T) {
	t.Parallel()
	in := install(t)
	moderator := in.person("Bert", 1943, []string{bert}, care.Moderator)
	row := decided(1)
	row.Event.By = moderator
	in.audit(row)
	rows := in.log()
	got := rows[len(rows)-1]
	want := app.AuditRow{ID: got.ID, Source: "helpers/01KAS0GR0110000000000000HH/1", Event: "helper.paused", At: row.Event.At, By: moderator, Role: "moderator",
		Whose: "01KAS0GR0110000000000000HH", Community: grolloo, Basis: "role", Code: "worry", Prev: got.Prev, Hash: got.Hash}
	if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
		t.Errorf("the log has\n%+v, want\n%+v", got, want)
	}
}

// TestAuditWritesARowOnce hands every row to two processes at once, as after a kill.
func TestAuditWritesARowOnce(t *testing.T) {
	t.Parallel()
	in := install(t)
	processes := []*app.App{in.App, in.process(secret)}
	answers := together(20, func(i int) error { return processes[i%2].Audit(t.Context(), decided(int64(i/2)+1)) })
	if answers[""] != 20 {
		t.Errorf("answers %v", answers)
	}
	if rows := in.log(); len(rows) != 10 {
		t.Errorf("the log has %d rows, want 10", len(rows))
	}
	in.verified(t, in.stores.Audits, "", "")
}

func TestAuditLeavesOutWhatIsNobodysReading(t *testing.T) {
	t.Parallel()
	in := install(t)
	row := decided(1)
	row.Event.Type = care.AskMade
	in.audit(row)
	if rows := in.log(); len(rows) != 0 {
		t.Errorf("the log has %v", rows)
	}
}

func TestAReadingReachesTheAuditLog(t *testing.T) {
	t.Parallel()
	in := install(t)
	_, err := in.stores.Views.Insert(t.Context(), "01KAS0GR0110000000000000VV", app.View{ID: "01KAS0GR0110000000000000VV", Whose: "01KAS0GR0110000000000000HH",
		By: busy, As: "staff", What: "contact", Basis: "office", At: in.clock.Now()}, nil, port.Write{})
	codeIs(t, err, "")
	in.audit(port.Row{Doc: port.DocRef{Kind: "views", ID: "01KAS0GR0110000000000000VV"}, Seq: 1, Event: care.Event{Type: care.PersonViewed, At: in.clock.Now(),
		By: busy, Person: "01KAS0GR0110000000000000HH", Code: "contact"}})
	got := in.log()[0]
	if got.Role != "staff" || got.Whose != "01KAS0GR0110000000000000HH" || got.Code != "contact" || got.Basis != "office" {
		t.Errorf("the log has %+v", got)
	}
}

func TestAnOperatorsActIsWrittenBeforeItIsDone(t *testing.T) {
	t.Parallel()
	in := install(t)
	codeIs(t, in.AuditOperator(t.Context(), "rotate-keys", ""), "")
	if got := in.log()[0]; got.Event != "operator.rotate-keys" || got.Basis != "operator" {
		t.Errorf("the log has %+v", got)
	}
}

// spoiledAudits shows the log as somebody left it who can write to the database.
type spoiledAudits struct {
	app.Audits
	rows []app.AuditRow
}

func (s spoiledAudits) Read(_ context.Context, after int64, _ int) ([]app.AuditRow, error) {
	i := slices.IndexFunc(s.rows, func(r app.AuditRow) bool { return r.ID > after })
	if i < 0 {
		return nil, nil
	}
	return s.rows[i:], nil
}

// verified wants a fault that holds these words, or none for "".
func (in *installation) verified(t *testing.T, log app.Audits, anchor, want string) app.Verdict {
	t.Helper()
	stores := in.stores
	stores.Audits = log
	a := app.New(app.Settings{Stores: stores, Now: in.clock.Now, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Secret: secret})
	v, err := a.VerifyAudit(t.Context(), anchor)
	if err != nil {
		t.Fatal(err)
	}
	if found := strings.Join(v.Faults, "; "); (want == "") != (found == "") || !strings.Contains(found, want) {
		t.Errorf("found %q, want %q", found, want)
	}
	return v
}

func TestVerifyAuditFindsWhatWasDone(t *testing.T) {
	t.Parallel()
	in := install(t)
	for n := range int64(6) {
		in.audit(decided(n + 1))
	}
	head := in.verified(t, in.stores.Audits, "", "").Head
	for name, row := range map[string]struct {
		spoil  func([]app.AuditRow) []app.AuditRow
		anchor string
		want   string
	}{
		"nothing":             {func(r []app.AuditRow) []app.AuditRow { return r }, head, ""},
		"a changed row":       {func(r []app.AuditRow) []app.AuditRow { r[2].Code = "no_worry"; return r }, "", "row 3: it was changed"},
		"a changed moment":    {func(r []app.AuditRow) []app.AuditRow { r[2].At = r[2].At.Add(time.Millisecond); return r }, "", "row 3: it was changed"},
		"somebody else in it": {func(r []app.AuditRow) []app.AuditRow { r[5].By = "x"; return r }, "", "row 6: it was changed"},
		"a row taken out":     {func(r []app.AuditRow) []app.AuditRow { return slices.Delete(r, 2, 3) }, "", "row 4: rows before it are missing"},
		"a row taken out, renumbered": {func(r []app.AuditRow) []app.AuditRow {
			r = slices.Delete(r, 2, 3)
			for i := range r {
				r[i].ID = int64(i) + 1
			}
			return r
		}, "", "row 3: it does not follow"},
		"two rows swapped": {func(r []app.AuditRow) []app.AuditRow {
			r[1], r[2] = r[2], r[1]
			r[1].ID, r[2].ID = 2, 3
			return r
		}, "", "row 2: it does not follow"},
		"the beginning cut off": {func(r []app.AuditRow) []app.AuditRow { return r[2:] }, "", "row 3: the log was cut before it"},
		"the end cut off":       {func(r []app.AuditRow) []app.AuditRow { return r[:4] }, head, "the row of the anchor is not in the log"},
		"all of it":             {func([]app.AuditRow) []app.AuditRow { return nil }, head, "the row of the anchor is not in the log"},
		"a row put in": {func(r []app.AuditRow) []app.AuditRow {
			return slices.Insert(r, 2, app.AuditRow{ID: 3, Source: "x", Hash: []byte("x"), Prev: r[1].Hash})
		}, "", "row 3: it was changed"},
	} {
		t.Run(name, func(t *testing.T) {
			in.verified(t, spoiledAudits{in.stores.Audits, row.spoil(slices.Clone(in.log()))}, row.anchor, row.want)
		})
	}
}

func TestAuditIsCutAfterFiveYears(t *testing.T) {
	t.Parallel()
	in := install(t)
	for n := range int64(3) {
		in.audit(decided(n + 1))
	}
	in.clock.pass(5 * 366 * 24 * time.Hour)
	late := decided(4)
	late.Event.At = in.clock.Now()
	in.audit(late)
	codeIs(t, app.CutAudit(t.Context(), in.App), "")
	codeIs(t, app.CutAudit(t.Context(), in.App), "")
	rows := in.log()
	if len(rows) != 2 || rows[0].ID != 4 || rows[1].Event != "audit.cut" {
		t.Fatalf("the log has %+v", rows)
	}
	in.verified(t, in.stores.Audits, "", "")
	in.verified(t, in.stores.Audits, rows[1].Code, "") // the anchor of a row that went in its time
	in.verified(t, spoiledAudits{in.stores.Audits, rows[1:]}, "", "the log was cut before it")
}
