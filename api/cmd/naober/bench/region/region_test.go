package region

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"naober/matching/index"
)

// Every answer equals a look at everybody, and what is printed and written out is all there.
func TestEveryCaseIsExact(t *testing.T) {
	for _, of := range Cases() {
		t.Run(string(of), func(t *testing.T) {
			folder := t.TempDir()
			f, err := Measure(t.Context(), Options{Case: of, N: 30_000, Seed: 7, Queries: 300, Sample: 60, Dump: folder}, io.Discard)
			if err != nil {
				t.Fatal(err)
			}
			if f.Exact != 1 || f.Found == 0 || f.P50 <= 0 || f.P99 < f.P50 || f.Bytes <= 0 {
				t.Errorf("%+v", f)
			}
			if (of == S3) != (f.Limit != nil) || (of == S4) != (f.Changes > 0) {
				t.Errorf("the limit is %v, and there were %d changes", f.Limit, f.Changes)
			}
			for name, lines := range map[string]int{"volunteers.csv": 30_001, "queries.csv": 61} {
				text, err := os.ReadFile(filepath.Join(folder, name))
				if err != nil || bytes.Count(text, []byte("\n")) != lines {
					t.Errorf("%s has %d lines, %v", name, bytes.Count(text, []byte("\n")), err)
				}
			}
			var out bytes.Buffer
			if err := f.Print(&out); err != nil || !bytes.Contains(out.Bytes(), []byte("100.00 % of the sample")) {
				t.Errorf("%s, %v", &out, err)
			}
		})
	}
}

// The same seed draws the same, another something else.
func TestSeeds(t *testing.T) {
	a, b, c := fmt.Sprint(Volunteers(1, 50)), fmt.Sprint(Volunteers(1, 50)), fmt.Sprint(Volunteers(2, 50))
	if a != b || a == c {
		t.Error("a seed is not what decides")
	}
	if fmt.Sprint(Questions(S3, 1, 9, 50)) == fmt.Sprint(Questions(S3, 2, 9, 50)) {
		t.Error("another seed asks the same")
	}
}

func BenchmarkAsk(b *testing.B) {
	w := index.Build(Volunteers(1, 1_000_000))
	for _, of := range Cases() {
		b.Run(string(of), func(b *testing.B) {
			questions, a := Questions(of, 1, 5000, 1_000_000), &asker{of: of}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				a.ask(w, &questions[i%len(questions)])
			}
		})
	}
}
