package app

import (
	"context"
	"slices"
	"strings"

	"naober/matching/care"
)

const (
	searchStep = 200 // memberships read at a time
	searchMost = 20  // persons shown; more means that the words are too few
)

// SearchPersons finds people of a community by the beginnings of their names, or by birth date. For
// its desk, fixed worker and moderators. Everybody who is shown finds the search in their log;
// shown are at most 20, as visiblePerson says.
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
		return nil, care.E(care.Invalid, "query_invalid", "a search needs 2 letters and at most 100 bytes")
	}
	if err := a.count(ctx, searches, string(c.Person)); err != nil {
		return nil, err
	}
	found, err := a.peopleLike(ctx, in, words, rel)
	if err != nil {
		return nil, err
	}
	for i, p := range found {
		if p.ID != c.Person {
			seen := mine.reader(in, rel)
			seen.Whose, seen.What = p.ID, "search"
			if err := a.logView(ctx, seen); err != nil {
				return nil, err
			}
		}
		found[i] = visiblePerson(p, rel)
	}
	return found, nil
}

// peopleLike walks a community's residents and volunteers without holding more than a step of them.
func (a *App) peopleLike(ctx context.Context, in care.CommunityID, words []string, rel Relation) ([]care.Person, error) {
	var found []care.Person
	now, seen, after := a.clock(), map[care.PersonID]bool{}, ""
	for {
		members, err := a.Stores.Memberships.Find(ctx, Key{ByCommunity, string(in)}, Page{After: after, Limit: searchStep})
		if err != nil {
			return nil, err
		}
		for _, m := range members {
			if seen[m.Value.Person] || !m.Value.Active(now) || !hasRole(m.Value, []care.Role{care.Resident, care.Volunteer}) {
				continue
			}
			seen[m.Value.Person] = true
			p, err := a.Stores.Persons.Get(ctx, m.Value.Person)
			if err != nil && !care.IsKind(err, care.NotFound) {
				return nil, err
			}
			// Nobody finds out by trying what they may not see.
			if err == nil && like(visiblePerson(p.Value, rel), words) {
				found = append(found, p.Value)
			}
			if len(found) == searchMost {
				return found, nil
			}
		}
		if len(members) < searchStep {
			return found, nil
		}
		after = members[len(members)-1].ID
	}
}

// like reports whether each word begins a part of the person's name or is their birth date.
func like(p care.Person, words []string) bool {
	names := strings.FieldsFunc(strings.ToLower(p.FirstName+" "+p.LastName), func(r rune) bool { return r == ' ' || r == '-' })
	for _, w := range words {
		begins := func(name string) bool { return strings.HasPrefix(name, w) }
		if w != p.BirthDate && !slices.ContainsFunc(names, begins) {
			return false
		}
	}
	return true
}
