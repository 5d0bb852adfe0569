package engine

import "math"

// The fields of a message's KIND_sent that tell what it cost.
const (
	costField     = "cost"
	currencyField = "currency"
)

// Costs are what was paid for a message, as the fields of the Settled fact and of the
// event that it brings; nil where it cost nothing, or nobody knows.
func (r *Receipt) Costs() []Field {
	if r.Outcome != Done || r.Cost == 0 {
		return nil
	}
	costs := []Field{{costField, NumberValue(r.Cost)}}
	if r.Currency != "" {
		costs = append(costs, Field{currencyField, TextValue(r.Currency)})
	}
	return costs
}

// Figures that add up a number of their event, rather than count it, are kept in
// thousandths: counters are whole, and so a sum is exact in whatever order it was
// made, and taking back what was added leaves nothing behind.
const sumUnit = 1000

// mostSummed bounds the number of one event, so that sums of very many stay exact.
const mostSummed = 1e12

// amount is what an event adds to a figure that counts it: one, or the number in the
// figure's field in thousandths. What has no such number adds nothing.
func (k *KPISpec) amount(e *Event) int64 {
	if k.Sum == nil {
		return 1
	}
	for i := len(e.Fields) - 1; i >= 0; i-- {
		wire := e.Fields[i].Name
		if wire != k.Sum.Name && wire != k.Sum.Wire && (k.Sum.Wire != "" || Fold(wire) != k.Sum.Name) {
			continue
		}
		v, ok := convert(e.Fields[i].Value, k.Sum)
		n := v.Number()
		if !ok || math.IsNaN(n) || math.Abs(n) > mostSummed {
			return 0
		}
		return int64(math.Round(n * sumUnit))
	}
	return 0
}

// Total is what a figure's counter comes to.
func (k *KPISpec) Total(n int64) float64 {
	if k.Sum == nil {
		return float64(n)
	}
	return float64(n) / sumUnit
}
