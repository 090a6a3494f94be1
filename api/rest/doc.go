// Package rest serves the commands and queries of package app over HTTP: shapes, statuses and
// headers, and nothing else. Every rule lives in care, every decision about who may in app.
//
// routes.go is the whole surface as one list. A handler decodes, calls one command and encodes; it
// returns its error, and problem.go alone turns errors into answers.
package rest
