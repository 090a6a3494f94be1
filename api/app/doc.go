// Package app holds what people can do and ask: the commands and queries of the service, one file
// per noun, with the ports of each noun; their form is package port's.
//
// A command finds out who acts and as which party, lets package care decide, and has the result
// stored with its events in one document write. Package feed carries the events to the consumers: the
// dispatcher, the steward who carries effects to other documents, and, outside this package,
// notifications, which app does not know. loops.go says which works every service has;
// which consumers it has is said where it is put together, in api/cmd/naober/service.go.
//
// app reads no environment, opens no socket and knows neither HTTP nor a database.
package app
