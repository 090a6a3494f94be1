package offline

import (
	"context"
	"encoding/json"

	"naober/api/app"
	"naober/matching/care"
)

// Library shows an account whatever it may see.
type Library interface {
	// Documents are everything that the account may see now, in the order in which a device needs them, as its
	// readings show it. Nothing is written into anybody's log yet: Document.Seen is, once it is handed out.
	Documents(ctx context.Context, c app.Caller) ([]Document, error)
	// Standing is another one whenever what the account may do has changed.
	Standing(ctx context.Context, p care.PersonID) (string, error)
}

// Document is one that an account may see.
type Document struct {
	Key   string          // kind/id
	Value json.RawMessage // as it is shown to this account; a field until is when a device forgets it by itself
	// Seen is what goes into the logs of those whose data this is.
	Seen []app.View
}
