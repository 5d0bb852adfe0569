package kpi

import (
	"fmt"
	"math"
)

// Plan is what was settled before the experiment began.
type Plan struct {
	MinEach int64   // trials that every arm needs before a winner is named; default none
	Sure    float64 // how sure the verdict must be, 0.95 for 95 %; default 0.95
	Least   float64 // smallest relative lift worth waiting for, 0.05 for 5 %; default none: wait for ever
	Guards  []Guard // what ends it early, counted in Arm.Bad
}

func (p Plan) sure() float64 {
	if p.Sure == 0 {
		return 0.95
	}
	return p.Sure
}

func (p Plan) check(arms []Arm) error {
	if err := checkArms(arms); err != nil {
		return err
	}
	if err := checkShare("sure", p.sure()); err != nil {
		return err
	}
	if p.MinEach < 0 || !(p.Least >= 0) || p.Least > MostLift {
		return fmt.Errorf("at least %d each, least lift %v: neither is negative, and the lift is no more than %d", p.MinEach, p.Least, MostLift)
	}
	for i, a := range arms {
		if len(a.Bad) != len(p.Guards) {
			return fmt.Errorf("arm %d: %d counts for %d guards", i+1, len(a.Bad), len(p.Guards))
		}
	}
	for _, g := range p.Guards {
		if err := g.check(); err != nil {
			return err
		}
	}
	return nil
}

// State says how an experiment stands.
type State uint8

// How it may stand. Only Collecting may become another by itself.
const (
	Collecting State = iota // nothing can be said yet
	Decided                 // one arm is better than every other
	Stopped                 // a guard fired
	Same                    // no arm differs from the leader by a lift worth having
	Mismatched              // the arms did not get their shares: no count of it can be trusted
)

var stateNames = [...]string{"collecting", "decided", "stopped", "same", "mismatched"}

// String is the state's name, which is stable.
func (s State) String() string {
	if int(s) >= len(stateNames) {
		return fmt.Sprintf("state %d", s)
	}
	return stateNames[s]
}

// Verdict is how an experiment stands after one look. It may be asked for after every
// single trial: the number of looks is not limited and costs nothing.
type Verdict struct {
	State  State
	Leader int // the arm with the highest rate, by its place; the winner when Decided; −1 without any trial
	Second int // the arm that comes nearest to it; −1 without any trial

	// Lift is the leader's over the second, each end of its intervals as sure as the
	// verdict is. It is filled in when State is Decided or Same; Compare gives it at any
	// other time, and takes a thousand times longer than deciding does.
	Lift Lift

	Guard   int     // the guard that fired, by its place in the Plan; −1 without
	Arm     int     // the arm in which it fired; −1 without
	Missing int64   // trials still to come until every arm has MinEach
	Chance  float64 // always-valid p-value of "the leader is not better than the second", 1 at most
}

// Decide is the verdict on what was counted so far.
//
// A winner is named when the evidence against "the leader is no better than this arm"
// reaches K/(1 − Sure) for each of the K − 1 others; evidence.go says what evidence is.
// The correction for many arms is Bonferroni's, over K comparisons and not over all
// K·(K − 1) of them: a false winner has beaten the truly best arm, or is the best and
// has beaten one that ties with it, so no more than K comparisons could go wrong, each
// with a probability of (1 − Sure)/K at most. Over the whole life of an experiment,
// however often it is looked at, the probability of naming an arm that is not strictly
// the best is therefore at most 1 − Sure.
//
// Same is as sure: for each other arm the evidence against "it is Least better than the
// leader" and against "the leader is Least better than it" has reached K/(1 − Sure).
//
// This holds for any shares, any counts and any order in which arms are sent, as long
// as a trial's chance to answer depends on its arm only. Where it also changes with the
// days it holds for arms drawn by lot, which the tests show by simulation.
//
// Before any of this come the draw itself (Mismatch, at one in a thousand) and the
// guards. Guards share 1 − Sure among all arms and guards.
func Decide(arms []Arm, plan Plan) (Verdict, error) {
	if err := plan.check(arms); err != nil {
		return Verdict{}, fmt.Errorf("judge experiment: %w", err)
	}
	enough := math.Log(float64(len(arms)) / (1 - plan.sure()))
	v := judge(arms, plan, enough)
	if v.Leader >= 0 {
		g := newGame(noBetter, arms[v.Leader], arms[v.Second])
		v.Chance = math.Min(1, math.Exp(-g.evidence(0)))
	}
	if v.State == Decided || v.State == Same {
		v.Lift = compare(arms[v.Leader], arms[v.Second], enough)
	}
	return v, nil
}

// judge is Decide without Chance and Lift, which cost more than the state does, for arms
// and a plan that were checked.
func judge(arms []Arm, plan Plan, enough float64) Verdict {
	v := Verdict{Leader: -1, Second: -1, Guard: -1, Arm: -1, Chance: 1}
	v.Leader, v.Second = leaders(arms)
	for _, a := range arms {
		v.Missing += max(0, plan.MinEach-a.Of)
	}
	switch {
	case mismatch(arms) >= math.Log(1/mismatchRisk):
		v.State = Mismatched
	case v.stopped(arms, plan):
		v.State = Stopped
	case v.Missing > 0 || v.Leader < 0:
	case wins(arms, v.Leader, enough):
		v.State = Decided
	case plan.Least > 0 && equal(arms, v.Leader, 1+plan.Least, enough):
		v.State = Same
	}
	return v
}

// leaders are the arms with the highest and the second highest rate, the earlier one
// where rates are equal, and −1 when one of them was never tried.
func leaders(arms []Arm) (first, second int) {
	first, second = -1, -1
	for i, a := range arms {
		switch {
		case a.Of == 0:
		case first < 0 || a.rate() > arms[first].rate():
			first, second = i, first
		case second < 0 || a.rate() > arms[second].rate():
			second = i
		}
	}
	if second < 0 {
		return -1, -1
	}
	return first, second
}

// wins reports whether the arm is better than each of the others.
func wins(arms []Arm, leader int, enough float64) bool {
	for i, a := range arms {
		if i == leader {
			continue
		}
		g := newGame(noBetter, arms[leader], a)
		if g.evidence(enough) < enough {
			return false
		}
	}
	return true
}

// equal reports whether no arm is ratio times as good as the leader, nor the leader
// ratio times as good as it.
func equal(arms []Arm, leader int, ratio, enough float64) bool {
	for i, a := range arms {
		if i == leader {
			continue
		}
		behind := newGame(claim{ratio: 1 / ratio}, a, arms[leader])
		ahead := newGame(claim{ratio: 1 / ratio}, arms[leader], a)
		if behind.evidence(enough) < enough || ahead.evidence(enough) < enough {
			return false
		}
	}
	return true
}

// stopped finds the guard that fired, if one did.
func (v *Verdict) stopped(arms []Arm, plan Plan) bool {
	share := float64(len(arms) * len(plan.Guards))
	for i, a := range arms {
		for j, g := range plan.Guards {
			if g.fires(Rate{N: a.Bad[j], Of: a.Of}, math.Log(share/(1-plan.sure()))) {
				v.Arm, v.Guard = i, j
				return true
			}
		}
	}
	return false
}
