//go:build race

package rest

// underRace says that these tests run under the race detector.
const underRace = true
