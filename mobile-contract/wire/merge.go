package wire

// Merging makes one of two records of a person: the first one goes, the other stays in place of it.
type Merging struct {
	Person string `json:"person"`
	Into   string `json:"into"`
}

// Merge is one record that another stays in place of: who made them one at which desk, and until when
// that can be undone.
type Merge struct {
	ID        string  `json:"id"`
	Person    string  `json:"person"` // the record that went
	Community string  `json:"community"`
	By        string  `json:"by"`
	At        Instant `json:"at"`
	UndoUntil Instant `json:"undoUntil"`
	// State is merged; merging or undoing while that is being carried out.
	State string `json:"state"`
}
