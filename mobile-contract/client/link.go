package client

// Link carries one call to the service and brings its answer. An error means that nobody knows whether it arrived.
type Link interface {
	// Post sends JSON to a path of the service, with the account's access token.
	Post(path string, body []byte) (*Reply, error)
	// Delete asks a path of the service to give something up, with the account's access token.
	Delete(path string) (*Reply, error)
	// Refresh gets another access token; false where the person has to sign in again.
	Refresh() (bool, error)
}

// Reply is an answer of the service.
type Reply struct {
	Status int
	// JSON tells that the content type is application/json or application/problem+json: what a hotel's network
	// answers in place of the service is not.
	JSON bool
	// RetryAfter is what the header of that name says, in seconds; 0 where it is absent.
	RetryAfter int
	Body       []byte
}
