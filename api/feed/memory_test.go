package feed

import (
	"errors"
	"io"
	"log/slog"
	"time"

	"naober/api/port"
	"naober/api/port/porttest"
)

var (
	noon      = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	errKilled = errors.New("killed")
)

func stillNoon() time.Time { return noon }

func quietLog() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

func docNamed(id string) port.DocRef { return port.DocRef{Kind: "requests", ID: id} }

func parkedDocs() *porttest.Documents[string, Parked] {
	docs := porttest.NewDocuments[string, Parked]()
	docs.Keys = func(p Parked) []port.Key { return []port.Key{{Name: ByConsumer, Value: p.Consumer}} }
	return docs
}
