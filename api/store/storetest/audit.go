package storetest

import (
	"fmt"
	"time"

	"naober/api/app"
	"naober/matching/care"
)

func auditPromises() []Promise {
	return []Promise{
		{Name: "the audit log comes back as it was appended", check: auditValue},
		{Name: "the audit log refuses a taken number, a gap and a source twice", check: auditRefuses},
		{Name: "the audit log stays dense under a race", check: auditRace},
		{Name: "a cut of the audit log keeps the last row", check: auditCut},
	}
}

func auditRow(n int64) app.AuditRow {
	r := filled[app.AuditRow](fmt.Sprint("audit ", n), "")
	r.ID, r.Source, r.At = n, fmt.Sprint("source ", n), monday().Add(time.Duration(n)*time.Minute)
	return r
}

func (x *trial) auditRows() []app.AuditRow {
	x.Helper()
	rows, err := x.Audits.Read(x.ctx, 0, 1000)
	x.ok(err)
	return rows
}

func auditValue(x *trial) {
	last, err := x.Audits.Last(x.ctx)
	if err != nil || last.ID != 0 {
		x.Errorf("an empty log ends with %d, %v", last.ID, err)
	}
	for n := range int64(3) {
		x.ok(x.Audits.Append(x.ctx, auditRow(n+1)))
	}
	x.same("the log", x.auditRows(), []app.AuditRow{auditRow(1), auditRow(2), auditRow(3)})
	last, err = x.Audits.Last(x.ctx)
	x.ok(err)
	x.same("the last row", last, auditRow(3))
	page, err := x.Audits.Read(x.ctx, 1, 1)
	x.ok(err)
	x.same("a page", page, []app.AuditRow{auditRow(2)})
	for source, want := range map[string]bool{"source 2": true, "source 4": false} {
		if has, err := x.Audits.Has(x.ctx, source); err != nil || has != want {
			x.Errorf("has %q is %v, %v", source, has, err)
		}
	}
}

func auditRefuses(x *trial) {
	x.ok(x.Audits.Append(x.ctx, auditRow(1)))
	gap, twice := auditRow(3), auditRow(2)
	twice.Source = "source 1"
	for _, row := range []app.AuditRow{auditRow(1), gap, twice} {
		x.refused(x.Audits.Append(x.ctx, row), care.Conflict, "audit_moved")
	}
	if rows := x.auditRows(); len(rows) != 1 {
		x.Errorf("the log has %d rows, want 1", len(rows))
	}
}

func auditRace(x *trial) {
	const each, handles = 10, 3
	ended := make(chan error, handles)
	for h := range handles {
		go func() {
			b, err := x.backend.Reopen()
			if err == nil {
				err = auditMany(x, b.Stores().Audits, fmt.Sprint("handle ", h), each)
				_ = b.Close()
			}
			ended <- err
		}()
	}
	for range handles {
		x.ok(<-ended)
	}
	rows := x.auditRows()
	for i, r := range rows {
		if r.ID != int64(i)+1 {
			x.Fatalf("row %d has the number %d", i+1, r.ID)
		}
	}
	if len(rows) != each*handles {
		x.Errorf("the log has %d rows, want %d", len(rows), each*handles)
	}
}

func auditMany(x *trial, log app.Audits, who string, n int) error {
	for i := 0; i < n; {
		last, err := log.Last(x.ctx)
		if err != nil {
			return err
		}
		row := auditRow(last.ID + 1)
		row.Source = fmt.Sprint(who, " ", i)
		err = log.Append(x.ctx, row)
		switch {
		case err == nil:
			i++
		case care.CodeOf(err) != "audit_moved":
			return err
		}
	}
	return nil
}

func auditCut(x *trial) {
	for n := range int64(5) {
		x.ok(x.Audits.Append(x.ctx, auditRow(n+1)))
	}
	x.ok(x.Audits.Cut(x.ctx, 2))
	x.same("the log after a cut", x.auditRows(), []app.AuditRow{auditRow(3), auditRow(4), auditRow(5)})
	x.ok(x.Audits.Cut(x.ctx, 9))
	x.same("the log after a cut of all", x.auditRows(), []app.AuditRow{auditRow(5)})
	x.ok(x.Audits.Append(x.ctx, auditRow(6)))
}
