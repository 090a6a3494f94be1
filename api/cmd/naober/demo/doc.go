// Package demo makes an invented Drenthe and keeps it alive: a world of villages and people from a
// seed, the folder it lives in, a clock that can be moved, a postman who prints codes, neighbours
// who answer by themselves, and the control port by which a script drives all this.
//
// Nothing here decides anything of the trade: the world is made of care's own nouns and
// transitions, and the neighbours call the same HTTP surface as a phone does. Nothing here is part
// of serve. Every person, street and mail address is invented; the places are real.
package demo
