package ride

import "slices"

// Times is when each stop of a trip begins, its start and its end among them, as early as every limit
// allows. False where the trip cannot be driven.
func (t Trip) Times(metric Metric) ([]int64, bool) {
	if !t.lay(metric) {
		return nil, false
	}
	times := &timetable{}
	times.fit(t.net, 0, t.route.nodes)
	return slices.Clone(times.begin), true
}
