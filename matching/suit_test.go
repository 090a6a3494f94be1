package matching

import (
	"testing"

	"naober/matching/score"
)

// TestSuitIsRankWithoutAScore: of each candidate alone the two say the same.
func TestSuitIsRankWithoutAScore(t *testing.T) {
	far := neighbour().named("far", 6_000)
	busy := neighbour()
	busy.Helper.Agreed = append(busy.Helper.Agreed, booked(at(3, 9, 0), at(3, 16, 0)))
	for _, n := range []Need{company(), ride()} {
		for _, c := range append(street(3), far, busy) {
			got, fits := Suit(n, c)
			want := Rank(n, append(street(0), c)).Fitting
			if fits != (len(want) == 1) {
				t.Errorf("%s: %v, and Rank has %d", c.Person, fits, len(want))
				continue
			}
			if !fits {
				continue
			}
			want[0].Score, want[0].Worth, want[0].Reasons = 0, score.Worth{}, nil
			if got.Visit != want[0].Visit || got.Bound != want[0].Bound || got.AskFrom != want[0].AskFrom || got.Travel != want[0].Travel || got.Metres != want[0].Metres {
				t.Errorf("%s: %+v, and Rank has %+v", c.Person, got, want[0])
			}
		}
	}
}
