package app

import (
	"context"
	"net/netip"
	"strconv"
	"time"

	"naober/api/port"
	"naober/matching/care"
)

// tallyTries bounds the rare dance in which housekeeping removes a tally between two steps.
const tallyTries = 4

// count notes one more occurrence for whom and refuses it where the window is full: care.Limited,
// with the seconds until the window ends as retryAfter. It counts across all processes, before the
// thing itself happens, with one write of the store each time.
func (a *App) count(ctx context.Context, limit allowance, whom string) error {
	_, _, err := a.take(ctx, limit, whom, 1)
	if care.IsKind(err, care.Limited) {
		a.limiter.hit(limit)
	}
	return err
}

// take grants up to n occurrences out of the shared window of whom, at least one, and tells when the
// window ends; a full window is care.Limited. It stores only a keyed hash of whom. What was granted
// in a write whose answer was lost is lost too: never is more granted than the window holds.
func (a *App) take(ctx context.Context, limit allowance, whom string, n int) (granted int, until time.Time, err error) {
	key := keyedText(a.Secret, labelTally, limit.what, whom)
	now := a.clock()
	n = min(max(n, 1), limit.most)
	first := Tally{Key: key, Count: n, From: now, Until: now.Add(limit.window)}
	add := func(t Tally) (Tally, []care.Event, error) {
		granted, until = n, first.Until
		switch {
		case limit.over(t.Until, now):
			return first, nil, nil
		case t.Count >= limit.most:
			granted, until = 0, t.Until
			return t, nil, limited(limit.code, t.Until.Sub(now))
		}
		granted, until = min(n, limit.most-t.Count), t.Until
		t.Count += granted
		return t, nil, nil
	}
	for try := 1; ; try++ {
		_, err = a.Stores.Tallies.Update(ctx, key, port.Write{Quiet: true}, add)
		if !care.IsKind(err, care.NotFound) {
			return granted, until, err
		}
		_, err = a.Stores.Tallies.Insert(ctx, key, first, nil, port.Write{})
		if care.CodeOf(err) != "id_taken" || try == tallyTries {
			return n, first.Until, err
		}
	}
}

// clockSkew is how far the clocks of two processes may lie apart.
const clockSkew = time.Minute

// over reports whether a window that ends at until says nothing any more. It also does where it ends
// later than any that begins now: a clock that had run ahead and was set right began it, and would
// lock people out for as long as it had run ahead.
func (l allowance) over(until, now time.Time) bool {
	return !now.Before(until) || until.Sub(now) > l.window+clockSkew
}

func limited(code string, wait time.Duration) error {
	seconds := int64((wait + time.Second - 1) / time.Second)
	return &care.Error{Kind: care.Limited, Code: code, Text: "too often; try again later",
		Params: map[string]string{"retryAfter": strconv.FormatInt(max(seconds, 1), 10)}}
}

// network is what an address is counted under: an IPv6 line has a /64 to itself and could take
// another address for every call.
func network(address string) string {
	narrow, _ := networks(address)
	return narrow
}

// networks gives the line that an address belongs to and, for IPv6, the /48 around it, which one
// customer can hold; wide is empty for IPv4 and for what is no address.
func networks(address string) (narrow, wide string) {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return address, ""
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is4() {
		return ip.String(), ""
	}
	line, err := ip.Prefix(64)
	if err != nil {
		return address, ""
	}
	around, err := ip.Prefix(48)
	if err != nil {
		return line.String(), ""
	}
	return line.String(), around.String()
}

// eachNetwork applies a limit to the line of an address and, wideTimes as wide, to the network
// around it.
func eachNetwork(limit allowance, address string, apply func(allowance, string) error) error {
	narrow, wide := networks(address)
	err := apply(limit, narrow)
	if err != nil || wide == "" {
		return err
	}
	limit.most, limit.block = limit.most*wideTimes, limit.block*8
	return apply(limit, wide)
}
