package app

import (
	"context"

	"naober/matching/care"
)

func (a *App) addPerson(ctx context.Context, people map[care.PersonID]PersonView, p care.PersonID, full bool) error {
	if _, ok := people[p]; ok {
		return nil
	}
	view, err := a.personView(ctx, p, full)
	if err == nil {
		people[p] = *view
	}
	return err
}

func (a *App) personView(ctx context.Context, p care.PersonID, full bool) (*PersonView, error) {
	p = a.resolve(p)
	person, err := a.Stores.Persons.Get(ctx, p)
	if err != nil {
		return nil, err
	}
	view := PersonView{ID: p, FirstName: person.Value.FirstName}
	if full {
		view.LastName = person.Value.LastName
	}
	return &view, nil
}

func (a *App) ownerViews(ctx context.Context, o *onlooker, ch care.Chair) ([]PersonView, error) {
	people, err := o.sitting(ctx, ch)
	if err != nil {
		return nil, err
	}
	var views []PersonView
	for _, p := range people {
		view, err := a.personView(ctx, p, true)
		if err != nil {
			return nil, err
		}
		views = append(views, *view)
	}
	return views, nil
}
