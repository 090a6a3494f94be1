package index

// World is volunteers, found by where they live. It is a value: With and Without return another one
// and leave it as it is. The zero World is empty.
type World struct {
	root  *node
	count int
	homes homes
}

// Len is how many volunteers there are.
func (w World) Len() int { return w.count }

// Build makes a world of many volunteers at once. Of several with one id the last counts. Whoever lives
// at no finite point is left out.
func Build(all []Volunteer) World {
	w, entries := World{}, []entry(nil)
	last := map[uint32]int32{} // of ids that come more than once
	for i := range all {
		if !all[i].At.finite() {
			continue
		}
		id := all[i].ID
		w.homes = w.homes.claim(id)
		if _, again := w.homes.get(id); again {
			last[id] = int32(i)
		} else {
			w.count++
		}
		w.homes.set(id, all[i].At)
	}
	b := &block{}
	for _, i := range byCurve(all) {
		if k, repeated := last[all[i].ID]; repeated && k != i || !all[i].At.finite() {
			continue
		}
		b.put(b.vacant(), all[i])
		if b.vacant() == full {
			entries, b = append(entries, blockEntry(b)), &block{}
		}
	}
	if b.live != 0 {
		entries = append(entries, blockEntry(b))
	}
	w.root = treeOf(entries)
	return w
}

// With is the world with a volunteer as they are now, in place of whoever had their id. Whoever lives
// at no finite point is only taken out.
func (w World) With(v Volunteer) World {
	w = w.Without(v.ID)
	if !v.At.finite() {
		return w
	}
	w.homes = w.homes.claim(v.ID).own(v.ID)
	w.homes.set(v.ID, v.At)
	w.count++
	if w.root == nil {
		b := &block{}
		b.put(0, v)
		w.root = treeOf([]entry{blockEntry(b)})
		return w
	}
	left, right := w.root.with(v)
	w.root = left
	if right != nil {
		w.root = &node{level: left.level + 1}
		w.root.add(nodeEntry(left))
		w.root.add(nodeEntry(right))
	}
	return w
}

// Without is the world without the volunteer of an id.
func (w World) Without(id uint32) World {
	at, ok := w.homes.get(id)
	if !ok {
		return w
	}
	root, gone := w.root.without(id, at)
	if !gone {
		return w
	}
	w.root, w.count = root, w.count-1
	w.homes = w.homes.own(id)
	w.homes.unset(id)
	return w
}

// Volunteer is the volunteer of an id, their weekly hours joined.
func (w World) Volunteer(id uint32) (Volunteer, bool) {
	b, at := w.find(id)
	if b == nil {
		return Volunteer{}, false
	}
	return b.volunteer(at), true
}

// find is the block in which a volunteer is, and their place in it; no block where there is none.
func (w World) find(id uint32) (*block, int) {
	at, ok := w.homes.get(id)
	if !ok || w.root == nil {
		return nil, 0
	}
	return w.root.find(id, at)
}
