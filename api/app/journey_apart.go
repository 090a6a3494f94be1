package app

import (
	"context"
	"errors"
	"slices"

	"naober/api/port"
	"naober/matching/care"
)

// partDrives takes somebody out of the car of everybody from whom they are kept apart. A yes that is on its
// way meanwhile is looked at when it is confirmed: of the two looks one sees the other.
func (a *App) partDrives(ctx context.Context, resident care.PersonID) error {
	requests, err := findAll(ctx, a.Stores.Requests, port.Key{Name: ByFor, Value: string(a.resolve(resident))})
	if err != nil {
		return err
	}
	seen := map[care.PersonID]bool{}
	for _, r := range requests {
		for _, v := range r.Visits {
			driver := a.resolve(v.Helper)
			if r.Ride == nil || r.Phase != care.Live || !v.Upcoming() || seen[driver] {
				continue
			}
			seen[driver] = true
			if err := a.partDriver(ctx, driver); err != nil {
				return err
			}
		}
	}
	return nil
}

func (a *App) partDriver(ctx context.Context, driver care.PersonID) error {
	if err := a.reconcile(ctx, driver, 0); err != nil {
		return absentIsDone(err)
	}
	h, err := a.Stores.Helpers.Get(ctx, driver)
	if err != nil {
		return absentIsDone(err)
	}
	return a.partPassengers(ctx, h.Value)
}

// partPassengers gives the visits of a book back by which somebody joined the journey of another from whom
// they are kept apart. The one who was there first stays, with their own hours. It is told as any other
// visit that a helper cannot make: a block is nobody's to read.
func (a *App) partPassengers(ctx context.Context, book care.Helper) error {
	var failed error
	for _, k := range book.Agreed {
		with, err := a.apartIn(ctx, book, k)
		if err == nil && with {
			now := a.clock()
			err = a.onRequest(ctx, k.Request, func(r care.Request) (care.Request, []care.Event, error) {
				return r.ReturnVisit(k.Visit, notAvailable, now)
			})
		}
		failed = errors.Join(failed, err)
	}
	return failed
}

// apartIn reports whether a visit joined one of somebody from whom its resident is kept apart.
func (a *App) apartIn(ctx context.Context, book care.Helper, k care.Agreed) (bool, error) {
	for _, o := range book.Agreed {
		if !slices.Contains(k.Joins, o.Visit) {
			continue
		}
		if apart, err := a.apart(ctx, k.Resident, o.Resident); err != nil || apart {
			return apart, err
		}
	}
	return false, nil
}
