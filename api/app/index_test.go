package app_test

import (
	"context"
	"slices"
	"testing"

	"naober/api/port"
	"naober/matching"
	"naober/matching/care"
)

// gatedFind freezes at the first listing of a port.
type gatedFind[K ~string, T any] struct {
	port.Documents[K, T]
	*gate
}

func (d gatedFind[K, T]) Find(ctx context.Context, key port.Key, page port.Page) ([]port.Stored[T], error) {
	d.pass()
	return d.Documents.Find(ctx, key, page)
}

func TestASlowReadingNeverReplacesANewerOne(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	ctx := t.Context()
	driver := v.driver("Berend", 2)
	v.run()
	id, _ := v.asked(v.person("Anna", 1), v.driver("Corrie", 4), "", thursday())
	other, g := v.second(), newGate()
	other.Stores.Offers = gatedFind[care.OfferID, care.Offer]{other.Stores.Offers, g}
	row := port.Row{Event: care.Event{Type: care.HelperChanged, Helper: driver}}
	done := make(chan error, 1)
	go func() { done <- other.Follow(ctx, row) }() // reads the helper, and freezes before the offers
	<-g.reached
	v.must(v.PauseHelper(ctx, v.as(v.mod), v.here, driver, care.Decision{Rule: "r@1", Reason: "x", Until: v.clock().AddDate(0, 1, 0)}))
	v.must(other.Follow(ctx, row))
	close(g.opened)
	v.must(<-done)
	ranking, _, err := other.Candidates(ctx, v.as(v.worker), id, v.request(id).Slots[0].ID)
	v.must(err)
	if slices.ContainsFunc(ranking.Fitting, func(f matching.Fit) bool { return f.Candidate.Person == driver }) {
		t.Fatal("the pause is forgotten")
	}
}

func TestAClaimThatCameToNothingKeepsNobodyOut(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	ctx := t.Context()
	driver := v.driver("Berend", 2)
	v.run()
	id, _ := v.asked(v.person("Anna", 1), v.driver("Corrie", 4), "", thursday())
	slot := v.request(id).Slots[0]
	claim := care.Claim{Nonce: "01ARZ3NDEKTSV4RRFFQ69G5FAV", Purpose: care.ForSeat, Community: v.here, Request: id, Slot: slot.ID, Hour: slot.Earliest(), At: slot.Earliest()}
	write := func(f func(care.Helper) (care.Helper, []care.Event, error)) {
		_, err := v.Stores.Helpers.Update(ctx, driver, port.Write{Quiet: true}, f)
		v.must(err)
	}
	write(func(h care.Helper) (care.Helper, []care.Event, error) { return h.Claim(claim, v.clock()) })
	v.must(v.Rebuild(ctx)) // as a process does that starts between the two halves of a yes
	write(func(h care.Helper) (care.Helper, []care.Event, error) {
		return h.Settle(claim.Nonce, care.VerdictFreed, "", v.clock())
	})
	ranking, _, err := v.Candidates(ctx, v.as(v.worker), id, slot.ID)
	v.must(err)
	if slices.ContainsFunc(ranking.RuledOut, func(x matching.Exclusion) bool { return x.Person == driver && x.Rule == matching.VisitAgreed }) {
		t.Fatal("a claim that was freed still rules its helper out")
	}
}
