package vault

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
)

const (
	// settling is how long an entry may stand before its person is written.
	settling = time.Hour
	// linkTries bounds the rare dance in which an entry is removed between two steps.
	linkTries = 4
)

// errUnlinked says which contacts must stand in the index before a person may be written.
type errUnlinked []care.Contact

func (errUnlinked) Error() string { return "vault: contacts are not in the index yet" }

// Persons gives the port of persons with the contact index in front of it. The entry is written
// first and the person after, so a kill in between leaves an entry too many and never one too few;
// a reading by contact asks the person.
func (v *Vault) Persons(docs port.Documents[care.PersonID, care.Person]) port.Documents[care.PersonID, care.Person] {
	v.persons = docs
	return persons{docs, v}
}

type persons struct {
	port.Documents[care.PersonID, care.Person]
	vault *Vault
}

// Insert implements port.Documents.
func (s persons) Insert(ctx context.Context, id care.PersonID, p care.Person, events []care.Event, w port.Write) (port.Stored[care.Person], error) {
	if err := s.vault.link(ctx, id, p.Contacts); err != nil {
		return port.Stored[care.Person]{}, err
	}
	return s.Documents.Insert(ctx, id, p, events, w)
}

// Update implements port.Documents.
func (s persons) Update(ctx context.Context, id care.PersonID, w port.Write, change port.Change[care.Person]) (port.Stored[care.Person], error) {
	var linked []care.Contact
	for {
		stored, err := s.Documents.Update(ctx, id, w, func(p care.Person) (care.Person, []care.Event, error) {
			next, events, err := change(p)
			if err != nil {
				return next, events, err
			}
			var missing errUnlinked
			for _, c := range next.Contacts {
				if !slices.Contains(p.Contacts, c) && !slices.Contains(linked, c) {
					missing = append(missing, c)
				}
			}
			if len(missing) > 0 {
				return p, nil, missing
			}
			return next, events, nil
		})
		var missing errUnlinked
		if !errors.As(err, &missing) {
			return stored, err
		}
		if err := s.vault.link(ctx, id, missing); err != nil {
			return port.Stored[care.Person]{}, err
		}
		linked = append(linked, missing...)
	}
}

// Find implements port.Documents.
func (s persons) Find(ctx context.Context, key port.Key, page port.Page) ([]port.Stored[care.Person], error) {
	if key.Name != app.ByContact {
		return s.Documents.Find(ctx, key, page)
	}
	entry, err := s.vault.Contacts.Get(ctx, key.Value)
	if care.IsKind(err, care.NotFound) || err == nil && len(entry.Value.Links) == 0 {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var found []port.Stored[care.Person]
	for _, l := range entry.Value.Links { // by ascending id
		if string(l.Person) <= page.After || len(found) >= max(page.Limit, 1) {
			continue
		}
		p, err := s.Get(ctx, l.Person)
		switch {
		case care.IsKind(err, care.NotFound):
		case err != nil:
			return nil, err
		case s.vault.has(p.Value, key.Value):
			found = append(found, p)
		}
	}
	return found, nil
}

func (v *Vault) has(p care.Person, hash string) bool {
	return slices.ContainsFunc(p.Contacts, func(c care.Contact) bool { return v.hash(c) == hash })
}

// link writes that a person may have contacts. It dates the links anew, so that no sweep takes them
// before the person is written.
func (v *Vault) link(ctx context.Context, id care.PersonID, contacts []care.Contact) error {
	now := v.Now()
	for _, c := range contacts {
		if err := v.linkOne(ctx, v.hash(c), app.ContactLink{Person: id, At: now}); err != nil {
			return err
		}
	}
	return nil
}

func (v *Vault) linkOne(ctx context.Context, hash string, link app.ContactLink) error {
	add := func(e app.ContactEntry) (app.ContactEntry, []care.Event, error) {
		e.Links = slices.DeleteFunc(slices.Clone(e.Links), func(l app.ContactLink) bool { return l.Person == link.Person })
		i, _ := slices.BinarySearchFunc(e.Links, link.Person, func(l app.ContactLink, p care.PersonID) int {
			return cmp.Compare(l.Person, p)
		})
		e.Links, e.EmptyAt = slices.Insert(e.Links, i, link), time.Time{}
		return e, nil, nil
	}
	for try := 1; ; try++ {
		_, err := v.Contacts.Update(ctx, hash, port.Write{}, add)
		if !care.IsKind(err, care.NotFound) {
			return err
		}
		_, err = v.Contacts.Insert(ctx, hash, app.ContactEntry{Hash: hash, Links: []app.ContactLink{link}}, nil, port.Write{})
		if care.CodeOf(err) != "id_taken" || try == linkTries {
			return err
		}
	}
}

// unlinkAll takes a person out of the whole index.
func (v *Vault) unlinkAll(ctx context.Context, p care.PersonID) error {
	for {
		found, err := v.Contacts.Find(ctx, port.Key{Name: app.ByPerson, Value: string(p)}, port.Page{Limit: 100})
		if err != nil || len(found) == 0 {
			return err
		}
		for _, e := range found {
			if err := v.unlink(ctx, e.ID, func(l app.ContactLink) bool { return l.Person == p }); err != nil {
				return err
			}
		}
	}
}

func (v *Vault) unlink(ctx context.Context, hash string, gone func(app.ContactLink) bool) error {
	now := v.Now()
	_, err := v.Contacts.Update(ctx, hash, port.Write{}, func(e app.ContactEntry) (app.ContactEntry, []care.Event, error) {
		e.Links = slices.DeleteFunc(slices.Clone(e.Links), gone)
		if len(e.Links) == 0 && e.EmptyAt.IsZero() {
			e.EmptyAt = now
		}
		return e, nil, nil
	})
	if care.IsKind(err, care.NotFound) {
		return nil
	}
	return err
}

// Sweep implements app.Vault.
func (v *Vault) Sweep(ctx context.Context, limit int) (int, error) {
	before, swept := v.Now().Add(-settling), 0
	err := v.Contacts.Each(ctx, func(e port.Stored[app.ContactEntry]) error {
		stale, err := v.stale(ctx, e.Value, before)
		if err != nil || len(stale) == 0 || swept >= limit {
			return err
		}
		swept++
		return v.unlink(ctx, e.ID, func(l app.ContactLink) bool { return slices.Contains(stale, l) })
	})
	return swept, errors.Join(err, v.Scrub(ctx))
}

// stale lists the links to persons who do not have the contact. One that is younger than before may
// be about a person who is being written.
func (v *Vault) stale(ctx context.Context, e app.ContactEntry, before time.Time) ([]app.ContactLink, error) {
	var stale []app.ContactLink
	for _, l := range e.Links {
		if !l.At.Before(before) {
			continue
		}
		p, err := v.persons.Get(ctx, l.Person)
		if err != nil && !care.IsKind(err, care.NotFound) {
			return nil, err
		}
		if err != nil || !v.has(p.Value, e.Hash) {
			stale = append(stale, l)
		}
	}
	return stale, nil
}
