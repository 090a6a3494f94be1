package storetest

import (
	"fmt"
	"time"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
)

func noncePromises() []Promise {
	return []Promise{
		{Name: "the same nonce answers with the present value and changes nothing", check: sameNonce},
		{Name: "64 nonces make a document busy", check: busyDocument},
		{Name: "nonces leave after their ledger row is final", check: noncesLeave},
	}
}

// maxNonces is how many intents in judgement one document carries; sync-contract, step 4.
const maxNonces = 64

func sameNonce(x *trial) {
	r := x.request("nonce", 1).Value
	_, err := x.Requests.Update(x.ctx, r.ID, port.Write{Nonce: nonce("1")}, say("Een", "1"))
	x.ok(err)
	second, err := x.Requests.Update(x.ctx, r.ID, port.Write{Nonce: nonce("2")}, say("Twee", "2"))
	x.ok(err)
	before := len(x.pending(string(r.ID)).Events)
	for range 3 {
		again, err := x.Requests.Update(x.ctx, r.ID, port.Write{Nonce: nonce("1")}, say("Drie", "3"))
		x.ok(err)
		x.same("the present value", again, second)
	}
	if after := len(x.pending(string(r.ID)).Events); after != before {
		x.Errorf("a repeated nonce made %d more events", after-before)
	}
	// Nonces belong to their document.
	other := x.request("other", 1).Value
	told, err := x.Requests.Update(x.ctx, other.ID, port.Write{Nonce: nonce("1")}, say("Elders", "1"))
	x.ok(err)
	if told.Value.Words != "Elders" {
		x.Errorf("a nonce of another document kept this one from changing")
	}
}

// fill puts nonces with their ledger rows into a document until it holds as many as it may.
func (x *trial) fill(id care.RequestID, state app.LedgerState, at time.Time) {
	x.Helper()
	for i := range maxNonces {
		row := app.LedgerRow{Key: ledgerKey(i), Name: "ask.accept", Subject: string(id), State: state, Since: at}
		if state != app.Judging {
			row.At = at
		}
		_, err := x.Ledger.Insert(x.ctx, row.Key, row, nil, port.Write{})
		x.ok(err)
		_, err = x.Requests.Update(x.ctx, id, port.Write{Nonce: care.Nonce(row.Key)}, say(fmt.Sprint(i), fmt.Sprint(i)))
		x.ok(err)
	}
}

func ledgerKey(i int) app.LedgerKey {
	return app.LedgerKey(string(named[care.PersonID]("account")) + "/" + fmt.Sprint("intent-", i))
}

func busyDocument(x *trial) {
	r := x.request("busy", 1).Value
	x.fill(r.ID, app.Judging, time.Now())
	_, err := x.Requests.Update(x.ctx, r.ID, port.Write{Nonce: nonce("one too many")}, say("Vol", "full"))
	x.refused(err, care.Unavailable, "")
	again, err := x.Requests.Update(x.ctx, r.ID, port.Write{Nonce: care.Nonce(ledgerKey(0))}, say("Opnieuw", "again"))
	x.ok(err)
	if again.Value.Words != fmt.Sprint(maxNonces-1) {
		x.Errorf("a busy document holds %q, want the words of the last change it took", again.Value.Words)
	}
	// The server's own acts carry no nonce: the clock never waits for a client.
	_, err = x.Requests.Update(x.ctx, r.ID, port.Write{}, say("Klok", "tick"))
	x.ok(err)
}

func noncesLeave(x *trial) {
	r := x.request("leave", 1).Value
	x.fill(r.ID, app.Applied, time.Now().Add(-11*time.Minute))
	for i := range maxNonces / 2 {
		told, err := x.Requests.Update(x.ctx, r.ID, port.Write{Nonce: nonce("after", i)}, say(fmt.Sprint("na ", i), "after"))
		x.ok(err)
		if told.Value.Words != fmt.Sprint("na ", i) {
			x.Errorf("change %d after the nonces left was not made", i)
		}
	}

	young := x.request("young", 1).Value
	for i := range 3 {
		n := app.LedgerKey("young/" + fmt.Sprint(i))
		_, err := x.Ledger.Insert(x.ctx, n, app.LedgerRow{Key: n, State: app.Rejected, At: time.Now().Add(-9 * time.Minute)}, nil, port.Write{})
		x.ok(err)
		_, err = x.Requests.Update(x.ctx, young.ID, port.Write{Nonce: care.Nonce(n)}, say(fmt.Sprint("jong ", i), "young"))
		x.ok(err)
	}
	again, err := x.Requests.Update(x.ctx, young.ID, port.Write{Nonce: "young/0"}, say("Weer", "again"))
	x.ok(err)
	if again.Value.Words != "jong 2" {
		x.Errorf("a nonce left 9 minutes after its row was final, want 10")
	}
}
