// Package region measures the matcher's index on a region of any size, drawn from a seed: volunteers in
// 400 towns and in the country between them, over the Netherlands and a little beyond, with the hours,
// dates and traits that the targets of the matcher are set for. It can write out what it drew and what
// was answered, so that somebody else's code can judge both.
package region
