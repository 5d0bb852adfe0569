package kpi

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// equalWorlds are experiments without a difference, each looked at forty times.
var equalWorlds = []struct {
	name string
	world
}{
	{"0.5 %, 2 arms", world{rates: []float64{.005, .005}, looks: 40, each: 400}},
	{"3 %, 2 arms", world{rates: []float64{.03, .03}, looks: 40, each: 200}},
	{"30 %, 2 arms", world{rates: []float64{.3, .3}, looks: 40, each: 100}},
	{"0.5 %, 4 arms", world{rates: []float64{.005, .005, .005, .005}, looks: 40, each: 400}},
	{"3 %, 4 arms", world{rates: []float64{.03, .03, .03, .03}, looks: 40, each: 200}},
	{"30 %, 4 arms", world{rates: []float64{.3, .3, .3, .3}, looks: 40, each: 100}},
	{"3 %, 2 arms, 4 trials a look", world{rates: []float64{.03, .03}, looks: 40, each: 4}},
	{"30 %, 2 arms, 4 trials a look", world{rates: []float64{.3, .3}, looks: 40, each: 4}},
	{"3 %, hold-out of 5 %", world{rates: []float64{.03, .03}, weights: []float64{95, 5}, looks: 40, each: 400}},
	{"3 %, the first arm always a day ahead", world{rates: []float64{.03, .03}, looks: 40, each: 200, order: aDayAhead}},
	{"3 % that swings between 0.6 and 9 %", world{rates: []float64{.03, .03}, looks: 40, each: 200, drift: swing}},
}

// aDayAhead sends the first arm at even looks and the second at odd ones: slots of one
// week are like that.
func aDayAhead(look, _ int) int { return look % 2 }

// swing makes some days bad and some good for all arms alike.
func swing(look int) float64 { return []float64{1, .2, 3, .5, 2, .3}[look%6] }

const (
	equalRuns  = 2000
	falseAlarm = 0.05
)

// Forty looks at equal arms name a winner no more often than was declared, whatever the
// rate, the number of arms, their shares, the order in which they are sent, and how good
// the days are. With -v it prints the table, beside what the fixed test does.
//
// If the true probability of a false alarm were 5 %, more than tooMany of them in 2,000
// runs would come once in a million. The fixed test has more: the bound can be broken.
func TestAAFalseAlarms(t *testing.T) {
	t.Parallel()
	tooMany := binomialTop(equalRuns, falseAlarm, 1e-6)
	lines := make([]string, len(equalWorlds))
	t.Run("worlds", func(t *testing.T) {
		for i, w := range equalWorlds {
			t.Run(w.name, func(t *testing.T) {
				t.Parallel()
				ours, fixed := falseAlarms(w.world, uint64(i))
				lines[i] = fmt.Sprintf("%-40s %9.2f %% %9.2f %%", w.name, share(ours, equalRuns), share(fixed, equalRuns))
				if ours > tooMany {
					t.Errorf("%d false alarms in %d runs, at most %d may be", ours, equalRuns, tooMany)
				}
				if w.each*w.looks > 1000 && fixed <= tooMany {
					t.Errorf("the fixed test has %d false alarms only: this world is no trial", fixed)
				}
			})
		}
	})
	t.Logf("false winners of two or more equal arms in %d runs of 40 looks, declared %.0f %%\n%-40s %11s %11s\n%s",
		equalRuns, 100*falseAlarm, "", "always-valid", "fixed z-test", strings.Join(lines, "\n"))
}

func falseAlarms(w world, seed uint64) (ours, fixed int) {
	enough := math.Log(float64(len(w.rates)) / falseAlarm)
	for run := range equalRuns {
		r := rand.New(rand.NewPCG(seed, uint64(run)))
		won, starred := false, false
		w.run(r, func(_ int, arms []Arm) bool {
			starred = starred || fixedTest(arms)
			won = won || judge(arms, Plan{}, enough).State == Decided
			return won && starred
		})
		if won {
			ours++
		}
		if starred {
			fixed++
		}
	}
	return ours, fixed
}

// Neither of two arms that tie at the top wins because a third is worse; and arms that
// differ by twice what is worth having are not called the same. Bounds as above.
func TestAATieAndSame(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		world world
		plan  Plan
		false State
		true  State // what at least half of the runs find, if they can find anything
	}{
		{"a tie at the top", world{rates: []float64{.3, .3, .2}, looks: 40, each: 150}, Plan{}, Decided, Collecting},
		{"no sameness", world{rates: []float64{.3, .36}, looks: 40, each: 300}, Plan{Least: 0.1}, Same, Decided},
		{"sameness", world{rates: []float64{.3, .3}, looks: 40, each: 1500}, Plan{Least: 0.1}, Decided, Same},
	} {
		const runs = 500
		enough := math.Log(float64(len(c.world.rates)) / falseAlarm)
		count := map[State]int{}
		for run := range runs {
			var last State
			c.world.run(rand.New(rand.NewPCG(21, uint64(run))), func(_ int, arms []Arm) bool {
				last = judge(arms, c.plan, enough).State
				return last != Collecting
			})
			count[last]++
		}
		t.Logf("%s: %v in %d runs", c.name, count, runs)
		if count[c.false] > binomialTop(runs, falseAlarm, 1e-6) || count[c.true] < runs/2 {
			t.Errorf("%s: %v in %d runs", c.name, count, runs)
		}
	}
}

// A trial is a lead, not a message. In a newsletter of forty issues with sticky arms, a
// few readers click nearly always and most never do; two arms without a difference then
// differ by who fell into them. Counted by message, that is taken for a difference far
// more often than declared; counted by lead, it is not.
func TestAATrialIsALead(t *testing.T) {
	t.Parallel()
	const runs = 200
	byMessage, byLead := 0, 0
	for run := range runs {
		messages, leads := newsletter(rand.New(rand.NewPCG(77, uint64(run))), 40, 2000)
		if messages {
			byMessage++
		}
		if leads {
			byLead++
		}
	}
	t.Logf("false winners of equal arms over 40 issues, declared %.0f %%: %.1f %% counted by message, %.1f %% by lead",
		100*falseAlarm, share(byMessage, runs), share(byLead, runs))
	if tooMany := binomialTop(runs, falseAlarm, 1e-6); byLead > tooMany || byMessage <= tooMany {
		t.Errorf("%d false alarms counted by lead, %d by message; %d are too many", byLead, byMessage, tooMany)
	}
}

// newsletter sends issues to leads of whom one in twelve is a keen reader, and reports
// whether an arm was ever the winner, counted by message and by lead.
func newsletter(r *rand.Rand, issues, leads int) (byMessage, byLead bool) {
	arm, keen, clicked := make([]int, leads), make([]float64, leads), make([]bool, leads)
	for i := range leads {
		arm[i], keen[i] = r.IntN(2), 0.005
		if r.IntN(12) == 0 {
			keen[i] = 0.3 + 0.3*r.Float64()
		}
	}
	messages, people := make([]Arm, 2), make([]Arm, 2)
	enough := math.Log(2 / falseAlarm)
	for issue := range issues {
		for i := range leads {
			a := arm[i]
			click := r.Float64() < keen[i]
			messages[a].Of++
			if issue == 0 {
				people[a].Of++
			}
			if click {
				messages[a].N++
			}
			if click && !clicked[i] {
				clicked[i] = true
				people[a].N++
			}
		}
		// The draw was right; what counts is what is made of it.
		for _, arms := range [][]Arm{messages, people} {
			drawn := max(arms[0].Of, arms[1].Of)
			arms[0].Drawn, arms[1].Drawn = drawn, drawn
		}
		byMessage = byMessage || judge(messages, Plan{}, enough).State == Decided
		byLead = byLead || judge(people, Plan{}, enough).State == Decided
	}
	return byMessage, byLead
}

func share(n, of int) float64 { return 100 * float64(n) / float64(of) }

// binomialTop is the least count that a binomial variable exceeds with a probability
// below tail.
func binomialTop(n int, p, tail float64) int {
	var sum float64
	for k := n; k >= 0; k-- {
		if sum += math.Exp(logChoose(n, k) + float64(k)*math.Log(p) + float64(n-k)*math.Log(1-p)); sum > tail {
			return k
		}
	}
	return 0
}

func logChoose(n, k int) float64 {
	return -logBeta(float64(k+1), float64(n-k+1)) - math.Log(float64(n+1))
}

// differentWorlds are experiments with a difference, and how many trials a day they
// have. The first arm is the better one.
var differentWorlds = []struct {
	name string
	aim  Aim
}{
	{"1 % → 2 %", Aim{Rate: .01, Lift: 1}},
	{"3 % → 4.5 %", Aim{Rate: .03, Lift: .5}},
	{"10 % → 12 %", Aim{Rate: .1, Lift: .2}},
	{"30 % → 36 %", Aim{Rate: .3, Lift: .2}},
	{"3 % → 6 %, 4 arms", Aim{Rate: .03, Lift: 1, Weights: []float64{1, 1, 1, 1}}},
	{"2 % → 4 %, hold-out of 5 %", Aim{Rate: .02, Lift: 1, Weights: []float64{5, 95}}},
}

const (
	differentRuns = 400
	perDay        = 500
)

// A known difference is found, with the power and by the time that Needed foretells.
// With -v it prints power and days.
//
// Needed claims to be right to about a tenth: at its sample the power is 80 %. The test
// allows what a tenth more or less of the sample would change (about 5 points) and four
// standard errors of 400 runs (8 points) beside.
func TestABPowerAndDays(t *testing.T) {
	t.Parallel()
	rows := make([]abRow, len(differentWorlds))
	t.Run("worlds", func(t *testing.T) {
		for i, w := range differentWorlds {
			t.Run(w.name, func(t *testing.T) {
				t.Parallel()
				rows[i] = knownDifference(t, w.aim, uint64(i))
			})
		}
	})
	table := fmt.Sprintf("%-28s %8s %8s %7s %7s %7s %7s %9s", "", "one look", "needed", "days", "power", "median", "80 %", "wrong arm")
	for i, w := range differentWorlds {
		r := rows[i]
		table += fmt.Sprintf("\n%-28s %8d %8d %7.0f %5.1f %% %7.0f %7.0f %7.2f %%", w.name, r.need.OneLook, r.need.Total,
			r.need.Days(perDay, 0), share(r.found, differentRuns), r.days(.5), r.days(.8), share(r.wrong, differentRuns))
	}
	t.Logf("a known difference: trials and days to decide with %d trials a day, in %d runs of 80 looks\n%s", perDay, differentRuns, table)
}

// abRow is what came of an experiment with a known difference.
type abRow struct {
	need         Sample
	trials       []int // by which the better arm had won, in ascending order
	found, wrong int   // runs in which it had won by need.Total, and in which another had
}

// days is by when the part of all runs was decided, +Inf if it never was.
func (r abRow) days(part float64) float64 {
	i := int(part * differentRuns)
	if i >= len(r.trials) {
		return math.Inf(1)
	}
	return math.Ceil(float64(r.trials[i]) / perDay)
}

func knownDifference(t *testing.T, aim Aim, seed uint64) (row abRow) {
	var err error
	if row.need, err = Needed(aim); err != nil {
		t.Fatal(err)
	}
	aim = aim.withDefaults()
	w := world{weights: aim.Weights, looks: 80, each: int(row.need.Total/40) + 1}
	for range aim.Weights {
		w.rates = append(w.rates, aim.Rate)
	}
	w.rates[0] *= 1 + aim.Lift
	enough := math.Log(float64(len(w.rates)) / (1 - aim.Sure))
	for run := range differentRuns {
		w.run(rand.New(rand.NewPCG(100+seed, uint64(run))), func(look int, arms []Arm) bool {
			v := judge(arms, Plan{}, enough)
			switch {
			case v.State == Decided && v.Leader == 0:
				row.trials = append(row.trials, (look+1)*w.each)
			case v.State == Decided:
				row.wrong++
			}
			return v.State == Decided
		})
	}
	slices.Sort(row.trials)
	row.found, _ = slices.BinarySearch(row.trials, 40*w.each+1)
	if power := share(row.found, differentRuns); math.Abs(power-80) > 13 {
		t.Errorf("with %d trials the power is %.1f %%, not 80 %%", row.need.Total, power)
	}
	if row.wrong > binomialTop(differentRuns, 0.05, 1e-6) {
		t.Errorf("a worse arm won %d times in %d", row.wrong, differentRuns)
	}
	if row.need.Total < row.need.OneLook || row.need.Total > 3*row.need.OneLook {
		t.Errorf("%d trials are needed, and one look takes %d", row.need.Total, row.need.OneLook)
	}
	return row
}
