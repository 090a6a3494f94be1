package record

import (
	"time"

	"naober/api/app"
	"naober/matching/care"
)

// TaskRecord is a stored care.Task.
type TaskRecord struct {
	ID        care.TaskID      `json:"id" bson:"id"`
	Community care.CommunityID `json:"community,omitempty" bson:"community,omitempty"`
	Kind      care.TaskKind    `json:"kind,omitempty" bson:"kind,omitempty"`
	Person    care.PersonID    `json:"person,omitempty" bson:"person,omitempty"`
	Other     care.PersonID    `json:"other,omitempty" bson:"other,omitempty"`
	Request   care.RequestID   `json:"request,omitempty" bson:"request,omitempty"`
	Visit     care.VisitID     `json:"visit,omitempty" bson:"visit,omitempty"`
	MadeAt    time.Time        `json:"madeAt,omitzero" bson:"madeAt,omitempty"`
	DoneBy    care.PersonID    `json:"doneBy,omitempty" bson:"doneBy,omitempty"`
	DoneAt    time.Time        `json:"doneAt,omitzero" bson:"doneAt,omitempty"`
}

// Tasks translates what waits for a community's desk; one that was seen to leaves its queue.
func Tasks() Codec[care.Task, TaskRecord] {
	return Codec[care.Task, TaskRecord]{
		Kind: "tasks", Noun: "task",
		To: func(t care.Task) TaskRecord {
			t.MadeAt, t.DoneAt = at(t.MadeAt), at(t.DoneAt)
			return TaskRecord(t)
		},
		From: func(t TaskRecord) care.Task {
			t.MadeAt, t.DoneAt = at(t.MadeAt), at(t.DoneAt)
			return care.Task(t)
		},
		Facts: func(t care.Task) Facts {
			var k keys
			if t.Open() {
				k.add(app.ByCommunity, string(t.Community))
			}
			return Facts{Keys: k}
		},
	}
}
