// Package faults lets whoever builds an app make a test server fail on purpose: answers get lost, refusals come,
// documents disappear, the data go back to an earlier state. It stands around the real service and changes nothing
// of what that decides; each switch is in the file of what it does.
//
// It knows no password. Whoever reaches its port can erase everybody, so it is never there but on a server that
// was started for this, on loopback.
package faults
