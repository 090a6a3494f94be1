package app

import (
	"context"
	"errors"

	"naober/api/port"
	"naober/matching/care"
)

// errEnough stops a stream that has given enough.
var errEnough = errors.New("app: enough")

// Communities lists the villages: by distance from a point, nearest first, or all of them page by
// page. They are public.
func (a *App) Communities(ctx context.Context, near *care.Point, page port.Page) ([]care.Community, error) {
	if near != nil {
		if !near.Valid() {
			return nil, care.Amiss("lat", "place_invalid", "that is not a point on earth")
		}
		found, err := a.Stores.Communities.Near(ctx, *near, page.Limit)
		var list []care.Community
		for _, c := range found {
			list = append(list, c.Value)
		}
		return list, err
	}
	var list []care.Community
	err := a.Stores.Communities.Each(ctx, func(c port.Stored[care.Community]) error {
		if c.ID > page.After {
			list = append(list, c.Value)
		}
		if len(list) >= page.Limit {
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return list, err
}

// Community is one village; it is public.
func (a *App) Community(ctx context.Context, id care.CommunityID) (port.Stored[care.Community], error) {
	return a.Stores.Communities.Get(ctx, id)
}
