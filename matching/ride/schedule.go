package ride

// node is a stop as a planner knows it: first each vehicle's start and end, then each ride's pickup
// and dropoff.
type node = int32

// network is a day laid out for planning.
type network struct {
	rides    []Ride
	vehicles []Vehicle
	metric   Metric
	at       []Point // by node, as all that follow
	from     []int64
	to       []int64
	served   []int64 // how long the stop takes
	way      []int64 // by from * number of nodes + to, where each way has been measured once
}

func networkOf(d Day) *network {
	n := &network{vehicles: d.Vehicles, metric: d.Metric}
	for _, v := range d.Vehicles {
		n.add(Stop{At: v.Start, From: v.From, To: v.To})
		n.add(Stop{At: v.End, From: v.From, To: v.To})
	}
	for _, r := range d.Rides {
		n.addRide(r)
	}
	return n
}

func (n *network) add(s Stop) {
	n.at, n.from, n.to, n.served = append(n.at, s.At), append(n.from, s.From), append(n.to, s.To), append(n.served, s.Service)
}

func (n *network) addRide(r Ride) {
	n.rides = append(n.rides, r)
	n.add(r.Pickup)
	n.add(r.Dropoff)
}

// measureWays measures each way once, for whoever asks often.
func (n *network) measureWays() {
	n.way = make([]int64, len(n.at)*len(n.at))
	for i, a := range n.at {
		for j, b := range n.at {
			n.way[i*len(n.at)+j] = n.metric(a, b)
		}
	}
}

func (n *network) between(a, b node) int64 {
	if n.way != nil {
		return n.way[int(a)*len(n.at)+int(b)]
	}
	return n.metric(n.at[a], n.at[b])
}

func (n *network) start(v int32) node    { return 2 * v }
func (n *network) end(v int32) node      { return 2*v + 1 }
func (n *network) pickup(i int32) node   { return 2*int32(len(n.vehicles)) + 2*i }
func (n *network) dropoff(i int32) node  { return 2*int32(len(n.vehicles)) + 2*i + 1 }
func (n *network) isVehicle(a node) bool { return int(a) < 2*len(n.vehicles) }
func (n *network) isPickup(a node) bool  { return !n.isVehicle(a) && a%2 == 0 }
func (n *network) isDropoff(a node) bool { return !n.isVehicle(a) && a%2 == 1 }
func (n *network) rideOf(a node) int32   { return a/2 - int32(len(n.vehicles)) }

// route is a vehicle's stops from its start to its end, with bounds that say quickly where another
// stop cannot go.
type route struct {
	vehicle int32
	nodes   []node
	early   []int64 // when each can begin at the earliest
	late    []int64 // and at the latest, longest rides left aside
	aboard  []Load  // after the stop
	travel  int64
}

// measure sets everything that follows from the nodes.
func (n *network) measure(r *route) {
	k := len(r.nodes)
	r.early, r.late, r.aboard = grown(r.early, k), grown(r.late, k), grown(r.aboard, k)
	r.travel = 0
	r.early[0], r.aboard[0] = n.from[r.nodes[0]], Load{}
	for i := 1; i < k; i++ {
		a, b := r.nodes[i-1], r.nodes[i]
		way := n.between(a, b)
		r.travel += way
		r.early[i] = max(n.from[b], r.early[i-1]+n.served[a]+way)
		r.aboard[i] = n.after(r.aboard[i-1], b)
	}
	r.late[k-1] = n.to[r.nodes[k-1]]
	for i := k - 2; i >= 0; i-- {
		a, b := r.nodes[i], r.nodes[i+1]
		r.late[i] = min(n.to[a], r.late[i+1]-n.between(a, b)-n.served[a])
	}
}

func (n *network) after(l Load, b node) Load {
	switch {
	case n.isVehicle(b):
		return l
	case n.isPickup(b):
		return l.plus(n.rides[n.rideOf(b)].Load)
	default:
		return l.minus(n.rides[n.rideOf(b)].Load)
	}
}

// carries tells whether everybody aboard has a place all the way, and who gets out got in before.
func (n *network) carries(r *route) bool {
	in := make([]bool, len(n.rides))
	out := 0
	for i, a := range r.nodes {
		if n.isVehicle(a) {
			continue
		}
		ride := n.rideOf(a)
		if n.isPickup(a) == in[ride] || !r.aboard[i].fits(n.vehicles[r.vehicle].Room) {
			return false
		}
		in[ride] = n.isPickup(a)
		if !in[ride] {
			out++
		}
	}
	return len(r.nodes) == 2*len(n.rides)+2 && out == len(n.rides)
}

func grown[T any](s []T, k int) []T {
	if cap(s) < k {
		return make([]T, k, 2*k)
	}
	return s[:k]
}

// timetable finds when each stop of a sequence begins, as early as every limit allows, or that no
// times keep all of them.
type timetable struct {
	begin []int64
	in    []int32 // by ride: the place of its pickup in the sequence
}

// fit tells whether the sequence can be driven. Limits all have the form "this begins at least so
// long after that", so times that start at the earliest and are put off wherever one is broken reach
// the earliest that keep them all, if there are any: that it can be driven is decided exactly.
func (t *timetable) fit(n *network, vehicle int32, nodes []node) bool {
	k := len(nodes)
	t.begin, t.in = grown(t.begin, k), grown(t.in, len(n.rides))
	t.begin[0] = n.from[nodes[0]]
	if !t.forward(n, nodes, 1, true) {
		return false
	}
	longest := n.vehicles[vehicle].Longest
	for {
		first := t.backward(n, nodes)
		if least := t.begin[k-1] - longest; least > t.begin[0] {
			t.begin[0], first = least, 0
		}
		if first == k {
			return true
		}
		if !t.forward(n, nodes, first, false) {
			return false
		}
	}
}

// forward lets each stop from one on begin no earlier than the one before allows.
func (t *timetable) forward(n *network, nodes []node, from int, fresh bool) bool {
	if !fresh && t.begin[from] > n.to[nodes[from]] {
		return false
	}
	for i := max(from, 1); i < len(nodes); i++ {
		a, b := nodes[i-1], nodes[i]
		at := t.begin[i-1] + n.served[a] + n.between(a, b)
		if fresh {
			t.begin[i] = max(n.from[b], at)
			if n.isPickup(b) {
				t.in[n.rideOf(b)] = int32(i)
			}
		} else {
			t.begin[i] = max(t.begin[i], at)
		}
		if t.begin[i] > n.to[b] {
			return false
		}
	}
	return true
}

// backward puts off each pickup whose ride would take too long, and returns the first of them, or
// the end of the sequence.
func (t *timetable) backward(n *network, nodes []node) int {
	first := len(nodes)
	for i := len(nodes) - 2; i > 0; i-- {
		b := nodes[i]
		if !n.isDropoff(b) {
			continue
		}
		r := n.rideOf(b)
		at := t.in[r]
		if least := t.begin[i] - n.rides[r].Longest - n.served[nodes[at]]; least > t.begin[at] {
			t.begin[at] = least
			first = min(first, int(at))
		}
	}
	return first
}
