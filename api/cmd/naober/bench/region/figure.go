package region

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// Print writes a figure for people to read.
func (f Figure) Print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	row := func(what, format string, args ...any) { fmt.Fprintf(w, what+"\t"+format+"\n", args...) }
	row("case", "%s, %d volunteers, seed %d", f.Case, f.N, f.Seed)
	row("a question", "%.1f us median, %.1f us p99, %.0f a second", f.P50, f.P99, f.QPS)
	row("exact", "%.2f %% of the sample", f.Exact*100)
	row("found", "%.1f an answer; %.2f %% of those in the circle fit", f.Found, f.Pass*100)
	row("memory", "%.0f bytes a volunteer", f.Bytes)
	row("building", "%.2f s", f.Build)
	if l := f.Limit; l != nil {
		row("limit", "%.1f us: %.0f lines of %.1f ns, and %.1f us for rectangles and heap; the median is %.1f times that",
			l.Whole, l.Lines, l.Line, l.Boxes, l.Ratio)
	}
	if f.Changes > 0 {
		row("changes", "%d, %.0f us each; p99 of a question %.1f times of that without", f.Changes, f.ChangeP50, f.P99/f.QuietP99)
	}
	return w.Flush()
}
