package app

import (
	"context"
	"encoding/base64"
	"strings"
	"time"

	"naober/api/port"
	"naober/matching/care"
)

// BasisOwn is the ground on which somebody reads what is theirs. Such a reading is written down where
// it takes everything at once: a thief of a phone would do that.
const BasisOwn Basis = "own"

// Push is one message that reached a device of a person. What was held back is not told: the reason
// can be another person's death, or a block.
type Push struct {
	ID      string
	Key     string
	Request care.RequestID
	Ask     care.AskID
	Visit   care.VisitID
	At      time.Time
}

// Pushes knows which messages reached somebody.
type Pushes interface {
	// Sent lists what reached any of a person's records, by ascending id; the second value is where the
	// next page begins, empty on the last.
	Sent(ctx context.Context, records []care.PersonID, page port.Page) ([]Push, string, error)
}

// Export is one part of all that is stored about a person, as they may see it. The first part holds
// the person; each list goes on in the next part where this one was full.
type Export struct {
	Person      *care.Person // nil but in the first part
	Book        *care.Helper // nil but in the first part, and for who never helped
	Memberships []care.Membership
	Sessions    []Session
	Offers      []care.Offer
	Requests    []RequestView
	Asks        []care.Ask   // of the person as a helper, in requests that they do not see any more
	Visits      []care.Visit // likewise
	Histories   []HistoryView
	Referrals   []care.Referral
	Messages    []care.Message
	Feedbacks   []care.Feedback
	Reports     []care.Report
	Pushes      []Push
	Views       []SeenView
	Self        PersonView
	Next        string // names the next part; empty on the last
	At          time.Time
	// Names are what the villages and bodies in this part are called, for a reader who knows no ids.
	Names map[string]string
}

// exportRoom is how much a part holds, in the weights below: about a megabyte on the wire.
const exportRoom = 1000

// section is one list of an export, taken page by page. weight is how dear one document is: a request
// of three years is a hundred times a line in a log.
type section struct {
	name   string
	weight int
	take   func(x *exporter, ctx context.Context, page port.Page) (after string, err error)
}

// sections are in the order in which somebody reads about themselves. Names stand in cursors.
func sections() []section {
	return []section{
		{"memberships", 1, (*exporter).memberships},
		{"sessions", 1, (*exporter).sessions},
		{"offers", 10, (*exporter).offers},
		{"mine", 50, (*exporter).forMe},
		{"behalf", 50, (*exporter).behalf},
		{"helping", 50, (*exporter).helping},
		{"histories", 5, (*exporter).histories},
		{"helped", 5, (*exporter).helped},
		{"referrals", 5, (*exporter).referrals},
		{"messages", 5, (*exporter).messages},
		{"feedbacks", 2, (*exporter).feedbacks},
		{"reports", 5, (*exporter).reports},
		{"pushes", 1, (*exporter).pushes},
		{"views", 1, (*exporter).views},
	}
}

// exporter fills one part for its person.
type exporter struct {
	app    *App
	caller Caller
	eyes   *onlooker
	part   *Export
	read   int // documents of the page that was taken last
}

// Export gives the caller what is stored about them, part by part: part is empty for the first, and
// what the last one named as next after that. Others appear in it as the caller's own calls show
// them. Each part is in the caller's log before anything is shown.
func (a *App) Export(ctx context.Context, c Caller, part string) (Export, error) {
	from, after, err := parsePart(part)
	if err != nil {
		return Export{}, err
	}
	me, err := a.Me(ctx, c)
	if err != nil {
		return Export{}, err
	}
	if me.Value.Gone() {
		return Export{}, care.E(care.NotFound, "person_not_found", "there is no such person")
	}
	if err := a.logExport(ctx, c); err != nil {
		return Export{}, err
	}
	x := &exporter{app: a, caller: c, eyes: a.onlooker(c.Person), part: &Export{At: a.clock(),
		Self: PersonView{ID: c.Person, FirstName: me.Value.FirstName, LastName: me.Value.LastName}}}
	if part == "" {
		if err := x.first(ctx, me.Value); err != nil {
			return Export{}, err
		}
	}
	if err := x.fill(ctx, from, after); err != nil {
		return Export{}, err
	}
	err = x.name(ctx)
	return *x.part, err
}

// fill takes section after section until the part is full.
func (x *exporter) fill(ctx context.Context, from int, after string) error {
	room := exportRoom
	all := sections()
	for i := from; i < len(all); {
		s := all[i]
		if room < s.weight {
			x.part.Next = partName(s.name, after)
			return nil
		}
		page := port.Page{After: after, Limit: min(room/s.weight, 200)}
		x.read = 0
		next, err := s.take(x, ctx, page)
		if err != nil {
			return err
		}
		room -= x.read * s.weight
		if after = next; next == "" {
			i++
		}
	}
	return nil
}

// partName writes down where a part begins; it names sections and ids, so it is made for no reader.
func partName(section, after string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(section + "/" + after))
}

// parsePart reads where a part begins. Whatever id it names, it is looked for among the caller's own.
func parsePart(part string) (from int, after string, err error) {
	if part == "" {
		return 0, "", nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(part)
	name, after, ok := strings.Cut(string(raw), "/")
	visible := strings.IndexFunc(after, func(r rune) bool { return r <= ' ' || r > '~' }) < 0
	if err == nil && ok && visible && len(raw) <= 200 {
		for i, s := range sections() {
			if s.name == name {
				return i, after, nil
			}
		}
	}
	return 0, "", care.E(care.Invalid, "cursor_invalid", "a part is the one that the last part named")
}

// logExport writes the export into the person's own log: unlike any other reading of one's own data.
func (a *App) logExport(ctx context.Context, c Caller) error {
	now := a.clock()
	v := View{ID: newID(now), Whose: c.Person, By: c.Person, As: care.Party(RelSelf), What: "export", Basis: BasisOwn, At: now}
	_, err := a.Stores.Views.Insert(ctx, v.ID, v, []care.Event{v.event()}, port.Write{})
	return err
}

// first adds what there is one of.
func (x *exporter) first(ctx context.Context, me care.Person) error {
	x.part.Person = &me
	book, err := x.app.Stores.Helpers.Get(ctx, x.caller.Person)
	switch {
	case err == nil:
		x.part.Book = &book.Value
	case !care.IsKind(err, care.NotFound):
		return err
	}
	return nil
}

// name looks up what villages and bodies are called. Both are public.
func (x *exporter) name(ctx context.Context) error {
	x.part.Names = map[string]string{}
	villages, bodies := map[care.CommunityID]bool{}, map[care.OrganizationID]bool{}
	for _, m := range x.part.Memberships {
		villages[m.Community], bodies[m.Organization] = true, true
	}
	for _, r := range x.part.Requests {
		villages[r.Request.Community] = true
	}
	for _, f := range x.part.Referrals {
		villages[f.Community], bodies[f.From], bodies[f.To] = true, true, true
	}
	if x.part.Book != nil {
		for _, a := range x.part.Book.Approvals {
			villages[a.Community] = true
		}
	}
	for id := range villages {
		c, err := x.app.Stores.Communities.Get(ctx, id)
		if err := absentIsDone(err); err != nil {
			return err
		}
		x.part.Names[string(id)] = c.Value.Name
	}
	for id := range bodies {
		o, err := x.app.Stores.Organizations.Get(ctx, id)
		if err := absentIsDone(err); err != nil {
			return err
		}
		x.part.Names[string(id)] = o.Value.Name
	}
	return nil
}
