// Package fleet plays a few devices of one village through everything that can go wrong between a device and the
// service: calls and answers that are lost, late or doubled, folders that are copied or put back, a service that
// is killed, fails in the middle or comes back from a backup, clocks that jump, and rights that end meanwhile. It
// then lets all of them come to rest and holds what they have, and what the stores have, to what people did.
//
// The devices are the client of mobile-contract, the service is the real one with its real stores. A run is a
// list of steps that a seed draws; one that fails is made shorter and kept as a file that runs again.
package fleet
