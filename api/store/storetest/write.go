package storetest

import (
	"context"
	"errors"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
)

func writePromises() []Promise {
	return []Promise{
		{Name: "state, events and nonce are one write", check: oneWrite},
		{Name: "what a write answers is what a read gives", check: writeAnswers},
		{Name: "an absent document is not found", check: absent},
		{Name: "an insert with the same id and nonce is the same insert", check: sameInsert},
		{Name: "another nonce under the same id is id_taken", check: idTaken},
		{Name: "IfVer refuses a stale change", check: staleChange},
		{Name: "a quiet change moves rev only", check: quietChange},
		{Name: "nothing changed writes nothing", check: nothingChanged},
		{Name: "a failed change leaves nothing behind", check: failedChange},
		{Name: "a context that is cancelled stops", check: cancelled},
	}
}

func oneWrite(x *trial) {
	r, events, err := newRequest("one", 1)
	x.ok(err)
	made, err := x.Requests.Insert(x.ctx, r.ID, r, events, port.Write{Nonce: nonce("a")})
	x.ok(err)
	x.same("the events of an insert", eventsOf(x.pending(string(r.ID))), events)

	told, err := x.Requests.Update(x.ctx, r.ID, port.Write{Nonce: nonce("b")}, say("Tweede", "b"))
	x.ok(err)
	if told.Rev != made.Rev+1 || told.Ver != made.Ver+1 {
		x.Errorf("one change moved rev %d to %d and ver %d to %d, want one step each", made.Rev, told.Rev, made.Ver, told.Ver)
	}
	p := x.pending(string(r.ID))
	if len(p.Events) != len(events)+1 || p.Events[len(events)].Event.Code != "b" {
		x.Fatalf("the events are %v, want those of the insert and b", p.Events)
	}
	for i, n := range p.Events {
		if n.Seq != p.Events[0].Seq+int64(i) || n.Seq < 1 {
			x.Errorf("event %d has number %d, want a sequence without gaps from above 0", i, n.Seq)
		}
	}
	again, err := x.Requests.Update(x.ctx, r.ID, port.Write{Nonce: nonce("b")}, say("Derde", "c"))
	x.ok(err)
	if again.Value.Words != "Tweede" || again.Rev != told.Rev || len(x.pending(string(r.ID)).Events) != len(p.Events) {
		x.Errorf("the nonce of a change was forgotten: rev %d, words %q", again.Rev, again.Value.Words)
	}
}

func writeAnswers(x *trial) {
	r, events, err := newRequest("answer", 2)
	x.ok(err)
	made, err := x.Requests.Insert(x.ctx, r.ID, r, events, port.Write{})
	x.ok(err)
	read, err := x.Requests.Get(x.ctx, r.ID)
	x.ok(err)
	x.same("an insert", read, made)
	for _, words := range []string{"een", "twee", "drie", "vier", "vijf", "zes"} {
		told, err := x.Requests.Update(x.ctx, r.ID, port.Write{}, say(words, words))
		x.ok(err)
		if told.Value.Words != words {
			x.Errorf("an update answers %q, want the words just written: %q", told.Value.Words, words)
		}
		read, err := x.Requests.Get(x.ctx, r.ID)
		x.ok(err)
		x.same("an update", read, told)
	}
}

func absent(x *trial) {
	_, err := x.Requests.Get(x.ctx, named[care.RequestID]("nowhere"))
	x.refused(err, care.NotFound, "request_not_found")
	_, err = x.Requests.Update(x.ctx, named[care.RequestID]("nowhere"), port.Write{Nonce: nonce("n")}, say("x", "x"))
	x.refused(err, care.NotFound, "request_not_found")
	_, err = x.Helpers.Get(x.ctx, named[care.PersonID]("nowhere"))
	x.refused(err, care.NotFound, "helper_not_found")
}

func sameInsert(x *trial) {
	r, events, err := newRequest("same", 1)
	x.ok(err)
	w := port.Write{Nonce: nonce("same")}
	_, err = x.Requests.Insert(x.ctx, r.ID, r, events, w)
	x.ok(err)
	told, err := x.Requests.Update(x.ctx, r.ID, port.Write{}, say("Later", "later"))
	x.ok(err)
	again, err := x.Requests.Insert(x.ctx, r.ID, r, events, w)
	x.ok(err)
	x.same("the second insert", again, told)
	if got := len(x.pending(string(r.ID)).Events); got != len(events)+1 {
		x.Errorf("%d events after the second insert, want %d", got, len(events)+1)
	}
}

func idTaken(x *trial) {
	r, events, err := newRequest("taken", 1)
	x.ok(err)
	_, err = x.Requests.Insert(x.ctx, r.ID, r, events, port.Write{Nonce: nonce("first")})
	x.ok(err)
	other := r
	other.Words = "Van een ander"
	_, err = x.Requests.Insert(x.ctx, r.ID, other, events, port.Write{Nonce: nonce("second")})
	x.refused(err, care.Conflict, "id_taken")
	_, err = x.Requests.Insert(x.ctx, r.ID, other, events, port.Write{})
	x.refused(err, care.Conflict, "id_taken")
	read, err := x.Requests.Get(x.ctx, r.ID)
	x.ok(err)
	x.same("the first document", read.Value, r)

	// Without a nonce two inserts are two intents, also where their values are equal: the ledger
	// rests on this.
	row := app.LedgerRow{Key: "account/nonce", Name: "ask.accept", State: app.Judging}
	_, err = x.Ledger.Insert(x.ctx, row.Key, row, nil, port.Write{})
	x.ok(err)
	_, err = x.Ledger.Insert(x.ctx, row.Key, row, nil, port.Write{})
	x.refused(err, care.Conflict, "id_taken")
}

func staleChange(x *trial) {
	first := x.request("stale", 1)
	second, err := x.Requests.Update(x.ctx, first.Value.ID, port.Write{IfVer: first.Ver, Nonce: nonce("seen")}, say("Gezien", "seen"))
	x.ok(err)
	_, err = x.Requests.Update(x.ctx, first.Value.ID, port.Write{IfVer: first.Ver}, say("Oud", "old"))
	x.refused(err, care.Stale, "")
	again, err := x.Requests.Update(x.ctx, first.Value.ID, port.Write{IfVer: first.Ver, Nonce: nonce("seen")}, say("Opnieuw", "again"))
	x.ok(err) // a resend carries the version that its author saw
	x.same("the document", again, second)
	quiet, err := x.Requests.Update(x.ctx, first.Value.ID, port.Write{Quiet: true}, say("Stil", "quiet"))
	x.ok(err)
	_, err = x.Requests.Update(x.ctx, first.Value.ID, port.Write{IfVer: quiet.Ver}, say("Nu", "now"))
	x.ok(err)
}

func quietChange(x *trial) {
	first := x.request("quiet", 1)
	quiet, err := x.Requests.Update(x.ctx, first.Value.ID, port.Write{Quiet: true}, say("Stil", "quiet"))
	x.ok(err)
	if quiet.Rev != first.Rev+1 || quiet.Ver != first.Ver {
		x.Errorf("a quiet change moved rev by %d and ver by %d, want 1 and 0", quiet.Rev-first.Rev, quiet.Ver-first.Ver)
	}
	if quiet.Value.Words != "Stil" {
		x.Errorf("a quiet change was not stored: %q", quiet.Value.Words)
	}
}

func nothingChanged(x *trial) {
	first := x.request("idle", 1)
	unchanged := func(r care.Request) (care.Request, []care.Event, error) { return r, nil, nil }
	idle, err := x.Requests.Update(x.ctx, first.Value.ID, port.Write{}, unchanged)
	x.ok(err)
	x.same("the document", idle, first)

	// A fence: the nonce of an intent that was refused is remembered without a change, so that the
	// process that began it can no longer carry it out.
	fence := port.Write{Nonce: nonce("fence"), Quiet: true}
	fenced, err := x.Requests.Update(x.ctx, first.Value.ID, fence, unchanged)
	x.ok(err)
	late, err := x.Requests.Update(x.ctx, first.Value.ID, port.Write{Nonce: fence.Nonce}, say("Te laat", "late"))
	x.ok(err)
	x.same("the fenced document", late, fenced)
	x.same("its value", late.Value, first.Value)
	if late.Ver != first.Ver {
		x.Errorf("a fence moved ver from %d to %d", first.Ver, late.Ver)
	}
}

func failedChange(x *trial) {
	first := x.request("failed", 1)
	boom := errors.New("boom")
	for _, want := range []error{boom, care.E(care.Conflict, "ask_not_open", "the ask is closed")} {
		_, err := x.Requests.Update(x.ctx, first.Value.ID, port.Write{Nonce: nonce("f")}, func(r care.Request) (care.Request, []care.Event, error) {
			next, events, _ := say("Half", "half")(r)
			return next, events, want
		})
		if !errors.Is(err, want) {
			x.Errorf("the change's error came back as %v, want %v", err, want)
		}
	}
	read, err := x.Requests.Get(x.ctx, first.Value.ID)
	x.ok(err)
	x.same("the document", read, first)
	told, err := x.Requests.Update(x.ctx, first.Value.ID, port.Write{Nonce: nonce("f")}, say("Heel", "whole"))
	x.ok(err)
	if told.Value.Words != "Heel" {
		x.Errorf("the nonce of a failed change was kept: words %q", told.Value.Words)
	}
}

func cancelled(x *trial) {
	first := x.request("cancelled", 1)
	for i := range 130 {
		_, err := x.Tallies.Insert(x.ctx, string(nonce("tally", i)), app.Tally{Key: string(nonce("tally", i))}, nil, port.Write{})
		x.ok(err)
	}
	ctx, cancel := context.WithCancel(x.ctx)
	seen := 0
	err := x.Tallies.Each(ctx, func(port.Stored[app.Tally]) error {
		seen++
		cancel()
		return nil
	})
	if err == nil {
		x.Errorf("Each went on to its end (%d documents) after its context was cancelled", seen)
	}
	r, events, err := newRequest("never", 1)
	x.ok(err)
	_, err = x.Requests.Insert(ctx, r.ID, r, events, port.Write{})
	x.stopped("Insert", err)
	_, err = x.Requests.Update(ctx, first.Value.ID, port.Write{}, say("Nooit", "never"))
	x.stopped("Update", err)
	_, err = x.Requests.Get(ctx, first.Value.ID)
	x.stopped("Get", err)
	_, err = x.Requests.Find(ctx, port.Key{Name: app.ByCommunity, Value: string(village)}, port.Page{Limit: 10})
	x.stopped("Find", err)
	x.stopped("Append", x.Feed.Append(ctx, []port.Row{{ID: 1, Doc: port.DocRef{Kind: "requests", ID: "x"}, Seq: 1, At: monday()}}))

	_, err = x.Requests.Get(x.ctx, r.ID)
	x.refused(err, care.NotFound, "request_not_found")
	read, err := x.Requests.Get(x.ctx, first.Value.ID)
	x.ok(err)
	x.same("the document", read, first)
}

// stopped wants an error that is no verdict on the document.
func (x *trial) stopped(what string, err error) {
	x.Helper()
	if !errors.Is(err, context.Canceled) && !care.IsKind(err, care.Unavailable) {
		x.Errorf("%s after its context was cancelled: %v, want cancelled or unavailable", what, err)
	}
}
