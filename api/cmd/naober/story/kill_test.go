package story

import (
	"net/http/httptest"
	"slices"
	"testing"

	"naober/mobile-contract/wire"
)

func TestKillsAreSpreadOverTheStory(t *testing.T) {
	for name, tc := range map[string]struct{ kills, calls int }{
		"one":                 {1, 240},
		"ten":                 {10, 240},
		"as many as calls":    {5, 5},
		"none":                {0, 240},
		"more than there are": {7, 5},
	} {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(50) {
				k := PlanKills(tc.kills, tc.calls, seed)
				if len(k.left) != tc.kills || !slices.IsSorted(k.left) {
					t.Fatalf("seed %d: %v", seed, k.left)
				}
				if tc.kills > 0 && (k.left[0] < 1 || tc.kills <= tc.calls && k.left[tc.kills-1] > tc.calls) {
					t.Fatalf("seed %d: %v of %d calls", seed, k.left, tc.calls)
				}
			}
		})
	}
}

func TestTheSameSeedKillsAtTheSameMoments(t *testing.T) {
	a, b := PlanKills(10, 240, 7), PlanKills(10, 240, 7)
	for i := range 240 {
		if x, y := a.turn("x"), b.turn("x"); x != y {
			t.Fatalf("call %d: %v and %v", i+1, x, y)
		}
	}
	if done, left := a.Done(); done != 10 || left != 0 {
		t.Errorf("%d done, %d left", done, left)
	}
}

func TestEveryPlannedKillIsStruckAndTheCallAnswered(t *testing.T) {
	script := &scripted{}
	for range 20 {
		script.answers = append(script.answers, say(json200, "{}"))
	}
	server := httptest.NewServer(script)
	defer server.Close()
	host := &fixed{url: server.URL}
	c := NewClient(NewLine(host, PlanKills(10, 20, 3)))
	for range 20 {
		if _, err := post[wire.Nothing](t.Context(), c, "/v1/x", nil); err != nil {
			t.Fatal(err)
		}
	}
	if host.killed != 10 {
		t.Errorf("killed %d times", host.killed)
	}
}
