// Package score says how well a volunteer suits a request, as one whole number that a board can defend:
// a weighted geometric mean of five pillars, so that one terrible pillar is not averaged away by the
// others. It knows facts only, no people and no organisations, and whoever breaks a hard rule never
// comes here.
package score
