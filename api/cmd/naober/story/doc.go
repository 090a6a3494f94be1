// Package story plays the service's main story against a demo of its own: a neighbour asks, the
// right neighbours are asked, one comes. It starts the demo as another process, speaks to it over
// HTTP as devices do, and says which step did not go as told. What only a demo has, its clock and
// its codes, it reaches through the control port; nothing else goes past the public surface.
//
// It knows the rules of the trade only as expectations: it imports the shapes of the wire and the
// demo's cast, and none of the code it judges.
package story
