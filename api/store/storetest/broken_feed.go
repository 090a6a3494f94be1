package storetest

import (
	"context"
	"slices"
	"time"

	"naober/api/port"
	"naober/matching/care"
)

type feedFault struct {
	gaps, overlooks, hasNothing, drainsAll, forgetsLast, keepsAll bool
}

type brokenFeed struct {
	port.Feed
	feedFault
}

func (f *brokenFeed) Append(ctx context.Context, rows []port.Row) error {
	if f.gaps {
		rows = slices.DeleteFunc(slices.Clone(rows), func(r port.Row) bool { return r.ID%5 == 0 })
	}
	err := f.Feed.Append(ctx, rows)
	if f.overlooks && care.CodeOf(err) == "feed_moved" {
		return nil
	}
	return err
}

func (f *brokenFeed) Has(ctx context.Context, doc port.DocRef, seq int64) (bool, error) {
	has, err := f.Feed.Has(ctx, doc, seq)
	return has && !f.hasNothing, err
}

func (f *brokenFeed) Drain(ctx context.Context, doc port.DocRef, seq int64) error {
	if f.drainsAll {
		seq += 1000
	}
	return f.Feed.Drain(ctx, doc, seq)
}

func (f *brokenFeed) Bounds(ctx context.Context) (first, last int64, err error) {
	first, last, err = f.Feed.Bounds(ctx)
	if f.forgetsLast && first == last {
		return 0, 0, err
	}
	return first, last, err
}

func (f *brokenFeed) Trim(ctx context.Context, before time.Time) error {
	if f.keepsAll {
		return nil
	}
	return f.Feed.Trim(ctx, before)
}
