package rest

import (
	"encoding/csv"
	"go/ast"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"naober/api/store/record"
	"naober/mobile-contract/wire"
)

// stored are the kinds of documents with their stored shapes; TestEveryFieldIsExported holds the
// names to the source.
func stored() map[string]any {
	return map[string]any{
		"persons": record.PersonRecord{}, "helpers": record.HelperRecord{}, "communities": record.CommunityRecord{}, "organizations": record.OrganizationRecord{},
		"memberships": record.MembershipRecord{}, "offers": record.OfferRecord{}, "requests": record.RequestRecord{}, "histories": record.HistoryRecord{},
		"messages": record.MessageRecord{}, "feedbacks": record.FeedbackRecord{}, "reports": record.ReportRecord{}, "referrals": record.ReferralRecord{},
		"tasks": record.TaskRecord{}, "sessions": record.SessionRecord{}, "flows": record.FlowRecord{}, "signing_keys": record.SigningKeyRecord{},
		"ledger": record.LedgerRecord{}, "tallies": record.TallyRecord{}, "views": record.ViewRecord{}, "leases": record.LeaseRecord{},
		"parked": record.ParkedRecord{}, "deliveries": record.DeliveryRecord{}, "feed": record.FeedRecord{}, "audits": record.AuditRecord{},
		"groups": record.GroupRecord{}, "writers": record.WriterRecord{}, "snapshots": record.SnapshotRecord{}, "outcomes": record.OutcomeRecord{},
		"letters": record.LetterRecord{}, "epochs": record.EpochRecord{},
	}
}

// leaves lists what a stored shape holds, as dotted names down to what has no parts.
func leaves(at string, of reflect.Type) []string {
	for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice {
		of = of.Elem()
	}
	if of.Kind() != reflect.Struct || of.PkgPath() == "time" || of == reflect.TypeFor[wire.Instant]() {
		return []string{at}
	}
	var all []string
	for _, f := range reflect.VisibleFields(of) {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" && !f.Anonymous {
			all = append(all, leaves(strings.TrimPrefix(at+"."+name, "."), f.Type)...)
		}
	}
	return all
}

// TestEveryFieldIsExported: testdata/export.csv says of every field of every kind of document where
// the export has it, or after a dash why it has not. A new kind or field fails until it is decided.
func TestEveryFieldIsExported(t *testing.T) {
	t.Parallel()
	raw, err := os.Open("testdata/export.csv")
	must(t, err)
	defer func() { must(t, raw.Close()) }()
	rows, err := csv.NewReader(raw).ReadAll()
	must(t, err)
	shown := map[string]bool{}
	for _, path := range leaves("", reflect.TypeFor[wire.Export]()) {
		shown[path] = true
	}
	known, used := map[string]bool{}, map[string]bool{}
	for _, row := range rows[1:] {
		known[row[0]+" "+row[1]] = true
		if why, not := strings.CutPrefix(row[2], "- "); not {
			if len(why) < 10 {
				t.Errorf("%s.%s: no reason: %q", row[0], row[1], why)
			}
			continue
		}
		if strings.HasSuffix(row[1], "*") {
			t.Errorf("%s.%s: what is exported is named field by field", row[0], row[1])
		}
		for _, path := range strings.Fields(row[2]) {
			if !shown[path] {
				t.Errorf("%s.%s: the export has no %s", row[0], row[1], path)
			}
		}
	}
	for kind, shape := range stored() {
		if known[kind+" *"] {
			used[kind+" *"] = true
			continue
		}
		for _, field := range leaves("", reflect.TypeOf(shape)) {
			row := kind + " " + field
			if !known[row] {
				row = beneath(known, kind, field)
			}
			if used[row] = true; row == "" {
				t.Errorf("testdata/export.csv lacks %s,%s", kind, field)
			}
		}
	}
	for name := range known {
		if used[name] {
			continue
		}
		t.Errorf("testdata/export.csv speaks of %s, which is not stored", name)
	}
}

// beneath is the row of a part of a document that is left out with all that it holds.
func beneath(known map[string]bool, kind, field string) string {
	for i := range field {
		if row := kind + " " + field[:i] + ".*"; field[i] == '.' && known[row] {
			return row
		}
	}
	return ""
}

// TestEveryStoredKindIsKnown reads the names of the kinds out of package record.
func TestEveryStoredKindIsKnown(t *testing.T) {
	t.Parallel()
	found := 0
	for _, file := range sources(t, "../store/record") {
		ast.Inspect(file, func(n ast.Node) bool {
			pair, ok := n.(*ast.KeyValueExpr)
			if !ok {
				return true
			}
			key, isName := pair.Key.(*ast.Ident)
			value, isText := pair.Value.(*ast.BasicLit)
			if !isName || key.Name != "Kind" || !isText {
				return true
			}
			kind, err := strconv.Unquote(value.Value)
			must(t, err)
			if found++; stored()[kind] == nil && kind != "rings" && kind != "contacts" {
				t.Errorf("%s is stored and in no export: name it in stored, and its fields in testdata/export.csv", kind)
			}
			return true
		})
	}
	if found < 20 {
		t.Errorf("only %d kinds were found", found)
	}
}
