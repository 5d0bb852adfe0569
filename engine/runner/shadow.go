package runner

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/store"
)

// shadow lets a change decide beside the running rules about what comes in, and adds up
// what it would do otherwise. Nothing is sent, and nothing of it reaches a lead.
//
// A worker only takes a copy of the lead before it decides; once the decision is
// durable, one goroutine of the shadow's own decides anew by both programs and compares.
// So what is compared is what was decided, from the same facts. The copies wait in a
// queue that is bounded, and there are no more of them in a second than
// Options.ShadowRate; what is passed over for that is counted, and the report says so.
//
// What was found is durable within a second, with the leads that showed it, so that a
// lead counts once for a difference, over restarts too. A process that is killed loses
// the findings of its last second.
type shadow struct {
	r      *Runner
	active atomic.Pointer[shadowing] // nil: there is none, and nobody pays for it
	queue  chan shadowTask
	// waiting is how many decisions are still to be compared.
	waiting atomic.Int64

	turning sync.Mutex // held while one shadow takes the place of another

	mu     sync.Mutex
	budget bucket
}

// shadowing is one change that is compared.
type shadowing struct {
	change  *engine.Program
	skipped atomic.Uint64 // decisions that were not compared

	mu      sync.Mutex
	found   ShadowReport
	marks   map[store.ShadowMark]bool // that are not durable yet
	changed bool
	saved   time.Time

	comparer *engine.Comparer // of the shadow's goroutine
	running  *engine.Program  // for which comparer was made
}

// shadowTask is a decision to be compared: the lead as it was, and what happened.
type shadowTask struct {
	of      *shadowing
	program *engine.Program
	part    int
	lead    engine.LeadID
	seq     uint64 // rows that the lead's journal had
	row     []byte
	event   engine.Event
}

const (
	shadowQueue       = 2000
	shadowSave        = time.Second
	maxDifferences    = 500 // of one shadow that are told apart
	maxShadowExamples = 5
	maxUnsavedMarks   = 5000
	refoldRows        = 50 // rows of a journal that cost as much as a comparison
)

// ShadowReport is what a shadow has found.
type ShadowReport struct {
	Name        string             `json:"name"`  // of the change
	Since       engine.Time        `json:"since"` // it began
	Until       engine.Time        `json:"until"` // it ended; 0: it goes on
	Compared    uint64             `json:"compared"`
	Alike       uint64             `json:"alike"`        // of them, those about which both decide the same
	NotCompared uint64             `json:"not_compared"` // for want of time
	Leads       uint64             `json:"leads"`        // that have shown a difference
	Differences []ShadowDifference `json:"differences"`  // those of the most leads first
	More        uint64             `json:"more"`         // differences beyond those that are told apart
}

// ShadowDifference is one kind of difference with how often it was found.
type ShadowDifference struct {
	Kind     string          `json:"kind"`
	Subject  string          `json:"subject"`
	Detail   string          `json:"detail,omitempty"`
	Only     string          `json:"only"`
	Times    uint64          `json:"times"`
	Leads    uint64          `json:"leads"`
	Examples []ShadowExample `json:"examples"`
}

// ShadowExample is a lead that has shown a difference. It names nobody.
type ShadowExample struct {
	Lead  string      `json:"lead"`
	At    engine.Time `json:"at"`
	Event string      `json:"event"` // what happened; "" where time alone passed
	Old   string      `json:"old,omitempty"`
	New   string      `json:"new,omitempty"`
}

func newShadow(r *Runner, rate int) *shadow {
	return &shadow{r: r, queue: make(chan shadowTask, shadowQueue), budget: newBucket(float64(rate), rate, r.clock.Now())}
}

// Shadow lets a change decide beside the running rules from now on, in place of the one
// that did. With the name of the last one it goes on with what that had found. It may be
// called before Start, so that nothing of a new life is missed.
func (r *Runner) Shadow(_ context.Context, name string, change *engine.Program) error {
	if name == "" || change == nil {
		return errors.New("let a change decide as a shadow: it needs a name and a program")
	}
	r.shadow.turning.Lock()
	defer r.shadow.turning.Unlock()
	next := &shadowing{change: change, marks: map[store.ShadowMark]bool{}, saved: r.clock.Now()}
	last, err := r.savedShadow()
	if err != nil {
		return err
	}
	if old := r.shadow.active.Load(); old != nil {
		if err := r.saveShadow(old); err != nil {
			return err
		}
		last = old.report()
	}
	next.found = ShadowReport{Name: name, Since: engine.TimeOf(r.clock.Now())}
	if last.Name == name {
		next.found = last
		next.found.Until = 0
		next.skipped.Store(last.NotCompared)
	} else if err := r.store.ForgetShadow(); err != nil {
		return err
	}
	next.changed = true
	if err := r.saveShadow(next); err != nil {
		return err
	}
	r.shadow.active.Store(next)
	return nil
}

// EndShadow ends the comparing. What was found stays to be read.
func (r *Runner) EndShadow(context.Context) error {
	r.shadow.turning.Lock()
	defer r.shadow.turning.Unlock()
	s := r.shadow.active.Swap(nil)
	if s == nil {
		return nil
	}
	s.mu.Lock()
	s.found.Until, s.changed = engine.TimeOf(r.clock.Now()), true
	s.mu.Unlock()
	return r.saveShadow(s)
}

// ShadowReport is what the shadow has found so far, or what the last one had found. It
// has no name when there never was one.
func (r *Runner) ShadowReport() (ShadowReport, error) {
	if s := r.shadow.active.Load(); s != nil {
		return s.report(), nil
	}
	return r.savedShadow()
}

func (r *Runner) savedShadow() (report ShadowReport, err error) {
	text, err := r.store.Shadow()
	if err != nil || text == nil {
		return report, err
	}
	if err := json.Unmarshal(text, &report); err != nil {
		return report, fmt.Errorf("read what the shadow has found: %w", err)
	}
	return report, nil
}

// report is a copy of what was found, in the order in which it is read.
func (s *shadowing) report() ShadowReport {
	s.mu.Lock()
	defer s.mu.Unlock()
	report := s.found
	report.NotCompared = s.skipped.Load()
	report.Differences = slices.Clone(s.found.Differences)
	for i := range report.Differences {
		report.Differences[i].Examples = slices.Clone(report.Differences[i].Examples)
	}
	slices.SortStableFunc(report.Differences, func(a, b ShadowDifference) int {
		return cmp.Or(cmp.Compare(b.Leads, a.Leads), cmp.Compare(b.Times, a.Times))
	})
	return report
}

// saveShadow makes what was found durable.
func (r *Runner) saveShadow(s *shadowing) error {
	s.mu.Lock()
	changed := s.changed
	s.mu.Unlock()
	if !changed {
		return nil
	}
	text, err := json.Marshal(s.report())
	if err != nil {
		return fmt.Errorf("save what the shadow has found: %w", err)
	}
	s.mu.Lock()
	marks := make([]store.ShadowMark, 0, len(s.marks))
	for m := range s.marks {
		marks = append(marks, m)
	}
	s.changed, s.saved = false, r.clock.Now()
	s.mu.Unlock()
	if err := r.store.SaveShadow(text, marks); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range marks {
		delete(s.marks, m)
	}
	return nil
}

// foresee takes a copy of a lead about which an event is to be decided, where a shadow
// decides too.
func (w *worker) foresee(p *engine.Program, s *slot, e *engine.Event) {
	sh := w.r.shadow
	of := sh.active.Load()
	if of == nil || w.r.options.Still || !engine.Compares(e, &s.lead) {
		return
	}
	if !sh.admit() {
		of.skipped.Add(1)
		return
	}
	t := shadowTask{of: of, program: p, part: s.part, lead: s.lead.ID, seq: s.lead.Seq, event: *e}
	if s.lead.Seq > 0 || s.lead.FirstSeen != 0 {
		t.row = engine.AppendLead(nil, &s.lead)
	}
	t.event.Fields = slices.Clone(e.Fields)
	w.open.shadowed = append(w.open.shadowed, t)
}

// admit takes a token, if there is one.
func (sh *shadow) admit() bool {
	now := sh.r.clock.Now()
	sh.mu.Lock()
	defer sh.mu.Unlock()
	_, ok := sh.budget.take(now)
	return ok
}

// publish hands decisions that are durable over to be compared. It never waits.
func (sh *shadow) publish(tasks []shadowTask) {
	for i := range tasks {
		sh.waiting.Add(1)
		select {
		case sh.queue <- tasks[i]:
		default:
			tasks[i].of.skipped.Add(1)
			sh.over()
		}
	}
}

// over counts a comparison off.
func (sh *shadow) over() {
	if sh.waiting.Add(-1) == 0 {
		sh.r.load.tell()
	}
}

// run compares until stop is closed. What waits then is not compared any more.
func (sh *shadow) run(stop <-chan struct{}) {
	for {
		var fired <-chan time.Time
		cancel := func() {}
		if s := sh.active.Load(); s != nil && s.unsaved() {
			fired, cancel = sh.r.clock.At(sh.r.clock.Now().Add(shadowSave))
		}
		select {
		case t := <-sh.queue:
			sh.compare(&t)
		case <-fired:
		case <-stop:
			cancel()
			return // Stop abandons what waits, when nothing more can come
		case <-sh.r.dead:
			cancel()
			return
		}
		cancel()
		if s := sh.active.Load(); s != nil && s.ripe(sh.r.clock.Now()) {
			sh.save(s)
		}
	}
}

// save makes durable what was found. A store that takes nothing ends the runner by
// itself.
func (sh *shadow) save(s *shadowing) {
	if err := sh.r.saveShadow(s); err != nil {
		sh.r.log.Error("what the shadow has found was not saved", "error", err)
	}
}

// abandon counts what waits as not compared, and saves what was found. It is called when
// nothing runs any more.
func (sh *shadow) abandon() {
	for {
		select {
		case t := <-sh.queue:
			t.of.skipped.Add(1)
			t.of.touch()
			sh.over()
			continue
		default:
		}
		if s := sh.active.Load(); s != nil {
			sh.save(s)
		}
		return
	}
}

func (s *shadowing) touch() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changed = true
}

func (s *shadowing) unsaved() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changed
}

// ripe reports whether it is time to make durable what was found.
func (s *shadowing) ripe(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changed && (now.Sub(s.saved) >= shadowSave || len(s.marks) >= maxUnsavedMarks)
}

// compare decides anew by both programs and notes the differences.
func (sh *shadow) compare(t *shadowTask) {
	defer sh.over()
	s := t.of
	if s != sh.active.Load() {
		s.skipped.Add(1)
		return
	}
	if s.running != t.program {
		s.comparer, s.running = engine.NewComparer(t.program, s.change), t.program
	}
	h := &shadowHistory{sh: sh, task: t}
	var found []engine.Difference
	err := s.comparer.Compare(t.lead, t.row, &t.event, h, func(d engine.Difference) {
		if !slices.ContainsFunc(found, func(f engine.Difference) bool { return differenceKey(&f) == differenceKey(&d) }) {
			found = append(found, d)
		}
	})
	sh.spend(h.rows)
	if err == nil {
		err = sh.note(t, found)
	}
	if err != nil {
		s.skipped.Add(1)
		sh.r.log.Error("a decision was not compared with the shadow's", "error", err)
	}
}

// spend pays for the rows of a journal that were read.
func (sh *shadow) spend(rows int) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	sh.budget.tokens -= float64(rows) / refoldRows
}

// differenceKey tells differences apart, whatever their values are.
func differenceKey(d *engine.Difference) string {
	return d.Kind + "\x1f" + d.Subject + "\x1f" + d.Detail + "\x1f" + d.Only
}

// anyDifference is the name under which a lead is marked that has shown one at all.
const anyDifference = ""

func shadowMark(lead engine.LeadID, difference string) store.ShadowMark {
	h := fnv.New64a()
	h.Write([]byte(difference))
	return store.ShadowMark{Lead: lead, Difference: h.Sum64()}
}

// note adds up what one comparison has found.
func (sh *shadow) note(t *shadowTask, found []engine.Difference) error {
	s := t.of
	names := []string{anyDifference}
	for i := range found {
		names = append(names, differenceKey(&found[i]))
	}
	if len(found) == 0 {
		names = nil
	}
	first := make([]bool, len(names)) // the lead shows it for the first time
	for i, name := range names {
		known, err := s.marked(sh.r.store, shadowMark(t.lead, name))
		if err != nil {
			return err
		}
		first[i] = !known
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changed = true
	s.found.Compared++
	if len(found) == 0 {
		s.found.Alike++
		return nil
	}
	for i, name := range names {
		if first[i] {
			s.marks[shadowMark(t.lead, name)] = true
		}
	}
	if first[0] {
		s.found.Leads++
	}
	for i := range found {
		s.count(t, &found[i], first[i+1])
	}
	return nil
}

// marked reports whether a lead has shown a difference before.
func (s *shadowing) marked(kept *store.Store, m store.ShadowMark) (bool, error) {
	s.mu.Lock()
	known := s.marks[m]
	s.mu.Unlock()
	if known {
		return true, nil
	}
	return kept.ShadowMarked(m)
}

// count adds a difference to those of its kind. The caller holds mu.
func (s *shadowing) count(t *shadowTask, d *engine.Difference, first bool) {
	list := s.found.Differences
	i := slices.IndexFunc(list, func(have ShadowDifference) bool {
		return have.Kind == d.Kind && have.Subject == d.Subject && have.Detail == d.Detail && have.Only == d.Only
	})
	if i < 0 {
		if len(list) >= maxDifferences {
			s.found.More++
			return
		}
		i = len(list)
		s.found.Differences = append(list, ShadowDifference{Kind: d.Kind, Subject: d.Subject, Detail: d.Detail, Only: d.Only})
	}
	have := &s.found.Differences[i]
	have.Times++
	if !first {
		return
	}
	have.Leads++
	if len(have.Examples) < maxShadowExamples {
		have.Examples = append(have.Examples, ShadowExample{
			Lead: t.lead.String(), At: t.event.At, Event: t.event.Name, Old: d.Old, New: d.New,
		})
	}
}

// shadowHistory is a lead's journal as it was before the decision that is compared.
type shadowHistory struct {
	sh   *shadow
	task *shadowTask
	rows int
}

// Facts gives the rows that were there.
func (h *shadowHistory) Facts(lead engine.LeadID, yield func(*engine.Fact) error) error {
	return h.sh.r.store.Facts(lead.Partition(h.sh.r.partitions), lead, func(f *engine.Fact) error {
		if lead == h.task.lead && f.Seq > h.task.seq {
			return nil
		}
		h.rows++
		return yield(f)
	})
}
