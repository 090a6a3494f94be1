package assign

// queue is a heap of workers by distance, four children to a node, which knows where each stands so
// that a distance can fall. It allocates only when it is made.
type queue struct {
	heap  []int32
	where []int32  // by worker: its place in the heap, or -1
	of    []worker // whose dist it orders by; shared with the search
}

func newQueue(of []worker) queue {
	q := queue{where: make([]int32, len(of)), of: of}
	for i := range q.where {
		q.where[i] = -1
	}
	return q
}

// fall puts a worker where its distance, which has just become known or smaller, belongs.
func (q *queue) fall(w int32) {
	at := q.where[w]
	if at < 0 {
		at = int32(len(q.heap))
		q.heap = append(q.heap, w)
	}
	d := q.of[w].dist
	for at > 0 {
		up := (at - 1) / 4
		v := q.heap[up]
		if q.of[v].dist <= d {
			break
		}
		q.heap[at], q.where[v] = v, at
		at = up
	}
	q.heap[at], q.where[w] = w, at
}

// nearest is the least distance in the queue.
func (q *queue) nearest() (int64, bool) {
	if len(q.heap) == 0 {
		return 0, false
	}
	return q.of[q.heap[0]].dist, true
}

func (q *queue) pop() int32 {
	top, end := q.heap[0], len(q.heap)-1
	last := q.heap[end]
	q.heap, q.where[top] = q.heap[:end], -1
	if end > 0 {
		q.sink(last)
	}
	return top
}

// sink puts a worker in at the top and lets it go down.
func (q *queue) sink(w int32) {
	at, end, d := 0, len(q.heap), q.of[w].dist
	for {
		least, first := -1, 4*at+1
		for c := first; c < min(first+4, end); c++ {
			if least < 0 || q.of[q.heap[c]].dist < q.of[q.heap[least]].dist {
				least = c
			}
		}
		if least < 0 || q.of[q.heap[least]].dist >= d {
			break
		}
		q.heap[at] = q.heap[least]
		q.where[q.heap[at]] = int32(at)
		at = least
	}
	q.heap[at], q.where[w] = w, int32(at)
}

// clear empties the queue.
func (q *queue) clear() {
	for _, w := range q.heap {
		q.where[w] = -1
	}
	q.heap = q.heap[:0]
}
