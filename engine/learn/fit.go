package learn

import "math"

// fitting is the work of one Fit: the examples by column, and how far it has come.
type fitting struct {
	features []Feature
	columns  [][]cell // by feature; the last is the bias
	side     []float64
	weight   []float64
	log      []float64 // of each example under the present weights
	beta     []float64
	prior    []float64
	region   []float64 // how far the next step of each weight may go
	ridge    float64
}

// cell is what a feature contributed in one example.
type cell struct {
	example int
	value   float64
}

func newFitting(features []Feature, examples []Example, prior []float64, ridge float64) *fitting {
	n := len(features)
	f := &fitting{
		features: features, prior: prior, ridge: ridge,
		columns: make([][]cell, n+1),
		side:    make([]float64, len(examples)), weight: make([]float64, len(examples)), log: make([]float64, len(examples)),
		beta: make([]float64, n+1), region: make([]float64, n+1),
	}
	for i := range examples {
		f.side[i], f.weight[i] = sideOf(&examples[i]), weight(&examples[i])
		for _, x := range examples[i].X {
			if x.Value != 0 {
				f.columns[x.Feature] = append(f.columns[x.Feature], cell{i, x.Value})
			}
		}
		f.columns[n] = append(f.columns[n], cell{i, 1})
	}
	for j := range f.region {
		f.region[j] = 1
	}
	return f
}

// run goes over the weights until none moves.
func (f *fitting) run(passes int) *Model {
	for range passes {
		moved := 0.0
		for j := range f.beta {
			moved = max(moved, math.Abs(f.step(j)))
		}
		if moved < 1e-6 {
			break
		}
	}
	n := len(f.features)
	return &Model{Bias: f.beta[n], Weights: f.beta[:n:n], Prior: f.prior, Ridge: f.ridge}
}

// step moves one weight towards its best value, the others as they are, and tells
// by how much.
func (f *fitting) step(j int) float64 {
	slope, bend := 0.0, 0.0
	for _, c := range f.columns[j] {
		r := f.log[c.example] * f.side[c.example]
		slope -= f.weight[c.example] * f.side[c.example] * c.value * logistic(-r)
		bend += f.weight[c.example] * c.value * c.value * curvature(math.Abs(r), f.region[j]*math.Abs(c.value))
	}
	if j < len(f.features) { // the bias is not penalised
		slope += f.ridge * (f.beta[j] - f.prior[j])
		bend += f.ridge
	}
	if bend == 0 {
		return 0
	}
	move := max(-f.region[j], min(f.region[j], -slope/bend))
	move = f.allowed(j, f.beta[j]+move) - f.beta[j]
	f.region[j] = max(2*math.Abs(move), f.region[j]/2)
	if move == 0 {
		return 0
	}
	f.beta[j] += move
	for _, c := range f.columns[j] {
		f.log[c.example] += move * c.value
	}
	return move
}

func (f *fitting) allowed(j int, beta float64) float64 {
	if j == len(f.features) {
		return beta
	}
	switch f.features[j].Sign {
	case NotNegative:
		return max(0, beta)
	case NotPositive:
		return min(0, beta)
	}
	return beta
}

// curvature bounds the second derivative of log(1+e⁻ʳ) from above for all points
// within reach of r.
func curvature(r, reach float64) float64 {
	if r <= reach {
		return 0.25
	}
	d := r - reach
	return 1 / (2 + math.Exp(d) + math.Exp(-d))
}
