package app_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
)

// The tally is seen through the codes to one contact from one address: five an hour.

func TestTallyHoldsAcrossProcesses(t *testing.T) {
	t.Parallel()
	in := install(t)
	processes := []*app.App{in.App, in.process(in.vault.Secret())}
	answers := together(20, func(i int) error {
		_, err := processes[i%2].RequestCode(t.Context(), bert, "192.0.2.1")
		return err
	})
	if answers[""] != 5 || answers["too_many_codes"] != 15 {
		t.Errorf("answers %v, want 5 codes", answers)
	}
}

func TestTallyWindow(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		wait time.Duration
		want string
		left string
	}{
		"full at once":                      {0, "too_many_codes", "3600"},
		"full half a second before its end": {time.Hour - 500*time.Millisecond, "too_many_codes", "1"},
		"empty at its end":                  {time.Hour, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			in := install(t)
			for range 5 {
				in.code(bert, "192.0.2.1")
			}
			in.clock.pass(row.wait)
			_, err := in.RequestCode(t.Context(), bert, "192.0.2.1")
			codeIs(t, err, row.want)
			if got := retryAfter(err); got != row.left {
				t.Errorf("retryAfter is %q, want %q", got, row.left)
			}
			if row.want != "" && !care.IsKind(err, care.Limited) {
				t.Errorf("%v is of another kind", err)
			}
		})
	}
}

func TestTallyCountsAnIPv6LineAsOne(t *testing.T) {
	t.Parallel()
	in := install(t)
	for i := range 5 {
		in.code(bert, fmt.Sprintf("2001:db8:1:2::%d", i))
	}
	_, err := in.RequestCode(t.Context(), bert, "2001:db8:1:2:ffff::1")
	codeIs(t, err, "too_many_codes")
	_, err = in.RequestCode(t.Context(), bert, "2001:db8:1:3::1")
	codeIs(t, err, "")
}

func TestTallyHoldsNoAddressAndNoContact(t *testing.T) {
	t.Parallel()
	in := install(t)
	in.code(bert, "192.0.2.1")
	err := in.stores.Tallies.Each(t.Context(), func(s port.Stored[app.Tally]) error {
		if len(s.ID) != 43 || s.Value.Count != 1 && s.Value.Count != 100 { // all together go by blocks
			t.Errorf("a tally reads %+v", s)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// retryAfter is the parameter of a refusal, or nothing.
func retryAfter(err error) string {
	var e *care.Error
	if !errors.As(err, &e) {
		return ""
	}
	return e.Params["retryAfter"]
}
