package app

import (
	"context"

	"naober/api/port"
	"naober/matching/care"
)

// Tasks lists what waits for a community's desk, oldest first. For its desk and fixed worker.
func (a *App) Tasks(ctx context.Context, c Caller, in care.CommunityID) ([]care.Task, error) {
	mine, err := a.rights(ctx, c.Person)
	if err != nil {
		return nil, err
	}
	if !mine.in(in, care.DeskWorker, care.FixedWorker) {
		return nil, care.E(care.Forbidden, "desk_only", "this is for the desk and the fixed worker of that community")
	}
	return findAll(ctx, a.Stores.Tasks, port.Key{Name: ByCommunity, Value: string(in)})
}

// Task shows one task to the desk and fixed worker of its community; nobody else learns of it.
func (a *App) Task(ctx context.Context, c Caller, id care.TaskID) (port.Stored[care.Task], error) {
	t, err := a.Stores.Tasks.Get(ctx, id)
	if err != nil {
		return port.Stored[care.Task]{}, err
	}
	mine, err := a.rights(ctx, c.Person)
	if err != nil {
		return port.Stored[care.Task]{}, err
	}
	if !mine.in(t.Value.Community, care.DeskWorker, care.FixedWorker) {
		return port.Stored[care.Task]{}, care.E(care.NotFound, "task_not_found", "there is no such task")
	}
	return t, nil
}

// TaskDone says that the caller has seen to a task. For the desk and fixed worker of its community.
func (a *App) TaskDone(ctx context.Context, c Caller, id care.TaskID) error {
	if _, err := a.Task(ctx, c, id); err != nil {
		return err
	}
	now := a.clock()
	return change(ctx, a, c, "task.done", nil, a.Stores.Tasks, id, func(t care.Task) (care.Task, []care.Event, error) {
		return t.Done(c.Person, now)
	})
}

// give puts a task before a community's desk. Its id says what it is, so that the feed may bring its
// cause again.
func (a *App) give(ctx context.Context, t care.Task) error {
	t.MadeAt = a.clock()
	_, err := a.Stores.Tasks.Insert(ctx, t.ID, t, nil, port.Write{})
	return keepStanding(err)
}
