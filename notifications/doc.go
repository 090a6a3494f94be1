// Package notifications turns facts into messages that arrive: it reads the feed, writes down each
// message that a fact calls for, lets a pure arbiter decide whether it is sent, held or dropped, and
// relays it at least once over the channels in its sub-packages.
//
// It knows the trade and nothing of the commands: what it must know of people and requests it asks
// through the Directory port. Payloads hold ids and message keys only; a phone makes its own words.
package notifications
