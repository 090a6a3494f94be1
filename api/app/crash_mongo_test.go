package app_test

import (
	"crypto/sha256"
	"encoding/binary"
	"os"
	"strconv"
	"testing"
)

// TestCrashPointsOnMongo is TestCrashPoints on a MongoDB-compatible server, where a world takes six
// times as long. It tries one scenario in NAOBER_CRASH_SHARE (10), whole, drawn from NAOBER_COMMIT; a
// share of 1 tries all, as deploy/soak.sh does.
func TestCrashPointsOnMongo(t *testing.T) {
	uri := os.Getenv("NAOBER_MONGO_URI")
	if uri == "" {
		t.Skip("needs a server: run under deploy/mongo.sh with")
	}
	g := newGrounds(t, uri)
	tryScenarios(t, "crash points on MongoDB", g.village)
}

// crashShare is which part of the scenarios is tried: one in so many.
func crashShare() uint64 {
	share, err := strconv.ParseUint(os.Getenv("NAOBER_CRASH_SHARE"), 10, 32)
	if err != nil || share == 0 {
		return 10
	}
	return share
}

// drawn says whether a commit tries a scenario: every scenario comes in one commit of share.
func drawn(name, commit string, share uint64) bool { return first(name, commit, int(share)) == 0 }

// first is where a commit begins that tries one in so many of a list.
func first(name, commit string, share int) int {
	sum := sha256.Sum256([]byte(name + "\x00" + commit)) // neighbours fall apart, as in shorter sums they do not
	return int(binary.BigEndian.Uint64(sum[:]) % uint64(share))
}

func TestEveryScenarioIsDrawnForSomeCommit(t *testing.T) {
	for name := range scenarios() {
		times := 0
		for i := range 1000 {
			if drawn(name, strconv.Itoa(i), 10) {
				times++
			}
		}
		if times < 50 || times > 150 || !drawn(name, "any", 1) {
			t.Errorf("%s is tried by %d of 1,000 commits", name, times)
		}
	}
}
