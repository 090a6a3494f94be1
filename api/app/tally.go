package app

import (
	"context"
	"net/netip"
	"strconv"
	"time"

	"naober/matching/care"
)

// tallyTries bounds the rare dance in which housekeeping removes a tally between two steps.
const tallyTries = 4

// allowance is how often something may happen in a window of time.
type allowance struct {
	code   string // of the refusal
	what   string // permanent name of what is counted
	most   int
	window time.Duration
}

// count notes one more occurrence for whom and refuses it where the window is full: care.Limited,
// with the seconds until the window ends as retryAfter. It counts across all processes, before the
// thing itself happens, and stores only a keyed hash of whom.
func (a *App) count(ctx context.Context, limit allowance, whom string) error {
	key := keyedText(a.Secret, labelTally, limit.what, whom)
	now := a.clock()
	first := Tally{Key: key, Count: 1, From: now, Until: now.Add(limit.window)}
	add := func(t Tally) (Tally, []care.Event, error) {
		switch {
		case !now.Before(t.Until):
			return first, nil, nil
		case t.Count >= limit.most:
			return t, nil, limited(limit.code, t.Until.Sub(now))
		}
		t.Count++
		return t, nil, nil
	}
	for try := 1; ; try++ {
		_, err := a.Stores.Tallies.Update(ctx, key, Write{Quiet: true}, add)
		if !care.IsKind(err, care.NotFound) {
			return err
		}
		_, err = a.Stores.Tallies.Insert(ctx, key, first, nil, Write{})
		if care.CodeOf(err) != "id_taken" || try == tallyTries {
			return err
		}
	}
}

func limited(code string, wait time.Duration) error {
	seconds := int64((wait + time.Second - 1) / time.Second)
	return &care.Error{Kind: care.Limited, Code: code, Text: "too often; try again later",
		Params: map[string]string{"retryAfter": strconv.FormatInt(max(seconds, 1), 10)}}
}

// network is what an address is counted under: an IPv6 line has a /64 to itself and could take
// another address for every call.
func network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is4() {
		return ip.String()
	}
	prefix, err := ip.Prefix(64)
	if err != nil {
		return address
	}
	return prefix.String()
}
