package kpi

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestDecide(t *testing.T) {
	t.Parallel()
	guard := []Guard{{What: "unsubscribed", Limit: 0.01}}
	bad := func(arms []Arm, counts ...int64) []Arm {
		for i := range arms {
			arms[i].Bad = []int64{counts[i]}
		}
		return arms
	}
	for name, c := range map[string]struct {
		arms           []Arm
		plan           Plan
		state          State
		leader, second int
	}{
		"nothing yet":           {armsOf(0, 0, 0, 0), Plan{}, Collecting, -1, -1},
		"one arm empty":         {armsOf(5, 10, 0, 0), Plan{}, Collecting, -1, -1},
		"one of three empty":    {armsOf(90, 100, 1, 100, 0, 0), Plan{}, Mismatched, 0, 1},
		"no difference to see":  {armsOf(20, 500, 22, 500), Plan{}, Collecting, 1, 0},
		"too few, though clear": {armsOf(1, 200, 40, 200), Plan{MinEach: 400}, Collecting, 1, 0},
		"enough and clear":      {armsOf(2, 400, 40, 400), Plan{MinEach: 400}, Decided, 1, 0},
		"surer":                 {armsOf(20, 400, 48, 400), Plan{Sure: 0.95}, Decided, 1, 0},
		"not as sure":           {armsOf(20, 400, 48, 400), Plan{Sure: 0.9999}, Collecting, 1, 0},
		"best of three":         {armsOf(20, 1000, 25, 1000, 80, 1000), Plan{}, Decided, 2, 1},
		"two share the lead":    {armsOf(20, 1000, 79, 1000, 80, 1000), Plan{}, Collecting, 2, 1},
		"all alike for ever":    {armsOf(30_000, 1_000_000, 30_000, 1_000_000), Plan{}, Collecting, 0, 1},
		"all alike is enough":   {armsOf(30_000, 1_000_000, 30_000, 1_000_000), Plan{Least: 0.05}, Same, 0, 1},
		"a lost arm":            {armsOf(30, 1000, 30, 700), Plan{}, Mismatched, 1, 0},
		"guard fired":           {bad(armsOf(2, 400, 40, 400), 1, 30), Plan{Guards: guard}, Stopped, 1, 0},
		"guard before minimum":  {bad(armsOf(2, 300, 40, 300), 1, 30), Plan{MinEach: 400, Guards: guard}, Stopped, 1, 0},
		"guard holds":           {bad(armsOf(2, 400, 40, 400), 1, 3), Plan{Guards: guard}, Decided, 1, 0},
	} {
		v, err := Decide(c.arms, c.plan)
		if err != nil || v.State != c.state || v.Leader != c.leader || v.Second != c.second {
			t.Errorf("%s: %+v (%v), want %v, %d before %d", name, v, err, c.state, c.leader, c.second)
		}
		if v.State == Decided && !(v.Lift.DifferenceIn.Low > 0 && v.Lift.RelativeIn.Low > 0 && v.Chance < 0.05) {
			t.Errorf("%s: decided, and the interval says %+v at %v", name, v.Lift, v.Chance)
		}
		if (v.State == Stopped) != (v.Guard == 0 && v.Arm == 1) {
			t.Errorf("%s: guard %d in arm %d", name, v.Guard, v.Arm)
		}
	}
}

func TestMissing(t *testing.T) {
	t.Parallel()
	v, err := Decide(armsOf(1, 390, 2, 410), Plan{MinEach: 400})
	if err != nil || v.Missing != 10 || v.State != Collecting {
		t.Errorf("%+v (%v)", v, err)
	}
}

// A slot that has been sent while the other waits is no broken draw, when the draw is
// given; and it wins nothing.
func TestDrawnIsNotTried(t *testing.T) {
	t.Parallel()
	arms := armsOf(120, 1000, 0, 0)
	arms[0].Drawn, arms[1].Drawn = 1000, 1010
	if v, err := Decide(arms, Plan{}); err != nil || v.State != Collecting {
		t.Errorf("%+v (%v)", v, err)
	}
	if v, err := Decide(armsOf(120, 1000, 0, 0), Plan{}); err != nil || v.State != Mismatched {
		t.Errorf("without the draw: %+v (%v)", v, err)
	}
}

// The order in which arms are given changes nothing but their places, and Chance is
// the p-value that goes with the decision.
func TestDecideKnowsNoOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		arms := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Arm {
			of := rapid.Int64Range(100, 110).Draw(t, "of")
			return Arm{Rate: Rate{N: rapid.Int64Range(0, of).Draw(t, "n"), Of: of}}
		}), 2, 5).Draw(t, "arms")
		v, err := Decide(arms, Plan{})
		if err != nil {
			t.Fatal(err)
		}
		places := make([]int, len(arms))
		for i := range places {
			places[i] = i
		}
		places = rapid.Permutation(places).Draw(t, "places")
		turned := make([]Arm, len(arms))
		for i, place := range places {
			turned[i] = arms[place]
		}
		w, err := Decide(turned, Plan{})
		if err != nil || w.State != v.State || arms[places[w.Leader]].N*arms[v.Leader].Of != arms[v.Leader].N*arms[places[w.Leader]].Of {
			t.Fatalf("%v: %+v, turned %+v (%v)", arms, v, w, err)
		}
		if v.State == Decided && w.Leader != v.Leader && places[w.Leader] != v.Leader {
			t.Fatalf("%v: another winner", arms)
		}
		if len(arms) == 2 && (v.State == Decided) != (v.Chance <= 0.025) && math.Abs(v.Chance-0.025) > 1e-6 {
			t.Fatalf("%v: %v at %v", arms, v.State, v.Chance)
		}
	})
}

// More answers for the winner leave it the winner.
func TestDecideIsMonotone(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		of := rapid.Int64Range(50, 3000).Draw(t, "of")
		a := rapid.Int64Range(0, of-1).Draw(t, "a")
		b := rapid.Int64Range(0, of).Draw(t, "b")
		before, err := Decide(armsOf(a, of, b, of), Plan{})
		if err != nil {
			t.Fatal(err)
		}
		if before.State != Decided || before.Leader != 0 {
			return
		}
		after, err := Decide(armsOf(a+1, of, b, of), Plan{})
		if err != nil || after.State != Decided || after.Leader != 0 || after.Lift.DifferenceIn.Low < before.Lift.DifferenceIn.Low-1e-6 {
			t.Fatalf("%d and %d of %d: %+v, one more answer: %+v (%v)", a, b, of, before, after, err)
		}
	})
}

func TestStateNames(t *testing.T) {
	t.Parallel()
	for state, want := range map[State]string{Collecting: "collecting", Decided: "decided", Stopped: "stopped", Same: "same", Mismatched: "mismatched", 9: "state 9"} {
		if state.String() != want {
			t.Errorf("%q, want %q", state, want)
		}
	}
	for state, want := range map[GuardState]string{GuardOpen: "open", GuardFired: "fired", GuardHeld: "held", 9: "guard state 9"} {
		if state.String() != want {
			t.Errorf("%q, want %q", state, want)
		}
	}
}
