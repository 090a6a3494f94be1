package matching

import (
	"naober/matching/care"
	"naober/matching/score"
)

// WeightsOf are a village's weights as a need has them; none where it has not chosen, which is taken for
// the usual.
func WeightsOf(w care.Weights) score.Weights {
	return score.Weights{score.Nearness: int32(w.Nearness), score.Time: int32(w.Time), score.Familiarity: int32(w.Familiarity),
		score.Fairness: int32(w.Fairness), score.Reciprocity: int32(w.Reciprocity)}
}

// UsualWeights are those of a village that has not chosen any.
func UsualWeights() care.Weights {
	u := score.Usual()
	return care.Weights{Nearness: int(u[score.Nearness]), Time: int(u[score.Time]), Familiarity: int(u[score.Familiarity]),
		Fairness: int(u[score.Fairness]), Reciprocity: int(u[score.Reciprocity])}
}
