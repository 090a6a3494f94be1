package app

import (
	"context"
	"time"
)

// FillOverall fills the limit on codes of everybody together, for tests outside.
func FillOverall(ctx context.Context, a *App) error {
	_, _, err := a.take(ctx, codesOverall, "", codesOverall.most)
	return err
}

// CountEach counts without blocks, for the benchmark.
func CountEach(ctx context.Context, a *App, whom string) error {
	return a.count(ctx, allowance{"too_many_calls", "each call", 1 << 40, time.Hour, 1}, whom)
}

// CutAudit is one look of housekeeping at the audit log.
func CutAudit(ctx context.Context, a *App) error { return a.cutAudit(ctx) }
