package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strings"

	"naober/api/app"
)

// verifyAudit reads the audit log and prints its head. Kept where the database's owner cannot write,
// the head is the anchor of the next verification: rows taken off the end, or a log that was written
// anew as a whole, cannot show in any other way.
func verifyAudit(flags *flag.FlagSet) act {
	anchor := flags.String("anchor", "", "the head that an earlier verification printed")
	return func(ctx context.Context, a operated) (string, error) {
		if *anchor != "" && !app.IsAnchor(*anchor) {
			return "", errors.New("--anchor is a head as verify-audit prints it, NUMBER:64 hexadecimal characters; the log was not read")
		}
		v, err := a.VerifyAudit(ctx, *anchor)
		if err != nil {
			return "", err
		}
		if len(v.Faults) > 0 {
			return "", errors.New("the audit log is not whole:\n" + strings.Join(v.Faults, "\n"))
		}
		return fmt.Sprintf("%d rows are whole; keep this head elsewhere: %s", v.Rows, v.Head), nil
	}
}
