package feed

import (
	"context"
	"fmt"
	"slices"
	"time"

	"naober/api/port"
	"naober/matching/care"
)

// ByConsumer is the key of Parked's documents: the rows of a consumer that still wait.
const ByConsumer = "consumer"

const (
	parkedMost  = 5_000           // rows of one consumer; so many failures lie in the machine, not in the rows
	parkedFirst = 5 * time.Second // until the first retry; then twice as long each time
	parkedLast  = time.Hour       // the longest time between two retries
	parkedPage  = 500
)

// Parked is an event that keeps failing for one consumer, with the later ones of its document.
type Parked struct {
	ID       string
	Consumer string
	Row      port.Row
	Tries    int
	Code     string
	At       time.Time
	RetryAt  time.Time
}

// lot holds the rows of one consumer that wait because one of their document failed, each
// document's in order. In the store a row whose RetryAt is zero has been handed over since.
type lot struct {
	consumer string
	docs     port.Documents[string, Parked] // nil for a local consumer, whose rows wait in memory only
	waiting  map[port.DocRef][]Parked
	unsure   map[port.DocRef]Parked // whose storing was not answered: they may wait there, or not yet
}

func (l *lot) holds(doc port.DocRef) bool { return len(l.waiting[doc]) > 0 }

// mayHold reports whether rows of the document are to be parked and not tried.
func (l *lot) mayHold(doc port.DocRef) bool {
	_, unsure := l.unsure[doc]
	return unsure || l.holds(doc)
}

func (l *lot) size() int {
	n := 0
	for _, rows := range l.waiting {
		n += len(rows)
	}
	return n
}

// load reads what waits in the store, so that a person can change a RetryAt there.
func (l *lot) load(ctx context.Context) error {
	if l.docs == nil {
		if l.waiting == nil {
			l.waiting = map[port.DocRef][]Parked{}
		}
		return nil
	}
	waiting := map[port.DocRef][]Parked{}
	for page := (port.Page{Limit: parkedPage}); ; {
		found, err := l.docs.Find(ctx, port.Key{Name: ByConsumer, Value: l.consumer}, page)
		if err != nil {
			return err
		}
		for _, p := range found {
			page.After = p.ID
			if !p.Value.RetryAt.IsZero() {
				waiting[p.Value.Row.Doc] = append(waiting[p.Value.Row.Doc], p.Value)
			}
		}
		if len(found) < parkedPage {
			break
		}
	}
	l.waiting = waiting
	return nil
}

// add stores a row that waits. One that was parked before, by a holder that was killed before it
// saved its cursor, is taken as it stands; one that was handed over since does not wait again. Where no
// answer comes, the row is not tried until one did: it may stand there, and then others wait behind it.
func (l *lot) add(ctx context.Context, p Parked) error {
	if l.docs != nil {
		stored, err := l.docs.Insert(ctx, p.ID, p, nil, port.Write{Quiet: true})
		if care.CodeOf(err) == "id_taken" {
			stored, err = l.docs.Get(ctx, p.ID)
		}
		if err != nil {
			if l.unsure == nil {
				l.unsure = map[port.DocRef]Parked{}
			}
			l.unsure[p.Row.Doc] = p
			return err
		}
		p = stored.Value
	}
	delete(l.unsure, p.Row.Doc)
	rows := l.waiting[p.Row.Doc]
	known := slices.ContainsFunc(rows, func(other Parked) bool { return other.ID == p.ID })
	if !known && !p.RetryAt.IsZero() {
		l.waiting[p.Row.Doc] = append(rows, p)
	}
	return nil
}

// replace stores the document's first waiting row anew; done takes it off the lot.
func (l *lot) replace(ctx context.Context, p Parked, done bool) error {
	if done {
		p.RetryAt = time.Time{}
	}
	if l.docs != nil {
		_, err := l.docs.Update(ctx, p.ID, port.Write{Quiet: true}, func(Parked) (Parked, []care.Event, error) { return p, nil, nil })
		if err != nil {
			return err
		}
	}
	rows := l.waiting[p.Row.Doc]
	switch {
	case !done:
		rows[0] = p
	case len(rows) == 1:
		delete(l.waiting, p.Row.Doc)
	default:
		l.waiting[p.Row.Doc] = rows[1:]
	}
	return nil
}

// due lists the documents whose first row may be tried again, the longest waiting first.
func (l *lot) due(now time.Time) []port.DocRef {
	var docs []port.DocRef
	for doc, rows := range l.waiting {
		if !rows[0].RetryAt.After(now) {
			docs = append(docs, doc)
		}
	}
	slices.SortFunc(docs, func(a, b port.DocRef) int {
		return l.waiting[a][0].RetryAt.Compare(l.waiting[b][0].RetryAt)
	})
	return docs
}

// park sets a row aside so that other documents go on. It proves the lease first, so that a holder
// who was replaced parks nothing behind the back of the new one.
func (r *reader) park(ctx context.Context, held *Held, row port.Row, code string) error {
	if r.lot.size() >= parkedMost {
		return care.E(care.Unavailable, "parked_full", "too many events fail; reading stops until some succeed")
	}
	if held != nil {
		if err := held.SaveCursor(ctx, r.cursor); err != nil {
			return err
		}
	}
	first := !r.lot.holds(row.Doc)
	now := r.now().UTC().Truncate(time.Millisecond)
	p := Parked{ID: parkedID(r.Name, row), Consumer: r.Name, Row: row, Code: code, At: now, RetryAt: now.Add(parkedFirst)}
	if first {
		p.Tries = quickTries
	}
	if before, unsure := r.lot.unsure[row.Doc]; unsure && before.ID == p.ID {
		p, code, first = before, before.Code, before.Tries > 0
	}
	if err := r.lot.add(ctx, p); err != nil {
		return err
	}
	r.parked.Store(int64(r.lot.size()))
	if !first {
		return nil
	}
	r.log.Error("event parked", "consumer", r.Name, "kind", row.Doc.Kind, "id", row.Doc.ID, "seq", row.Seq,
		"type", string(row.Event.Type), "error", code)
	if r.OnParked == nil {
		return nil
	}
	return Guarded(r.log, r.Name, func() error {
		r.OnParked(ctx, row, code)
		return nil
	})
}

// retry hands over what waits and is due, each document's rows in order up to the first that fails
// again. It tells how many rows were handed over.
func (r *reader) retry(ctx context.Context) (int, error) {
	if err := r.lot.load(ctx); err != nil {
		return 0, err
	}
	defer func() { r.parked.Store(int64(r.lot.size())) }()
	retried := 0
	for _, doc := range r.lot.due(r.now()) {
		n, err := r.retryDoc(ctx, doc)
		retried += n
		if err != nil {
			return retried, err
		}
	}
	return retried, nil
}

func (r *reader) retryDoc(ctx context.Context, doc port.DocRef) (int, error) {
	for n := 0; ; n++ {
		if !r.lot.holds(doc) || ctx.Err() != nil {
			return n, ctx.Err()
		}
		p := r.lot.waiting[doc][0]
		if err := r.call(ctx, p.Row); err != nil {
			p.Tries, p.Code = p.Tries+1, LogCode(err)
			p.RetryAt = r.now().UTC().Truncate(time.Millisecond).Add(BackOff(p.Tries-quickTries, parkedFirst, parkedLast))
			return n, r.lot.replace(ctx, p, false)
		}
		r.handled.Add(1)
		if err := r.lot.replace(ctx, p, true); err != nil {
			return n, err
		}
		// An earlier process that parked it may have been killed before it saved a cursor behind it.
		if newer, _ := r.look(p.Row); newer && r.begun {
			r.remember(p.Row)
		}
	}
}

func parkedID(consumer string, row port.Row) string {
	return fmt.Sprintf("%s/%s/%s/%020d", consumer, row.Doc.Kind, row.Doc.ID, row.Seq)
}
