package bench

import (
	"fmt"
	"io"
	"slices"
	"time"
)

// Figure is one operation beside its bare peer.
type Figure struct {
	Operation string    `json:"operation"`
	Peer      string    `json:"peer"`
	Ours      float64   `json:"perSecond"`     // median of the rounds
	Bare      float64   `json:"barePerSecond"` // median of the rounds
	Ratio     Spread    `json:"ratio"`         // ours over bare, round by round
	Rounds    []float64 `json:"rounds"`
	Bytes     int       `json:"bytes"` // of one answer, or of the document written
}

// Spread is a median with the least and the most.
type Spread struct {
	Median float64 `json:"median"`
	Least  float64 `json:"least"`
	Most   float64 `json:"most"`
}

func spreadOf(all []float64) Spread {
	s := slices.Sorted(slices.Values(all))
	if len(s) == 0 {
		return Spread{}
	}
	middle := (s[(len(s)-1)/2] + s[len(s)/2]) / 2
	return Spread{Median: middle, Least: s[0], Most: s[len(s)-1]}
}

// compare puts the rates of the rounds side by side.
func compare(operation, peer string, bytes int, ours, bare []float64) Figure {
	f := Figure{Operation: operation, Peer: peer, Bytes: bytes, Ours: spreadOf(ours).Median, Bare: spreadOf(bare).Median}
	for i := range ours {
		f.Rounds = append(f.Rounds, ours[i]/bare[i])
	}
	f.Ratio = spreadOf(f.Rounds)
	return f
}

// Growth is what one operation allocates on the server, by the size of the village.
type Growth struct {
	Operation string `json:"operation"`
	Residents int    `json:"residents"`
	Allocs    uint64 `json:"allocsPerCall"`
	Bytes     uint64 `json:"bytesPerCall"`
}

// Report is everything one run measured.
type Report struct {
	Store   string        `json:"store"`
	Clients int           `json:"clients"`
	Rounds  int           `json:"rounds"`
	Calls   int           `json:"callsPerRound"`
	Took    time.Duration `json:"took"`
	Figures []Figure      `json:"figures"`
	Growth  []Growth      `json:"growth"`
}

// print writes the report for people.
func (r Report) print(out io.Writer) error {
	text := fmt.Sprintf("store %s, %d clients, %d rounds of %d calls in turns, %.0f s\n", r.Store, r.Clients, r.Rounds, r.Calls, r.Took.Seconds())
	for _, f := range r.Figures {
		text += fmt.Sprintf("  %-10s %8.0f/s  %-22s %8.0f/s  ratio %.2f (%.2f to %.2f)  %d bytes\n",
			f.Operation, f.Ours, f.Peer, f.Bare, f.Ratio.Median, f.Ratio.Least, f.Ratio.Most, f.Bytes)
	}
	for _, g := range r.Growth {
		text += fmt.Sprintf("  %-10s %6d residents  %6d allocations  %8d bytes a call\n", g.Operation, g.Residents, g.Allocs, g.Bytes)
	}
	_, err := io.WriteString(out, text)
	return err
}
