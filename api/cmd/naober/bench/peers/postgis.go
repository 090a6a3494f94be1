package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"naober/api/cmd/naober/bench/region"
	"naober/matching/index"
)

// postgis asks PostGIS for the nearest in its best form: one GiST index of places and weekly hours
// together, walked from the nearest on by "<->", every statement prepared once and planned once. Dates,
// traits and own radius are columns that are tested on the way.
type postgis struct {
	*postgres
	all  []index.Volunteer
	best []index.Hit
}

func (p *postgis) name() string { return "PostGIS GiST <->" }
func (p *postgis) floor() error { return p.execute("floor", nil) }
func (p *postgis) can(of region.Case) bool {
	return of == region.S1 || of == region.S2 || of == region.S3
}

// Who is free besides, on some day, is in their whole days and not to be left out by the week.
const schema = `SET client_min_messages = error;
CREATE EXTENSION IF NOT EXISTS postgis;
DROP TABLE IF EXISTS v;
CREATE UNLOGGED TABLE v (id int4, geom geometry(Point), avail int4multirange, busy int4multirange, whole int4multirange,
	traits int8, ending int8, ends int4range, reach float8)`

const (
	near  = "SELECT id FROM v WHERE ST_DWithin(geom, ST_MakePoint($1, $2), 10000)"
	first = " ORDER BY geom <-> ST_MakePoint($1, $2) LIMIT 10"
	free  = " AND avail @> int4range($3, $4) AND NOT busy && int4range($5, $6) AND (whole IS NULL OR whole @> int4range($5, $6))"
	fit   = " AND traits & $7 = $7 AND (ending & $7 = 0 OR ends @> int4range($5, $6)) AND ST_Distance(geom, ST_MakePoint($1, $2)) <= reach AND id <> ALL ($8::int4[])"
)

// load makes the table and its index, and prepares what will be asked.
func (p *postgis) load() error {
	if err := p.run(schema, nil); err != nil {
		return err
	}
	err := p.copyIn("COPY v FROM STDIN", func(line func(string)) {
		for i := range p.all {
			line(rowOf(&p.all[i]))
		}
	})
	if err != nil {
		return err
	}
	if err := p.run("CREATE INDEX ON v USING gist (geom, avail)", nil); err != nil {
		return err
	}
	if err := p.run("VACUUM ANALYZE v", nil); err != nil {
		return err
	}
	if err := p.run("SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET enable_bitmapscan = off; SET jit = off; SET max_parallel_workers_per_gather = 0", nil); err != nil {
		return err
	}
	for name, sql := range map[string]string{"floor": "SELECT 1", "s1": near + first, "s2": near + free + first, "s3": near + free + fit + first} {
		if err := p.prepare(name, sql); err != nil {
			return err
		}
	}
	return nil
}

// rowOf is a line for COPY.
func rowOf(v *index.Volunteer) string {
	avail, whole := weekRanges(v), `\N`
	if len(v.Free) > 0 {
		avail, whole = "{[0,672)}", wholeDays(v)
	}
	ending, ends := uint64(0), "empty"
	for _, d := range v.Valid {
		ending, ends = uint64(d.Traits), fmt.Sprintf("[%d,%d)", d.From, d.To)
	}
	return strings.Join([]string{fmt.Sprint(v.ID), fmt.Sprintf("POINT(%v %v)", v.At.X, v.At.Y), avail, ranges(v.Busy), whole,
		strconv.FormatUint(uint64(v.Traits), 10), strconv.FormatUint(ending, 10), ends, fmt.Sprint(v.Reach)}, "\t")
}

func weekRanges(v *index.Volunteer) string {
	var spans []index.Span
	for _, h := range v.Weekly {
		spans = append(spans, index.Span{From: index.Quarter(h.From), To: index.Quarter(h.To)})
	}
	return ranges(spans)
}

func ranges(spans []index.Span) string {
	var words []string
	for _, s := range spans {
		if s.From < s.To {
			words = append(words, fmt.Sprintf("[%d,%d)", s.From, s.To))
		}
	}
	return "{" + strings.Join(words, ",") + "}"
}

// wholeDays are the hours of all weeks of a region, and those that are free besides.
func wholeDays(v *index.Volunteer) string {
	spans := slices.Clone(v.Free)
	for week := range index.Quarter(region.Weeks) {
		for _, h := range v.Weekly {
			begin := region.Monday + week*index.Week
			spans = append(spans, index.Span{From: begin + index.Quarter(h.From), To: begin + index.Quarter(h.To)})
		}
	}
	return ranges(spans)
}

func (p *postgis) ask(of region.Case, k *index.Ranking) ([]index.Hit, error) {
	q := &k.Query
	values := []string{number(q.At.X), number(q.At.Y)}
	if of != region.S1 {
		h := q.Hours[0]
		values = append(values, strconv.Itoa(int(h.From)), strconv.Itoa(int(h.To)), strconv.Itoa(int(q.From)), strconv.Itoa(int(q.To)))
	}
	if of == region.S3 {
		words := make([]string, len(q.Except))
		for i, id := range q.Except {
			words[i] = strconv.Itoa(int(id))
		}
		values = append(values, strconv.FormatUint(uint64(q.Need), 10), "{"+strings.Join(words, ",")+"}")
	}
	p.best = p.best[:0]
	err := p.execute(string(of), func(text string) {
		if id, err := strconv.Atoi(text); err == nil {
			p.best = append(p.best, index.Hit{ID: uint32(id), Square: square(p.all[id].At, q.At)})
		}
	}, values...)
	return p.best, err
}

func number(f float32) string { return strconv.FormatFloat(float64(f), 'f', -1, 32) }
