package engine

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// labelSeparator stands between two labels of a counter; no label contains it.
const labelSeparator = "\x1f"

// maxLabel bounds a label's value, in bytes.
const maxLabel = 64

// labelsOf are the labels under which an event counts for a figure: what the event
// says, what follows from its time in the project's zone, or an attribute of the
// lead as the event found it.
func (f *Frame) labelsOf(e *Event, by []string) string {
	labels := ""
	for i, name := range by {
		if i > 0 {
			labels += labelSeparator
		}
		labels += name + "=" + cleanLabel(f.label(e, name))
	}
	return labels
}

func (f *Frame) label(e *Event, name string) string {
	if v, ok := Lookup(e.Fields, name); ok {
		return v.String()
	}
	local := e.At.In(f.p.spec.Zone)
	switch name {
	case "month":
		return local.Format("2006-01")
	case "week":
		year, week := local.ISOWeek()
		return fmt.Sprintf("%04d-W%02d", year, week)
	case "weekday":
		return strings.ToLower(local.Weekday().String()[:3])
	case "stage":
		return f.l.Acts.Stage
	case "tag":
		return f.tagsOf(e)
	case OriginLabels[0]:
		return f.folds.Origins.First.Class
	case OriginLabels[1]:
		return f.folds.Origins.Last.Class
	}
	return attr(f.folds, name).String()
}

// tagsOf are the tags of the experiment's variant that the event's message was
// sent by, joined where there are several.
func (f *Frame) tagsOf(e *Event) string {
	experiment, _ := Lookup(e.Fields, "experiment")
	arm, _ := Lookup(e.Fields, "arm")
	for _, x := range f.p.experiments {
		if x.Name != experiment.Text() {
			continue
		}
		for i := range x.Variants {
			if x.Variants[i].Name == arm.Text() {
				return strings.Join(x.Variants[i].Tags, "+")
			}
		}
	}
	return ""
}

// cleanLabel makes a text fit to be a label: without separators, and short.
func cleanLabel(text string) string {
	if strings.Contains(text, labelSeparator) {
		text = strings.ReplaceAll(text, labelSeparator, " ")
	}
	if len(text) <= maxLabel {
		return text
	}
	cut := maxLabel
	for cut > 0 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut]
}

// A figure that counts people keeps, for each lead, the event by which it counted:
// a Cohort that is done. An earlier event that comes late takes its place, so that
// whoever is counted is counted under the hour of the first.

// onceOf finds the lead's place in a figure that counts people, -1 for none.
func (f *Frame) onceOf(k *KPISpec, at Time) int {
	return slices.IndexFunc(f.l.Acts.Cohorts, func(c Cohort) bool {
		return c.KPI == k.Name && (k.Once == OnceEver || f.sameMonth(c.At, at))
	})
}

func (f *Frame) sameMonth(a, b Time) bool {
	x, y := a.In(f.p.spec.Zone), b.In(f.p.spec.Zone)
	return x.Year() == y.Year() && x.Month() == y.Month()
}

// countOnce counts the lead by its first event.
func (f *Frame) countOnce(k *KPISpec, e *Event) {
	i := f.onceOf(k, e.At)
	if i >= 0 {
		c := &f.l.Acts.Cohorts[i]
		if c.By == e.ID || !(e.At < c.At || e.At == c.At && e.ID < c.By) {
			return
		}
		f.less("kpi:"+k.Name, c.Labels, c.At, 0, c.Arm)
		f.l.Acts.Cohorts = slices.Delete(f.l.Acts.Cohorts, i, i+1)
	}
	c := Cohort{KPI: k.Name, At: e.At, Labels: f.labelsOf(e, k.By), Done: true, By: e.ID, Arm: f.markOf(e)}
	f.l.Acts.Cohorts = append(f.l.Acts.Cohorts, c)
	f.tallyIn("kpi:"+k.Name, c.Labels, c.At, c.Arm)
}

// countPeople counts the lead for the figures that count people and lack it.
func (f *Frame) countPeople(e *Event, plan *eventPlan) {
	for _, ref := range plan.kpis {
		if k := &f.p.spec.KPIs[ref.kpi]; ref.part == kpiCount && k.Once != EachTime {
			f.countOnce(k, e)
		}
	}
}

// uncountOnce takes the lead out when the event by which it counted is none any
// more. Another one may stand in: see standIn.
func (f *Frame) uncountOnce(k *KPISpec, e *Event) {
	i := f.onceOf(k, e.At)
	if i < 0 || f.l.Acts.Cohorts[i].By != e.ID {
		return
	}
	c := f.l.Acts.Cohorts[i]
	f.less("kpi:"+k.Name, c.Labels, c.At, 0, c.Arm)
	f.l.Acts.Cohorts = slices.Delete(f.l.Acts.Cohorts, i, i+1)
}

// less takes one out of a counter, and out of that of the arm in which it began.
func (f *Frame) less(name, labels string, at Time, part uint8, mark ArmMark) {
	if f.fx != nil {
		f.add(Delta{Name: name, Hour: hourOf(at), Labels: labels, N: -1, Part: part}, mark)
	}
}

// inheritCohorts takes over what another lead counts by. Where both counted as one
// person, the earlier stays. Where a lead stands for a gauge is its own, and was
// counted out when it was given. What it counts by is known from this row on: the
// rows of its own journal have numbers of their own.
func (f *Frame) inheritCohorts(g *Lead) {
	for _, c := range g.Acts.Cohorts {
		c.Seq = f.l.Seq + 1
		k := f.p.kpiSpec(c.KPI)
		if isGauge(c.KPI) {
			continue
		}
		if k == nil || k.Once == EachTime {
			f.l.Acts.Cohorts = append(f.l.Acts.Cohorts, c)
			continue
		}
		i := f.onceOf(k, c.At)
		if i < 0 {
			f.l.Acts.Cohorts = append(f.l.Acts.Cohorts, c)
			continue
		}
		later := c
		if mine := f.l.Acts.Cohorts[i]; c.At < mine.At {
			later = mine
			f.l.Acts.Cohorts[i] = c
		}
		f.uncountCohort(k, &later)
	}
}

// uncountCohort takes back what a place in a figure has counted.
func (f *Frame) uncountCohort(k *KPISpec, c *Cohort) {
	if k.Rate != "" {
		f.less("kpi:"+k.Name, c.Labels, c.At, 1, c.Arm)
	}
	if c.Done {
		f.less("kpi:"+k.Name, c.Labels, c.At, 0, c.Arm)
	}
}
