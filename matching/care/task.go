package care

import "time"

// TaskKind is what a community's desk is asked to do away from any screen of a request.
type TaskKind string

// The kinds of task.
const (
	// TaskDuplicate: somebody registered who is probably known already.
	TaskDuplicate TaskKind = "possible_duplicate"
	// TaskTell: a person has to hear by voice, not by message, that a visit will not take place.
	TaskTell TaskKind = "tell_by_person"
)

// Task waits in a community's queue until somebody of its desk has seen to it. It holds ids only.
type Task struct {
	ID        TaskID
	Community CommunityID
	Kind      TaskKind
	Person    PersonID // whom it is about, or who is to be told
	Other     PersonID // the probable double; or whose life it is about
	Request   RequestID
	Visit     VisitID
	MadeAt    time.Time
	DoneBy    PersonID
	DoneAt    time.Time
}

// Open reports whether somebody has still to see to it.
func (t Task) Open() bool { return t.DoneAt.IsZero() }

// Done records who has seen to it. The caller has checked that they work at the desk.
func (t Task) Done(by PersonID, now time.Time) (Task, []Event, error) {
	if !t.Open() {
		return t, nil, E(Conflict, "task_done", "somebody has seen to this already")
	}
	t.DoneBy, t.DoneAt = by, now
	return t, nil, nil
}
