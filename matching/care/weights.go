package care

import (
	"fmt"
	"time"
)

// Weights are how much each pillar counts where a village's neighbours are put in order: how near they
// live, whether they have time around it, whether the two know each other, whether others were asked more
// lately, and whether the resident helped them before. Only their ratios matter.
type Weights struct{ Nearness, Time, Familiarity, Fairness, Reciprocity int }

// Chosen reports whether a community has set weights of its own.
func (w Weights) Chosen() bool { return w != (Weights{}) }

// WeightMost is what one pillar weighs at most.
const WeightMost = 100

// Weigh sets a community's weights, or takes them back with none at all. The caller has checked that by
// moderates there. Nearness and fairness are never without weight: a village may care more for the one or
// the other, but nobody is sent across it for nothing, and the same few are not asked again and again.
func (c Community) Weigh(w Weights, by PersonID, now time.Time) (Community, []Event, error) {
	least := 0
	if w.Chosen() {
		least = 1
	}
	for _, one := range []struct {
		field         string
		weighs, least int
	}{{"nearness", w.Nearness, least}, {"time", w.Time, 0}, {"familiarity", w.Familiarity, 0}, {"fairness", w.Fairness, least}, {"reciprocity", w.Reciprocity, 0}} {
		if one.weighs < one.least || one.weighs > WeightMost {
			return c, nil, Amiss(one.field, "weights_invalid", "a weight is 0 to %d; nearness and fairness weigh 1 at least", WeightMost)
		}
	}
	if c.Weights == w {
		return c, nil, nil
	}
	c.Weights = w
	return c, []Event{{Type: CommunityWeighed, At: now, By: by, Community: c.ID, Code: w.code()}}, nil
}

// code is what the audit log keeps of the weights.
func (w Weights) code() string {
	if !w.Chosen() {
		return "usual"
	}
	return fmt.Sprintf("%d_%d_%d_%d_%d", w.Nearness, w.Time, w.Familiarity, w.Fairness, w.Reciprocity)
}
