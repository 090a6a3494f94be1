package ride

import "fmt"

// Check says what is wrong with a day, if anything is.
func (d Day) Check() error {
	if d.Metric == nil {
		return fmt.Errorf("ride: a day without a metric")
	}
	for i, r := range d.Rides {
		if r.Pickup.From > r.Pickup.To || r.Dropoff.From > r.Dropoff.To || r.Longest < 0 || r.Pickup.Service < 0 || r.Dropoff.Service < 0 ||
			r.Load.Seats < 0 || r.Load.Wheelchairs < 0 || r.Undriven < 0 {
			return fmt.Errorf("ride: ride %d ends before it begins, or takes less than nothing", i)
		}
	}
	for i, v := range d.Vehicles {
		if v.From > v.To || v.Longest < 0 {
			return fmt.Errorf("ride: the day of vehicle %d ends before it begins", i)
		}
	}
	of, err := d.checkAgreed()
	if err != nil {
		return err
	}
	return d.checkPairs(of)
}

// checkAgreed asks whether what is agreed can be driven, and says by ride whose it is, or -1.
func (d Day) checkAgreed() ([]int, error) {
	if len(d.Agreed) > len(d.Vehicles) {
		return nil, fmt.Errorf("ride: more is agreed than there are vehicles")
	}
	of, stops := make([]int, len(d.Rides)), make([]int, len(d.Rides))
	for i := range of {
		of[i] = -1
	}
	n := networkOf(d)
	for v, visits := range d.Agreed {
		for _, x := range visits {
			if x.Ride < 0 || x.Ride >= len(d.Rides) || stops[x.Ride] > 1 || x.Dropoff != (stops[x.Ride] == 1) || x.Dropoff && of[x.Ride] != v {
				return nil, fmt.Errorf("ride: the agreed visits of vehicle %d are not of rides from their beginnings to their ends", v)
			}
			of[x.Ride] = v
			stops[x.Ride]++
		}
		r := n.routeOf(int32(v), visits)
		if !n.fits(&r) || !new(timetable).fit(n, r.vehicle, r.nodes) {
			return nil, fmt.Errorf("ride: what vehicle %d has agreed cannot be driven", v)
		}
	}
	for i, k := range stops {
		if k == 1 {
			return nil, fmt.Errorf("ride: ride %d is agreed and does not end", i)
		}
	}
	return of, nil
}

func (d Day) checkPairs(agreed []int) error {
	met := make([]bool, len(d.Rides))
	for _, pair := range d.Pairs {
		for _, i := range pair {
			if i < 0 || i >= len(d.Rides) || met[i] {
				return fmt.Errorf("ride: ride %d is not there, or in two pairs", i)
			}
			met[i] = true
		}
		if agreed[pair[0]] != agreed[pair[1]] {
			return fmt.Errorf("ride: of rides %d and %d, which belong together, one is agreed without the other", pair[0], pair[1])
		}
	}
	return nil
}

// routeOf is a vehicle's route over these visits.
func (n *network) routeOf(vehicle int32, visits []Visit) route {
	r := route{vehicle: vehicle, nodes: []node{n.start(vehicle)}}
	for _, x := range visits {
		a := n.pickup(int32(x.Ride))
		if x.Dropoff {
			a = n.dropoff(int32(x.Ride))
		}
		r.nodes = append(r.nodes, a)
	}
	r.nodes = append(r.nodes, n.end(vehicle))
	n.measure(&r)
	return r
}

// fits tells whether everybody aboard has a place all the way.
func (n *network) fits(r *route) bool {
	for _, l := range r.aboard {
		if !l.fits(n.vehicles[r.vehicle].Room) {
			return false
		}
	}
	return true
}
