package fleet

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"time"

	"naober/mobile-contract/wire"
)

const (
	devicesFirst = 3
	devicesMost  = 5
)

// play runs the steps of a schedule, brings everything to rest, and judges it.
func (w *world) play() error {
	dice := rand.New(rand.NewPCG(w.plan.Seed, 1))
	for n := range devicesFirst {
		if _, err := w.newDevice(w.village.people[n%w.plan.Accounts], dice.IntN(3)*3); err != nil {
			return err
		}
	}
	for i, s := range w.plan.Steps {
		if err := w.step(s); err != nil {
			return fmt.Errorf("step %d, %s: %w", i, s.Act, err)
		}
	}
	heal := w.heal
	if w.machine != nil {
		heal = w.healProcess
	}
	if err := heal(); err != nil {
		return fmt.Errorf("coming to rest: %w", err)
	}
	for _, d := range w.devices {
		if err := w.judgeDevice(d); err != nil {
			return err
		}
	}
	return nil
}

// step does one step.
func (w *world) step(s Step) error {
	dice, d := w.dice(s), w.devices[s.On%len(w.devices)]
	m := w.village.people[s.On%w.plan.Accounts]
	switch s.Act {
	case "do":
		if d.owner.gone {
			return nil
		}
		return d.does(dice)
	case "sync":
		if dice.IntN(3) == 0 {
			dice = nil
		}
		d.sync(dice)
	case "work":
		return w.work()
	case "pass":
		w.pass(time.Duration(1+dice.IntN(20)) * time.Minute)
		return w.tick()
	case "begin": // the app was ended
		return errors.Join(d.shut(), d.open())
	case "jump":
		d.ahead = []time.Duration{0, time.Hour, -time.Hour, 40 * 24 * time.Hour, -10 * 365 * 24 * time.Hour, 10 * 365 * 24 * time.Hour}[dice.IntN(6)]
	case "deliver":
		w.deliverAll(dice)
	case "hand":
		return w.byHand(d, dice)
	case "crash":
		return w.reborn()
	case "kill":
		d.doomed = w.kill != nil
	case "copy", "keep", "back":
		return w.onFolder(s.Act, d, dice)
	case "save", "restore":
		return w.onData(s.Act)
	default:
		return w.moderate(s.Act, m, dice)
	}
	return nil
}

// deliverAll brings what a network kept back, in any order.
func (w *world) deliverAll(dice *rand.Rand) {
	all := w.held
	w.held = nil
	dice.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	for _, h := range all {
		w.deliver(h)
	}
}

// moderate lets the desk, or somebody at another screen, change what people may do.
func (w *world) moderate(act string, m *member, dice *rand.Rand) error {
	if m.gone {
		return nil
	}
	village, desk := string(w.village.id), w.village.desk
	helper := "/v1/communities/" + village + "/helpers/" + string(m.id)
	decision := wire.NewDecision{Rule: "pause.1@1", Reason: "Even rust."}
	var err error
	switch act {
	case "pause":
		_, err = w.as(desk, "POST", helper+"/pause", decision)
	case "resume":
		_, err = w.as(desk, "POST", helper+"/resume", struct{}{})
	case "grant":
		role := []string{"desk", "moderator"}[dice.IntN(2)]
		_, err = w.as(desk, "POST", "/v1/communities/"+village+"/roles", wire.Grant{Person: string(m.id), Role: role})
	case "end":
		err = w.endMembership(m, dice)
	case "block":
		other := w.village.people[dice.IntN(w.plan.Accounts)]
		if other != m {
			var r reply
			r, err = w.as(m, "POST", "/v1/me/blocks", wire.Block{Community: village, Person: string(other.id)})
			if err = errors.Join(err, w.work()); r.status < 300 { // the other half is written
				w.blocks = append(w.blocks, block{m.id, other.id, w.clock()})
				w.pass(time.Second) // what comes now comes later
			}
		}
	case "forget":
		if dice.IntN(3) == 0 {
			err = w.forget(m)
		}
	default:
		err = fmt.Errorf("there is no act %s", act)
	}
	return err
}

// endMembership ends one of somebody's memberships: a role, or their being a volunteer or resident.
func (w *world) endMembership(m *member, dice *rand.Rand) error {
	docs, err := w.fresh(m)
	if err != nil {
		return err
	}
	a := acting{docs: docs, dice: dice}
	key, ok := pick(dice, a.of("membership"))
	var which wire.Membership
	if !ok || unmarshal(docs[key], &which) != nil {
		return nil
	}
	office := which.Role != "resident" && which.Role != "volunteer"
	if office || dice.IntN(4) == 0 { // who is nobody's neighbour any more does little
		_, err = w.as(w.village.desk, "DELETE", "/v1/memberships/"+key[len("membership/"):], nil)
	}
	return err
}

// forget has somebody forgotten, at their own word.
func (w *world) forget(m *member) error {
	docs, err := w.fresh(m)
	if err != nil {
		return err
	}
	var me wire.Profile
	if err := unmarshal(docs["me/"+string(m.id)], &me); err != nil {
		return err
	}
	r, err := w.as(m, "POST", "/v1/me/forget", wire.Forgetting{FirstName: me.FirstName})
	if err == nil && r.status == 204 {
		m.gone = true
		err = w.work()
	}
	return err
}

// onFolder copies a device's folder to another device, keeps it, or puts back what was kept.
func (w *world) onFolder(act string, d *device, dice *rand.Rand) error {
	kept := filepath.Join(w.files, fmt.Sprint("kept-", d.n))
	switch {
	case act == "copy" && len(w.devices) < devicesMost && !d.owner.gone:
		other := &device{w: w, n: len(w.devices), owner: d.owner, ops: d.ops, did: maps.Clone(d.did), ahead: d.ahead, folder: w.folderOf(len(w.devices))}
		if err := copyDevice(d.folder, other.folder); err != nil { // while it runs: nothing is being written
			return err
		}
		w.devices = append(w.devices, other)
		return errors.Join(other.open(), w.maybeOn(other, dice))
	case act == "keep":
		err := copyDevice(d.folder, kept)
		d.kept = &keptFolder{kept, maps.Clone(d.did)}
		return err
	case act == "back" && d.kept != nil:
		err := errors.Join(d.shut(), copyDevice(d.kept.folder, d.folder))
		d.did = maps.Clone(d.kept.did)
		return errors.Join(err, d.open(), w.maybeOn(d, dice))
	}
	return nil
}

// maybeOn has a copied device go on where the app of the copy was, mostly.
func (w *world) maybeOn(d *device, dice *rand.Rand) error {
	if dice.IntN(4) == 0 || d.owner.gone {
		return nil
	}
	return d.actsOn(dice)
}

// onData saves the service's data, or lets it come back from them.
func (w *world) onData(act string) error {
	if act == "save" {
		w.saved = &savepoint{acked: map[string]bool{}, changed: w.tap.kept(), blocks: len(w.blocks)}
		for nonce, in := range w.intents {
			w.saved.acked[nonce] = in.acked
		}
		return w.ground.save(w.ctx, w.store)
	}
	if w.saved == nil {
		return nil
	}
	w.result.restores++
	w.tap.goBack(w.saved.changed)
	w.blocks = w.blocks[:w.saved.blocks]
	for nonce, in := range w.intents {
		in.acked = in.acked && w.saved.acked[nonce]
	}
	w.down()
	if err := errors.Join(w.close(), w.ground.restore(w.ctx), w.begin()); err != nil {
		return err
	}
	return w.clean.server.Restored(w.ctx, fmt.Sprint("restore ", w.result.restores))
}

const (
	healRounds = 30
	// judgingTime is more than a process that ended keeps an intent from another one.
	judgingTime = 20 * time.Second
	// checkTime is more than the time between two new beginnings of a device.
	checkTime = 61 * time.Minute
)

// heal lets everybody talk without any harm until nothing is left to say.
func (w *world) heal() error {
	w.deliverAll(rand.New(rand.NewPCG(w.plan.Seed, 2)))
	if err := errors.Join(w.reborn(), w.tick()); err != nil {
		return err
	}
	for round := range healRounds {
		rest, odd := true, false
		for _, d := range w.devices {
			r, err := d.client.Sync()
			if err != nil && !d.owner.gone {
				w.result.find(stuck, "%s: %v", d, err)
			}
			left, err := d.client.Outbox()
			if err != nil {
				return err
			}
			odd = odd || r.Mismatch
			rest = rest && (d.owner.gone || r.Complete && !r.Mismatch && left == "[]")
		}
		if rest {
			return w.settled()
		}
		if w.pass(judgingTime); odd && round > 3 {
			w.pass(checkTime)
		}
		if err := w.tick(); err != nil {
			return err
		}
	}
	for _, d := range w.devices {
		if left, err := d.client.Outbox(); err != nil || left != "[]" {
			w.result.find(stuck, "%s does not come to rest: %s %v", d, left, err)
		}
	}
	return w.settled()
}

// settled holds that devices to which nothing happens stay as they are: two that share a store must not drive each
// other out.
func (w *world) settled() error {
	for range 3 {
		for _, d := range w.devices {
			if d.owner.gone {
				continue
			}
			if _, err := d.client.Sync(); err != nil {
				w.result.find(stuck, "%s at rest: %v", d, err)
			}
			d.calm = true
		}
	}
	for _, d := range w.devices {
		if d.moved > 1 { // the first may bring what the others' last intents have changed
			w.result.find(differs, "%s is sent something %d times while nothing changes", d, d.moved)
		}
	}
	return nil
}
