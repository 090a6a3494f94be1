package story

import (
	"errors"
	"fmt"
	"slices"
)

// Mismatch is a step that did not go as told.
type Mismatch struct {
	What  string
	Want  string
	Found string
}

func (m *Mismatch) Error() string {
	return fmt.Sprintf("%s\n    expected: %s\n    found:    %s", m.What, m.Want, m.Found)
}

func mismatch(what string, want, found any) error {
	return &Mismatch{What: what, Want: fmt.Sprint(want), Found: fmt.Sprint(found)}
}

// same expects a value.
func same[T comparable](what string, want, found T) error {
	if want == found {
		return nil
	}
	return mismatch(what, fmt.Sprintf("%v", want), fmt.Sprintf("%v", found))
}

// holds expects something to be true.
func holds(what, want string, so bool) error {
	if so {
		return nil
	}
	return mismatch(what, want, "it is not so")
}

// refusedWith expects a refusal with one of these codes.
func refusedWith(what string, err error, codes ...string) error {
	if slices.Contains(codes, codeOf(err)) {
		return nil
	}
	if err != nil && codeOf(err) == "" {
		return err
	}
	found := "it was allowed"
	if err != nil {
		found = err.Error()
	}
	return mismatch(what, fmt.Sprintf("a refusal with %q", codes), found)
}

// all joins expectations; each of them is told.
func all(errs ...error) error { return errors.Join(errs...) }
