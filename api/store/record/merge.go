package record

import (
	"time"

	"naober/matching/care"
)

// AliasRecord is a stored care.Alias.
type AliasRecord struct {
	Merge care.MergeID     `json:"merge,omitempty" bson:"merge,omitempty"`
	Into  care.PersonID    `json:"into,omitempty" bson:"into,omitempty"`
	In    care.CommunityID `json:"in,omitempty" bson:"in,omitempty"`
	By    care.PersonID    `json:"by,omitempty" bson:"by,omitempty"`
	At    time.Time        `json:"at,omitzero" bson:"at,omitempty"`
	Firm  bool             `json:"firm,omitempty" bson:"firm,omitempty"`
}

// AbsorbedRecord is a stored care.Absorbed.
type AbsorbedRecord struct {
	ID         care.MergeID     `json:"id,omitempty" bson:"id,omitempty"`
	Person     care.PersonID    `json:"person,omitempty" bson:"person,omitempty"`
	In         care.CommunityID `json:"in,omitempty" bson:"in,omitempty"`
	By         care.PersonID    `json:"by,omitempty" bson:"by,omitempty"`
	At         time.Time        `json:"at,omitzero" bson:"at,omitempty"`
	Settled    bool             `json:"settled,omitempty" bson:"settled,omitempty"`
	UndoneBy   care.PersonID    `json:"undoneBy,omitempty" bson:"undoneBy,omitempty"`
	UndoneAt   time.Time        `json:"undoneAt,omitzero" bson:"undoneAt,omitempty"`
	Contacts   []ContactRecord  `json:"contacts,omitempty" bson:"contacts,omitempty" seal:"yes"`
	WithoutApp bool             `json:"withoutApp,omitempty" bson:"withoutApp,omitempty"`
	Life       LifeRecord       `json:"life,omitzero" bson:"life,omitempty" seal:"yes"`
	LifeNow    LifeRecord       `json:"lifeNow,omitzero" bson:"lifeNow,omitempty" seal:"yes"`
}

// AbsorbedBookRecord is a stored care.AbsorbedBook.
type AbsorbedBookRecord struct {
	Merge     care.MergeID      `json:"merge,omitempty" bson:"merge,omitempty"`
	Person    care.PersonID     `json:"person,omitempty" bson:"person,omitempty"`
	Before    BookRulesRecord   `json:"before,omitzero" bson:"before,omitempty"`
	After     BookRulesRecord   `json:"after,omitzero" bson:"after,omitempty"`
	Blocks    []care.PersonID   `json:"blocks,omitempty" bson:"blocks,omitempty"`
	BlockedBy []care.PersonID   `json:"blockedBy,omitempty" bson:"blockedBy,omitempty"`
	Pauses    []care.DecisionID `json:"pauses,omitempty" bson:"pauses,omitempty"`
	Questions []time.Time       `json:"questions,omitempty" bson:"questions,omitempty"`
}

// BookRulesRecord is a stored care.BookRules.
type BookRulesRecord struct {
	Approvals []ApprovalRecord `json:"approvals,omitempty" bson:"approvals,omitempty"`
	Vettings  []VettingRecord  `json:"vettings,omitempty" bson:"vettings,omitempty"`
	Quiet     QuietRecord      `json:"quiet,omitzero" bson:"quiet,omitempty"`
}

func toAlias(a care.Alias) AliasRecord {
	a.At = at(a.At)
	return AliasRecord(a)
}

func fromAlias(a AliasRecord) care.Alias {
	a.At = at(a.At)
	return care.Alias(a)
}

func toAbsorbed(m care.Absorbed) AbsorbedRecord {
	return AbsorbedRecord{ID: m.ID, Person: m.Person, In: m.In, By: m.By, At: at(m.At), Settled: m.Settled, UndoneBy: m.UndoneBy,
		UndoneAt: at(m.UndoneAt), Contacts: each(m.Contacts, toContact), WithoutApp: m.WithoutApp, Life: toLife(m.Life), LifeNow: toLife(m.LifeNow)}
}

func fromAbsorbed(m AbsorbedRecord) care.Absorbed {
	return care.Absorbed{ID: m.ID, Person: m.Person, In: m.In, By: m.By, At: at(m.At), Settled: m.Settled, UndoneBy: m.UndoneBy,
		UndoneAt: at(m.UndoneAt), Contacts: each(m.Contacts, fromContact), WithoutApp: m.WithoutApp, Life: fromLife(m.Life), LifeNow: fromLife(m.LifeNow)}
}

func toAbsorbedBook(b care.AbsorbedBook) AbsorbedBookRecord {
	return AbsorbedBookRecord{Merge: b.Merge, Person: b.Person, Before: toBookRules(b.Before), After: toBookRules(b.After),
		Blocks: b.Blocks, BlockedBy: b.BlockedBy, Pauses: b.Pauses, Questions: each(b.Questions, at)}
}

func fromAbsorbedBook(b AbsorbedBookRecord) care.AbsorbedBook {
	return care.AbsorbedBook{Merge: b.Merge, Person: b.Person, Before: fromBookRules(b.Before), After: fromBookRules(b.After),
		Blocks: b.Blocks, BlockedBy: b.BlockedBy, Pauses: b.Pauses, Questions: each(b.Questions, at)}
}

func toBookRules(r care.BookRules) BookRulesRecord {
	return BookRulesRecord{Approvals: each(r.Approvals, toApproval), Vettings: each(r.Vettings, toVetting), Quiet: toQuiet(r.Quiet)}
}

func fromBookRules(r BookRulesRecord) care.BookRules {
	return care.BookRules{Approvals: each(r.Approvals, fromApproval), Vettings: each(r.Vettings, fromVetting), Quiet: fromQuiet(r.Quiet)}
}
