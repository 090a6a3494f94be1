package care

import "testing"

func TestWeigh(t *testing.T) {
	chosen := Weights{Nearness: 10, Time: 20, Familiarity: 30, Fairness: 40, Reciprocity: 0}
	village := Community{ID: village}
	set, _, err := village.Weigh(chosen, "board", june("12:00"))
	if err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct {
		of        Community
		to        Weights
		err, code string
	}{
		"weights of their own":                       {village, chosen, "", "10_20_30_40_0"},
		"the most that each can be":                  {village, Weights{100, 100, 100, 100, 100}, "", "100_100_100_100_100"},
		"the least":                                  {village, Weights{Nearness: 1, Fairness: 1}, "", "1_0_0_1_0"},
		"back to the usual ones":                     {set, Weights{}, "", "usual"},
		"the same again is nothing new":              {set, chosen, "", ""},
		"no weight above a hundred":                  {village, Weights{Nearness: 101, Fairness: 1}, "weights_invalid", ""},
		"none below zero":                            {village, Weights{Nearness: 1, Fairness: 1, Time: -1}, "weights_invalid", ""},
		"nearness is never without weight":           {village, Weights{Fairness: 1}, "weights_invalid", ""},
		"nor is who was asked lately":                {village, Weights{Nearness: 1, Time: 5}, "weights_invalid", ""},
		"on a refusal they stay what they were, too": {set, Weights{Nearness: 101, Fairness: 1}, "weights_invalid", ""},
	} {
		next, events, err := row.of.Weigh(row.to, "board", june("12:00"))
		want := row.to
		if row.err != "" {
			want = row.of.Weights
		}
		if CodeOf(err) != row.err || next.Weights != want {
			t.Errorf("%s: %+v, %v", name, next.Weights, err)
		}
		switch {
		case row.code == "" && len(events) != 0:
			t.Errorf("%s: %+v", name, events)
		case row.code != "" && (len(events) != 1 || events[0].Type != CommunityWeighed || events[0].Code != row.code || events[0].By != "board"):
			t.Errorf("%s: %+v", name, events)
		}
	}
}
