package main

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"naober/api/cmd/naober/bench/region"
	"naober/matching/index"
)

// redis asks GEOSEARCH for the nearest, in the form that we found the fastest: of everybody for S1, and
// else of those who are free in a slot of the week, for whom each slot that is asked about has a set of its
// own, with a set for each day of those who are free besides. Redis knows neither dates nor traits, so
// whoever it gives is looked at in the memory of the asker, which costs it nothing but the way.
type redis struct {
	*resp
	all  []index.Volunteer
	near []uint32
	best []index.Hit
}

// radius is that of Redis's earth, in metres.
const radius = 6_372_797.560856

// onEarth puts a point of the plane on the equator, where a metre is nearly a metre.
func onEarth(p index.Point) (lon, lat string) {
	degrees := func(metres float64) string { return strconv.FormatFloat(metres/radius*180/math.Pi, 'f', 9, 64) }
	return degrees(float64(p.X) - 136_000), degrees(float64(p.Y) - 161_000)
}

func startOf(q *index.Query) uint16 { return q.Hours[0].From }

// load fills the sets that the questions ask for.
func (r *redis) load(questions map[region.Case][]index.Ranking) error {
	sets, hours, days := map[string][]uint32{}, map[uint16]index.Ranking{}, map[index.Quarter]bool{}
	for _, some := range questions {
		for _, k := range some {
			if len(k.Hours) > 0 {
				hours[startOf(&k.Query)], days[k.From/96] = k, true
			}
		}
	}
	for i := range r.all {
		v := &r.all[i]
		sets["all"] = append(sets["all"], v.ID)
		usual := index.Volunteer{Weekly: v.Weekly}
		for start, k := range hours {
			q := index.Query{Span: k.Span, Hours: k.Hours}
			if q.Fits(usual) {
				sets[weekKey(start)] = append(sets[weekKey(start)], v.ID)
			}
		}
		for _, s := range v.Free {
			for day := s.From / 96; day*96 < s.To; day++ {
				if days[day] {
					sets[dayKey(day)] = append(sets[dayKey(day)], v.ID)
				}
			}
		}
	}
	for key, ids := range sets {
		for some := range slices.Chunk(ids, 500) {
			if err := r.add(key, some); err != nil {
				return err
			}
		}
	}
	return nil
}

func weekKey(start uint16) string     { return fmt.Sprintf("week:%d", start) }
func dayKey(day index.Quarter) string { return fmt.Sprintf("day:%d", day) }
func (r *redis) name() string         { return "Redis GEOSEARCH" }
func (r *redis) floor() error         { return r.ping() }
func (r *redis) can(of region.Case) bool {
	return of == region.S1 || of == region.S2 || of == region.S3
}

func (r *redis) add(key string, ids []uint32) error {
	words := []string{"GEOADD", key}
	for _, id := range ids {
		lon, lat := onEarth(r.all[id].At)
		words = append(words, lon, lat, strconv.FormatUint(uint64(id), 10))
	}
	r.send(words...)
	if err := r.flush(); err != nil {
		return err
	}
	return r.receive(nil)
}

// ask asks for ever more until enough of them fit.
func (r *redis) ask(of region.Case, k *index.Ranking) ([]index.Hit, error) {
	q := &k.Query
	key, many := "all", q.K
	if of != region.S1 {
		key, many = weekKey(startOf(q)), q.K*2
	}
	if of == region.S3 {
		many = q.K * 12
	}
	lon, lat := onEarth(q.At)
	for ; ; many *= 4 {
		got, err := r.search(key, lon, lat, many, of != region.S1, q)
		if err != nil {
			return nil, err
		}
		if len(r.best) == q.K || got < many {
			return r.best, nil
		}
	}
}

// search asks once, and returns how many of the set came.
func (r *redis) search(key, lon, lat string, many int, dated bool, q *index.Query) (int, error) {
	ask := func(key string, more ...string) {
		r.send(append([]string{"GEOSEARCH", key, "FROMLONLAT", lon, lat, "BYRADIUS", strconv.Itoa(int(q.Within) + 10), "m"}, more...)...)
	}
	ask(key, "ASC", "COUNT", strconv.Itoa(many))
	if dated {
		ask(dayKey(q.From / 96))
	}
	if err := r.flush(); err != nil {
		return 0, err
	}
	r.near = r.near[:0]
	take := func(text []byte) {
		id, _ := strconv.ParseUint(string(text), 10, 32)
		r.near = append(r.near, uint32(id))
	}
	if err := r.receive(take); err != nil {
		return 0, err
	}
	came := len(r.near)
	if dated {
		if err := r.receive(take); err != nil {
			return 0, err
		}
	}
	r.best = r.best[:0]
	furthest := float32(math.Inf(1)) // beyond the last that came the set may hold nearer ones than a day's
	if came == many {
		furthest = square(r.all[r.near[came-1]].At, q.At)
	}
	slices.Sort(r.near[came:])
	for i, id := range r.near {
		v := &r.all[id]
		h := index.Hit{ID: id, Square: square(v.At, q.At)}
		if h.Square > q.Within*q.Within || h.Square > furthest || i >= came && slices.Contains(r.near[:came], id) {
			continue
		}
		if v.Traits&q.Need == q.Need && q.Fits(*v) {
			r.best = append(r.best, h)
		}
	}
	slices.SortFunc(r.best, byDistance)
	r.best = r.best[:min(len(r.best), q.K)]
	return came, nil
}
