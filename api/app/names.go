package app

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"naober/api/port"
	"naober/matching/care"
)

// names is this process's small index of who lives and helps where: names, birth dates and streets,
// which nothing else may search. It is rebuilt at start by streaming and kept fresh by the feed and by
// this process's own writes. It proposes: whoever shows a person reads the store again.
type names struct {
	mu     sync.RWMutex
	turn   int64 // of the last reading that began
	people map[care.PersonID]named
	here   map[care.CommunityID]map[care.PersonID]bool
}

// named is what of one person can be searched.
type named struct {
	turn    int64 // of the reading that it comes from
	words   []string
	traits  care.Traits
	village []care.CommunityID // where they are resident or volunteer
}

func newNames() *names {
	return &names{people: map[care.PersonID]named{}, here: map[care.CommunityID]map[care.PersonID]bool{}}
}

func namedOf(p care.Person, villages []care.CommunityID, turn int64) named {
	cut := func(r rune) bool { return r == ' ' || r == '-' }
	words := strings.FieldsFunc(strings.ToLower(p.FirstName+" "+p.LastName), cut)
	return named{turn: turn, words: append(words, p.BirthDate), traits: care.TraitsOf(p), village: villages}
}

func (x *names) begin() int64 {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.turn++
	return x.turn
}

// put keeps what was read, unless a reading that began later was faster. Nobody who lives nowhere can
// be found.
func (x *names) put(p care.PersonID, n named) {
	x.mu.Lock()
	defer x.mu.Unlock()
	old := x.people[p]
	if n.turn < old.turn {
		return
	}
	for _, in := range old.village {
		delete(x.here[in], p)
	}
	for _, in := range n.village {
		if x.here[in] == nil {
			x.here[in] = map[care.PersonID]bool{}
		}
		x.here[in][p] = true
	}
	x.people[p] = n
}

// find lists people of a community in the order of their ids, at most limit.
func (x *names) find(in care.CommunityID, limit int, is func(care.PersonID, named) bool) []care.PersonID {
	x.mu.RLock()
	defer x.mu.RUnlock()
	var found []care.PersonID
	for p := range x.here[in] {
		if is(p, x.people[p]) {
			found = append(found, p)
		}
	}
	slices.Sort(found)
	return found[:min(len(found), limit)]
}

// rebuildNames reads memberships and persons once each. What was read anew meanwhile stays.
func (a *App) rebuildNames(ctx context.Context) error {
	turn, now := a.names.begin(), a.clock()
	lives := map[care.PersonID][]care.CommunityID{}
	err := a.Stores.Memberships.Each(ctx, func(m port.Stored[care.Membership]) error {
		if livesHere(m.Value, now) && !slices.Contains(lives[m.Value.Person], m.Value.Community) {
			lives[m.Value.Person] = append(lives[m.Value.Person], m.Value.Community)
		}
		return nil
	})
	if err != nil {
		return err
	}
	seen := map[care.PersonID]bool{}
	err = a.Stores.Persons.Each(ctx, func(p port.Stored[care.Person]) error {
		seen[p.Value.ID] = true
		a.aliases.put(p.Value, turn)
		if p.Value.Into() != p.Value.ID {
			delete(lives, p.Value.ID) // nobody looks for somebody under two names
		}
		a.names.put(p.Value.ID, namedOf(p.Value, lives[p.Value.ID], turn))
		return nil
	})
	if err != nil {
		return err
	}
	a.names.forget(seen, turn)
	return nil
}

// forget drops whoever a whole reading did not find.
func (x *names) forget(seen map[care.PersonID]bool, turn int64) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for p, n := range x.people {
		if n.turn < turn && !seen[p] {
			for _, in := range n.village {
				delete(x.here[in], p)
			}
			delete(x.people, p)
		}
	}
}

func livesHere(m care.Membership, now time.Time) bool {
	return m.Community != "" && m.Active(now) && hasRole(m, []care.Role{care.Resident, care.Volunteer})
}

// rename reads one person anew. It follows this process's own writes; a failure is mended by the feed.
func (a *App) rename(ctx context.Context, p care.PersonID) {
	if err := a.reloadName(ctx, p); err != nil {
		a.Log.Warn("name left to the feed", "error", care.CodeOf(err))
	}
}

func (a *App) reloadName(ctx context.Context, p care.PersonID) error {
	turn := a.names.begin()
	person, err := a.Stores.Persons.Get(ctx, p)
	if care.IsKind(err, care.NotFound) {
		a.names.put(p, named{turn: turn})
		return nil
	}
	if err != nil {
		return err
	}
	a.aliases.put(person.Value, turn)
	if person.Value.Into() != p {
		a.names.put(p, namedOf(person.Value, nil, turn)) // nobody looks for somebody under two names
		return nil
	}
	mine, err := a.rights(ctx, p)
	if err != nil {
		return err
	}
	villages := mine.communities(care.Resident, care.Volunteer)
	slices.Sort(villages)
	a.names.put(p, namedOf(person.Value, slices.Compact(villages), turn))
	return nil
}
