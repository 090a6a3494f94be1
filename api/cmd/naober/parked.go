package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"naober/api/feed"
	"naober/api/port"
)

// listParked tells which events keep failing for which consumer, and which wait behind them: ids and
// codes alone. It reads beside processes that go on trying. What the index of a process has set aside
// lies in that process alone and is not seen here.
func listParked(ctx context.Context, a operated) (string, error) {
	var said strings.Builder
	table := tabwriter.NewWriter(&said, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "consumer\tkind\tid\tevent\tcode\ttries\tnext try")
	rows := 0
	err := a.Stores.Parked.Each(ctx, func(s port.Stored[feed.Parked]) error {
		p := s.Value
		if p.RetryAt.IsZero() {
			return nil // handed over since
		}
		rows++
		next := p.RetryAt.UTC().Format(time.RFC3339)
		if p.Tries == 0 {
			next = "after the one before it"
		}
		_, err := fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%d\t%s\n", p.Consumer, p.Row.Doc.Kind, p.Row.Doc.ID, p.Row.Event.Type, p.Code, p.Tries, next)
		return err
	})
	if err != nil || rows == 0 {
		return "nothing is parked", err
	}
	err = table.Flush()
	return strings.TrimRight(said.String(), "\n"), err
}
