package region

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"naober/matching/index"
	"naober/matching/score"
)

// dump writes what was drawn and answered as comma-separated values, one heading line each: volunteers.csv, queries.csv and
// answers.csv. Lists are separated by spaces, spans written from-to in quarters, traits in hexadecimal.
// Volunteers are as they were when the sample was answered. deploy/check_bench.py reads all three.
func dump(o Options, w index.World, all []index.Volunteer, a *asker, questions []index.Ranking) error {
	if err := os.MkdirAll(o.Dump, 0o755); err != nil {
		return err
	}
	sample, weights := questions[:min(o.Sample, len(questions))], score.Usual()
	return errors.Join(
		table(o.Dump, "volunteers.csv", "id,x,y,reach,traits,weekly,busy,free,valid,way,asked,done,limit", func(line func(...any)) {
			for i := range all {
				v := &all[i]
				line(v.ID, v.At.X, v.At.Y, v.Reach, hex(v.Traits), list(v.Weekly), list(v.Busy), list(v.Free), list(v.Valid), v.Way, v.Asked, v.Done, v.Limit)
			}
		}),
		table(o.Dump, "queries.csv", "query,case,x,y,within,k,need,except,willing,from,to,now,known,weights", func(line func(...any)) {
			for i := range sample {
				q := &sample[i]
				line(i, o.Case, q.At.X, q.At.Y, q.Within, q.K, hex(q.Need), list(q.Except), q.Willing, q.From, q.To, q.Now, list(q.Known), list(weights[:]))
			}
		}),
		table(o.Dump, "answers.csv", "query,rank,id,value", func(line func(...any)) {
			for i := range sample {
				a.ask(w, &sample[i])
				for rank, b := range a.answers() {
					line(i, rank, b.ID, fmt.Sprintf("%.0f", b.Value))
				}
			}
		}),
	)
}

func hex(t index.Traits) string { return fmt.Sprintf("%x", uint64(t)) }

func list[T any](all []T) string {
	words := make([]string, len(all))
	for i, one := range all {
		switch v := any(one).(type) {
		case index.Hours:
			words[i] = fmt.Sprintf("%d-%d", v.From, v.To)
		case index.Span:
			words[i] = fmt.Sprintf("%d-%d", v.From, v.To)
		case index.Validity:
			words[i] = fmt.Sprintf("%x:%d-%d", uint64(v.Traits), v.From, v.To)
		case index.Acquaintance:
			words[i] = fmt.Sprintf("%d:%d:%d", v.ID, v.Familiarity, v.Reciprocity)
		default:
			words[i] = fmt.Sprint(v)
		}
	}
	return strings.Join(words, " ")
}

// table writes one file; lines are numbers and words without commas.
func table(folder, name, head string, rows func(line func(...any))) error {
	file, err := os.Create(filepath.Join(folder, name))
	if err != nil {
		return err
	}
	out := bufio.NewWriter(file)
	fmt.Fprintln(out, head)
	rows(func(cells ...any) {
		words := make([]string, len(cells))
		for i, c := range cells {
			words[i] = fmt.Sprint(c)
		}
		fmt.Fprintln(out, strings.Join(words, ","))
	})
	return errors.Join(out.Flush(), file.Close())
}
