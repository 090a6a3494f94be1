// Package soak puts the service under load in processes of their own, kills them at random moments,
// and then holds what stands in the store against what was acknowledged and against the invariants.
// It knows the service by its surface alone; only what founds the village beforehand and what reads
// the store afterwards goes through the commands and ports. It starts nothing it does not end.
package soak
