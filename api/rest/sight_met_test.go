package rest

import (
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
		"mirror":     "mirror_test.go holds it to what the neighbour's own calls answer",
		"paper_code": "a code is new in each call; the routes' table says who gets one",
	}
}

// unmet is how many rows of the table were compared with an answer, and which were not.
func unmet(t *testing.T, table sight.Table, met map[sight.Row]int) {
	t.Helper()
	var rows []string
	all := 0
	for _, r := range table.Rows() {
		if _, is := apart()[r.Kind]; is {
			continue
		}
		if all++; met[r] == 0 {
			rows = append(rows, r.Kind+","+r.Relation+","+r.State)
		}
	}
	t.Logf("figure: %d of %d rows (kind, relation and state) of visibility.csv were met; not: %s", all-len(rows), all, strings.Join(rows, " "))
}
