package app_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
)

func TestIssuePaperCode(t *testing.T) {
	t.Parallel()
	in := install(t)
	desk := in.person("Dirk", 1970, []string{"dirk@example.nl"}, care.DeskWorker, care.Resident)
	moderator := in.person("Mieke", 1971, []string{"mieke@example.nl"}, care.Moderator, care.Resident)
	resident := in.person("Geesje", 1945, nil, care.Resident)
	stranger := in.person("Roel", 1980, []string{"roel@example.nl"})
	for name, row := range map[string]struct {
		by, to care.PersonID
		want   string
	}{
		"the desk makes one for a resident":             {desk, resident, ""},
		"a moderator makes none":                        {moderator, resident, "desk_only"},
		"a resident makes none for themselves":          {resident, resident, "desk_only"},
		"a stranger does not learn of the resident":     {stranger, resident, "person_not_found"},
		"nobody borrows a moderator's role by a letter": {desk, moderator, "paper_code_not_for_staff"},
		"somebody of another village is not there":      {desk, stranger, "person_not_found"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := in.IssuePaperCode(t.Context(), as(row.by, care.Nonce(name)), row.to)
			codeIs(t, err, row.want)
		})
	}
	views := must[[]app.SeenView](t)(in.Views(t.Context(), as(resident, ""), port.Page{Limit: 10}))
	if len(views) != 1 || views[0].What != "paper_code" || views[0].By != desk {
		t.Errorf("the resident's log holds %+v", views)
	}
}

func TestPaperCodeSignsIn(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		wait  time.Duration
		typed func(string) string
		want  string
	}{
		"as printed":                 {},
		"with dashes":                {typed: func(c string) string { return strings.ReplaceAll(c, " ", "-") }},
		"just before a week is over": {wait: 7*24*time.Hour - time.Millisecond},
		"not at a week":              {wait: 7 * 24 * time.Hour, want: "code_invalid"},
		"not with a digit changed":   {typed: otherThan, want: "code_invalid"},
		"not with a digit missing":   {typed: func(c string) string { return c[1:] }, want: "code_invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			in := install(t)
			desk := in.person("Dirk", 1970, []string{"dirk@example.nl"}, care.DeskWorker)
			resident := in.person("Geesje", 1945, nil, care.Resident)
			paper := must[app.PaperCode](t)(in.IssuePaperCode(t.Context(), as(desk, "n1"), resident))
			again := must[app.PaperCode](t)(in.IssuePaperCode(t.Context(), as(desk, "n1"), resident))
			if paper != again || len(paper.Code) != 14 {
				t.Fatalf("issued %+v and, resent, %+v", paper, again)
			}
			in.clock.pass(row.wait)
			typed := paper.Code
			if row.typed != nil {
				typed = row.typed(typed)
			}
			r := app.Redemption{Code: typed, Address: "192.0.2.1", Nonce: "n1"}
			out, err := in.RedeemCode(t.Context(), r)
			codeIs(t, err, row.want)
			if err == nil && (out.Tokens == nil || out.Tokens.Person != resident) {
				t.Errorf("got %+v", out)
			}
			r.Nonce = "n2"
			_, err = in.RedeemCode(t.Context(), r)
			codeIs(t, err, "code_invalid")
		})
	}
}

func TestPaperGuessesAreLimited(t *testing.T) {
	t.Parallel()
	in := install(t)
	var err error
	for i := range 21 {
		_, err = in.RedeemCode(t.Context(), app.Redemption{Code: fmt.Sprintf("%012d", i), Address: "2001:db8:1:2::" + fmt.Sprint(i)})
	}
	codeIs(t, err, "too_many_attempts")
	_, err = in.RedeemCode(t.Context(), app.Redemption{Code: "000000000000", Address: "2001:db8:1:3::1"})
	codeIs(t, err, "code_invalid")
}

func TestAPaperCodeLendsNoRoleOfTrust(t *testing.T) {
	t.Parallel()
	in := install(t)
	desk := in.person("Dirk", 1970, []string{"dirk@example.nl"}, care.DeskWorker)
	volunteer := in.person("Geesje", 1975, nil, care.Resident)
	used := must[app.PaperCode](t)(in.IssuePaperCode(t.Context(), as(desk, "n1"), volunteer))
	kept := must[app.PaperCode](t)(in.IssuePaperCode(t.Context(), as(desk, "n2"), volunteer))
	out := must[app.SignedIn](t)(in.RedeemCode(t.Context(), app.Redemption{Code: used.Code, Address: "192.0.2.1", Nonce: "n3"}))
	must[app.Caller](t)(in.Authenticate(t.Context(), out.Tokens.Access))

	must[care.MembershipID](t)(in.GrantFirstRole(t.Context(), care.Membership{Person: volunteer, Community: grolloo, Role: care.Moderator}))
	_, err := in.Authenticate(t.Context(), out.Tokens.Access)
	codeIs(t, err, "session_ended")
	_, err = in.RedeemCode(t.Context(), app.Redemption{Code: kept.Code, Address: "192.0.2.1", Nonce: "n4"})
	codeIs(t, err, "code_invalid")
}

// TestNoPaperCodeForWhoDied: a code would sign somebody in as them; nor is one made for who is being forgotten.
func TestNoPaperCodeForWhoDied(t *testing.T) {
	eachStore(t, func(t *testing.T, v *village) {
		ctx := t.Context()
		died, goes := v.person("Anna", 1), v.person("Geesje", 2)
		v.must(v.ReportDeath(ctx, v.as(v.worker), died))
		v.must(v.ConfirmDeath(ctx, v.as(v.mod), died))
		_, err := v.IssuePaperCode(ctx, v.as(v.worker), died)
		v.refused(err, "life_ended")
		if n := len(eachOf(v, v.Stores.Flows)); n > 0 {
			t.Errorf("%d codes are out", n)
		}
		v.forgetting(goes, "Geesje")
		_, err = v.IssuePaperCode(ctx, v.as(v.worker), goes)
		v.refused(err, "person_not_found")
	})
}
