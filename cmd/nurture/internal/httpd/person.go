package httpd

import (
	"context"
	"encoding/json"
	"time"

	"github.com/seed-456efde2/nurture/engine"
)

// PersonDoc is everything about a person.
type PersonDoc struct {
	Made       time.Time       `json:"made"`
	Lead       *LeadDoc        `json:"lead"`
	Names      []NameDoc       `json:"names" doc:"Under which it is known, in every fact."`
	Parts      []string        `json:"parts" doc:"Internal ids of leads that were merged into it; their facts stand among its own."`
	Stopped    []BarDoc        `json:"stopped" doc:"What it is not written to about, and why."`
	Wishes     []WishDoc       `json:"wishes" doc:"How often it wants to hear from us."`
	Evidence   []EvidenceDoc   `json:"evidence" doc:"What gave and took leave."`
	Letters    []LetterOfDoc   `json:"letters" doc:"Messages to it that were given up."`
	Undeclared map[string]any  `json:"undeclared,omitempty" doc:"The latest value of traits that the rules do not declare."`
	Contexts   json.RawMessage `json:"context,omitempty" doc:"The latest context that a client sent."`
}

// NameDoc is a name of a person.
type NameDoc struct {
	Kind  string `json:"kind" enum:"userId,anonymousId,key"`
	Value string `json:"value"`
}

// BarDoc is what somebody is not written to about.
type BarDoc struct {
	Kind   string     `json:"kind,omitempty"`
	Topic  string     `json:"topic,omitempty"`
	Reason string     `json:"reason"`
	At     *time.Time `json:"at"`
}

// WishDoc is how often somebody wants to hear from us.
type WishDoc struct {
	Topic     string     `json:"topic,omitempty"`
	Frequency string     `json:"frequency"`
	At        *time.Time `json:"at"`
}

// EvidenceDoc is one thing that gave or took leave.
type EvidenceDoc struct {
	Consent string     `json:"consent,omitempty"`
	Action  string     `json:"action"`
	At      *time.Time `json:"at"`
	Event   string     `json:"event"`
	Wording string     `json:"wording,omitempty"`
	Source  string     `json:"source,omitempty"`
	Address string     `json:"address,omitempty"`
	Void    bool       `json:"void,omitempty" doc:"It was told so, and is not so by what is known now."`

	Corrections []CorrectionDoc `json:"corrections,omitempty" doc:"What was said of the fact since."`
}

// LetterOfDoc is a message that was given up.
type LetterOfDoc struct {
	Channel string     `json:"channel"`
	What    string     `json:"what,omitempty"`
	At      *time.Time `json:"at"`
	Code    string     `json:"code,omitempty"`
}

// maxPersonFacts bounds the facts of one answer.
const maxPersonFacts = 200_000

// personDoc reads everything about a person, parts included.
func (s *Server) personDoc(ctx context.Context, name string) (*PersonDoc, error) {
	id, err := s.findLead(name)
	if err != nil {
		return nil, err
	}
	var l engine.Lead
	if _, err := s.options.People.Lead(id, &l); err != nil {
		return nil, err
	}
	l.ID = id
	if id, err = s.wholeOf(&l); err != nil {
		return nil, err
	}
	auditTarget(ctx, id.String())
	var whole engine.Lead
	found, err := s.options.People.Lead(id, &whole)
	if err != nil || !found || whole.FirstSeen == 0 {
		if err == nil {
			err = errNoLead
		}
		return nil, err
	}
	whole.ID = id
	doc := &PersonDoc{
		Made: s.now().UTC(), Names: []NameDoc{}, Parts: []string{}, Stopped: []BarDoc{}, Wishes: []WishDoc{}, Evidence: []EvidenceDoc{}, Letters: []LetterOfDoc{},
	}
	if doc.Lead, err = s.leadDoc(ctx, id, maxPersonFacts); err != nil {
		return nil, err
	}
	for i := range whole.Folds.Barred {
		b := &whole.Folds.Barred[i]
		doc.Stopped = append(doc.Stopped, BarDoc{b.Kind, b.Topic, b.Reason, instant(b.At)})
	}
	for i := range whole.Folds.Wishes {
		w := &whole.Folds.Wishes[i]
		doc.Wishes = append(doc.Wishes, WishDoc{w.Topic, w.Frequency(), instant(w.At)})
	}
	amendments, err := s.amendmentsOf(&whole)
	if err != nil {
		return nil, err
	}
	for _, part := range append([]engine.LeadID{id}, whole.Parts...) {
		if part != id {
			doc.Parts = append(doc.Parts, part.String())
			facts, err := s.latestFacts(ctx, part, maxPersonFacts, amendments)
			if err != nil {
				return nil, err
			}
			doc.Lead.Facts = append(doc.Lead.Facts, facts...)
		}
		if err := s.addJournal(doc, part, amendments); err != nil {
			return nil, err
		}
	}
	return doc, nil
}

// addJournal adds what one journal says beside its facts.
func (s *Server) addJournal(doc *PersonDoc, id engine.LeadID, amendments *engine.Amendments) error {
	p := s.options.Desk.Program()
	keyAttr := ""
	if p != nil {
		keyAttr = p.Spec().KeyAttr
	}
	people := s.options.People
	part := id.Partition(people.Partitions())
	err := people.Facts(part, id, func(f *engine.Fact) error {
		e := &f.Event
		if !e.Kind.Outside() {
			return nil
		}
		doc.name("userId", e.User)
		doc.name("anonymousId", e.Visitor)
		if e.Context != "" && json.Valid([]byte(e.Context)) {
			doc.Contexts = json.RawMessage(e.Context)
		}
		for i := range e.Fields {
			if e.Kind != engine.Identify && e.Kind != engine.Group {
				break
			}
			if keyAttr != "" && engine.Fold(e.Fields[i].Name) == keyAttr {
				doc.name("key", e.Fields[i].Value.Text())
			}
			doc.undeclared(p, &e.Fields[i])
		}
		if p == nil {
			return nil
		}
		known := amendments.Of(e)
		for _, v := range s.knownEvidence(p, f, &known) {
			doc.Evidence = append(doc.Evidence, EvidenceDoc{
				v.consent, v.action, instant(v.e.At), v.e.Name, fieldText(v.e, "wording"), v.e.Source, v.address, v.void, amendedDoc(&known).Corrections,
			})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.options.Ledger.DeadActions(part, engine.ActionKey{}, 0, func(d *engine.DeadAction) error {
		if d.Lead == id {
			doc.Letters = append(doc.Letters, LetterOfDoc{d.Pending.Channel, d.Pending.Step + d.Pending.TossUp, instant(d.At), d.Code})
		}
		return nil
	})
}

func (d *PersonDoc) name(kind, value string) {
	for _, n := range d.Names {
		if n == (NameDoc{kind, value}) {
			return
		}
	}
	if value != "" {
		d.Names = append(d.Names, NameDoc{kind, value})
	}
}

// undeclared keeps a trait that no rule can read, which is known all the same.
func (d *PersonDoc) undeclared(p *engine.Program, f *engine.Field) {
	if p != nil {
		spec := p.Spec()
		for i := range spec.Attrs {
			if a := &spec.Attrs[i]; a.Name == f.Name || a.Wire == f.Name || engine.Fold(f.Name) == a.Name {
				return
			}
		}
	}
	if d.Undeclared == nil {
		d.Undeclared = map[string]any{}
	}
	d.Undeclared[f.Name] = cellOf(f.Value)
}
