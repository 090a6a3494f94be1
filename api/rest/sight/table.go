// Package sight judges what each person may see of what the API answers. It reads the table that
// people wrote by hand, mobile-contract/visibility.csv, and a world described by plain facts: who is
// a member where, who asks, who was asked. It is for tests alone, and it imports nothing of the
// service, so that a mistake there has no twin here.
package sight

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Verdict is what the table says of one field.
type Verdict string

// The verdicts. Cell shows the area around a place in place of the place.
const (
	Shown  Verdict = "shown"
	Cell   Verdict = "cell"
	Absent Verdict = "absent"
)

// cellKey names one cell of the table.
type cellKey struct{ kind, relation, state, field string }

// Rule is the verdict on one field, and under which word a reading of it stands in the log of the
// person whose data it is; empty where nothing is logged.
type Rule struct {
	Verdict Verdict
	Logged  string
}

// Table is visibility.csv, its lists taken apart.
type Table struct {
	rules map[cellKey]Rule
	rows  map[Row]map[string]Rule // the same, by field in each row
}

// Relations are those in which every kind has its rows, from the nearest to the farthest.
func Relations() []string {
	return strings.Fields("requester subject proxy owner asked agreed reserve moderator moderator_elsewhere desk guarantor professional" +
		" administrator stranger blocked suspended erased")
}

// furtherRelations have rows where a kind knows them.
func furtherRelations() []string { return strings.Fields("self sender accused anybody") }

// Parse reads the table. A cell that two rows speak of is an error, as is a word it does not know.
func Parse(in io.Reader) (Table, error) {
	t := Table{rules: map[cellKey]Rule{}, rows: map[Row]map[string]Rule{}}
	read := csv.NewReader(in)
	rows, err := read.ReadAll()
	if err != nil {
		return t, err
	}
	for i, row := range rows {
		if i == 0 {
			if got := strings.Join(row, ","); got != "kind,relation,state,field,shown,logged" {
				return t, fmt.Errorf("the columns are %s", got)
			}
			continue
		}
		if err := t.add(row); err != nil {
			return t, fmt.Errorf("row %d: %w", i+1, err)
		}
	}
	return t, nil
}

func (t Table) add(row []string) error {
	rule := Rule{Verdict: Verdict(row[4]), Logged: strings.TrimPrefix(row[5], "-")}
	if rule.Verdict != Shown && rule.Verdict != Cell && rule.Verdict != Absent {
		return fmt.Errorf("%q is none of shown, cell and absent", row[4])
	}
	if rule.Verdict == Absent && rule.Logged != "" {
		return fmt.Errorf("nobody reads what is absent")
	}
	for _, kind := range strings.Fields(row[0]) {
		for _, relation := range strings.Fields(row[1]) {
			if !slices.Contains(Relations(), relation) && !slices.Contains(furtherRelations(), relation) {
				return fmt.Errorf("there is no relation %s", relation)
			}
			for _, state := range strings.Fields(row[2]) {
				for _, field := range strings.Fields(row[3]) {
					key := cellKey{kind, relation, state, field}
					if _, twice := t.rules[key]; twice {
						return fmt.Errorf("%s is said twice", key)
					}
					t.set(key, rule)
				}
			}
		}
	}
	return nil
}

func (t Table) set(k cellKey, r Rule) {
	row := Row{k.kind, k.relation, k.state}
	if t.rows[row] == nil {
		t.rows[row] = map[string]Rule{}
	}
	t.rules[k], t.rows[row][k.field] = r, r
}

// String is the cell as a row of the table begins.
func (k cellKey) String() string {
	return strings.Join([]string{k.kind, k.relation, k.state, k.field}, ",")
}

// Kinds lists the kinds that the table speaks of.
func (t Table) Kinds() []string {
	var all []string
	for k := range t.rules {
		all = append(all, k.kind)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// States lists the states that the table knows of a kind.
func (t Table) States(kind string) []string {
	var all []string
	for k := range t.rules {
		if k.kind == kind {
			all = append(all, k.state)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Of is what the table says of one kind.
func (t Table) Of(kind string) Table {
	return t.Without(func(k, _, _, _ string) bool { return k != kind })
}

// Without is the table but for the cells that are named by kind, relation, state and field.
func (t Table) Without(gone func(kind, relation, state, field string) bool) Table {
	rest := Table{rules: map[cellKey]Rule{}, rows: map[Row]map[string]Rule{}}
	for k, rule := range t.rules {
		if !gone(k.kind, k.relation, k.state, k.field) {
			rest.set(k, rule)
		}
	}
	return rest
}

// Cells calls f with each cell.
func (t Table) Cells(f func(kind, relation, state, field string)) {
	for k := range t.rules {
		f(k.kind, k.relation, k.state, k.field)
	}
}

// Gaps compares what the table says of one kind with the fields and states that there are, and
// tells each cell that has no row, and each row that speaks of nothing. Further are the relations that
// this kind knows besides those that all have.
func (t Table) Gaps(kind string, states, fields, further []string) []string {
	relations := append(Relations(), further...)
	var gaps []string
	for _, field := range fields {
		for _, state := range states {
			var without []string
			for _, relation := range relations {
				if _, ok := t.rules[cellKey{kind, relation, state, field}]; !ok {
					without = append(without, relation)
				}
			}
			if len(without) > 0 {
				gaps = append(gaps, fmt.Sprintf("visibility.csv lacks the row %q (shown, cell or absent; the last column is the word under which a reading is logged)",
					strings.Join([]string{kind, strings.Join(without, " "), state, field, "?", "-"}, ",")))
			}
		}
	}
	for k := range t.rules {
		if k.kind == kind && (!slices.Contains(relations, k.relation) || !slices.Contains(states, k.state) || !slices.Contains(fields, k.field)) {
			gaps = append(gaps, fmt.Sprintf("visibility.csv speaks of %s, which there is not", k))
		}
	}
	slices.Sort(gaps)
	return gaps
}
