package care

// Party is the part that somebody plays towards one request.
type Party string

const (
	// Requester is the person it is for, or who asked on their behalf with standing consent.
	Requester Party = "requester"
	// HelperParty is the helper of the ask or visit concerned.
	HelperParty Party = "helper"
	// Owner holds the chair that the request belongs to, or its deputy.
	Owner Party = "owner"
	// Server is the clock and the consumers of the feed.
	Server Party = "server"
)

// Actor is who acts and as which party. The application resolves the party from memberships and
// the request itself at each call; a transition trusts it.
type Actor struct {
	Person PersonID
	Party  Party
}

// byClock is the actor of everything that time or an event does by itself.
func byClock() Actor { return Actor{Party: Server} }

// is reports whether the actor plays one of the parties.
func (a Actor) is(parties ...Party) bool {
	for _, p := range parties {
		if a.Party == p {
			return true
		}
	}
	return false
}
