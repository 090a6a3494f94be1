// Package plan measures what plans a whole day at once: assignments dense and sparse, days of rides, and
// one ride more in many open trips. It reads the files of the literature, draws days of its own from a
// seed, and writes out what was found, so that somebody else's code can judge it.
package plan
