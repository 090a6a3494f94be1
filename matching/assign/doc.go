// Package assign finds the cheapest assignment of tasks to workers, exactly, and proves it.
//
// Square problems with every pair given are for [Dense]; sparse ones, in which a worker takes
// several tasks at a cost that grows with their number and a task may stay undone at a price, are
// for [Sparse]. Each answer carries the prices that prove it: Verify needs nothing but the problem,
// and believes nothing of the solver.
//
// It knows no people, villages or rules: which pairs may be, and what they cost, is for the caller.
// Costs are whole numbers, so that an optimum is one, and not nearly one.
package assign
