package assign

import "fmt"

// Matrix is a square problem in which every pair may be: row i and column j cost Cost[i*N+j]. Each
// row gets one column.
type Matrix struct {
	N    int
	Cost []int64
}

// Check says what is wrong with a matrix, if anything is. Dense expects one without fault.
func (m Matrix) Check() error {
	if !m.filled() {
		return fmt.Errorf("assign: %d costs do not fill %d rows and columns", len(m.Cost), m.N)
	}
	return withinLimit("pair", m.Cost)
}

// filled divides, since N*N may be more than an int holds.
func (m Matrix) filled() bool {
	if m.N <= 0 {
		return m.N == 0 && len(m.Cost) == 0
	}
	return len(m.Cost)%m.N == 0 && len(m.Cost)/m.N == m.N
}

// Matching is a column for each row, and the prices that prove that nothing is cheaper.
type Matching struct {
	Column []int32 // by row
	Cost   int64
	Row    []int64 // the price of each row
	Price  []int64 // the price of each column
}

// Verify proves that a matching is allowed and that no other is cheaper, or says why it is not: no
// pair costs less than its two prices together, so no matching costs less than all prices together,
// and this one costs just that.
func (m Matrix) Verify(s Matching) error {
	if len(s.Column) != m.N || len(s.Row) != m.N || len(s.Price) != m.N {
		return fmt.Errorf("assign: %d rows, but %d columns and %d + %d prices", m.N, len(s.Column), len(s.Row), len(s.Price))
	}
	taken, cost, proven := make([]bool, m.N), int64(0), int64(0)
	for i, j := range s.Column {
		if j < 0 || int(j) >= m.N || taken[j] {
			return fmt.Errorf("assign: column %d of row %d is not free", j, i)
		}
		taken[j] = true
		cost += m.Cost[i*m.N+int(j)]
		proven += s.Row[i] + s.Price[i]
		for k, price := range s.Price {
			if c := m.Cost[i*m.N+k]; s.Row[i]+price > c {
				return fmt.Errorf("assign: row %d and column %d cost %d, their prices are %d and %d", i, k, c, s.Row[i], price)
			}
		}
	}
	if cost != s.Cost || proven != cost {
		return fmt.Errorf("assign: the matching says %d, costs %d, and its prices prove %d", s.Cost, cost, proven)
	}
	return nil
}

// Dense solves a square problem to the optimum, after Jonker and Volgenant (Computing 38, 1987):
// columns take their cheapest rows, rows without a column outbid each other twice, and the rows
// still without one are given theirs along the shortest chains of moves. The same matrix always gets
// the same answer. What it takes grows with the cube of the size, and not with the size of the costs.
func Dense(m Matrix) Matching {
	b := &board{Matrix: m, column: make([]int32, m.N), row: make([]int32, m.N), price: make([]int64, m.N)}
	free := b.reduceColumns()
	for range 2 {
		free = b.outbid(free)
	}
	s := newSteps(m.N)
	for _, i := range free {
		b.augment(i, s)
	}
	return b.matching()
}

// board is a matching of some rows in which each row matched has a column of its least reduced cost
// (the cost without the column's price). Of the columns that are free, none has been outbid.
type board struct {
	Matrix
	column []int32 // by row; Nobody where it has none
	row    []int32 // by column; Nobody where it is free
	price  []int64 // by column
}

func (b *board) costs(i int32) []int64 { return b.Cost[int(i)*b.N : (int(i)+1)*b.N] }

// reduceColumns prices each column at its cheapest row and matches the two where the row is still
// free, then lowers the price of each column whose row has no other by what the row could gain by no
// other column. It returns the rows without a column.
func (b *board) reduceColumns() []int32 {
	cheapest := make([]int32, b.N)
	if b.N > 0 {
		copy(b.price, b.costs(0))
	}
	for i := range int32(b.N) {
		b.column[i] = Nobody
		for j, c := range b.costs(i) {
			if c < b.price[j] {
				b.price[j], cheapest[j] = c, i
			}
		}
	}
	sole := make([]bool, b.N)
	for j := b.N - 1; j >= 0; j-- {
		i := cheapest[j]
		b.row[j] = Nobody
		if b.column[i] == Nobody {
			b.column[i], b.row[j], sole[i] = int32(j), i, true
		} else {
			sole[i] = false
		}
	}
	var free []int32
	for i := range int32(b.N) {
		switch j := b.column[i]; {
		case j == Nobody:
			free = append(free, i)
		case sole[i]:
			if gain := b.others(i, j); gain != unreached {
				b.price[j] -= gain
			}
		}
	}
	return free
}

// others is the least reduced cost of a row in all columns but one.
func (b *board) others(i, but int32) int64 {
	least := unreached
	for j, c := range b.costs(i) {
		if h := c - b.price[j]; h < least && int32(j) != but {
			least = h
		}
	}
	return least
}

// bids is how many a round of outbidding may have for each row of the matrix. Rows that want the same
// columns can go on in steps of one unit up to the size of the costs; a bid looks at one row, so that a
// round costs no more than a few chains do.
const bids = 4

// outbid lets each row without a column take its best one from whoever has it, at a price that makes
// it only as good as the second best. It returns the rows that end without one, or that were still to
// bid when there were enough bids.
func (b *board) outbid(free []int32) []int32 {
	var left []int32
	at := 0
	for bid := 0; at < len(free) && bid < bids*b.N; bid++ {
		i := free[at]
		at++
		best, second, least, next := b.twoBest(i)
		old := b.row[best]
		if least < next {
			b.price[best] -= next - least
		} else if old != Nobody && second != Nobody {
			best = second // as good, and perhaps free
			old = b.row[best]
		}
		b.column[i], b.row[best] = best, i
		if old == Nobody {
			continue
		}
		b.column[old] = Nobody
		if least < next {
			at--
			free[at] = old // who was outbid bids at once
		} else {
			left = append(left, old)
		}
	}
	return append(left, free[at:]...)
}

// twoBest are the columns of a row's least and second least reduced costs, with these. With a single
// column the second is as the first.
func (b *board) twoBest(i int32) (best, second int32, least, next int64) {
	best, second, least, next = Nobody, Nobody, unreached, unreached
	prices := b.price
	for j, c := range b.costs(i) {
		if h := c - prices[j]; h < next {
			if h < least {
				best, second, least, next = int32(j), best, h, least
			} else {
				second, next = int32(j), h
			}
		}
	}
	if second == Nobody {
		next = least
	}
	return best, second, least, next
}

// steps is what the search for a chain keeps.
type steps struct {
	dist []int64 // by column
	from []int32 // by column: the row before it
	todo []int32 // columns: settled first, then those at the least distance, then the others
}

func newSteps(n int) *steps {
	return &steps{dist: make([]int64, n), from: make([]int32, n), todo: make([]int32, n)}
}

// augment gives a row a column along the shortest chain of moves (Dijkstra over columns), and lowers
// the prices of the columns passed by what that chain costs more than each of them.
func (b *board) augment(first int32, s *steps) {
	for j, c := range b.costs(first) {
		s.dist[j], s.from[j], s.todo[j] = c-b.price[j], first, int32(j)
	}
	done, known, least := 0, 0, int64(0)
	last := Nobody
	for last == Nobody {
		if done == known {
			known, least = s.nearest(known)
			for _, j := range s.todo[done:known] {
				if b.row[j] == Nobody {
					last = j
					break
				}
			}
			if last != Nobody {
				break
			}
		}
		j := s.todo[done]
		done++
		known, last = b.pass(j, known, least, s)
	}
	for _, j := range s.todo[:done] {
		b.price[j] += s.dist[j] - least
	}
	for j := last; ; {
		i := s.from[j]
		b.row[j] = i
		b.column[i], j = j, b.column[i]
		if i == first {
			return
		}
	}
}

// nearest moves the columns at the least distance of those not known yet to the front of them.
func (s *steps) nearest(known int) (int, int64) {
	end, least := known, unreached
	for k := known; k < len(s.todo); k++ {
		j := s.todo[k]
		d := s.dist[j]
		if d > least {
			continue
		}
		if d < least {
			end, least = known, d
		}
		s.todo[k], s.todo[end] = s.todo[end], j
		end++
	}
	return end, least
}

// pass goes on through the row of a settled column. It returns how many columns are known now, and
// a free column at the least distance where it comes by one.
func (b *board) pass(through int32, known int, least int64, s *steps) (int, int32) {
	i := b.row[through]
	costs := b.costs(i)
	base := costs[through] - b.price[through] - least
	for k := known; k < len(s.todo); k++ {
		j := s.todo[k]
		d := costs[j] - b.price[j] - base
		if d >= s.dist[j] {
			continue
		}
		s.dist[j], s.from[j] = d, i
		if d != least {
			continue
		}
		if b.row[j] == Nobody {
			return known, j
		}
		s.todo[k], s.todo[known] = s.todo[known], j
		known++
	}
	return known, Nobody
}

func (b *board) matching() Matching {
	s := Matching{Column: b.column, Price: b.price, Row: make([]int64, b.N)}
	for i, j := range b.column {
		c := b.Cost[i*b.N+int(j)]
		s.Row[i] = c - b.price[j]
		s.Cost += c
	}
	return s
}
