package fleet

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// shrinkTime bounds how long a schedule is made shorter.
const shrinkTime = 90 * time.Second

// Replay plays one schedule from a file.
func Replay(ctx context.Context, o Options, file string) (Report, error) {
	s, err := ReadSchedule(file)
	if err != nil {
		return Report{}, err
	}
	y, err := newYard(ctx, o)
	if err != nil {
		return Report{}, err
	}
	var report Report
	got, err := y.play(ctx, s)
	report.add(s, got)
	for _, f := range got.found {
		_, _ = fmt.Fprintf(o.Said, "%s: %s\n", f.what, f.text)
	}
	return report, err
}

// Shrink leaves out steps of a schedule that fails for as long as it fails in the same way without them, halves
// first, then ever fewer at a time.
func Shrink(ctx context.Context, o Options, s Schedule) (Schedule, error) {
	ctx, cancel := context.WithTimeout(ctx, shrinkTime)
	defer cancel()
	y, err := newYard(ctx, o)
	if err != nil {
		return s, err
	}
	fails := func(s Schedule) bool {
		got, err := y.play(ctx, s)
		return len(got.found) > 0 && err == nil
	}
	for some := len(s.Steps) / 2; some > 0; {
		shorter := false
		for from := 0; from < len(s.Steps) && ctx.Err() == nil; {
			try := s
			try.Steps = slices.Delete(slices.Clone(s.Steps), from, min(from+some, len(s.Steps)))
			if len(try.Steps) > 0 && fails(try) {
				s, shorter = try, true
			} else {
				from += some
			}
		}
		if ctx.Err() != nil {
			return s, nil // as short as time allowed
		}
		if !shorter || some > 1 {
			some /= 2
		}
	}
	return s, ctx.Err()
}
