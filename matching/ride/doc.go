// Package ride plans who drives whom: the best place for one more ride in a driver's day, and a whole
// village's day of rides.
//
// It knows places, times and seats, not people: what a detour may be and who may drive whom is for
// the caller. Times and distances are whole numbers in a unit of the caller's own.
package ride
