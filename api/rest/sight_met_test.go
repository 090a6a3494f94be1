package rest

import (
	"encoding/csv"
	"os"
	"slices"
	"strings"
	"testing"

	"naober/api/rest/sight"
)

// apart are the kinds that are no documents of the worlds: what the answer holds was made for the
// caller in that call, so that there is nobody else to whom it could be shown.
func apart() map[string]string {
	return map[string]string{
		"tokens": "made for its caller", "sign_in": "made for its caller", "flow": "made for its caller, and holds nothing",
		"health": "holds nothing of anybody", "key": "the public key", "problem": "each refusal in these worlds is one; shield_test.go reads them",
		"mirror": "mirror_test.go holds it to what the neighbour's own calls answer",
		"export": "made for its caller; export_whole_test.go holds every stored field to be there", "installation": "a part of an export", "push": "a part of an export",
		"plan":         "made for the desk in that call: judgeDesk compares each with the rows",
		"lifts":        "made for the desk in that call: judgeDesk compares each with the rows",
		"ride_day":     "made for the desk in that call: judgeDesk compares each with the rows",
		"planned_asks": "answers its own caller with the ids that they sent",
		"paper_code":   "a code is new in each call; the routes' table says who gets one",
	}
}

// rare reads testdata/unmet.csv: rows that no world of the suite can come to, each with why.
func rare(t *testing.T) map[sight.Row]string {
	t.Helper()
	f, err := os.Open("testdata/unmet.csv")
	must(t, err)
	defer func() { must(t, f.Close()) }()
	lines, err := csv.NewReader(f).ReadAll()
	must(t, err)
	all := map[sight.Row]string{}
	for _, line := range lines[1:] {
		for _, relation := range strings.Fields(line[1]) {
			for _, state := range strings.Fields(line[2]) {
				row := sight.Row{Kind: line[0], Relation: relation, State: state}
				if all[row] != "" || line[3] == "" {
					t.Errorf("testdata/unmet.csv says %v twice, or not why", row)
				}
				all[row] = line[3]
			}
		}
	}
	return all
}

// unseen are the rows that were compared with no answer, and of which unmet.csv does not say why.
func unseen(t *testing.T, table sight.Table, met map[sight.Row]int) []sight.Row {
	t.Helper()
	excused := rare(t)
	return slices.DeleteFunc(slices.Clone(table.Rows()), func(r sight.Row) bool {
		_, is := apart()[r.Kind]
		return is || met[r] > 0 || excused[r] != ""
	})
}

// unmet holds that every row of the table was compared with an answer, but for those that are named
// in testdata/unmet.csv; where whole is false, fewer worlds were lived than it takes to meet them.
func unmet(t *testing.T, table sight.Table, met map[sight.Row]int, whole bool) {
	t.Helper()
	var rows []string
	all, excused := 0, rare(t)
	for _, r := range table.Rows() {
		if _, is := apart()[r.Kind]; is {
			continue
		}
		all++
		if met[r] == 0 {
			rows = append(rows, r.Kind+","+r.Relation+","+r.State)
			if excused[r] == "" && whole {
				t.Errorf("no answer in any world was compared with the row %s,%s,%s of visibility.csv: bring it about in sight_scene_turns_test.go, or say in testdata/unmet.csv why not",
					r.Kind, r.Relation, r.State)
			}
		}
		delete(excused, r)
	}
	for r := range excused {
		t.Errorf("testdata/unmet.csv speaks of %v, which is no row of visibility.csv", r)
	}
	t.Logf("figure: %d of %d rows (kind, relation and state) of visibility.csv were met; not: %s", all-len(rows), all, strings.Join(rows, " "))
}
