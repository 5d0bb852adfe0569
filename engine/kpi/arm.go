package kpi

import (
	"errors"
	"fmt"
	"math"
)

// Arm is one side of an experiment, in totals: how many were tried and how many of
// them did what is measured.
//
// A trial is what was drawn by lot, which is a lead: whoever gets three issues of a
// newsletter in the same arm is one trial with one answer, yes or no. Counting their
// three messages as three trials would take one person's habit for three findings.
//
// A trial counts when its time to answer is over (see Mature), measured in all arms
// alike. Who has just been written to has not failed to answer.
type Arm struct {
	Rate           // N answered of Of tried
	Weight float64 // share in the draw, on any scale common to the arms; 0 means 1
	Drawn  int64   // leads that fell to this arm, whether their time is over or not; 0 means Of
	Bad    []int64 // for each Guard of the Plan, how many of the tried it counts
}

func (a Arm) weight() float64 {
	if a.Weight == 0 {
		return 1
	}
	return a.Weight
}

func (a Arm) drawn() int64 {
	if a.Drawn == 0 {
		return a.Of
	}
	return a.Drawn
}

// mostCounted bounds every count: sums of a few of them stay exact in a float64,
// which is what all that follows computes in.
const mostCounted = 1 << 50

// check refuses counts that cannot have been counted.
func (a Arm) check() error {
	switch {
	case a.Of < 0 || a.N < 0 || a.Drawn < 0:
		return fmt.Errorf("%d of %d, %d drawn: counts are not negative", a.N, a.Of, a.Drawn)
	case a.N > a.Of:
		return fmt.Errorf("%d of %d: more answered than were tried; count each lead once", a.N, a.Of)
	case a.Drawn != 0 && a.Drawn < a.Of:
		return fmt.Errorf("%d tried of %d drawn: more were tried than fell to the arm", a.Of, a.Drawn)
	case max(a.Of, a.Drawn) > mostCounted:
		return fmt.Errorf("%d tried, %d drawn: more than can be counted", a.Of, a.Drawn)
	case !(a.Weight >= 0) || math.IsInf(a.Weight, 0):
		return fmt.Errorf("weight %v: a weight is a positive number", a.Weight)
	}
	for _, bad := range a.Bad {
		if bad < 0 || bad > a.Of {
			return fmt.Errorf("a guard counts %d of %d tried; count each lead once", bad, a.Of)
		}
	}
	return nil
}

// checkArms refuses what is no comparison.
func checkArms(arms []Arm) error {
	if len(arms) < 2 {
		return fmt.Errorf("%d arms: a comparison has two or more", len(arms))
	}
	for i, a := range arms {
		if err := a.check(); err != nil {
			return fmt.Errorf("arm %d: %w", i+1, err)
		}
	}
	return nil
}

var errShare = errors.New("not a share between 0 and 1")

// checkShare refuses what is not strictly between 0 and 1.
func checkShare(what string, share float64) error {
	if !(share > 0 && share < 1) {
		return fmt.Errorf("%s %v: %w", what, share, errShare)
	}
	return nil
}
