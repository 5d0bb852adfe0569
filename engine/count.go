package engine

import "slices"

// hourOf is the hour a counter is kept under.
func hourOf(t Time) int64 { return int64(t) / int64(Hour) }

// tally adds one to a counter at the lead's now (at 0) or at an instant.
func (f *Frame) tally(name, labels string, at Time) {
	f.tallyIn(name, labels, at, f.mark())
}

// tallyIn is tally for what began in an arm.
func (f *Frame) tallyIn(name, labels string, at Time, mark ArmMark) {
	if f.fx == nil {
		return
	}
	if at == 0 {
		at = f.l.Now
	}
	f.add(Delta{Name: name, Hour: hourOf(at), Labels: labels, N: 1}, mark)
}

// gone counts somebody out of where a tally counted them in: who came less who
// has gone is who is there now.
func (f *Frame) gone(name string) {
	if f.fx == nil {
		return
	}
	f.add(Delta{Name: name, Hour: hourOf(f.l.Now), N: 1, Part: 1}, f.mark())
}

// count keeps the KPIs that an event bears on. A rate is a cohort: each event of
// its denominator is judged for itself, within its window, under its own hour.
func (f *Frame) count(e *Event, plan *eventPlan) {
	f.tallyIn(plan.counter, "", e.At, f.markOf(e))
	f.countRates(e, plan, true, f.l.Seq+1)
}

// countRates counts an event for its KPIs; one that stands in for another that is
// taken back only where a rate lacks it. seq is the row of the journal that the
// event stands in.
func (f *Frame) countRates(e *Event, plan *eventPlan, fresh bool, seq uint64) {
	for _, ref := range plan.kpis {
		k := &f.p.spec.KPIs[ref.kpi]
		switch {
		case ref.part == kpiRate:
			f.closeCohort(k, e, seq)
		case k.Once != EachTime && ref.part == kpiCount:
			f.countOnce(k, e)
		case !fresh:
		case ref.part == kpiCount:
			f.addUp(k, e, 1)
		case ref.part == kpiOf:
			f.openCohort(k, e)
		}
	}
}

// uncount takes back what an event counted under a name that it no longer has.
func (f *Frame) uncount(e *Event, plan *eventPlan) {
	f.less(plan.counter, "", e.At, 0, f.markOf(e))
	for _, ref := range plan.kpis {
		k := &f.p.spec.KPIs[ref.kpi]
		name := "kpi:" + k.Name
		cohorts := f.l.Acts.Cohorts
		switch ref.part {
		case kpiCount:
			if k.Once != EachTime {
				f.uncountOnce(k, e)
				continue
			}
			f.addUp(k, e, -1)
		case kpiRate:
			if i := slices.IndexFunc(cohorts, func(c Cohort) bool { return c.KPI == k.Name && c.Done && c.By == e.ID }); i >= 0 {
				cohorts[i].Done, cohorts[i].By = false, ""
				f.less(name, cohorts[i].Labels, cohorts[i].At, 0, cohorts[i].Arm)
			}
		case kpiOf:
			message, _ := Lookup(e.Fields, "message")
			i := slices.IndexFunc(cohorts, func(c Cohort) bool {
				return c.KPI == k.Name && c.At == e.At && c.Message == message.Text()
			})
			if i < 0 {
				continue
			}
			f.less(name, cohorts[i].Labels, cohorts[i].At, 1, cohorts[i].Arm)
			if cohorts[i].Done {
				f.less(name, cohorts[i].Labels, cohorts[i].At, 0, cohorts[i].Arm)
			}
			f.l.Acts.Cohorts = slices.Delete(cohorts, i, i+1)
		}
	}
}

// addUp counts an event for a figure, or adds up its number; sign -1 takes it back.
func (f *Frame) addUp(k *KPISpec, e *Event, sign int64) {
	n := sign * k.amount(e)
	if f.fx == nil || n == 0 {
		return
	}
	f.add(Delta{Name: "kpi:" + k.Name, Hour: hourOf(e.At), Labels: f.labelsOf(e, k.By), N: n}, f.markOf(e))
}

func (f *Frame) openCohort(k *KPISpec, e *Event) {
	if k.Once != EachTime && f.onceOf(k, e.At) >= 0 {
		return // the lead is in the cohort already
	}
	labels := f.labelsOf(e, k.By)
	message, _ := Lookup(e.Fields, "message")
	if k.Once != EachTime {
		message = Value{} // whatever follows answers the lead's first touch
	}
	arm := f.markOf(e)
	f.add(Delta{Name: "kpi:" + k.Name, Hour: hourOf(e.At), Labels: labels, N: 1, Part: 1}, arm)
	f.l.Acts.Cohorts = slices.DeleteFunc(f.l.Acts.Cohorts, func(c Cohort) bool {
		return c.KPI == k.Name && k.Once == EachTime && k.Within > 0 && c.At.Add(k.Within+answerLate) < f.l.Now
	})
	f.l.Acts.Cohorts = append(f.l.Acts.Cohorts, Cohort{KPI: k.Name, At: e.At, Message: message.Text(), Labels: labels, Seq: f.l.Seq + 1, Arm: arm})
}

// answerLate is how long after its window a delivery waits for answers that are late
// in coming.
const answerLate = 30 * Day

// closeCohort counts the numerator once for the delivery that the event belongs
// to: by message id when both sides carry one, else the last one before it, of
// those that were known when it came.
func (f *Frame) closeCohort(k *KPISpec, e *Event, seq uint64) {
	message, _ := Lookup(e.Fields, "message")
	best := -1
	for i := range f.l.Acts.Cohorts {
		c := &f.l.Acts.Cohorts[i]
		if c.KPI != k.Name || c.Seq > seq || e.At < c.At || k.Within > 0 && e.At > c.At.Add(k.Within) {
			continue
		}
		if message.Text() != "" && c.Message != "" && c.Message != message.Text() {
			continue
		}
		if best < 0 || c.At >= f.l.Acts.Cohorts[best].At {
			best = i
		}
	}
	if best < 0 || f.l.Acts.Cohorts[best].Done {
		return
	}
	c := &f.l.Acts.Cohorts[best]
	c.Done, c.By = true, e.ID
	f.add(Delta{Name: "kpi:" + k.Name, Hour: hourOf(c.At), Labels: c.Labels, N: 1}, c.Arm)
}
