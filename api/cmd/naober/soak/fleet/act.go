package fleet

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"naober/mobile-contract/client"
	"naober/mobile-contract/wire"
)

// intent is one thing that somebody did on a device.
type intent struct {
	nonce string
	by    *member
	name  string
	args  map[string]any
	mark  string   // that only this intent has written anywhere
	acked bool     // a device was told that it has a verdict, in this history
	old   bool     // it was refused as too old, of which nothing is kept
	also  []string // other nonces that a service built wrong has filed it under
}

// at is an instant as the wire has it.
func at(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// acting is somebody who looks at what their device shows and does something.
type acting struct {
	d     *device
	newID func() string
	dice  *rand.Rand
	docs  map[string]json.RawMessage
	n     int
	mark  string
}

// does lets the person of a device do something, of what its screen offers.
func (d *device) does(dice *rand.Rand) error {
	docs, err := d.shown()
	if err != nil {
		return err
	}
	_, err = d.acts(d.client, docs, dice)
	return err
}

// acts does something in a window of the device, and gives its nonce.
func (d *device) acts(c *client.Client, docs map[string]json.RawMessage, dice *rand.Rand) (string, error) {
	n := len(d.w.intents) + 1
	a := acting{d: d, newID: c.NewID, dice: dice, docs: docs, n: n, mark: fmt.Sprintf("fleet %d.%d", d.w.plan.Seed, n)}
	name, args := a.draw()
	raw, err := json.Marshal(args)
	if err != nil {
		return "", err
	}
	nonce, err := c.Do(name, string(raw))
	if err != nil {
		return "", err
	}
	d.did[nonce] = true
	d.w.intents[nonce] = &intent{nonce: nonce, by: d.owner, name: name, args: args, mark: a.mark}
	d.w.result.mutations++
	return nonce, nil
}

// window is a second one of the same app over the same file. Its pushes arrive, and it ends before it pulls.
type window struct{ d *device }

// Post implements client.Link.
func (v window) Post(path string, body []byte) (*client.Reply, error) {
	if strings.HasSuffix(path, "/pull") {
		return nil, errCut
	}
	r, err := v.d.w.send(call{method: "POST", path: path, token: v.d.owner.tokens.Access, body: body})
	if err != nil {
		return nil, err
	}
	if r.json {
		v.d.w.seeResults(r.body, body)
	}
	return &client.Reply{Status: r.status, JSON: r.json, Body: r.body}, nil
}

// Delete implements client.Link. A window gives nothing up.
func (v window) Delete(string) (*client.Reply, error) { return nil, errCut }

// Refresh implements client.Link.
func (v window) Refresh() (bool, error) { return false, nil }

// secondWindow does something in a window of its own, and hands it in.
func (w *world) secondWindow(d *device, dice *rand.Rand) error {
	docs, err := d.read()
	if err != nil {
		return err
	}
	c, err := client.Open(d.file(), string(d.owner.id), storeKey, window{d})
	if err != nil {
		return err
	}
	c.UseClock(d)
	_, err = d.acts(c, docs, dice)
	if err == nil {
		_, _ = c.Sync() // it ends with the pull that it does not get
	}
	return errors.Join(err, c.Close())
}

// actsOn lets a copied device do something under the number that comes next: its copy was made while the app ran,
// and the app of the copy ended after that.
func (d *device) actsOn(dice *rand.Rand) error {
	var writer string
	var last int64
	err := d.looks.QueryRow(`SELECT writer, assigned FROM writers WHERE assigned > 0 AND NOT closed ORDER BY rowid DESC LIMIT 1`).Scan(&writer, &last)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	docs, err := d.read()
	if err != nil {
		return err
	}
	nonce, err := d.acts(d.client, docs, dice)
	if err != nil {
		return err
	}
	for _, query := range []string{
		`DELETE FROM writers WHERE writer = (SELECT writer FROM outbox WHERE nonce = ?3)`,
		`UPDATE outbox SET writer = ?1, id = ?2 WHERE nonce = ?3`,
		`UPDATE writers SET assigned = ?2 WHERE writer = ?1`,
	} {
		if _, err := d.looks.Exec(query, writer, last+1, nonce); err != nil {
			return err
		}
	}
	return errors.Join(d.shut(), d.open())
}

// draw chooses an intent. What there is nothing for becomes a question for help.
func (a acting) draw() (string, map[string]any) {
	type choice struct {
		weight int
		make   func() (string, map[string]any)
	}
	choices := []choice{{14, a.ask}, {10, a.addTime}, {6, a.withdraw}, {28, a.accept}, {3, a.decline}, {5, a.cancel}, {24, a.write}, {4, a.offer}, {4, a.editOffer},
		{2, a.endOffer}, {6, a.editMe}, {4, a.editDraft}, {4, a.publish}, {2, a.confirm}, {3, a.dismiss}, {2, a.unheardOf}, {2, a.block}}
	sum := 0
	for _, c := range choices {
		sum += c.weight
	}
	n := a.dice.IntN(sum)
	for _, c := range choices {
		if n -= c.weight; n < 0 {
			if name, args := c.make(); name != "" {
				return name, args
			}
			break
		}
	}
	return a.ask()
}

// of lists documents of a kind in a steady order.
func (a acting) of(kind string) []string {
	var keys []string
	for key := range a.docs {
		if strings.HasPrefix(key, kind+"/") {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

func pick[T any](dice *rand.Rand, all []T) (T, bool) {
	var none T
	if len(all) == 0 {
		return none, false
	}
	return all[dice.IntN(len(all))], true
}

// request picks one that the device shows and that fits.
func (a acting) request(fits func(wire.Request) bool) (wire.Request, bool) {
	var all []wire.Request
	for _, key := range a.of("request") {
		var r wire.Request
		if json.Unmarshal(a.docs[key], &r) == nil && fits(r) {
			all = append(all, r)
		}
	}
	return pick(a.dice, all)
}

func mine(r wire.Request) bool { return r.Relation == "requester" }

// times are hours that no other intent names: the minute tells them apart.
func (a acting) times() []map[string]any {
	start := a.d.w.clock().Truncate(time.Hour).Add(time.Duration(26+a.dice.IntN(90))*time.Hour + time.Duration(a.n)*time.Second)
	return []map[string]any{{"start": at(start), "end": at(start.Add(time.Hour))}}
}

func (a acting) ask() (string, map[string]any) {
	return "request.ask", map[string]any{"id": a.newID(), "community": a.d.w.village.id, "kind": "groceries", "words": a.mark, "urgency": "ordinary",
		"publish": a.dice.IntN(5) > 0, "slots": a.times()}
}

func (a acting) addTime() (string, map[string]any) {
	r, ok := a.request(func(r wire.Request) bool { return mine(r) && r.State != "closed" })
	if !ok {
		return "", nil
	}
	return "slot.add", map[string]any{"request": r.ID, "slots": a.times()}
}

func (a acting) withdraw() (string, map[string]any) {
	r, ok := a.request(mine)
	if !ok {
		return "", nil
	}
	return "request.withdraw", map[string]any{"request": r.ID}
}

func (a acting) editDraft() (string, map[string]any) {
	r, ok := a.request(mine)
	if !ok {
		return "", nil
	}
	return "request.edit", map[string]any{"request": r.ID, "kind": "groceries", "words": a.mark, "urgency": "ordinary", "slots": a.times()}
}

func (a acting) publish() (string, map[string]any) {
	r, ok := a.request(mine)
	if !ok {
		return "", nil
	}
	return "request.publish", map[string]any{"request": r.ID}
}

// asked picks a question to the person.
func (a acting) asked() (string, bool) {
	var all []string
	for _, key := range a.of("request") {
		var r wire.Request
		if json.Unmarshal(a.docs[key], &r) != nil {
			continue
		}
		for _, ask := range r.Asks {
			if ask.Helper.ID == string(a.d.owner.id) && ask.State == "asked" {
				all = append(all, ask.ID)
			}
		}
	}
	return pick(a.dice, all)
}

func (a acting) accept() (string, map[string]any) {
	ask, ok := a.asked()
	if !ok {
		return "", nil
	}
	return "ask.accept", map[string]any{"ask": ask}
}

func (a acting) decline() (string, map[string]any) {
	ask, ok := a.asked()
	if !ok {
		return "", nil
	}
	return "ask.decline", map[string]any{"ask": ask}
}

// visit picks a visit that the person has a part in.
func (a acting) visit() (string, bool) {
	var all []string
	for _, key := range a.of("request") {
		var r wire.Request
		if json.Unmarshal(a.docs[key], &r) != nil {
			continue
		}
		for _, v := range r.Visits {
			if mine(r) || v.Helper.ID == string(a.d.owner.id) {
				all = append(all, v.ID)
			}
		}
	}
	return pick(a.dice, all)
}

func (a acting) onVisit(name string, more map[string]any) (string, map[string]any) {
	v, ok := a.visit()
	if !ok {
		return "", nil
	}
	args := map[string]any{"visit": v}
	for k, value := range more {
		args[k] = value
	}
	return name, args
}

func (a acting) cancel() (string, map[string]any)  { return a.onVisit("visit.cancel", nil) }
func (a acting) confirm() (string, map[string]any) { return a.onVisit("visit.confirm", nil) }
func (a acting) write() (string, map[string]any) {
	return a.onVisit("message.send", map[string]any{"id": a.newID(), "text": a.mark})
}

func (a acting) week() map[string]any {
	var week []map[string]any
	for day := range 7 {
		week = append(week, map[string]any{"day": day, "start": "00:00", "end": "24:00"})
	}
	return map[string]any{"zone": zone, "weekly": week}
}

func (a acting) offer() (string, map[string]any) {
	return "offer.make", map[string]any{"id": a.newID(), "community": a.d.w.village.id, "kinds": []string{"groceries"}, "radius": 10_000, "travel": "bike",
		"languages": []string{"nl"}, "availability": a.week(), "note": a.mark}
}

func (a acting) editOffer() (string, map[string]any) {
	key, ok := pick(a.dice, a.of("offer"))
	if !ok {
		return "", nil
	}
	return "offer.edit", map[string]any{"offer": strings.TrimPrefix(key, "offer/"), "kinds": []string{"groceries"}, "radius": 9_000, "travel": "bike",
		"languages": []string{"nl"}, "availability": a.week(), "note": a.mark}
}

func (a acting) endOffer() (string, map[string]any) {
	key, ok := pick(a.dice, a.of("offer"))
	if !ok {
		return "", nil
	}
	return "offer.end", map[string]any{"offer": strings.TrimPrefix(key, "offer/")}
}

func (a acting) editMe() (string, map[string]any) {
	return "me.edit", map[string]any{"firstName": fmt.Sprint("Naam ", a.n), "lastName": "Eising", "birthDate": "1948-03-12", "language": "nl",
		"home": map[string]any{"town": "Witteveen", "street": fmt.Sprint("Hoofdstraat ", a.n), "lat": 52.8167, "lon": 6.6833}}
}

func (a acting) dismiss() (string, map[string]any) {
	key, ok := pick(a.dice, a.of("outcome"))
	if !ok {
		return "", nil
	}
	return "outcome.dismiss", map[string]any{"nonce": strings.TrimPrefix(key, "outcome/")}
}

// unheardOf is about something that there never was.
func (a acting) unheardOf() (string, map[string]any) {
	return "request.withdraw", map[string]any{"request": a.newID()}
}

func (a acting) block() (string, map[string]any) {
	other := a.d.w.village.people[a.dice.IntN(a.d.w.plan.Accounts)]
	if other == a.d.owner || a.dice.IntN(4) > 0 {
		return "", nil
	}
	return "person.block", map[string]any{"community": a.d.w.village.id, "person": other.id}
}
