package kpi

import "math"

// The forecast carries who is on the way on to the end of the period.
//
// The simple story: who passed a step will pass the next with its rate. It is not
// enough, because rates take time: of those who inquired yesterday hardly anybody
// can have bought. Divided by all who inquired, a young funnel looks like a bad one.
//
// So each step has a hazard by day: of those who were seen to stand a whole day at
// that age without having gone on, the share that went on (E. L. Kaplan and P. Meier,
// "Nonparametric estimation from incomplete observations", Journal of the American
// Statistical Association 53 (1958)). Who is younger than that age says nothing
// about it. Multiplied up, the hazards give the share that has gone on by each age.
// From there on three streams go on, day by day, to the end of the period: who
// stands at the step before and has not gone on, who will come to it, and who comes
// without it, at the pace so far.
//
// Where nobody had a whole day yet, the declared rate stands in, without delay.
//
// The interval joins, as relative variances, what is not known of the pace of
// arrivals and of each rate above, with the chance that lies in counting what has
// not come yet. It does not know of holidays and campaigns.

const dayHours = 24

// curve is how a step's people go on to the next one, by age in days.
type curve struct {
	hazard []float64
	gone   []float64 // share that has gone on by the end of each day
	seen   float64   // people behind it: at risk on the first day
	known  bool
	// variance is that of the share that goes on in the end, by M. Greenwood's formula
	// ("The natural duration of cancer", 1926): the old ages, which few have reached,
	// are what is known the least.
	variance float64
}

// at is the share that has gone on after so many whole days.
func (c *curve) at(days int) float64 {
	switch {
	case days <= 0:
		return 0
	case !c.known || days > len(c.gone):
		return c.end()
	}
	return c.gone[days-1]
}

func (c *curve) end() float64 {
	if len(c.gone) == 0 {
		return 0
	}
	return c.gone[len(c.gone)-1]
}

// curveOf estimates how a step is left for the next.
func curveOf(before Series, lags []Lagged, now int64) curve {
	if len(before) == 0 {
		return curve{}
	}
	days := int(max(0, (now-before[0].Hour)/dayHours))
	risk, went := make([]float64, days), make([]float64, days)
	for _, p := range before {
		for d := 0; d < int((now-p.Hour)/dayHours) && d < days; d++ {
			risk[d] += float64(p.N)
		}
	}
	for _, l := range lags {
		day, seen := int(max(0, l.Hours-1)/dayHours), int((now-l.Hour)/dayHours)
		for d := day + 1; d < seen && d < days; d++ {
			risk[d] -= float64(l.N)
		}
		if day < seen && day < days {
			went[day] += float64(l.N)
		}
	}
	c := curve{known: days > 0 && risk[0] > 0}
	left, unsure := 1.0, 0.0
	for d := range days {
		h := 0.0
		if risk[d] > 0 {
			h = math.Min(1, math.Max(0, went[d]/risk[d]))
			if h < 1 {
				unsure += h / (risk[d] * (1 - h)) // Greenwood's sum
			}
		}
		left *= 1 - h
		c.hazard, c.gone = append(c.hazard, h), append(c.gone, 1-left)
	}
	if days > 0 {
		c.seen, c.variance = risk[0], left*left*unsure
	}
	return c
}

// stream is what is expected at one step: by day from today on, and how sure that is.
type stream struct {
	coming []float64
	spread float64 // relative variance of what is expected, beyond counting
}

// forecast fills the rows' forecasts, and what their rates ripen to.
func (f *Funnel) forecast(rows []FunnelRow) {
	now := max(f.From, min(f.Now, f.To))
	days := int((f.To - now + dayHours - 1) / dayHours)
	z := quantile((1 + f.Sure) / 2)
	var before stream
	for i := range f.Steps {
		row := &rows[i]
		var here stream
		if i == 0 {
			here = f.arrivals(row.Actual, now, days)
		} else {
			here = f.goOn(i, row, before, now, days)
		}
		future := 0.0
		for _, n := range here.coming {
			future += n
		}
		row.Forecast = float64(row.Actual) + future
		reach := z * math.Sqrt(future+future*future*here.spread)
		row.Between = Interval{Low: math.Max(float64(row.Actual), row.Forecast-reach), High: row.Forecast + reach}
		before = here
	}
}

// arrivals go on at the pace so far.
func (f *Funnel) arrivals(n, now int64, days int) stream {
	s := stream{coming: make([]float64, days)}
	if past := float64(now-f.From) / dayHours; past > 0 && n > 0 {
		f.spread(s.coming, float64(n)/past, now)
		s.spread = 1 / float64(n)
	}
	return s
}

// spread adds so many a day until the period is over; the last day may be a short one.
func (f *Funnel) spread(coming []float64, perDay float64, now int64) {
	for d := range coming {
		whole := math.Min(1, float64(f.To-now)/dayHours-float64(d))
		coming[d] += perDay * whole
	}
}

// goOn is who comes to a step from the one before.
func (f *Funnel) goOn(i int, row *FunnelRow, before stream, now int64, days int) stream {
	earlier := f.Steps[i-1].Passed.Range(f.From, now)
	lags, chained := f.within(i, now)
	c := curveOf(earlier, lags, now)
	if !c.known {
		c = curve{gone: []float64{f.Steps[i].Rate}}
	} else {
		row.Ripe, row.HasRipe = c.end(), true
		row.RipeIn, _ = Rate{N: int64(math.Round(c.end() * c.seen)), Of: int64(c.seen)}.Wilson(f.Sure)
	}
	row.Waiting = f.waiting(earlier, lags, &c, now)
	s := stream{coming: make([]float64, days)}
	c.carryStanding(s.coming, earlier, lags, now)
	c.carryComing(s.coming, before.coming)
	if direct := row.Actual - chained; direct > 0 && now > f.From {
		f.spread(s.coming, float64(direct)*dayHours/float64(now-f.From), now)
	}
	s.spread = before.spread + c.doubt()
	return s
}

// within are the lags of a step that were known before now, and how many they are.
func (f *Funnel) within(i int, now int64) (lags []Lagged, n int64) {
	for _, l := range f.Steps[i].Lags {
		if l.Hour < now && l.Hour+l.Hours <= now {
			lags = append(lags, l)
			n += l.N
		}
	}
	return lags, n
}

// doubt is the relative variance of the curve's rate.
func (c *curve) doubt() float64 {
	p := c.end()
	if c.seen <= 0 || p <= 0 {
		return 0.25 // as unsure as a declared figure: half as much, or half as much again
	}
	return c.variance / (p * p)
}

// carryStanding adds who stands at the step before and may still go on.
func (c *curve) carryStanding(coming []float64, earlier Series, lags []Lagged, now int64) {
	if len(earlier) == 0 {
		return
	}
	standing := make([]float64, (now-earlier[0].Hour)/dayHours+1) // by age in whole days
	for _, p := range earlier {
		standing[(now-p.Hour)/dayHours] += float64(p.N)
	}
	for _, l := range lags {
		if age := (now - l.Hour) / dayHours; age < int64(len(standing)) {
			standing[age] -= float64(l.N)
		}
	}
	for age, n := range standing {
		left := 1 - c.at(age)
		if n <= 0 || left <= 0 {
			continue
		}
		for d := range coming {
			coming[d] += n * (c.at(age+d+1) - c.at(age+d)) / left
		}
	}
}

// carryComing adds who will come to the step before and go on in time.
func (c *curve) carryComing(coming, before []float64) {
	for d, n := range before {
		for e := d; e < len(coming); e++ {
			coming[e] += n * (c.at(e-d+1) - c.at(e-d))
		}
	}
}

// waiting is how many of the step before stand at an age at which others still went
// on.
func (f *Funnel) waiting(earlier Series, lags []Lagged, c *curve, now int64) int64 {
	young := func(hour int64) bool {
		age := int((now - hour) / dayHours)
		return !c.known || c.at(age) < c.end()-1e-12
	}
	var n int64
	for _, p := range earlier {
		if young(p.Hour) {
			n += p.N
		}
	}
	for _, l := range lags {
		if young(l.Hour) {
			n -= l.N
		}
	}
	return max(0, n)
}
