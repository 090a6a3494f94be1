package app

import (
	"context"
	"slices"
	"strings"

	"naober/api/port"
	"naober/matching/care"
)

const searchMost = 20 // persons shown; more means that the words are too few

// SearchPersons finds people of a community by the beginnings of their names, or by birth date. For
// its desk, fixed worker and moderators. Each search is logged, also one that finds nothing: who
// searched, where and when, never the words. Everybody who is shown finds it in their own log; shown
// are at most 20, as visiblePerson says.
func (a *App) SearchPersons(ctx context.Context, c Caller, in care.CommunityID, query string) ([]care.Person, error) {
	mine, err := a.rights(ctx, c.Person)
	if err != nil {
		return nil, err
	}
	rel := RelModerator
	switch {
	case mine.in(in, care.DeskWorker, care.FixedWorker):
		rel = RelStaff
	case !mine.in(in, care.Moderator):
		return nil, care.E(care.Forbidden, "desk_only", "searching is for the desk, the fixed worker and moderators here")
	}
	words := strings.Fields(strings.ToLower(query))
	if len([]rune(strings.Join(words, ""))) < 2 || len(query) > 100 {
		return nil, care.Amiss("query", "query_invalid", "a search needs 2 letters and at most 100 bytes")
	}
	if err := a.count(ctx, searches, string(c.Person)); err != nil {
		return nil, err
	}
	if err := a.logSearch(ctx, c.Person, in, rel); err != nil {
		return nil, err
	}
	found := a.names.find(in, searchMost, func(_ care.PersonID, n named) bool { return n.like(words, rel) })
	return a.shown(ctx, c.Person, in, found, rel, "search")
}

// logSearch writes down that somebody searches, before anything is looked up. It stands in the
// searcher's own log, under the community's name in place of a person's.
func (a *App) logSearch(ctx context.Context, by care.PersonID, in care.CommunityID, rel Relation) error {
	now := a.clock()
	row := View{ID: newID(now), Whose: by, By: by, As: care.Party(rel), What: "searched", Community: in, Basis: basisOf(care.Party(rel)), At: now}
	_, err := a.Stores.Views.Insert(ctx, row.ID, row, nil, port.Write{})
	return err
}

// shown reads people whom the index proposed, drops who has left or gone meanwhile, and logs each
// reading before it shows anything.
func (a *App) shown(ctx context.Context, by care.PersonID, in care.CommunityID, ids []care.PersonID, rel Relation, what string) ([]care.Person, error) {
	var people []care.Person
	for _, id := range ids {
		p, err := a.Stores.Persons.Get(ctx, id)
		if care.IsKind(err, care.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		theirs, err := a.rights(ctx, id)
		if err != nil {
			return nil, err
		}
		if !theirs.in(in, care.Resident, care.Volunteer) {
			continue
		}
		if id != by {
			if err := a.logView(ctx, View{Whose: id, By: by, As: care.Party(rel), What: what, Community: in}); err != nil {
				return nil, err
			}
		}
		people = append(people, visiblePerson(p.Value, rel))
	}
	return people, nil
}

// like reports whether each word begins a part of the person's name or is their birth date. Nobody
// finds out by trying what they may not see: a moderator sees no birth date.
func (n named) like(words []string, rel Relation) bool {
	born := n.words[len(n.words)-1]
	for _, w := range words {
		begins := func(name string) bool { return strings.HasPrefix(name, w) }
		if (w != born || rel != RelStaff) && !slices.ContainsFunc(n.words[:len(n.words)-1], begins) {
			return false
		}
	}
	return true
}
