package wire

// Page is one page of a list. After is the cursor of the next one and absent on the last; a page may
// hold fewer items than were asked for, or none, and still not be the last.
type Page[T any] struct {
	Items []T    `json:"items"`
	After string `json:"after,omitempty"`
}
