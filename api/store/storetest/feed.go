package storetest

import (
	"fmt"
	"time"

	"naober/api/feed"
	"naober/api/port"
	"naober/matching/care"
)

func feedPromises() []Promise {
	return []Promise{
		{Name: "pending events reach the feed dense and in order", check: denseFeed},
		{Name: "append refuses a taken number", check: takenNumber},
		{Name: "has tells appended events", check: hasEvents},
		{Name: "drain moves rev only", check: drainQuietly},
		{Name: "read pages through the rows after a number", check: readRows},
		{Name: "trim keeps the last row", check: trimRows},
		{Name: "bounds after trim", check: boundsAfterTrim},
	}
}

// rows makes feed rows from first to last of one document; row n was appended n minutes after
// monday.
func rows(first, last int64) []port.Row {
	var all []port.Row
	for n := first; n <= last; n++ {
		all = append(all, port.Row{ID: n, Doc: port.DocRef{Kind: "requests", ID: string(named[care.RequestID]("row"))}, Seq: n,
			Event: filled[care.Event](fmt.Sprint("row ", n), ""), At: monday().Add(time.Duration(n) * time.Minute)})
	}
	return all
}

// readAll reads the whole feed in pages and wants it dense.
func (x *trial) readAll() []port.Row {
	x.Helper()
	first, last, err := x.Feed.Bounds(x.ctx)
	x.ok(err)
	var all []port.Row
	for after := first - 1; ; {
		page, err := x.Feed.Read(x.ctx, after, 50)
		x.ok(err)
		if len(page) == 0 {
			break
		}
		all = append(all, page...)
		after = page[len(page)-1].ID
	}
	for i, row := range all {
		if row.ID != first+int64(i) {
			x.Fatalf("row %d of the feed has number %d, want %d: the feed has a gap", i, row.ID, first+int64(i))
		}
	}
	if last > 0 && int64(len(all)) != last-first+1 {
		x.Fatalf("the feed from %d to %d has %d rows", first, last, len(all))
	}
	return all
}

// drainAll lets a mover work until nothing is pending. What a killed mover had sent to its database
// may still arrive: a number or two that is taken is no failure, one that stays taken is.
func (x *trial) drainAll() {
	x.Helper()
	m := feed.Mover{Feed: x.Feed, Now: monday}
	for overtaken := 0; ; {
		n, err := m.Step(x.ctx)
		switch {
		case care.CodeOf(err) == "feed_moved" && overtaken < 5:
			overtaken++
		case err != nil:
			x.Fatalf("mover: %v", err)
		case n == 0:
			return
		}
	}
}

func denseFeed(x *trial) {
	if first, last, err := x.Feed.Bounds(x.ctx); err != nil || first != 0 || last != 0 {
		x.Errorf("an empty feed has the bounds %d, %d, %v", first, last, err)
	}
	want := map[string][]care.Event{}
	for i := range 4 {
		name := fmt.Sprint("dense ", i)
		r, events, err := newRequest(name, 1)
		x.ok(err)
		_, err = x.Requests.Insert(x.ctx, r.ID, r, events, port.Write{})
		x.ok(err)
		for j := range 3 {
			told, err := x.Requests.Update(x.ctx, r.ID, port.Write{}, say("w", fmt.Sprint(i, " ", j)))
			x.ok(err)
			_, more, err := say("w", fmt.Sprint(i, " ", j))(told.Value)
			x.ok(err)
			events = append(events, more...)
		}
		want[string(r.ID)] = events
	}
	x.helper("dense", nil) // another kind of document
	x.drainAll()
	got := map[string][]care.Event{}
	for _, row := range x.readAll() {
		if row.Doc.Kind == "requests" {
			got[row.Doc.ID] = append(got[row.Doc.ID], row.Event)
		}
		if !row.At.Equal(monday()) {
			x.Errorf("row %d was appended at %s, want the mover's time", row.ID, row.At)
		}
	}
	for id, events := range want {
		x.same("the events of "+id, got[id], events)
	}
	if left, err := x.Feed.Pending(x.ctx, 10); err != nil || len(left) != 0 {
		x.Errorf("after the mover %d documents are pending, %v", len(left), err)
	}
	if first, last, err := x.Feed.Bounds(x.ctx); err != nil || first != 1 || last != 22 {
		x.Errorf("the feed runs from %d to %d, %v, want 1 to 22", first, last, err)
	}
}

func takenNumber(x *trial) {
	x.ok(x.Feed.Append(x.ctx, rows(1, 3)))
	x.refused(x.Feed.Append(x.ctx, rows(3, 3)), care.Conflict, "feed_moved")
	other := rows(1, 5)[1:] // begins at a number that is taken
	for i := range other {
		other[i].Event.Code = "other"
	}
	x.refused(x.Feed.Append(x.ctx, other), care.Conflict, "feed_moved")
	all := x.readAll()
	x.same("the rows", all, rows(1, 3))
	x.ok(x.Feed.Append(x.ctx, rows(4, 5)))
	x.same("the rows", x.readAll(), rows(1, 5))
}

func hasEvents(x *trial) {
	all := rows(1, 3)
	x.ok(x.Feed.Append(x.ctx, all))
	for _, row := range []struct {
		doc  port.DocRef
		seq  int64
		want bool
	}{
		{all[0].Doc, 1, true},
		{all[0].Doc, 3, true},
		{all[0].Doc, 4, false},
		{all[0].Doc, 0, false},
		{port.DocRef{Kind: "helpers", ID: all[0].Doc.ID}, 1, false},
		{port.DocRef{Kind: "requests", ID: "elsewhere"}, 1, false},
	} {
		got, err := x.Feed.Has(x.ctx, row.doc, row.seq)
		x.ok(err)
		if got != row.want {
			x.Errorf("has %v %d: %t, want %t", row.doc, row.seq, got, row.want)
		}
	}
}

func drainQuietly(x *trial) {
	r := x.request("drain", 1).Value
	for _, code := range []string{"a", "b", "c"} {
		_, err := x.Requests.Update(x.ctx, r.ID, port.Write{}, say("w", code))
		x.ok(err)
	}
	before, err := x.Requests.Get(x.ctx, r.ID)
	x.ok(err)
	p := x.pending(string(r.ID))
	half := p.Events[2].Seq
	x.ok(x.Feed.Drain(x.ctx, p.Doc, half))
	after, err := x.Requests.Get(x.ctx, r.ID)
	x.ok(err)
	if after.Ver != before.Ver || after.Rev != before.Rev+1 {
		x.Errorf("drain moved ver by %d and rev by %d, want 0 and 1", after.Ver-before.Ver, after.Rev-before.Rev)
	}
	x.same("the drained document", after.Value, before.Value)
	left := x.pending(string(r.ID))
	x.same("the events left", left.Events, p.Events[3:])
	x.ok(x.Feed.Drain(x.ctx, p.Doc, half)) // a mover that was killed after this step repeats it
	x.same("the events left", x.pending(string(r.ID)).Events, p.Events[3:])
	x.ok(x.Feed.Drain(x.ctx, p.Doc, p.Events[len(p.Events)-1].Seq))
	if left := x.pending(string(r.ID)); len(left.Events) != 0 {
		x.Errorf("%d events are pending after all were drained", len(left.Events))
	}
	_, err = x.Requests.Update(x.ctx, r.ID, port.Write{}, say("w", "d"))
	x.ok(err)
	if next := x.pending(string(r.ID)); len(next.Events) != 1 || next.Events[0].Seq != p.Events[len(p.Events)-1].Seq+1 {
		x.Errorf("the next event after draining is %v, want the number after %d", next.Events, p.Events[len(p.Events)-1].Seq)
	}
}

func readRows(x *trial) {
	x.ok(x.Feed.Append(x.ctx, rows(1, 9)))
	for _, row := range []struct {
		after       int64
		limit       int
		first, last int64
	}{{0, 100, 1, 9}, {0, 4, 1, 4}, {4, 4, 5, 8}, {8, 4, 9, 9}, {9, 4, 1, 0}, {100, 4, 1, 0}} {
		got, err := x.Feed.Read(x.ctx, row.after, row.limit)
		x.ok(err)
		x.same(fmt.Sprintf("at most %d rows after %d", row.limit, row.after), got, rows(row.first, row.last))
	}
}

func trimRows(x *trial) {
	x.ok(x.Feed.Append(x.ctx, rows(1, 5)))
	x.ok(x.Feed.Trim(x.ctx, monday().Add(3*time.Minute)))
	x.same("the rows after trimming what was appended before the third", x.readAll(), rows(3, 5))
	x.ok(x.Feed.Trim(x.ctx, monday().Add(time.Hour)))
	x.same("the rows after trimming everything", x.readAll(), rows(5, 5))
	x.ok(x.Feed.Append(x.ctx, rows(6, 6)))
	x.same("the rows after appending again", x.readAll(), rows(5, 6))
}

func boundsAfterTrim(x *trial) {
	x.ok(x.Feed.Trim(x.ctx, monday().Add(time.Hour))) // an empty feed stays empty
	for _, row := range []struct {
		append      []port.Row
		trim        time.Duration
		first, last int64
	}{
		{nil, 0, 0, 0},
		{rows(1, 6), 0, 1, 6},
		{nil, 4 * time.Minute, 4, 6},
		{nil, time.Hour, 6, 6},
		{rows(7, 8), 0, 6, 8},
		{nil, time.Hour, 8, 8},
	} {
		if len(row.append) > 0 {
			x.ok(x.Feed.Append(x.ctx, row.append))
		}
		x.ok(x.Feed.Trim(x.ctx, monday().Add(row.trim)))
		first, last, err := x.Feed.Bounds(x.ctx)
		x.ok(err)
		if first != row.first || last != row.last {
			x.Errorf("bounds are %d to %d, want %d to %d", first, last, row.first, row.last)
		}
	}
	x.refused(x.Feed.Append(x.ctx, rows(8, 8)), care.Conflict, "feed_moved")
}
