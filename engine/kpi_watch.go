package engine

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-456efde2/nurture/engine/kpi"
)

// A figure that is watched has an entity for every combination of its labels: how
// its thresholds stand, under which number they were breached last, and the notices
// on their way. Whoever keeps the counters looks at them from time to time and asks
// the entity to take a look in (a Judgement) when that changes anything; so the
// journal of the entity is the list of its verdicts, and between two verdicts
// nothing is written.

// FigureState is the state of an EntityKPI.
type FigureState struct {
	KPI     string
	Labels  string // as in Delta.Labels
	Watches []Watching
}

// Watching is one threshold of a figure with what was seen when it last changed.
type Watching struct {
	Threshold string
	kpi.Watch
	Value float64
	N, Of int64
}

// Watch is the threshold's watch; nil while it was never judged.
func (s *FigureState) Watch(threshold string) *Watching {
	if s == nil {
		return nil
	}
	for i := range s.Watches {
		if s.Watches[i].Threshold == threshold {
			return &s.Watches[i]
		}
	}
	return nil
}

// figureName names the entity of a figure under one combination of labels.
func figureName(figure, labels string) string { return figure + labelSeparator + labels }

// FigureID is the id of the entity of a figure under one combination of labels.
func FigureID(figure, labels string) LeadID {
	return EntityID(EntityKPI, figureName(figure, labels))
}

// Watched reports whether any figure has thresholds.
func (p *Program) Watched() bool {
	return slices.ContainsFunc(p.spec.KPIs, func(k KPISpec) bool { return len(k.Thresholds) > 0 })
}

// Judgement is one look at a figure under one combination of labels.
type Judgement struct {
	Spec   *KPISpec
	Labels string
	Reading
	Saw []kpi.Sight // by Spec.Thresholds
}

// Judgements looks at every figure that has thresholds. A figure that is told apart
// by labels is judged for each of them and not as a whole.
func (r *Figures) Judgements() ([]Judgement, error) {
	var out []Judgement
	for i := range r.p.spec.KPIs {
		k := &r.p.spec.KPIs[i]
		if len(k.Thresholds) == 0 {
			continue
		}
		f, err := r.Figure(k.Name)
		if err != nil {
			return nil, err
		}
		if len(k.By) == 0 {
			out = append(out, r.look(k, "", f.Total))
		}
		for j := range f.Parts {
			out = append(out, r.look(k, f.Parts[j].Labels, f.Parts[j].Reading))
		}
	}
	return out, r.err
}

func (r *Figures) look(k *KPISpec, labels string, m Reading) Judgement {
	j := Judgement{Spec: k, Labels: labels, Reading: m}
	for i := range k.Thresholds {
		j.Saw = append(j.Saw, r.saw(k.Thresholds[i].When, &j))
	}
	return j
}

// saw asks whether a figure is bad. What rests on too small a sample, or has no
// value, is neither good nor bad.
func (r *Figures) saw(when []FigureCond, j *Judgement) kpi.Sight {
	if !j.Known || !j.Enough {
		return kpi.Unclear
	}
	for _, c := range when {
		facts := j.facts()
		for _, name := range c.Figures() {
			of, ok := strings.CutPrefix(name, "kpi.")
			if !ok {
				continue
			}
			f := r.figure(strings.TrimSuffix(of, ".value"), 0)
			if f == nil || !f.Total.Known || !f.Total.Enough {
				return kpi.Unclear
			}
			facts[name] = f.Total.Value
		}
		holds, err := c.Holds(&Vars{Facts: facts})
		if err != nil {
			return kpi.Unclear
		}
		if !holds {
			return kpi.Good
		}
	}
	return kpi.Bad
}

// facts are what a condition or a notice may read of the figure at hand.
func (j *Judgement) facts() map[string]any {
	facts := map[string]any{"value": j.Value}
	for _, pair := range SplitLabels(j.Labels) {
		facts["label:"+pair.Name] = pair.Value.Text()
	}
	return facts
}

// SplitLabels takes the labels of a counter apart.
func SplitLabels(labels string) []Field {
	if labels == "" {
		return nil
	}
	var out []Field
	for pair := range strings.SplitSeq(labels, labelSeparator) {
		name, value, _ := strings.Cut(pair, "=")
		out = append(out, Field{name, TextValue(value)})
	}
	return out
}

// ID is the entity that the judgement is about.
func (j *Judgement) ID() LeadID { return FigureID(j.Spec.Name, j.Labels) }

// Changes reports whether the look changes how any threshold stands; s is nil while
// the entity was never asked.
func (j *Judgement) Changes(s *FigureState, now Time) bool {
	for i := range j.Spec.Thresholds {
		t := &j.Spec.Thresholds[i]
		var w kpi.Watch
		if have := s.Watch(t.Name); have != nil {
			w = have.Watch
		}
		if next, _ := w.Next(j.Saw[i], int64(now), t.patience()); next != w {
			return true
		}
	}
	return false
}

func (t *ThresholdSpec) patience() kpi.Patience {
	return kpi.Patience{Hold: int64(t.Hold), Keep: int64(t.Keep)}
}

// figureMeasured is what an entity of a figure is asked.
const figureMeasured = "measured"

const sawPrefix = "saw:"

// Event is the fact by which the entity takes the look in.
func (j *Judgement) Event(now Time) Event {
	fields := []Field{
		{"kpi", TextValue(j.Spec.Name)},
		{"labels", TextValue(j.Labels)},
		{"value", NumberValue(j.Value)},
		{"count", NumberValue(float64(j.N))},
		{"of", NumberValue(float64(j.Of))},
	}
	for i := range j.Spec.Thresholds {
		fields = append(fields, Field{sawPrefix + j.Spec.Thresholds[i].Name, NumberValue(float64(j.Saw[i]))})
	}
	return Event{
		Kind: Ask, Lead: j.ID(), Source: EntityKPI.String(), User: figureName(j.Spec.Name, j.Labels),
		Name: figureMeasured, At: now, Received: now, Fields: fields,
	}
}

// figure decides about the entity of a figure.
func (f *Frame) figure(e *Event) {
	switch e.Kind {
	case Ask:
		f.measured(e)
	case Tick:
		for {
			i := slices.IndexFunc(f.l.Timers, func(t Timer) bool { return t.Due <= e.Received })
			if i < 0 {
				return
			}
			ref := f.l.Timers[i].Ref
			f.l.disarm(TryDue, ref)
			f.tryDue(ref)
		}
	case Redrive:
		if e.Letter != nil && f.l.PendingAction(e.Letter.Pending.Key) == nil {
			f.intend(e.Letter.Pending, e.Letter.Pending.what())
		}
	case Attempt, Settled:
		p := f.l.PendingAction(e.Action)
		switch {
		case p == nil:
		case e.Kind == Attempt && p.State == Ready:
			f.attempt(p)
		case e.Kind == Settled && p.State == Granted && e.Receipt.Attempt == int(p.Attempts):
			f.settled(p, e)
		}
		f.queue = f.queue[:0] // what is told of messages to leads is not told of notices
	}
}

// measured takes a look in: each threshold goes on from how it stood.
func (f *Frame) measured(e *Event) {
	s := f.l.Figure
	name, _ := Lookup(e.Fields, "kpi")
	labels, _ := Lookup(e.Fields, "labels")
	k := f.p.kpiSpec(name.Text())
	if e.Name != figureMeasured || k == nil {
		return
	}
	s.KPI, s.Labels = k.Name, labels.Text()
	s.forget(k)
	for i := range k.Thresholds {
		t := &k.Thresholds[i]
		saw, ok := Lookup(e.Fields, sawPrefix+t.Name)
		if !ok {
			continue
		}
		w := s.Watch(t.Name)
		if w == nil {
			s.Watches = append(s.Watches, Watching{Threshold: t.Name})
			w = &s.Watches[len(s.Watches)-1]
		}
		next, turn := w.Next(kpi.Sight(saw.Number()), int64(e.At), t.patience())
		if next == w.Watch {
			continue
		}
		w.Watch = next
		w.see(e)
		f.turned(k, t, w, turn)
	}
}

// forget lets go of the thresholds that the rules have no more. The number of their
// last verdict stays: should one come back, its next verdict is a new one, and what is
// done under its number was never done before.
func (s *FigureState) forget(k *KPISpec) {
	s.Watches = slices.DeleteFunc(s.Watches, func(w Watching) bool { return w.Verdict == 0 && !k.has(w.Threshold) })
	for i := range s.Watches {
		if w := &s.Watches[i]; !k.has(w.Threshold) {
			*w = Watching{Threshold: w.Threshold, Watch: kpi.Watch{Verdict: w.Verdict}}
		}
	}
}

func (k *KPISpec) has(threshold string) bool {
	return slices.ContainsFunc(k.Thresholds, func(t ThresholdSpec) bool { return t.Name == threshold })
}

// see keeps what was seen at a change.
func (w *Watching) see(e *Event) {
	number := func(name string) float64 {
		v, _ := Lookup(e.Fields, name)
		return v.Number()
	}
	w.Value, w.N, w.Of = number("value"), int64(number("count")), int64(number("of"))
}

// turned acts on a threshold that stands otherwise now.
func (f *Frame) turned(k *KPISpec, t *ThresholdSpec, w *Watching, turn kpi.Turn) {
	detail := w.State.String()
	if turn != kpi.NoTurn {
		detail += " " + strconv.FormatUint(uint64(w.Verdict), 10)
	}
	f.decide(Decision{
		Kind: Watched, At: f.l.Now, Subject: k.Name + "/" + t.Name, Detail: detail,
		Because: []Reason{{Source: sources(t.When), Holds: w.State == kpi.Firing || w.State == kpi.Pending, Facts: f.seen(w)}},
	})
	switch turn {
	case kpi.Breached:
		f.brought("kpi_breached", k, t, w)
		for _, event := range t.Emit {
			f.brought(event, k, t, w)
		}
		for i := range t.Notify {
			f.notice(k, t, w, i)
		}
	case kpi.Recovered:
		f.brought("kpi_recovered", k, t, w)
	}
}

func sources(when []FigureCond) string {
	var list []string
	for _, c := range when {
		list = append(list, c.Source())
	}
	return strings.Join(list, " and ")
}

// seen are the facts of a verdict.
func (f *Frame) seen(w *Watching) []Field {
	facts := []Field{{"value", NumberValue(w.Value)}, {"count", NumberValue(float64(w.N))}}
	if w.Of > 0 {
		facts = append(facts, Field{"of", NumberValue(float64(w.Of))})
	}
	return append(facts, SplitLabels(f.l.Figure.Labels)...)
}

// brought adds an event of the figure to its journal, and counts it.
func (f *Frame) brought(event string, k *KPISpec, t *ThresholdSpec, w *Watching) {
	fields := append([]Field{
		{"kpi", TextValue(k.Name)},
		{"threshold", TextValue(t.Name)},
		{"verdict", NumberValue(float64(w.Verdict))},
	}, f.seen(w)...)
	f.derived = append(f.derived, Derived{Name: event, At: f.l.Now, Fields: fields})
	f.tally("event:"+event, "", 0)
}

// noticeStep begins the Pending.Step of a notice: "kpi/NAME/THRESHOLD/0".
const noticeStep = "kpi/"

// notice intends a message to our own people, once for a verdict: the action's key
// is that of the figure, its labels and the verdict's number.
func (f *Frame) notice(k *KPISpec, t *ThresholdSpec, w *Watching, i int) {
	j := Judgement{Spec: k, Labels: f.l.Figure.Labels, Reading: Reading{Value: w.Value}}
	facts, err := json.Marshal(j.facts())
	if err != nil {
		return // texts and finite numbers always have a form
	}
	n := strconv.Itoa(i)
	f.intend(Pending{
		Key: newHasher("kpi_notice").text(k.Name).text(t.Name).text(f.l.Figure.Labels).
			text(strconv.FormatUint(uint64(w.Verdict), 10)).text(n).key(),
		Lane: LaneTossUp, Channel: t.Notify[i].Channel, Step: noticeStep + k.Name + "/" + t.Name + "/" + n,
		Reasons: string(facts),
	}, k.Name+"/"+t.Name)
}

// figureNotice is the notice that an action is, nil when it is none or the rules have
// it no more.
func (p *Program) figureNotice(a *Pending) *NoticeSpec {
	rest, ok := strings.CutPrefix(a.Step, noticeStep)
	if !ok || a.Workflow != "" || a.TossUp != "" {
		return nil
	}
	parts := strings.Split(rest, "/")
	if len(parts) != 3 {
		return nil
	}
	i, err := strconv.Atoi(parts[2])
	k := p.kpiSpec(parts[0])
	if k == nil || err != nil {
		return nil
	}
	for j := range k.Thresholds {
		if t := &k.Thresholds[j]; t.Name == parts[1] && i < len(t.Notify) {
			return &t.Notify[i]
		}
	}
	return nil
}

// noticeFacts puts what a notice may say into the view.
func (f *Frame) noticeFacts(a *Pending) {
	facts := map[string]any{}
	if json.Unmarshal([]byte(a.Reasons), &facts) == nil {
		maps.Copy(f.vars.Facts, facts)
	}
}

func putFigure(b []byte, s *FigureState) []byte {
	b = putText(b, s.KPI)
	b = putText(b, s.Labels)
	b = putUint(b, uint64(len(s.Watches)))
	for i := range s.Watches {
		w := &s.Watches[i]
		b = putText(b, w.Threshold)
		b = append(b, byte(w.State))
		b = putInt(b, w.Since)
		b = putUint(b, uint64(w.Verdict))
		b = putValue(b, NumberValue(w.Value))
		b = putInt(b, w.N)
		b = putInt(b, w.Of)
	}
	return b
}

func (r *reader) figure() *FigureState {
	s := &FigureState{KPI: r.text(""), Labels: r.text("")}
	s.Watches = list(r, s.Watches)
	for i := range s.Watches {
		w := &s.Watches[i]
		w.Threshold = r.text("")
		w.State = kpi.Level(r.byte())
		w.Since = r.int()
		w.Verdict = uint32(r.uint())
		w.Value = r.value(Value{}).Number()
		w.N = r.int()
		w.Of = r.int()
	}
	return s
}
