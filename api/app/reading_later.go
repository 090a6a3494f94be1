package app

import "context"

type laterKey struct{}

// Later holds readings back that are made before it is known whether anybody gets to see what was read. It is
// for one goroutine.
type Later struct{ views []View }

// WithLater lets readings under this context be held back instead of written into the logs.
func WithLater(ctx context.Context) (context.Context, *Later) {
	later := &Later{}
	return context.WithValue(ctx, laterKey{}, later), later
}

func heldBack(ctx context.Context) *Later {
	later, _ := ctx.Value(laterKey{}).(*Later)
	return later
}

// Take gives what was read since it was last asked.
func (l *Later) Take() []View {
	views := l.views
	l.views = nil
	return views
}

// LogViews writes readings into the logs of those whose data they are, before the data leaves.
func (a *App) LogViews(ctx context.Context, views []View) error {
	for _, v := range views {
		if err := a.logView(ctx, v); err != nil {
			return err
		}
	}
	return nil
}
