// Package care holds the nouns of neighbourly help, their transitions and their rules.
//
// It is the bottom of every import arrow: it knows no store, no clock, no network and no other
// package of this module. A transition is a value method that takes who acts and when, checks its
// guards in the order who / state / time, and returns the next value with the events that the
// change caused. On error the receiver's value comes back unchanged.
//
// The state diagrams stand in the README of this folder; the tables in the tests mirror them.
package care
