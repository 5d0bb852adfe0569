package learn

import (
	"cmp"
	"slices"
)

// Area is the probability that a won example has a greater score than one that was
// not won, ties counting half (the area under the ROC curve, by the rank sum of
// Mann and Whitney), weights respected. It is 0.5 when one of the two is missing.
func Area(examples []Example, score func(*Example) float64) float64 {
	weights := make([]float64, len(examples))
	for i := range examples {
		weights[i] = weight(&examples[i])
	}
	return rank(examples, score).area(weights)
}

// ranked are examples in ascending order of a score.
type ranked struct {
	examples []Example
	order    []int
	score    []float64 // by example
}

func rank(examples []Example, score func(*Example) float64) *ranked {
	r := &ranked{examples: examples, order: make([]int, len(examples)), score: make([]float64, len(examples))}
	for i := range examples {
		r.order[i], r.score[i] = i, score(&examples[i])
	}
	slices.SortStableFunc(r.order, func(a, b int) int { return cmp.Compare(r.score[a], r.score[b]) })
	return r
}

func (r *ranked) area(weights []float64) float64 {
	won, lost, above := 0.0, 0.0, 0.0
	for i := 0; i < len(r.order); {
		tiedWon, tiedLost := 0.0, 0.0
		j := i
		for ; j < len(r.order) && r.score[r.order[j]] == r.score[r.order[i]]; j++ {
			if e := r.order[j]; r.examples[e].Won {
				tiedWon += weights[e]
			} else {
				tiedLost += weights[e]
			}
		}
		above += tiedWon * (lost + tiedLost/2)
		won, lost = won+tiedWon, lost+tiedLost
		i = j
	}
	if won == 0 || lost == 0 {
		return 0.5
	}
	return above / (won * lost)
}

// Brier is the mean squared distance between the chance that was told and what came
// (Brier 1950): 0 is perfect; telling everybody the share of the won gives
// share·(1−share).
func Brier(m *Model, examples []Example) float64 {
	sum, n := 0.0, 0.0
	for i := range examples {
		e := &examples[i]
		came := 0.0
		if e.Won {
			came = 1
		}
		d := m.Chance(e) - came
		sum += weight(e) * d * d
		n += weight(e)
	}
	if n == 0 {
		return 0
	}
	return sum / n
}

// Group is one line of a table of calibration: of examples that were told about the
// same chance, how many were won.
type Group struct {
	Low, High float64 // the chances told
	Told      float64 // their mean
	N         float64
	Won       float64
}

// Calibration parts examples into groups of the same size by the chance that was
// told to them, the least likely first.
func Calibration(m *Model, examples []Example, groups int) []Group {
	r := rank(examples, m.Chance)
	total := 0.0
	for i := range examples {
		total += weight(&examples[i])
	}
	var table []Group
	seen := 0.0
	for _, i := range r.order {
		e, chance := &examples[i], r.score[i]
		if at := min(groups-1, int(seen/total*float64(groups))); len(table) <= at {
			table = append(table, Group{Low: chance})
		}
		g := &table[len(table)-1]
		g.High = chance
		g.Told += chance * weight(e)
		g.N += weight(e)
		if e.Won {
			g.Won += weight(e)
		}
		seen += weight(e)
	}
	for i := range table {
		table[i].Told /= table[i].N
	}
	return table
}

// Ahead is how sure it is that score a orders the examples better than score b: the
// share of resamplings of the leads (drawn by a seed, with replacement) in which a's
// area is the greater. Examples of one lead are drawn together.
func Ahead(examples []Example, a, b func(*Example) float64, rounds int, seed uint64) float64 {
	byLead := map[int][]int{}
	var leads []int
	for i := range examples {
		l := examples[i].Lead
		if byLead[l] == nil {
			leads = append(leads, l)
		}
		byLead[l] = append(byLead[l], i)
	}
	first, second := rank(examples, a), rank(examples, b)
	weights := make([]float64, len(examples))
	ahead := 0.0
	for range rounds {
		clear(weights)
		for range leads {
			for _, i := range byLead[leads[next(&seed)%uint64(len(leads))]] {
				weights[i] += weight(&examples[i])
			}
		}
		switch x, y := first.area(weights), second.area(weights); {
		case x > y:
			ahead++
		case x == y:
			ahead += 0.5
		}
	}
	return ahead / float64(rounds)
}

// next is the generator splitmix64 (Steele, Lea, Flood 2014).
func next(state *uint64) uint64 {
	*state += 0x9e3779b97f4a7c15
	z := *state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
