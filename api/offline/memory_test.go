package offline

import (
	"time"

	"naober/api/app"
	"naober/api/port/porttest"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func stillNoon() time.Time { return noon }

// memory are stores that forget.
func memory() Stores {
	return Stores{Groups: porttest.NewDocuments[GroupID, Group](), Writers: porttest.NewDocuments[WriterID, Writer](),
		Snapshots: porttest.NewDocuments[string, Snapshot](), Outcomes: porttest.NewDocuments[app.LedgerKey, Outcome](),
		Letters: porttest.NewDocuments[app.LedgerKey, DeadLetter](), Epochs: porttest.NewDocuments[string, Epoch]()}
}
