// Package matching decides who fits a request, why the others do not, and whom to ask now.
//
// It is pure: the moment, the request and the pool of helpers are arguments, nothing is read or
// kept. It proposes only. Whether a helper is really free is decided by care.Helper, and whether a
// seat is by care.Request, each when its document is written.
package matching
