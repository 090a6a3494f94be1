package app

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"naober/api/port"
	"naober/matching/care"
)

const (
	// AuditYears is how long a row stays: NEN 7513.
	AuditYears = 5
	// auditTries bounds how often another process may take the number that this one wanted.
	auditTries = 20
	auditPage  = 500
	auditCut   = "audit.cut"
)

// AuditRow is one line of the audit log, with what NEN 7513 asks of it: what happened and when, who
// did it in which role and for which organisation, whom it was about, and on what basis. It holds
// ids and codes and no person's words.
type AuditRow struct {
	ID           int64  // dense, from 1
	Source       string // what the row was made of; a source makes one row
	Event        string
	At           time.Time
	By           care.PersonID // empty for the service itself and for an operator
	Role         string        // in which they acted: a relation, or the roles that they hold there
	Whose        care.PersonID // whom it was about, and on whose behalf
	Organization care.OrganizationID
	Community    care.CommunityID
	Request      care.RequestID
	Basis        string // of a reading, as a View has it; otherwise role, own, operator, retention
	Code         string // what was seen, or how it was decided
	Prev, Hash   []byte // of the row before, and of this one with it
}

// Audits is the port of the audit log. Nothing in it changes a row; Cut alone removes any.
type Audits interface {
	// Append stores one row under its number: care.Conflict "audit_moved" where the number is taken,
	// would leave a gap, or the source stands in the log already.
	Append(ctx context.Context, row AuditRow) error
	// Last is the row with the highest number; its ID is 0 where there is none.
	Last(ctx context.Context) (AuditRow, error)
	// Has reports whether the log has a row of this source.
	Has(ctx context.Context, source string) (bool, error)
	// Read lists rows after a number in order, at most limit.
	Read(ctx context.Context, after int64, limit int) ([]AuditRow, error)
	// Cut removes the rows up to a number, never the last row.
	Cut(ctx context.Context, upTo int64) error
}

// seal computes the row's hash over every field and the hash before it. Each field is preceded by
// its length, so that no two rows have the same bytes.
func (r AuditRow) seal() []byte {
	h := sha256.New()
	field := func(b []byte) {
		var length [8]byte
		binary.BigEndian.PutUint64(length[:], uint64(len(b)))
		_, _ = h.Write(length[:])
		_, _ = h.Write(b)
	}
	field(r.Prev)
	field(binary.BigEndian.AppendUint64(nil, uint64(r.ID)))
	field(binary.BigEndian.AppendUint64(nil, uint64(r.At.UnixMilli())))
	for _, text := range []string{r.Source, r.Event, string(r.By), r.Role, string(r.Whose), string(r.Organization),
		string(r.Community), string(r.Request), r.Basis, r.Code} {
		field([]byte(text))
	}
	return h.Sum(nil)
}

// anchor names a row so that a chain cut short or written anew shows: kept elsewhere, it is what the
// chain itself cannot prove.
func (r AuditRow) anchor() string { return fmt.Sprintf("%d:%s", r.ID, hex.EncodeToString(r.Hash)) }

// chain appends a row behind the last one, once for its source. The order of the readings is the
// fence, as in the mover: whatever another process appends after Last takes the number.
func (a *App) chain(ctx context.Context, row AuditRow) error {
	for try := 1; ; try++ {
		last, err := a.Stores.Audits.Last(ctx)
		if err != nil {
			return err
		}
		has, err := a.Stores.Audits.Has(ctx, row.Source)
		if has || err != nil {
			return err
		}
		row.ID, row.Prev = last.ID+1, last.Hash
		row.At = row.At.UTC().Truncate(time.Millisecond)
		row.Hash = row.seal()
		err = a.Stores.Audits.Append(ctx, row)
		if care.CodeOf(err) != "audit_moved" || try == auditTries {
			return err
		}
	}
}

// Audit is the consumer that writes the log: readings of somebody's data, decisions, roles and what
// becomes of a person. A row that comes twice is written once.
func (a *App) Audit(ctx context.Context, row port.Row) error {
	e := row.Event
	if !audited(e.Type) {
		return nil
	}
	line := AuditRow{Source: fmt.Sprintf("%s/%s/%d", row.Doc.Kind, row.Doc.ID, row.Seq), Event: string(e.Type), At: e.At, By: e.By,
		Whose: e.Person, Organization: e.Organization, Community: e.Community, Request: e.Request, Code: e.Code, Basis: "role"}
	if line.Whose == "" {
		line.Whose = e.Helper
	}
	switch {
	case e.Type == care.PersonMerged, e.Type == care.PersonUnmerged:
		line.Code = string(e.Helper) // the record that stays
	case e.Type == care.PersonViewed:
		seen, err := a.Stores.Views.Get(ctx, row.Doc.ID)
		if err != nil && !care.IsKind(err, care.NotFound) {
			return err
		}
		line.Role, line.Basis = string(seen.Value.As), string(seen.Value.Basis)
		return a.chain(ctx, line)
	case e.By == "":
		line.Role, line.Basis = "service", "operator"
		return a.chain(ctx, line)
	case e.By == line.Whose:
		line.Basis = "own"
	}
	role, err := a.roleOf(ctx, e)
	if err != nil {
		return err
	}
	line.Role = role
	return a.chain(ctx, line)
}

// roleOf names the roles that the actor holds where they acted, as they are when the row is written.
func (a *App) roleOf(ctx context.Context, e care.Event) (string, error) {
	mine, err := a.rights(ctx, e.By)
	if err != nil {
		return "", err
	}
	var roles []string
	for _, m := range mine.members {
		if m.Community == e.Community || e.Organization != "" && m.Organization == e.Organization || m.Role == care.Administrator {
			roles = append(roles, string(m.Role))
		}
	}
	return strings.Join(roles, " "), nil
}

// audited are the events that the log keeps; what a request goes through is its own history.
func audited(t care.EventType) bool {
	switch t {
	case care.PersonViewed, care.PersonRegistered, care.PersonChanged, care.PersonMerged, care.PersonUnmerged,
		care.PersonLeft, care.PersonReturned, care.PersonMoved, care.PersonDied, care.CommunityWeighed, care.MembershipStarted, care.MembershipEnded,
		care.HelperApplied, care.HelperApproved, care.HelperRefused, care.HelperPaused, care.HelperResumed, care.HelperBlocked,
		care.ReportFiled, care.ReportTaken, care.ReportClosed, care.RequestHandedOver,
		care.ReferralRequested, care.ReferralAccepted, care.ReferralRejected, care.ReferralStarted, care.ReferralCompleted:
		return true
	}
	return false
}

// AuditOperator writes down what an operator is about to do, before it is done: what cannot be
// written down does not happen. subject is an id, or empty.
func (a *App) AuditOperator(ctx context.Context, act, subject string) error {
	now := a.clock()
	return a.chain(ctx, AuditRow{Source: "operator/" + newID(now), Event: "operator." + act, At: now, Role: "operator", Basis: "operator", Code: subject})
}

// cutAudit removes rows that are older than AuditYears. The anchor of what goes is written into the
// log first, so that a beginning that was cut off in any other way shows.
func (a *App) cutAudit(ctx context.Context) error {
	before := a.clock().AddDate(-AuditYears, 0, 0)
	rows, err := a.Stores.Audits.Read(ctx, 0, auditPage)
	if err != nil {
		return err
	}
	var last AuditRow
	for _, r := range rows {
		if !r.At.Before(before) {
			break
		}
		last = r
	}
	if last.ID == 0 {
		return nil
	}
	err = a.chain(ctx, AuditRow{Source: "cut/" + last.anchor(), Event: auditCut, At: a.clock(), Role: "service", Basis: "retention", Code: last.anchor()})
	if err != nil {
		return err
	}
	return a.Stores.Audits.Cut(ctx, last.ID)
}

// Verdict is what VerifyAudit found.
type Verdict struct {
	Rows int64
	// Head names the last row; kept elsewhere, it is the anchor of a later verification.
	Head string
	// Faults say what is wrong, each with the number of its row.
	Faults []string
}

const faultsMost = 20

// IsAnchor reports whether a text has the form of a head.
func IsAnchor(text string) bool {
	number, hash, found := strings.Cut(text, ":")
	sum, err := hex.DecodeString(hash)
	id, bad := strconv.ParseInt(number, 10, 64)
	return found && err == nil && len(sum) == sha256.Size && bad == nil && id > 0
}

// VerifyAudit reads the whole log and says what in it was changed, taken out, put in or moved. What
// the chain cannot show by itself, rows taken off its end or all of it written anew, shows against
// an anchor: the head of an earlier verification, or of the service's own log. Empty means none.
func (a *App) VerifyAudit(ctx context.Context, anchor string) (Verdict, error) {
	v := verifier{anchor: anchor, cuts: map[string]bool{}}
	for {
		rows, err := a.Stores.Audits.Read(ctx, v.last.ID, auditPage)
		if err != nil {
			return Verdict{}, err
		}
		if len(rows) == 0 {
			return v.verdict(), nil
		}
		for _, r := range rows {
			v.look(r)
		}
	}
}

type verifier struct {
	anchor string
	Verdict
	first, last AuditRow
	cuts        map[string]bool
	met         bool // the anchor
}

func (v *verifier) look(r AuditRow) {
	switch {
	case v.Rows == 0:
		v.first = r
	case r.ID != v.last.ID+1:
		v.fault(r, "rows before it are missing")
	case !bytes.Equal(r.Prev, v.last.Hash):
		v.fault(r, "it does not follow the row before it")
	}
	if !bytes.Equal(r.Hash, r.seal()) {
		v.fault(r, "it was changed")
	}
	if r.Event == auditCut {
		v.cuts[r.Code] = true
	}
	v.met = v.met || r.anchor() == v.anchor
	v.Rows, v.last = v.Rows+1, r
}

func (v *verifier) verdict() Verdict {
	before := AuditRow{ID: v.first.ID - 1, Hash: v.first.Prev}
	switch {
	case v.Rows > 0 && before.ID == 0 && len(v.first.Prev) > 0, v.Rows > 0 && before.ID > 0 && !v.cuts[before.anchor()]:
		v.fault(v.first, "the log was cut before it, and says nothing of that")
	}
	if v.anchor != "" && !v.met && !v.cuts[v.anchor] {
		v.Faults = append(v.Faults, "the row of the anchor is not in the log: it was cut short, or written anew")
	}
	if v.Rows > 0 {
		v.Head = v.last.anchor()
	}
	return v.Verdict
}

func (v *verifier) fault(r AuditRow, what string) {
	if len(v.Faults) < faultsMost {
		v.Faults = append(v.Faults, fmt.Sprintf("row %d: %s", r.ID, what))
	}
}
