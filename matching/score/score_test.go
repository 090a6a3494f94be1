package score

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestScoreIsTheGeometricMean(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		var w Weights
		var v Worth
		sum, total := 0.0, 0.0
		for p := range w {
			w[p], v[p] = r.Int32N(100), Least+r.Int32N(Most-Least+1)
			sum += float64(w[p]) * math.Log(float64(v[p])/Most)
			total += float64(w[p])
		}
		s := New(w)
		if want := Most * math.Exp(sum/max(total, 1)); math.Abs(float64(s.Mean(s.Of(v)))-want) > 1 {
			t.Fatalf("%v under %v is %d, want %.1f", v, w, s.Mean(s.Of(v)), want)
		}
	}
}

func TestScoreNeverFallsWhenAPillarRises(t *testing.T) {
	s := New(Usual())
	v := Worth{300, 300, 300, 300, 300}
	for p := range v {
		last := int64(math.MinInt64)
		for worth := int32(-5); worth <= Most+5; worth++ {
			w := v
			w[p] = worth
			if got := s.Of(w); got < last {
				t.Fatalf("pillar %d: %d at %d, %d before", p, got, worth, last)
			} else {
				last = got
			}
		}
	}
}

// A terrible pillar is not averaged away: whoever is best in four and worst in one comes after whoever
// is middling throughout.
func TestOneTerriblePillar(t *testing.T) {
	s := New(Weights{1, 1, 1, 1, 1})
	if a, b := s.Of(Worth{1000, 1000, 1000, 1000, 0}), s.Of(Worth{450, 450, 450, 450, 450}); a >= b {
		t.Errorf("%d is not below %d", a, b)
	}
}

func TestWorth(t *testing.T) {
	for _, c := range []struct {
		what string
		got  int32
		want int32
	}{
		{"next door", Near(0), Most},
		{"a quarter of an hour", Near(15 * 60), 500},
		{"a way that never ends", Near(1 << 40), Least},
		{"a way into the past", Near(-9), Most},
		{"no time beside it", Roomy(0), 500},
		{"an hour before", Roomy(4), 750},
		{"an hour on either side", Roomy(8), Most},
		{"more than an hour", Roomy(80), Most},
		{"never asked", Fair(-1, Left(0, 0)), Most},
		{"asked this moment", Fair(0, Left(3, 0)), Least},
		{"asked a week ago", Fair(7*24*4, Most), 500},
		{"half of the limit", Fair(-1, Left(2, 4)), 500},
		{"over the limit", Fair(-1, Left(9, 4)), Least},
		{"both", Fair(7*24*4, Left(2, 4)), 250},
	} {
		if c.got != c.want {
			t.Errorf("%s: %d, want %d", c.what, c.got, c.want)
		}
	}
}

// Another processor must not rank otherwise: the table is held by its sum.
func TestLogarithmsAreTheSameEverywhere(t *testing.T) {
	sum := int64(0)
	for v := range Most + 1 {
		sum += logarithm(v) * int64(v+1)
	}
	if sum != -16447366494 {
		t.Errorf("the table sums to %d", sum)
	}
}

func TestWays(t *testing.T) {
	for _, c := range []struct {
		what string
		way  Way
		want int64
	}{
		{"on foot", OnFoot, 1040},
		{"by bike", ByBike, 312},
		{"by car", ByCar, 93},
		{"by bus", ByTransit, 15*60 + 234},
		{"no way that we know", 77, 1040},
	} {
		if got := c.way.Seconds(1000); got != c.want {
			t.Errorf("a kilometre %s takes %d seconds, want %d", c.what, got, c.want)
		}
	}
	for w := range Ways {
		for metres := float32(0); metres < 60_000; metres += 250 {
			for slower := range w + 1 {
				if w.Fastest().Seconds(metres) > slower.Seconds(metres) {
					t.Fatalf("%v is not as fast as %v over %v m", w.Fastest(), slower, metres)
				}
			}
		}
	}
}
