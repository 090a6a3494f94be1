// Package index finds volunteers near a place who are free, fit and willing to come that far, among a
// million of them in a few microseconds, and exactly.
//
// It knows no names and no rules of the trade: what binds a volunteer comes to it as places, windows,
// dates and traits, and what it returns is to be judged again by whoever books. A World is a value
// that never changes; a change makes another one, which shares nearly everything with the one
// before. So any number may look while one changes, nobody waits, and each sees a whole world.
package index
