package kpi

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var unsubscribed = Guard{What: "unsubscribed", Limit: 0.01}

func TestGuard(t *testing.T) {
	t.Parallel()
	delivered := Guard{What: "delivered", Below: true, Limit: 0.95}
	for _, c := range []struct {
		guard Guard
		rate  Rate
		want  GuardState
	}{
		{unsubscribed, Rate{0, 0}, GuardOpen},
		{unsubscribed, Rate{1, 3}, GuardOpen},
		{unsubscribed, Rate{2, 100}, GuardOpen},
		{unsubscribed, Rate{12, 400}, GuardFired},
		{unsubscribed, Rate{4, 400}, GuardOpen},
		{unsubscribed, Rate{0, 2000}, GuardHeld},
		{unsubscribed, Rate{50, 10_000}, GuardHeld},
		{unsubscribed, Rate{100, 10_000}, GuardOpen},
		{unsubscribed, Rate{20_000_000, 1_000_000_000}, GuardFired},
		{delivered, Rate{80, 100}, GuardFired},
		{delivered, Rate{950, 1000}, GuardOpen},
		{delivered, Rate{999, 1000}, GuardHeld},
		{delivered, Rate{0, 0}, GuardOpen},
	} {
		if got, err := c.guard.Judge(c.rate, 0.95); err != nil || got != c.want {
			t.Errorf("%+v of %v: %v (%v), want %v", c.guard, c.rate, got, err, c.want)
		}
	}
}

// Looking after every trial, a guard whose figure stands exactly at its limit fires, or
// is called held, no more often than declared. Computed exactly over all counts.
func TestGuardLookingAfterEveryTrial(t *testing.T) {
	t.Parallel()
	const sure, trials = 0.9, 600
	for _, g := range []Guard{{What: "x", Limit: 0.01}, {What: "x", Limit: 0.2}, {What: "x", Limit: 0.95, Below: true}} {
		for _, state := range []GuardState{GuardFired, GuardHeld} {
			alive := make([]float64, trials+2)
			alive[0] = 1
			var ever float64
			for n := 1; n <= trials; n++ {
				for hits := n; hits >= 0; hits-- {
					chance := alive[hits] * (1 - g.Limit)
					if hits > 0 {
						chance += alive[hits-1] * g.Limit
					}
					alive[hits] = chance
					if chance == 0 {
						continue
					}
					if got, err := g.Judge(Rate{int64(hits), int64(n)}, sure); err != nil {
						t.Fatal(err)
					} else if got == state {
						ever += chance
						alive[hits] = 0
					}
				}
			}
			if ever > 1-sure || ever < (1-sure)/100 {
				t.Errorf("%+v is %v falsely with a probability of %v, declared %v", g, state, ever, 1-sure)
			}
		}
	}
}

// More cases never quiet a guard; being surer never fires it sooner.
func TestGuardIsMonotone(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		g := Guard{What: "x", Limit: rapid.Float64Range(0.001, 0.999).Draw(t, "limit")}
		of := rapid.Int64Range(1, 100_000).Draw(t, "of")
		n := rapid.Int64Range(0, of-1).Draw(t, "n")
		if exceeds(float64(n+1), float64(of-n-1), g.Limit) < exceeds(float64(n), float64(of-n), g.Limit) {
			t.Fatalf("%d of %d speaks louder against %v than one more", n, of, g.Limit)
		}
		surer, _ := g.Judge(Rate{n, of}, 0.99)
		state, err := g.Judge(Rate{n, of}, 0.9)
		if err != nil || surer == GuardFired && state != GuardFired || surer == GuardHeld && state != GuardHeld {
			t.Fatalf("%d of %d against %v: %v when surer, %v when less sure (%v)", n, of, g.Limit, surer, state, err)
		}
	})
}

func TestGuardsThatCannotBe(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		guard Guard
		rate  Rate
		sure  float64
	}{
		{Guard{What: "x"}, Rate{1, 2}, 0.95},
		{Guard{What: "x", Limit: 1}, Rate{1, 2}, 0.95},
		{Guard{What: "x", Limit: math.NaN()}, Rate{1, 2}, 0.95},
		{unsubscribed, Rate{3, 2}, 0.95},
		{unsubscribed, Rate{1, 2}, 1},
		{unsubscribed, Rate{1, 2}, 0},
	} {
		if _, err := c.guard.Judge(c.rate, c.sure); err == nil || !strings.Contains(err.Error(), "judge guard "+c.guard.What) {
			t.Errorf("%+v: %v", c, err)
		}
	}
	if _, err := Decide(armsOf(1, 2, 1, 2), Plan{Guards: []Guard{unsubscribed}}); err == nil {
		t.Error("a guard without counts is accepted")
	}
}
