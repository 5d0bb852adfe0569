package kpi

import "math"

// How two rates are compared while the experiment runs.
//
// The simple story: look at the difference, divide by its standard error, call 1.96 a
// find. It is right for one look. With forty looks at two equal arms it finds a winner
// in every third experiment, because the difference wanders and somebody waits for the
// moment when it is far out.
//
// What is used instead is a game. A player who does not believe the claim "arm a is no
// better than arm b" starts with one coin and bets on every trial at odds that are fair
// if the claim is true. Whoever plays a fair game multiplies their coin by 40 at any
// time at all with a probability of 1/40 at most (J. Ville, "Étude critique de la notion
// de collectif", 1939). So when the coin has become 40, either something happened that
// happens once in forty lives of this experiment, looked at without end, or the claim
// is wrong. No look costs anything.
//
// The game: the claim to be refuted is rate(a) ≤ ratio·rate(b) + shift. Let p be the
// rate of b, ref = ratio·p + shift the highest that the claim allows a, and wa, wb the
// shares of the arms in the draw. A trial with outcome y (0 or 1) multiplies the coin by
//
//	1 + t·(y − ref)/wa          when it fell to a
//	1 − t·ratio·(y − p)/wb      when it fell to b
//
// for a bet t > 0 small enough to keep both positive. If b's rate is p and a's is at
// most ref, the expectation of either factor is at most 1, in whatever order the arms
// come: the game is fair. The product needs only the four totals. It is played with
// fourteen bets at once, a fixed part of the coin on each, from timid to bold, because
// nobody knows the true difference; a fixed finite mixture of fair games is fair, so
// there is no integral and no approximation in the guarantee.
//
// p is not known. The claim is refuted when it is refuted for every p it could hide
// behind, so the evidence is the least over all p. A p that nobody could believe (half
// of all people click) gives the bets above nothing to win, and would hide the truth; a
// twentieth of the coin therefore plays against p itself, a beta-binomial mixture for
// each arm (H. Robbins, "Statistical methods related to the law of the iterated
// logarithm", 1970), and wins without bound against such p.
//
// Sources: I. Waudby-Smith and A. Ramdas, "Estimating means of bounded random variables
// by betting", JRSS B 86 (2024), for betting and mixing; R. J. Turner, A. Ly, P. D.
// Grünwald, "Generic E-variables for exact sequential k-sample tests that allow for
// optional stopping", J. Stat. Plan. Inference 230 (2024), and R. J. Turner and P. D.
// Grünwald, "Exact anytime-valid confidence intervals for contingency tables and
// beyond", Stat. Probab. Lett. 198 (2023), for the two-sample game: the factors are
// theirs, written as bets; S. R. Howard, A. Ramdas, J. McAuliffe, J. Sekhon,
// "Time-uniform, nonparametric, nonasymptotic confidence sequences", Ann. Statist. 49
// (2021), for reading intervals off it.
//
// What was rejected. Normal mixtures and asymptotic confidence sequences: closed, quick,
// and without a guarantee where mail is, at three clicks of four hundred. A confidence
// sequence for each arm, and a winner when the two part: exact, and needs three times the
// people for 4.5 % against 3 %. The mixed likelihood of the arms over the best likelihood
// of one common rate: exact, and needs two and a half times as many, because it pays half
// the logarithm of the sample for each rate that it does not know.

// claim is what evidence speaks against: rate(a) ≤ ratio·rate(b) + shift.
type claim struct{ ratio, shift float64 }

// noBetter is the claim that a winner has to refute.
var noBetter = claim{ratio: 1}

// game is a claim together with what was counted.
type game struct {
	claim
	sa, fa, sb, fb float64 // a and b: how often it was yes and no
	wa, wb         float64 // shares in the draw, which add up to 1
	mixed          float64 // what of disbelief does not depend on any rate
}

func newGame(c claim, a, b Arm) game {
	w := a.weight() + b.weight()
	g := game{
		claim: c,
		sa:    float64(a.N), fa: float64(a.Of - a.N),
		sb: float64(b.N), fb: float64(b.Of - b.N),
		wa: a.weight() / w, wb: b.weight() / w,
	}
	g.mixed = mixedRates(g.sa, g.fa) + mixedRates(g.sb, g.fb)
	return g
}

const (
	bets      = 14
	boldest   = 2.0  // the greatest bet, in the log-odds by which a is better than b
	timider   = 0.6  // each bet to the one before it
	favourite = 4.0  // the place of the bet that gets most: a lift of a quarter
	onReturn  = 0.95 // what is bet on the difference; the rest is bet on the rates
	nearly    = 0.98 // the greatest part of the coin that one trial may take
)

// betSize and betPart are the bets and the part of the coin on each: most on lifts
// that mail sees, less on both sides.
var betSize, betPart = func() (size, part [bets]float64) {
	sum, next := 0.0, boldest
	for i := range bets {
		size[i] = next
		next *= timider
		distance := (float64(i) - favourite) / 3
		part[i] = 1 / (1 + distance*distance)
		sum += part[i]
	}
	for i := range bets {
		part[i] /= sum
	}
	return size, part
}()

// ref is the highest rate of a that the claim allows when b's is p.
func (g *game) ref(p float64) float64 { return math.Min(1, g.ratio*p+g.shift) }

// returns is the logarithm of what the bets on the difference have made of one coin
// if b's rate is p.
func (g *game) returns(p float64) float64 {
	ref := g.ref(p)
	most := nearly * math.Min(g.wa/ref, g.wb/(g.ratio*(1-p)))
	unit := 1 / (1/g.wa + g.ratio/g.wb)
	sum := newLogSum()
	for i := range bets {
		t := math.Min(betSize[i]*unit, most)
		onA, onB := t/g.wa, t*g.ratio/g.wb
		sum.add(betPart[i], g.sa*math.Log(1+onA*(1-ref))+g.fa*math.Log(1-onA*ref)+
			g.sb*math.Log(1-onB*(1-p))+g.fb*math.Log(1+onB*p))
	}
	return sum.log()
}

// disbelief is the logarithm of what the bets against the rates themselves have made
// of one coin: against p for b, and against everything up to ref for a. It is convex
// in p. Each arm's is
//
//	B(yes + ½, no + ½) / B(½, ½)  /  p^yes·(1 − p)^no
func (g *game) disbelief(p float64) float64 {
	ref := g.ref(p)
	if n := g.sa + g.fa; n > 0 {
		ref = math.Min(ref, g.sa/n)
	}
	return g.mixed - timesLog(g.sa, ref) - timesLog(g.fa, 1-ref) - timesLog(g.sb, p) - timesLog(g.fb, 1-p)
}

// at is the logarithm of the whole coin if b's rate is p.
func (g *game) at(p float64) float64 {
	sum := newLogSum()
	sum.add(onReturn, g.returns(p))
	sum.add(1-onReturn, g.disbelief(p))
	return sum.log()
}

// evidence is the logarithm of the coin against the claim, the least over the rates b
// may have. Once it is known to stay below enough, the search is given up: what is
// returned then is below enough too, and no less than the truth.
func (g *game) evidence(enough float64) float64 {
	low, high := g.domain()
	if low > high {
		return math.Inf(1) // the claim allows no rates at all
	}
	p := math.Max(low, math.Min(high, g.middle()))
	least := g.at(p)
	if least < enough {
		return least
	}
	// Where the bets against the rates alone have won more than this, it is not less.
	tooMuch := least - math.Log(1-onReturn)
	low = g.edge(p, low, tooMuch)
	high = g.edge(p, high, tooMuch)
	return math.Min(least, g.least(low, high, enough))
}

// domain is the range of rates of b for which the claim leaves a any rate.
func (g *game) domain() (low, high float64) {
	return math.Max(0, -g.shift/g.ratio), 1
}

// middle is about where the rate of b would be if the claim were just true.
func (g *game) middle() float64 {
	n := g.sa + g.fa + g.sb + g.fb
	if n == 0 {
		return 0.5
	}
	fromA := 0.0
	if na := g.sa + g.fa; na > 0 {
		fromA = (g.sa - g.shift*na) / g.ratio
	}
	return (fromA + g.sb) / n
}

// edge is how far one can go from inside towards end before disbelief exceeds tooMuch.
func (g *game) edge(inside, end, tooMuch float64) float64 {
	if g.disbelief(end) <= tooMuch {
		return end
	}
	for range 40 {
		mid := (inside + end) / 2
		if g.disbelief(mid) <= tooMuch {
			inside = mid
		} else {
			end = mid
		}
	}
	return end
}

// least is the smallest value of at between low and high: a walk over the range, then
// ever finer steps around the best. The function falls from a flat top towards both
// edges and rises steeply beyond a valley near each, so the walk has to be dense at
// the edges; that is what the cosine does.
func (g *game) least(low, high, enough float64) float64 {
	const steps = 24
	walk := func(i int) float64 {
		i = max(0, min(steps, i))
		return low + (high-low)*(1-math.Cos(math.Pi*float64(i)/steps))/2
	}
	best, bestAt := math.Inf(1), 0
	for i := range steps + 1 {
		if value := g.at(walk(i)); value < best {
			best, bestAt = value, i
		}
		if best < enough {
			return best
		}
	}
	return math.Min(best, g.valley(walk(bestAt-1), walk(bestAt+1)))
}

// valley is the smallest value of at between low and high, where it falls and then
// rises, by the golden section.
func (g *game) valley(low, high float64) float64 {
	const golden = 0.6180339887498949
	left, right := high-golden*(high-low), low+golden*(high-low)
	atLeft, atRight := g.at(left), g.at(right)
	for range 16 {
		if atLeft < atRight {
			high, right, atRight = right, left, atLeft
			left = high - golden*(high-low)
			atLeft = g.at(left)
		} else {
			low, left, atLeft = left, right, atRight
			right = low + golden*(high-low)
			atRight = g.at(right)
		}
	}
	return math.Min(atLeft, atRight)
}

// mixedRates is the logarithm of the probability of yes and no outcomes in a given
// order, mixed over all rates with the density of Beta(½, ½).
func mixedRates(yes, no float64) float64 {
	return logBeta(yes+0.5, no+0.5) - math.Log(math.Pi)
}

// timesLog is n·log(x), and 0 for n = 0 whatever x is.
func timesLog(n, x float64) float64 {
	if n == 0 {
		return 0
	}
	return n * math.Log(x)
}

func logBeta(a, b float64) float64 {
	ga, _ := math.Lgamma(a)
	gb, _ := math.Lgamma(b)
	gab, _ := math.Lgamma(a + b)
	return ga + gb - gab
}

// logSum adds up numbers that are given by their logarithms, however great they are.
type logSum struct{ top, sum float64 }

func newLogSum() logSum { return logSum{top: math.Inf(-1)} }

// add adds part·exp(value).
func (s *logSum) add(part, value float64) {
	switch {
	case math.IsInf(value, -1):
	case math.IsInf(value, 1):
		s.top, s.sum = value, 1
	case value > s.top:
		s.sum = s.sum*math.Exp(s.top-value) + part
		s.top = value
	case !math.IsInf(s.top, 1):
		s.sum += part * math.Exp(value-s.top)
	}
}

func (s *logSum) log() float64 { return s.top + math.Log(s.sum) }
