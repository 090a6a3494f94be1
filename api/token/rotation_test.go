package token

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestRotate(t *testing.T) {
	for name, row := range map[string]struct {
		used, presented, newUsed, successor int64
		verdict                             Verdict
	}{
		"the first token of a session":           {0, 1, 1, 2, First},
		"the first token again":                  {1, 1, 1, 2, Again},
		"the successor":                          {1, 2, 2, 3, First},
		"the first once its successor was used":  {2, 1, 2, 0, Stolen},
		"the last used again":                    {7, 7, 7, 8, Again},
		"one older than the last used":           {7, 6, 7, 0, Stolen},
		"the very first, long after":             {7, 1, 7, 0, Stolen},
		"one ahead of the successor":             {7, 9, 7, 0, Unknown},
		"number zero of a new session":           {0, 0, 0, 0, Unknown},
		"number zero":                            {7, 0, 7, 0, Unknown},
		"a number below zero":                    {7, -1, 7, 0, Unknown},
		"the lowest number":                      {7, math.MinInt64, 7, 0, Unknown},
		"the highest number":                     {7, math.MaxInt64, 7, 0, Unknown},
		"the highest number, were it the next":   {math.MaxInt64 - 1, math.MaxInt64, math.MaxInt64 - 1, 0, Unknown},
		"any number where the count is damaged":  {-1, 1, -1, 0, Unknown},
		"the count at its end, an older token":   {math.MaxInt64, 5, math.MaxInt64, 0, Stolen},
		"the last number that has a successor":   {math.MaxInt64 - 2, math.MaxInt64 - 1, math.MaxInt64 - 1, math.MaxInt64, First},
		"that number again, its answer was lost": {math.MaxInt64 - 1, math.MaxInt64 - 1, math.MaxInt64 - 1, math.MaxInt64, Again},
	} {
		t.Run(name, func(t *testing.T) {
			used, successor, verdict := Rotate(row.used, row.presented)
			if used != row.newUsed || successor != row.successor || verdict != row.verdict {
				t.Errorf("Rotate(%d, %d) = %d, %d, %d", row.used, row.presented, used, successor, verdict)
			}
		})
	}
}

// TestHonestClientIsNeverLoggedOut lets requests and answers be lost in any order. The client
// keeps one token and replaces it when an answer arrives.
func TestHonestClientIsNeverLoggedOut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		used, held := int64(0), int64(1)
		copies := rapid.IntRange(1, 3).Draw(t, "requests in one go")
		for range rapid.IntRange(1, 60).Draw(t, "refreshes") {
			fate := rapid.SampledFrom([]string{"arrives", "answer lost", "request lost"}).Draw(t, "fate")
			if fate == "request lost" {
				continue
			}
			// Tabs of one client may ask at once with the token they share.
			var next int64
			for range copies {
				var verdict Verdict
				var successor int64
				used, successor, verdict = Rotate(used, held)
				if verdict != First && verdict != Again {
					t.Fatalf("token %d ends in verdict %d with %d used", held, verdict, used)
				}
				if next != 0 && successor != next {
					t.Fatalf("token %d yields %d and %d", held, next, successor)
				}
				next = successor
			}
			if fate == "arrives" {
				held = next
			}
		}
	})
}

// TestThiefAndOwnerAreToldApart copies the client's token at any moment; both go on. Once each
// has used what it holds, one of them is behind, and that ends the family.
func TestThiefAndOwnerAreToldApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		used, owner := int64(0), int64(1)
		for range rapid.IntRange(0, 20).Draw(t, "refreshes before the theft") {
			used, owner, _ = Rotate(used, owner)
		}
		thief := owner
		ahead := rapid.IntRange(2, 20).Draw(t, "refreshes of the one who is first")
		first, second := &owner, &thief
		if rapid.Bool().Draw(t, "the thief is first") {
			first, second = second, first
		}
		for range ahead {
			var verdict Verdict
			used, *first, verdict = Rotate(used, *first)
			if verdict != First {
				t.Fatalf("verdict %d before both were seen", verdict)
			}
		}
		after, successor, verdict := Rotate(used, *second)
		if verdict != Stolen || successor != 0 || after != used {
			t.Fatalf("Rotate(%d, %d) = %d, %d, %d; want Stolen", used, *second, after, successor, verdict)
		}
	})
}

// TestOlderTokenAlwaysEndsTheFamily presents any token that was overtaken.
func TestOlderTokenAlwaysEndsTheFamily(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		used := rapid.Int64Range(2, math.MaxInt64).Draw(t, "used")
		old := rapid.Int64Range(1, used-1).Draw(t, "old")
		if after, successor, verdict := Rotate(used, old); verdict != Stolen || successor != 0 || after != used {
			t.Fatalf("Rotate(%d, %d) = %d, %d, %d; want Stolen", used, old, after, successor, verdict)
		}
	})
}
