package care

import "testing"

func TestReportTransitions(t *testing.T) {
	at := june("12:00")
	open, _, err := Report{ID: "p1", By: resident, About: "bert", Words: "Ik maak me zorgen."}.File(at)
	if err != nil {
		t.Fatal(err)
	}
	taken, _, _ := open.Take("mod", at)
	closed, _, _ := taken.Close("mod", "Besproken.", at)
	take := func(p Report, by PersonID, _ string) (Report, []Event, error) { return p.Take(by, at) }
	shut := func(p Report, by PersonID, answer string) (Report, []Event, error) { return p.Close(by, answer, at) }
	for name, row := range map[string]struct {
		from   Report
		act    func(Report, PersonID, string) (Report, []Event, error)
		by     PersonID
		answer string
		want   string
	}{
		"open is taken":                           {open, take, "mod", "", "taken"},
		"open is not taken by whom it is about":   {open, take, "bert", "", "own_case"},
		"open is not taken by who filed it":       {open, take, resident, "", "own_case"},
		"taken is not taken again":                {taken, take, "other", "", "report_not_open"},
		"open is not closed":                      {open, shut, "mod", "Klaar.", "report_not_taken"},
		"taken is closed with an answer":          {taken, shut, "mod", "Klaar.", "closed"},
		"taken is not closed without one":         {taken, shut, "mod", " ", "answer_missing"},
		"taken is not closed by whom it is about": {taken, shut, "bert", "Klaar.", "own_case"},
		"closed is not closed again":              {closed, shut, "mod", "Klaar.", "report_not_taken"},
	} {
		next, _, err := row.act(row.from, row.by, row.answer)
		if got := verdict(next.State, err); got != row.want {
			t.Errorf("a worry that is %s: %s, want %s", name, got, row.want)
		}
	}
	if _, _, err := (Report{By: resident}).File(at); CodeOf(err) != "words_invalid" {
		t.Errorf("a worry has words: %v", err)
	}
}
