package leak_test

import (
	"cmp"
	"os"
	"slices"
	"strings"
)

// hold compares what was met with the table: a row for each route and reader, with those whose
// fields they meet.
func (j *journey) hold(file string) {
	j.Helper()
	got := grouped(j.met)
	if os.Getenv("UPDATE_APPEARANCES") != "" {
		j.must(os.WriteFile(file, []byte("route,who,whose,fields\n"+strings.Join(got, "\n")+"\n"), 0o644))
		return
	}
	raw, err := os.ReadFile(file)
	j.must(err)
	want := strings.Split(strings.TrimSpace(string(raw)), "\n")[1:]
	for _, row := range got {
		if !slices.Contains(want, row) {
			j.Errorf("not in the table: %s", row)
		}
	}
	for _, row := range want {
		if !slices.Contains(got, row) {
			j.Errorf("nothing shows any more: %s", row)
		}
	}
}

// grouped writes one line for each route, reader and set of fields.
func grouped(met map[appearance]bool) []string {
	fields := map[[3]string][]string{}
	for a := range met {
		key := [3]string{a.route, cmp.Or(a.who, "nobody"), a.whose}
		fields[key] = append(fields[key], a.field)
	}
	people := map[[3]string][]string{}
	for key, all := range fields {
		slices.Sort(all)
		group := [3]string{key[0], key[1], strings.Join(all, " ")}
		people[group] = append(people[group], key[2])
	}
	var rows []string
	for group, whose := range people {
		slices.Sort(whose)
		rows = append(rows, strings.Join([]string{group[0], group[1], strings.Join(whose, " "), group[2]}, ","))
	}
	slices.Sort(rows)
	return rows
}
