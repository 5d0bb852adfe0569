package kpi

import (
	"fmt"
	"math"
	"strings"
)

// Attribution says to whom a result is owed: one conversion is one credit, divided
// among the touches before it. No model is the truth, because none of them asks what
// would have happened without the touch; a hold-out does. What they are good for is
// to see where people come from, and what they met on the way.

// Model says how a credit is divided.
type Model string

// The models.
const (
	First    Model = "first"    // all of it to the first touch
	Last     Model = "last"     // all of it to the last one
	Linear   Model = "linear"   // to all alike
	Position Model = "position" // 40 % to the first, 40 % to the last, the rest to those between
	Decay    Model = "decay"    // halved for every half-life that lies between touch and result
)

// models are all of them.
var models = []Model{First, Last, Linear, Position, Decay}

// ParseModel reads a model's name.
func ParseModel(name string) (Model, error) {
	var have []string
	for _, m := range models {
		if string(m) == name {
			return m, nil
		}
		have = append(have, string(m))
	}
	return "", fmt.Errorf("there is no model %q; there are: %s", name, strings.Join(have, ", "))
}

// Shares divides one credit among touches in order of time. ago is how long before
// the result each was; halfLife, in the same unit, is read by Decay only. The shares
// add up to 1; without touches there are none.
func (m Model) Shares(ago []float64, halfLife float64) []float64 {
	n := len(ago)
	if n == 0 {
		return nil
	}
	shares := make([]float64, n)
	switch m {
	case First:
		shares[0] = 1
	case Last:
		shares[n-1] = 1
	case Position:
		position(shares)
	case Decay:
		decay(shares, ago, halfLife)
	default:
		for i := range shares {
			shares[i] = 1 / float64(n)
		}
	}
	return shares
}

// position gives the ends their 40 %; two touches have half each, one has all.
func position(shares []float64) {
	n := len(shares)
	switch n {
	case 1:
		shares[0] = 1
	case 2:
		shares[0], shares[1] = 0.5, 0.5
	default:
		shares[0], shares[n-1] = 0.4, 0.4
		for i := 1; i < n-1; i++ {
			shares[i] = 0.2 / float64(n-2)
		}
	}
}

// decay is reckoned from the last touch, so that no weight vanishes however long ago
// all of them were.
func decay(shares, ago []float64, halfLife float64) {
	least := math.Inf(1)
	for _, a := range ago {
		least = math.Min(least, a)
	}
	total := 0.0
	for i, a := range ago {
		shares[i] = math.Exp2(-(a - least) / halfLife)
		total += shares[i]
	}
	for i := range shares {
		shares[i] /= total
	}
}
