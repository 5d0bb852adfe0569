package httpd

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/lists"
	"github.com/seed-456efde2/nurture/engine"
)

// What goes out as tables: leads, what happened to them, what was decided about
// them, figures. A table is walked lead by lead and never held.

// exportRange is what part of a table is wanted.
type exportRange struct {
	since, until engine.Time // of what has an instant; 0: open
	consent      string      // of the evidence: of one consent only
}

func (r exportRange) has(at engine.Time) bool {
	return (r.since == 0 || at >= r.since) && (r.until == 0 || at < r.until)
}

// table is one that can be exported.
type table struct {
	columns columns
	rows    func(s *Server, ctx context.Context, r exportRange, w lists.Writer) error
}

// columns are those of a table by the rules in force.
type columns func(*Server) []lists.Column

func fixed(list ...lists.Column) columns {
	return func(*Server) []lists.Column { return list }
}

// and is the same with more behind them.
func (c columns) and(more ...lists.Column) columns {
	return func(s *Server) []lists.Column { return slices.Concat(c(s), more) }
}

// tables are all of them by name.
var tables = map[string]table{
	"leads": {(*Server).leadColumns, (*Server).exportLeads},
	"events": {fixed(
		lists.Column{Name: "lead"}, lists.Column{Name: "userId"}, lists.Column{Name: "anonymousId"}, lists.Column{Name: "type"},
		lists.Column{Name: "event"}, lists.Column{Name: "messageId"}, lists.Column{Name: "source"},
		lists.Column{Name: "at", Kind: lists.Time}, lists.Column{Name: "receivedAt", Kind: lists.Time}, lists.Column{Name: "fields"},
	).and(correctionColumns...).and(lists.Column{Name: "toldAt", Kind: lists.Time}, lists.Column{Name: "toldFields"}), (*Server).exportEvents},
	"decisions": {fixed(
		lists.Column{Name: "lead"}, lists.Column{Name: "at", Kind: lists.Time}, lists.Column{Name: "decision"}, lists.Column{Name: "subject"},
		lists.Column{Name: "detail"}, lists.Column{Name: "action"}, lists.Column{Name: "until", Kind: lists.Time},
		lists.Column{Name: "points", Kind: lists.Number}, lists.Column{Name: "revision", Kind: lists.Number}, lists.Column{Name: "because"},
		lists.Column{Name: "messageId"},
	).and(correctionColumns...), (*Server).exportDecisions},
	"kpis": {fixed(
		lists.Column{Name: "kpi"}, lists.Column{Name: "label"}, lists.Column{Name: "by"}, lists.Column{Name: "window"},
		lists.Column{Name: "value", Kind: lists.Number}, lists.Column{Name: "count", Kind: lists.Number}, lists.Column{Name: "of", Kind: lists.Number},
		lists.Column{Name: "low", Kind: lists.Number}, lists.Column{Name: "high", Kind: lists.Number}, lists.Column{Name: "target", Kind: lists.Number},
	), (*Server).exportKPIs},
	"consents": {fixed(evidenceColumns...).and(correctionColumns...).and(lists.Column{Name: "toldAt", Kind: lists.Time}), (*Server).exportEvidence},
}

// eachLead shows every lead that is one, with the whole that it is a part of.
func (s *Server) eachLead(ctx context.Context, parts bool, yield func(l *engine.Lead) error) error {
	people := s.options.People
	for part := range people.Partitions() {
		err := people.Leads(part, engine.LeadID{}, 0, func(id engine.LeadID, row []byte) error {
			if err := ctx.Err(); err != nil {
				return err
			}
			var l engine.Lead
			if err := engine.DecodeLead(row, &l); err != nil {
				return err
			}
			if l.Entity != engine.NoEntity || l.FirstSeen == 0 || !parts && !l.Into.IsZero() {
				return nil
			}
			l.ID = id
			return yield(&l)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// leadColumns are the columns of a lead: those of everybody, and those that the
// rules in force declare.
func (s *Server) leadColumns() []lists.Column {
	columns := []lists.Column{
		{Name: "lead"},
		{Name: "userId"},
		{Name: "anonymousId"},
		{Name: "firstSeen", Kind: lists.Time},
		{Name: "lastSeen", Kind: lists.Time},
		{Name: "stage"},
		{Name: "stageSince", Kind: lists.Time},
		{Name: "stopped"},
	}
	p := s.options.Desk.Program()
	if p == nil {
		return columns
	}
	spec := p.Spec()
	kinds := map[engine.Kind]lists.Kind{engine.Number: lists.Number, engine.Flag: lists.Flag, engine.Instant: lists.Time}
	for i := range spec.Attrs {
		columns = append(columns, lists.Column{Name: "lead." + spec.Attrs[i].Name, Kind: kinds[spec.Attrs[i].Kind]})
	}
	for i := range spec.Scores {
		columns = append(columns, lists.Column{Name: "score." + spec.Scores[i].Name, Kind: lists.Number})
	}
	for i := range spec.Consents {
		columns = append(columns, lists.Column{Name: "consent." + spec.Consents[i].Name, Kind: lists.Flag})
	}
	return columns
}

func (s *Server) exportLeads(ctx context.Context, _ exportRange, w lists.Writer) error {
	p := s.options.Desk.Program()
	frame := engine.NewFrame()
	now := engine.TimeOf(s.now())
	return s.eachLead(ctx, false, func(l *engine.Lead) error {
		row := []any{
			l.ID.String(), textOr(l.User), textOr(l.Visitor), timeOr(l.FirstSeen), timeOr(l.Now),
			textOr(l.Acts.Stage), timeOr(l.Acts.StageSince), textOr(stoppedTopics(l)),
		}
		if p == nil {
			return w.Row(row)
		}
		spec := p.Spec()
		read := func(kind engine.KeyKind, name string) any {
			return cellOf(p.Read(frame, l, now, engine.Key{Kind: kind, Name: name}))
		}
		for i := range spec.Attrs {
			row = append(row, fitting(read(engine.KeyLead, spec.Attrs[i].Name), spec.Attrs[i].Kind))
		}
		for i := range spec.Scores {
			row = append(row, read(engine.KeyScore, spec.Scores[i].Name))
		}
		for i := range spec.Consents {
			row = append(row, read(engine.KeyConsent, spec.Consents[i].Name))
		}
		return w.Row(row)
	})
}

// stoppedTopics are what the lead gets no messages about, "*" for everything.
func stoppedTopics(l *engine.Lead) string {
	var list []string
	for i := range l.Folds.Barred {
		topic := l.Folds.Barred[i].Topic
		if topic == "" {
			topic = "*"
		}
		if !slices.Contains(list, topic) {
			list = append(list, topic)
		}
	}
	text := ""
	for i, topic := range list {
		if i > 0 {
			text += ", "
		}
		text += topic
	}
	return text
}

func textOr(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func timeOr(t engine.Time) any {
	if t == 0 {
		return nil
	}
	return t.In(time.UTC)
}

// cellOf is a value as a table has it.
func cellOf(v engine.Value) any {
	switch v.Kind() {
	case engine.Number:
		return v.Number()
	case engine.Flag:
		return v.Flag()
	case engine.Instant:
		return v.Time().In(time.UTC)
	case engine.None:
		return nil
	}
	return v.Text()
}

// fitting is a cell that its column can hold, nil for any other.
func fitting(cell any, kind engine.Kind) any {
	ok := true
	switch kind {
	case engine.Number:
		_, ok = cell.(float64)
	case engine.Flag:
		_, ok = cell.(bool)
	case engine.Instant:
		_, ok = cell.(time.Time)
	default:
		if _, isText := cell.(string); !isText && cell != nil {
			return fmt.Sprint(cell)
		}
	}
	if !ok {
		return nil
	}
	return cell
}

// eachFact shows the facts of every lead in order of time, parts under the lead that
// they belong to.
func (s *Server) eachFact(ctx context.Context, yield func(whole engine.LeadID, l *engine.Lead, f *engine.Fact) error) error {
	people := s.options.People
	return s.eachLead(ctx, true, func(l *engine.Lead) error {
		whole, err := s.wholeOf(l)
		if err != nil {
			return err
		}
		return people.Facts(l.ID.Partition(people.Partitions()), l.ID, func(f *engine.Fact) error {
			return yield(whole, l, f)
		})
	})
}

// wholeOf is the lead that a part belongs to.
func (s *Server) wholeOf(l *engine.Lead) (engine.LeadID, error) {
	id, into := l.ID, l.Into
	for range maxMerges {
		if into.IsZero() {
			break
		}
		var next engine.Lead
		id = into
		if _, err := s.options.People.Lead(id, &next); err != nil {
			return id, err
		}
		into = next.Into
	}
	return id, nil
}

func (s *Server) exportEvents(ctx context.Context, r exportRange, w lists.Writer) error {
	return s.eachKnownFact(ctx, func(k *knownFact) error {
		e := &k.true.Now
		if e.Kind.Outside() && r.has(e.At) {
			row := append([]any{
				k.whole.String(), textOr(e.User), textOr(e.Visitor), e.Kind.String(), textOr(e.Name), textOr(e.ID), textOr(e.Source),
				timeOr(e.At), timeOr(e.Received), fieldsCell(e.Fields),
			}, correctionCells(&k.true)...)
			if err := w.Row(append(row, toldCells(&k.true)...)); err != nil {
				return err
			}
		}
		for i := range k.row.Derived {
			d := &k.row.Derived[i]
			if !r.has(d.At) {
				continue
			}
			row := []any{k.whole.String(), nil, nil, "derived", d.Name, nil, "nurture", timeOr(d.At), timeOr(e.Received), fieldsCell(d.Fields)}
			err := w.Row(append(row, make([]any, len(correctionColumns)+2)...))
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// toldCells are when a fact was told to have happened, and what it was told to say, where
// that is known otherwise now.
func toldCells(t *engine.TrueFact) []any {
	cells := make([]any, 2)
	if t.Now.At != t.Told.At {
		cells[0] = timeOr(t.Told.At)
	}
	if !slices.Equal(t.Now.Fields, t.Told.Fields) {
		cells[1] = fieldsCell(t.Told.Fields)
	}
	return cells
}

func fieldsCell(fields []engine.Field) any {
	if len(fields) == 0 {
		return nil
	}
	values, _ := jsonFields(fields)
	text, err := json.Marshal(values)
	if err != nil {
		return nil // of texts, numbers and flags, which are JSON
	}
	return string(text)
}

func (s *Server) exportDecisions(ctx context.Context, r exportRange, w lists.Writer) error {
	return s.eachKnownFact(ctx, func(k *knownFact) error {
		f := k.row
		for i := range f.Decisions {
			d := &f.Decisions[i]
			if !r.has(d.At) {
				continue
			}
			var action, points, because any
			if !d.Action.IsZero() {
				action = d.Action.String()
			}
			if d.Points != 0 {
				points = d.Points
			}
			if len(d.Because) > 0 && !d.Expired() {
				if text, err := json.Marshal(d.Because); err == nil {
					because = string(text)
				}
			}
			var message any
			if f.Event.Kind.Outside() {
				message = textOr(f.Event.ID)
			}
			row := append([]any{
				k.whole.String(), timeOr(d.At), d.Kind.String(), textOr(d.Subject), textOr(d.Detail), action, timeOr(d.Until), points, float64(f.Revision), because,
				message,
			}, correctionCells(&k.true)...)
			if err := w.Row(row); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Server) exportKPIs(_ context.Context, _ exportRange, w lists.Writer) error {
	docs, err := s.kpis()
	if err != nil {
		return err
	}
	for i := range docs {
		k := &docs[i]
		if err := w.Row(kpiCells(k, nil, &k.Total)); err != nil {
			return err
		}
		for j := range k.Parts {
			if err := w.Row(kpiCells(k, k.Parts[j].Labels, &k.Parts[j].FigureDoc)); err != nil {
				return err
			}
		}
	}
	return nil
}

func kpiCells(k *KPIDoc, labels map[string]string, f *FigureDoc) []any {
	number := func(n *float64) any {
		if n == nil {
			return nil
		}
		return *n
	}
	var by, target any
	if len(labels) > 0 {
		if text, err := json.Marshal(labels); err == nil {
			by = string(text)
		}
	}
	if k.Target != 0 {
		target = k.Target
	}
	return []any{k.Name, textOr(k.Label), by, textOr(k.Window), number(f.Value), float64(f.Count), float64(f.Of), number(f.Low), number(f.High), target}
}
