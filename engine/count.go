package engine

import "slices"

// hourOf is the hour a counter is kept under.
func hourOf(t Time) int64 { return int64(t) / int64(Hour) }

// tally adds one to a counter at the lead's now (at 0) or at an instant.
func (f *Frame) tally(name, labels string, at Time) {
	if f.fx == nil {
		return
	}
	if at == 0 {
		at = f.l.Now
	}
	f.fx.Counts = append(f.fx.Counts, Delta{Name: name, Hour: hourOf(at), Labels: labels, N: 1})
}

// gone counts somebody out of where a tally counted them in: who came less who
// has gone is who is there now.
func (f *Frame) gone(name string) {
	if f.fx == nil {
		return
	}
	f.fx.Counts = append(f.fx.Counts, Delta{Name: name, Hour: hourOf(f.l.Now), N: 1, Part: 1})
}

// count keeps the KPIs that an event bears on. A rate is a cohort: each event of
// its denominator is judged for itself, within its window, under its own hour.
func (f *Frame) count(e *Event, plan *eventPlan) {
	f.tally(plan.counter, "", e.At)
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
			f.tally("kpi:"+k.Name, f.labelsOf(e, k.By), e.At)
		case ref.part == kpiOf:
			f.openCohort(k, e)
		}
	}
}

// uncount takes back what an event counted under a name that it no longer has.
func (f *Frame) uncount(e *Event, plan *eventPlan) {
	less := func(name, labels string, at Time, part uint8) {
		f.fx.Counts = append(f.fx.Counts, Delta{Name: name, Hour: hourOf(at), Labels: labels, N: -1, Part: part})
	}
	less(plan.counter, "", e.At, 0)
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
			less(name, f.labelsOf(e, k.By), e.At, 0)
		case kpiRate:
			if i := slices.IndexFunc(cohorts, func(c Cohort) bool { return c.KPI == k.Name && c.Done && c.By == e.ID }); i >= 0 {
				cohorts[i].Done, cohorts[i].By = false, ""
				less(name, cohorts[i].Labels, cohorts[i].At, 0)
			}
		case kpiOf:
			message, _ := Lookup(e.Fields, "message")
			i := slices.IndexFunc(cohorts, func(c Cohort) bool {
				return c.KPI == k.Name && c.At == e.At && c.Message == message.Text()
			})
			if i < 0 {
				continue
			}
			less(name, cohorts[i].Labels, cohorts[i].At, 1)
			if cohorts[i].Done {
				less(name, cohorts[i].Labels, cohorts[i].At, 0)
			}
			f.l.Acts.Cohorts = slices.Delete(cohorts, i, i+1)
		}
	}
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
	f.fx.Counts = append(f.fx.Counts, Delta{Name: "kpi:" + k.Name, Hour: hourOf(e.At), Labels: labels, N: 1, Part: 1})
	f.l.Acts.Cohorts = slices.DeleteFunc(f.l.Acts.Cohorts, func(c Cohort) bool {
		return c.KPI == k.Name && k.Once == EachTime && k.Within > 0 && c.At.Add(k.Within+answerLate) < f.l.Now
	})
	f.l.Acts.Cohorts = append(f.l.Acts.Cohorts, Cohort{KPI: k.Name, At: e.At, Message: message.Text(), Labels: labels, Seq: f.l.Seq + 1})
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
	f.fx.Counts = append(f.fx.Counts, Delta{Name: "kpi:" + k.Name, Hour: hourOf(c.At), Labels: c.Labels, N: 1})
}
