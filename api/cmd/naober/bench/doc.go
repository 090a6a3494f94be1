// Package bench measures the service beside what it is built on: the same bytes through a bare route,
// the same document through a bare driver call, in turns within one run. It judges nothing; it
// prints ratios with their median and spread. It is for invented people on a store of its own.
package bench
