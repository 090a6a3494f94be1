package demo

import (
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"
	"strconv"
	"time"

	"naober/matching/care"
)

// dice gives one part of the world its own randomness, named after that part: adding somebody
// elsewhere changes nobody here.
func dice(seed uint64, name ...string) *rand.Rand {
	sum := sha256.New()
	sum.Write(strconv.AppendUint(nil, seed, 10))
	for _, n := range name {
		sum.Write([]byte{0})
		sum.Write([]byte(n))
	}
	h := sum.Sum(nil)
	return rand.New(rand.NewPCG(binary.BigEndian.Uint64(h), binary.BigEndian.Uint64(h[8:])))
}

// pick takes one of a list.
func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// some takes up to n different ones of a list, in the list's order.
func some[T any](r *rand.Rand, n int, from []T) []T {
	var taken []T
	for i, v := range from {
		if left := len(from) - i; r.IntN(left) < n-len(taken) {
			taken = append(taken, v)
		}
	}
	return taken
}

// chance is true so many times in a hundred.
func chance(r *rand.Rand, percent int) bool { return r.IntN(100) < percent }

// id names a document of the world: the same in every run with the same seed and moment.
func id[T ~string](w *World, kind string, name ...string) T {
	return care.DeriveID[T](w.At, append([]string{"demo", strconv.FormatUint(w.Seed, 10), kind}, name...)...)
}

// ago is an instant so many days before the world begins.
func (w *World) ago(days int) time.Time { return w.At.AddDate(0, 0, -days) }
