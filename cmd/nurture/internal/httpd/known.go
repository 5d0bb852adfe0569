package httpd

import (
	"context"
	"slices"
	"time"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/lists"
	"github.com/seed-456efde2/nurture/engine"
)

// Wherever facts go out they go out as they are known now, with what was said of them
// and by whom, and with what was told at first. Nothing is taken out: what never
// happened stands there as something that did not.

// AmendedDoc is what is known of a fact beside what was told.
type AmendedDoc struct {
	Never       bool            `json:"never,omitempty" doc:"It did not happen."`
	NoConsent   bool            `json:"noConsent,omitempty" doc:"It gives no leave to write."`
	KnownAt     *time.Time      `json:"knownAt,omitempty" doc:"When it happened, where that was corrected."`
	KnownFields map[string]any  `json:"knownFields,omitempty" doc:"What it says, where that was corrected."`
	Corrections []CorrectionDoc `json:"corrections,omitempty" doc:"In the order in which they were said."`
}

func amendedDoc(t *engine.TrueFact) AmendedDoc {
	doc := AmendedDoc{Never: t.Never, NoConsent: t.Invalid}
	if t.Now.At != t.Told.At {
		doc.KnownAt = instant(t.Now.At)
	}
	if !slices.Equal(t.Now.Fields, t.Told.Fields) {
		doc.KnownFields, _ = jsonFields(t.Now.Fields)
	}
	for i := range t.Corrections {
		doc.Corrections = append(doc.Corrections, correctionDoc(&t.Corrections[i]))
	}
	return doc
}

// amendmentsOf are the corrections of what a lead, or the whole that it is a part of,
// is known by.
func (s *Server) amendmentsOf(l *engine.Lead) (*engine.Amendments, error) {
	if !l.Into.IsZero() {
		id, err := s.wholeOf(l)
		if err != nil {
			return nil, err
		}
		l = &engine.Lead{}
		if _, err := s.options.People.Lead(id, l); err != nil {
			return nil, err
		}
		l.ID = id
	}
	return engine.AmendmentsOf(l, journal{s.options.People})
}

// knownFact is a fact on its way out: whose it is, and what is known of it.
type knownFact struct {
	whole engine.LeadID
	lead  *engine.Lead // in whose journal it stands
	row   *engine.Fact
	true  engine.TrueFact // of an outside event
}

// eachKnownFact is eachFact with what is known of each fact. Every journal is read
// twice, because a correction stands behind its fact and a journal is never held.
func (s *Server) eachKnownFact(ctx context.Context, yield func(k *knownFact) error) error {
	people := s.options.People
	return s.eachLead(ctx, true, func(l *engine.Lead) error {
		whole, err := s.wholeOf(l)
		if err != nil {
			return err
		}
		amendments, err := s.amendmentsOf(l)
		if err != nil {
			return err
		}
		return people.Facts(l.ID.Partition(people.Partitions()), l.ID, func(f *engine.Fact) error {
			return yield(&knownFact{whole, l, f, amendments.Of(&f.Event)})
		})
	})
}

// correctionColumns are those by which a table marks what was corrected.
var correctionColumns = []lists.Column{
	{Name: "corrected"},
	{Name: "correctedBy"},
	{Name: "correctedAt", Kind: lists.Time},
	{Name: "correctedWhy"},
}

// correctionCells say what stands of all that was said of a fact, who said the last of
// it, when and why.
func correctionCells(t *engine.TrueFact) []any {
	words, last, ok := t.Standing()
	if !ok {
		return make([]any, len(correctionColumns))
	}
	return []any{words, textOr(last.Who), timeOr(last.When), textOr(last.Why)}
}

// knownEvidence is what a fact says about leave, by what is known of it, and what it
// only was told to say.
func (s *Server) knownEvidence(p *engine.Program, f *engine.Fact, t *engine.TrueFact) []evidence {
	if len(t.Corrections) == 0 {
		return s.evidenceOf(p, f)
	}
	var list []evidence
	if !t.Never {
		list = s.evidenceOfEvent(p, &t.Now, list)
	}
	for i := range list {
		list[i].void = t.Invalid && list[i].gives()
	}
	for _, v := range s.evidenceOf(p, f) {
		if v.e == &f.Event { // as it was told
			if slices.ContainsFunc(list, func(have evidence) bool { return have.consent == v.consent && have.action == v.action }) {
				continue
			}
			v.void = true
		}
		list = append(list, v)
	}
	return list
}

// gives reports something that gave leave.
func (v *evidence) gives() bool {
	return v.action == evidenceAsked || v.action == evidenceGiven || v.action == evidenceConfirmed
}
