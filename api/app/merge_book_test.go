package app_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"naober/api/port"
	"naober/matching/care"
)

// TestTheStricterBookCounts: Berend helps under two records; one is paused, one is blocked by Anna.
func TestTheStricterBookCounts(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, v *village) {
		ctx := t.Context()
		anna, dora := v.person("Anna", 1), v.person("Dora", 1)
		stays, goes := v.driver("Berend", 2), v.driver("Berend", 3)
		ride := v.ride(dora, thursday())
		_, err := v.AcceptAsk(ctx, v.as(goes), v.askOf(ride, goes).ID, time.Time{})
		v.must(err)
		v.must(v.BlockPerson(ctx, v.as(anna), v.here, goes))
		v.must(v.SetQuiet(ctx, v.as(goes), quietly(2)))
		v.run()
		before := v.bookOf(goes)
		if v.request(ride).Visits[0].State != care.VisitSet {
			t.Fatal("nothing was agreed")
		}

		v.merge(goes, stays)
		r := v.request(ride)
		if r.Visits[0].State != care.VisitCalledOff || r.NextActionAt.IsZero() || len(v.bookOf(goes).Agreed) != 0 {
			t.Errorf("the visit is %s, the book %+v", r.Visits[0].State, v.bookOf(goes).Agreed)
		}
		h := v.bookOf(stays)
		if !h.Blocked(anna) || !v.bookOf(anna).Blocked(stays) || h.Quiet.MonthlyLimit != 2 {
			t.Errorf("the book that stays: %+v; hers: %+v", h, v.bookOf(anna))
		}
		if asked := v.open(v.ride(anna, thursday().AddDate(0, 0, 1))); len(asked) != 0 {
			t.Errorf("asked for Anna: %v", asked)
		}
		offers, err := v.Offers(ctx, v.as(stays), port.Page{Limit: 10})
		if err != nil || len(offers) != 2 {
			t.Errorf("he has %d offers, %v", len(offers), err)
		}
		v.must(v.PauseHelper(ctx, v.as(v.mod), v.here, goes, care.Decision{Rule: "rest@1", Reason: "complaint", Until: v.clock().AddDate(0, 0, 9)}))
		if !v.bookOf(stays).Paused(v.here, v.clock()) || v.bookOf(goes).Paused(v.here, v.clock()) {
			t.Error("a pause under the old id did not reach the record that stays")
		}

		v.unmerge(goes)
		got, mine := v.bookOf(goes), v.bookOf(stays)
		if got.Alias != "" || fmt.Sprint(got.Approvals, got.Vettings, got.Quiet, got.Blocks, got.BlockedBy) !=
			fmt.Sprint(before.Approvals, before.Vettings, before.Quiet, before.Blocks, before.BlockedBy) {
			t.Errorf("his book came back as %+v", got)
		}
		if mine.Blocked(anna) || v.bookOf(anna).Blocked(stays) || !v.bookOf(anna).Blocked(goes) || !mine.Paused(v.here, v.clock()) {
			t.Errorf("the other book: %+v; hers: %+v", mine, v.bookOf(anna))
		}
		if asked := v.open(v.ride(dora, thursday().AddDate(0, 0, 2))); !slices.Equal(asked, []care.PersonID{goes}) {
			t.Errorf("asked are %v", asked)
		}
	})
}

func quietly(limit int) care.Quiet {
	q := care.DefaultQuiet("Europe/Amsterdam")
	q.MonthlyLimit = limit
	return q
}

// TestABlockMadeOnceMoreOutlivesTheUndo: what a person blocks under the merged record is theirs.
func TestABlockMadeOnceMoreOutlivesTheUndo(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	ctx := t.Context()
	anna, stays, goes := v.person("Anna", 1), v.driver("Berend", 2), v.driver("Berend", 3)
	v.must(v.BlockPerson(ctx, v.as(goes), v.here, anna))
	v.merge(goes, stays)
	v.must(v.BlockPerson(ctx, v.as(stays), v.here, anna))
	v.unmerge(goes)
	if !v.bookOf(stays).Blocked(anna) || !v.bookOf(goes).Blocked(anna) || !v.bookOf(anna).Blocked(stays) {
		t.Errorf("the block went: %+v, %+v", v.bookOf(stays), v.bookOf(anna))
	}
}

// TestNobodyHelpsThemselves: the one who asks and the one who was asked turn out to be one.
func TestNobodyHelpsThemselves(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, v *village) {
		driver := v.driver("Berend", 2)
		resident := v.person("Berend", 1)
		ride := v.ride(resident, thursday())
		_, err := v.AcceptAsk(t.Context(), v.as(driver), v.askOf(ride, driver).ID, time.Time{})
		v.must(err)
		v.run()
		v.merge(resident, driver)
		r := v.request(ride)
		if r.For != driver || r.Visits[0].State != care.VisitCalledOff || r.Todo != care.TodoReturned || len(v.open(ride)) > 0 {
			t.Errorf("for %s, the visit %s, todo %s, asked %v", r.For, r.Visits[0].State, r.Todo, v.open(ride))
		}
		if h := v.bookOf(driver); len(h.Agreed) > 0 {
			t.Errorf("he is to be at his own: %+v", h.Agreed)
		}
	})
}
