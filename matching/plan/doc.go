// Package plan looks at a village's days as a whole: whom to ask first for each open time of a day or
// a week ([Batch]), so that the nearest helper is not spent on what somebody else could do as well; what it
// costs a driver to take one ride more along ([Join]); and who drives all the rides of a day ([Rides]).
//
// It proposes and asks nobody: every proposal is judged once more when it is carried out, and is the
// helper's to accept.
package plan
