package httpd

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/runner"
)

// Corrector takes what somebody says of a fact; the runner's method.
type Corrector interface {
	Correct(ctx context.Context, lead engine.LeadID, c engine.Correction) error
}

// KnownFactDoc is a fact as it was told and as it is known now.
type KnownFactDoc struct {
	Ref       string         `json:"fact" doc:"By which it is corrected: the internal id of the lead in whose journal it stands, a point, its number there."`
	MessageID string         `json:"messageId,omitempty"`
	Source    string         `json:"source,omitempty"`
	Kind      string         `json:"type" doc:"As the client sent it; merge for another lead that became a part of this one."`
	Name      string         `json:"event,omitempty"`
	Names     []string       `json:"names,omitempty" doc:"Under which the rules in force know it, moments included."`
	At        *time.Time     `json:"at,omitempty" doc:"As it was told."`
	Fields    map[string]any `json:"fields,omitempty" doc:"As it was told."`
	Other     string         `json:"other,omitempty" doc:"Of a merge: internal id of the lead that became a part."`
	Acts      []ActDoc       `json:"acts,omitempty" doc:"What was done when it came. It stays done."`
	AmendedDoc
	order []string
}

// ActDoc is something that was done about a lead.
type ActDoc struct {
	Kind    string `json:"decision"`
	Subject string `json:"subject,omitempty"`
	Detail  string `json:"detail,omitempty"`
}

// CorrectionDoc is what somebody said of a fact.
type CorrectionDoc struct {
	ID        string         `json:"id"`
	Says      string         `json:"says" doc:"never, as_told, at, human, machine, fields, no_consent: all that it says."`
	At        *time.Time     `json:"at,omitempty"`
	Fields    map[string]any `json:"fields,omitempty"`
	Fact      string         `json:"messageId,omitempty" doc:"Of the fact, where that has not come yet."`
	Who       string         `json:"who,omitempty"`
	Why       string         `json:"why"`
	When      *time.Time     `json:"when"`
	TakenBack bool           `json:"takenBack,omitempty" doc:"By another correction."`
}

// KnownFactList is what is known of a lead, by its facts.
type KnownFactList struct {
	Lead    string          `json:"lead" doc:"Internal id of the lead."`
	Facts   []KnownFactDoc  `json:"facts" doc:"Newest first, by what is known now."`
	Waiting []CorrectionDoc `json:"waiting,omitempty" doc:"Corrections of facts that have not come."`
	More    bool            `json:"more,omitempty" doc:"There are older facts."`
}

// FactQuery asks for the facts of a lead.
type FactQuery struct {
	Lead      string `json:"lead" minLength:"1" maxLength:"512" doc:"The internal id, a userId, an anonymousId or the value of the key attribute."`
	Event     string `json:"event,omitempty" maxLength:"512" doc:"Only facts of this name."`
	Corrected bool   `json:"corrected,omitempty" doc:"Only facts of which something was said."`
	Limit     int    `json:"limit,omitempty" minimum:"1" maximum:"10000" default:"50"`
}

var (
	errNoCorrector = newProblem(http.StatusNotImplemented, "no_corrections", "this server takes no corrections")
	errNoFact      = newProblem(http.StatusNotFound, "no_fact", "that lead has no such fact; nurture fact list LEAD lists what it has. A correction of a fact that is still to come says expected")
	errWhichFact   = newProblem(http.StatusConflict, "ambiguous", "the lead has several facts of that messageId: name the source too, or the fact by LEAD.NUMBER")
	errNeedsLead   = newProblem(http.StatusBadRequest, "no_lead", "a fact that is named by its messageId needs the lead; nurture fact list LEAD gives names that need none")
	errNotJudged   = newProblem(http.StatusBadRequest, "not_judged", "nobody asks of that event whether a person or a machine brought it; say never, or correct its fields")
	errNoGrant     = newProblem(http.StatusBadRequest, "no_consent", "that event gives no leave to write by the rules in force")
	errOfCorrected = newProblem(http.StatusBadRequest, "of_a_correction", "of a correction it can only be said that it is taken back: never")
	errOfMerge     = newProblem(http.StatusBadRequest, "of_a_merge", "of a merge it can only be said that it is none: never")
)

func (s *Server) factOperations(api huma.API) {
	tags := []string{"leads"}
	errs := []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusNotFound, http.StatusConflict, http.StatusServiceUnavailable}
	huma.Register(api, huma.Operation{
		OperationID: "list-facts", Method: http.MethodPost, Path: "/api/v1/facts/list", Tags: tags,
		Summary:     "A lead's facts, as they were told and as they are known now",
		Description: "With everything that was said of each since, by whom and why.",
		Errors:      errs[:3],
	}, func(_ context.Context, in *struct{ Body FactQuery }) (*answer[KnownFactList], error) {
		return answerOf(s.knownFacts(&in.Body))
	})
	huma.Register(api, huma.Operation{
		OperationID: "correct-fact", Method: http.MethodPost, Path: "/api/v1/facts/correct", Tags: tags,
		Summary:     "Say what is true of a fact after all",
		Description: "A click was a machine's, a bounce was wrong, a consent is not valid, something never happened or happened at another time. The correction is a fact of its own beside the first; scores, segments, figures, funnels and experiments follow as if it had been known at once. What was done stays done: stages and workflows go on by new acts, and sales are told of toss-ups that would not have been. With dryRun nothing is kept, and the answer tells what would change.",
		Errors:      errs,
	}, func(ctx context.Context, in *struct{ Body CorrectionOrder }) (*answer[CorrectionResult], error) {
		return answerOf(s.correctFact(ctx, &in.Body))
	})
	huma.Register(api, huma.Operation{
		OperationID: "correct-facts", Method: http.MethodPost, Path: "/api/v1/facts/corrections", Tags: tags,
		Summary:     "Say what is true of many facts",
		Description: "As correct-fact, row by row. A row has an id of its own: the same row twice is one. What is not taken is told with its reason, and the others are.",
		Errors:      errs,
	}, func(ctx context.Context, in *struct{ Body CorrectionRows }) (*answer[CorrectionTally], error) {
		return answerOf(s.correctFacts(ctx, &in.Body))
	})
}

// knownLead is a lead with all that is known of its facts.
type knownLead struct {
	lead    engine.Lead
	facts   []engine.TrueFact
	merges  []engine.Fact
	waiting []engine.Said
}

// readKnown reads the facts of the lead that a name stands for, or of the one that it
// is a part of.
func (s *Server) readKnown(name string) (*knownLead, error) {
	id, err := s.findLead(name)
	if err != nil {
		return nil, err
	}
	return s.readKnownLead(id)
}

func (s *Server) readKnownLead(id engine.LeadID) (*knownLead, error) {
	people := s.options.People
	k := &knownLead{}
	if _, err := people.Lead(id, &k.lead); err != nil {
		return nil, fmt.Errorf("read lead: %w", err)
	}
	k.lead.ID = id
	id, err := s.wholeOf(&k.lead)
	if err != nil {
		return nil, err
	}
	found, err := people.Lead(id, &k.lead)
	if err != nil {
		return nil, fmt.Errorf("read lead: %w", err)
	}
	if k.lead.ID = id; !found || k.lead.FirstSeen == 0 {
		return nil, errNoLead
	}
	if k.facts, k.waiting, err = engine.TrueFacts(&k.lead, journal{people}); err != nil {
		return nil, err
	}
	err = people.Facts(id.Partition(people.Partitions()), id, func(f *engine.Fact) error {
		if f.Event.Kind == engine.Take {
			k.merges = append(k.merges, engine.Fact{Seq: f.Seq, Event: engine.Event{At: f.Event.At, Other: f.Event.Other}})
		}
		return nil
	})
	return k, err
}

// knownFacts lists a lead's facts, newest first.
func (s *Server) knownFacts(q *FactQuery) (KnownFactList, error) {
	k, err := s.readKnown(q.Lead)
	if err != nil {
		return KnownFactList{}, err
	}
	list := KnownFactList{Lead: k.lead.ID.String(), Facts: []KnownFactDoc{}}
	p := s.options.Desk.Program()
	limit := cmp.Or(q.Limit, 50)
	for i := range k.merges {
		m := &k.merges[i]
		if !q.Corrected && (q.Event == "" || q.Event == "merge") {
			list.Facts = append(list.Facts, KnownFactDoc{
				Ref: refOf(k.lead.ID, m.Seq), Kind: "merge", At: instant(m.Event.At), Other: m.Event.Other.String(),
				AmendedDoc: AmendedDoc{Never: !slices.Contains(k.lead.Parts, m.Event.Other)},
			})
		}
	}
	for i := range k.facts {
		t := &k.facts[i]
		doc := knownFactDoc(p, t)
		if q.Corrected && len(t.Corrections) == 0 || q.Event != "" && q.Event != doc.Name && !slices.Contains(doc.Names, q.Event) && q.Event != doc.Kind {
			continue
		}
		list.Facts = append(list.Facts, doc)
	}
	slices.SortStableFunc(list.Facts, func(a, b KnownFactDoc) int { return timeOf(a.latest()).Compare(timeOf(b.latest())) })
	slices.Reverse(list.Facts)
	if list.More = len(list.Facts) > limit; list.More {
		list.Facts = list.Facts[:limit]
	}
	for i := range k.waiting {
		doc := correctionDoc(&k.waiting[i])
		doc.Fact = k.waiting[i].Fact
		list.Waiting = append(list.Waiting, doc)
	}
	return list, nil
}

// latest is when it happened by what is known now.
func (d *KnownFactDoc) latest() *time.Time { return cmp.Or(d.KnownAt, d.At) }

// refOf names a row of a journal.
func refOf(lead engine.LeadID, seq uint64) string {
	return lead.String() + "." + strconv.FormatUint(seq, 10)
}

func parseRef(text string) (lead engine.LeadID, seq uint64, ok bool) {
	id, number, found := strings.Cut(text, ".")
	lead, ok = engine.ParseLeadID(id)
	seq, err := strconv.ParseUint(number, 10, 64)
	return lead, seq, found && ok && err == nil
}

func knownFactDoc(p *engine.Program, t *engine.TrueFact) KnownFactDoc {
	doc := KnownFactDoc{
		Ref: refOf(t.Lead, t.Seq), MessageID: t.Told.ID, Source: t.Told.Source, Kind: t.Told.Kind.String(), Name: t.Told.Name,
		At: instant(t.Told.At), AmendedDoc: amendedDoc(t),
	}
	doc.Fields, doc.order = jsonFields(t.Told.Fields)
	if p != nil {
		doc.Names = p.Called(&t.Now)
	}
	for i := range t.Decisions {
		if d := &t.Decisions[i]; isAct(d.Kind) {
			doc.Acts = append(doc.Acts, ActDoc{d.Kind.String(), d.Subject, d.Detail})
		}
	}
	return doc
}

func correctionDoc(c *engine.Said) CorrectionDoc {
	doc := CorrectionDoc{ID: c.ID, Says: c.Words(), At: instant(c.At), Who: c.Who, Why: c.Why, When: instant(c.When), TakenBack: c.Void}
	doc.Fields, _ = jsonFields(c.Fields)
	return doc
}

// isAct reports a decision by which something was done, which no correction undoes.
func isAct(kind engine.DecisionKind) bool {
	switch kind {
	case engine.Enrolled, engine.HeldOut, engine.Left, engine.Moved, engine.Queued, engine.TossedUp, engine.Answered, engine.Intended,
		engine.Sent, engine.Stepped, engine.Set, engine.Notified, engine.Joined, engine.Parted, engine.Doubted, engine.DroppedOut:
		return true
	}
	return false
}

// CorrectionOrder is what somebody says of a fact.
type CorrectionOrder struct {
	Fact      string         `json:"fact" minLength:"1" maxLength:"512" doc:"As list-facts names it; or with lead, the messageId; or the id of a correction, which never takes back."`
	Lead      string         `json:"lead,omitempty" maxLength:"512" doc:"Any name of the lead. Needed where the fact is named by its messageId."`
	Source    string         `json:"source,omitempty" maxLength:"512" doc:"Of the fact, where its messageId alone names several."`
	ID        string         `json:"id,omitempty" maxLength:"512" doc:"Of the correction: the same one twice is one. Default: a new one."`
	Never     bool           `json:"never,omitempty" doc:"It did not happen."`
	AsTold    bool           `json:"asTold,omitempty" doc:"It was as it was first told: everything that was said of it since is taken back."`
	Verdict   string         `json:"verdict,omitempty" enum:",human,machine" doc:"Who opened or clicked."`
	At        When           `json:"at,omitempty" maxLength:"64" doc:"When it happened: 2026-10-05T09:00:00+09:00, or a day for its first instant. Without an offset it is of the project's zone."`
	Fields    map[string]any `json:"fields,omitempty" doc:"What it says otherwise; null takes a field away."`
	NoConsent bool           `json:"noConsent,omitempty" doc:"It gives no leave to write, whatever it says."`
	Why       string         `json:"why" minLength:"1" maxLength:"2000" doc:"The reason. It stands in the lead's journal and in the audit log: name nobody in it."`
	Expected  bool           `json:"expected,omitempty" doc:"The fact may still be to come: the correction waits for it."`
	DryRun    bool           `json:"dryRun,omitempty" doc:"Keep nothing, and tell what would change."`
}

// CorrectionResult is what came of a correction.
type CorrectionResult struct {
	Lead       string             `json:"lead" doc:"Internal id of the lead."`
	Fact       string             `json:"fact,omitempty" doc:"LEAD.NUMBER of the fact; absent while it has not come."`
	Correction string             `json:"correction,omitempty" doc:"Id of the correction; with never it is taken back."`
	Kept       bool               `json:"kept" doc:"False for a dry run, and for what was said already."`
	Waiting    bool               `json:"waiting,omitempty" doc:"The fact has not come; the correction waits for it."`
	Changes    *CorrectionChanges `json:"changes,omitempty"`
}

// readCorrection finds what an order speaks of, and refuses what cannot be said of it.
func (s *Server) readCorrection(ctx context.Context, o *CorrectionOrder) (k *knownLead, c engine.Correction, err error) {
	lead, seq, byRef := parseRef(o.Fact)
	switch {
	case byRef:
		k, err = s.readKnownLead(lead)
	case o.Lead == "":
		return nil, c, errNeedsLead
	default:
		k, err = s.readKnown(o.Lead)
	}
	if err != nil {
		return nil, c, err
	}
	who := callerIn(ctx)
	c = engine.Correction{
		ID: o.ID, Fact: o.Fact, Source: o.Source, Never: o.Never, AsTold: o.AsTold, NoConsent: o.NoConsent,
		Who: who.who(), Why: strings.TrimSpace(o.Why),
	}
	if c.At, err = s.times().At("at", o.At); err != nil {
		return k, c, err
	}
	c.Verdict = map[string]engine.Verdict{"human": engine.Human, "machine": engine.Machine}[o.Verdict]
	names := make([]string, 0, len(o.Fields))
	for name := range o.Fields {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		c.Fields = append(c.Fields, engine.Field{Name: name, Value: importValue(o.Fields[name])})
	}
	t, err := k.find(&c, lead, seq, byRef)
	if err == nil && t == nil && !o.Expected && !k.corrects(&c) {
		err = errNoFact
	}
	if err != nil {
		return k, c, err
	}
	if c.ID == "" {
		c.ID = correctionID(k.lead.ID, &c, s.now())
	}
	return k, c, s.sayable(k, t, &c)
}

// find is the fact of which something is said, nil for none. A fact that was named by
// its place is named by its own id from then on.
func (k *knownLead) find(c *engine.Correction, lead engine.LeadID, seq uint64, byRef bool) (found *engine.TrueFact, err error) {
	for i := range k.facts {
		t := &k.facts[i]
		switch {
		case byRef && t.Lead == lead && t.Seq == seq:
			c.Fact, c.Source = t.Told.ID, t.Told.Source
			return t, nil
		case byRef, t.Told.ID != c.Fact, c.Source != "" && c.Source != t.Told.Source:
			continue
		case found != nil && found.Told.Source != t.Told.Source:
			return nil, errWhichFact
		}
		found = t
	}
	if found != nil {
		c.Source = found.Told.Source
	}
	return found, nil
}

// merge is the merge that a fact's name stands for, nil for none.
func (k *knownLead) merge(fact string) *engine.Fact {
	lead, seq, ok := parseRef(fact)
	if !ok || lead != k.lead.ID {
		return nil
	}
	for i := range k.merges {
		if k.merges[i].Seq == seq {
			return &k.merges[i]
		}
	}
	return nil
}

// corrects reports whether a correction speaks of an earlier one.
func (k *knownLead) corrects(c *engine.Correction) bool {
	is := func(list []engine.Said) bool {
		return slices.ContainsFunc(list, func(said engine.Said) bool { return said.ID == c.Fact })
	}
	return is(k.waiting) || slices.ContainsFunc(k.facts, func(t engine.TrueFact) bool { return is(t.Corrections) })
}

// said reports whether a correction was taken already.
func (k *knownLead) said(id string) bool {
	return k.corrects(&engine.Correction{Fact: id})
}

// sayable refuses what cannot be said of a fact by the rules in force.
func (s *Server) sayable(k *knownLead, t *engine.TrueFact, c *engine.Correction) error {
	if err := c.Check(engine.TimeOf(s.now())); err != nil {
		return err
	}
	p := s.options.Desk.Program()
	switch {
	case t == nil && k.corrects(c) && !c.Never:
		return errOfCorrected
	case t == nil || p == nil:
	case c.Verdict != engine.Unjudged && !p.Judged(&t.Told):
		return errNotJudged
	case c.NoConsent && !p.MayGrant(&t.Told):
		return errNoGrant
	}
	return nil
}

// correctionID names a correction that nobody has named: by what it says, and when.
func correctionID(lead engine.LeadID, c *engine.Correction, now time.Time) string {
	text, _ := json.Marshal(struct {
		engine.Correction
		Now int64
	}{*c, now.UnixNano()})
	sum := sha256.Sum256(append(lead[:], text...))
	return "c-" + hex.EncodeToString(sum[:10])
}

// correctFact takes a correction.
func (s *Server) correctFact(ctx context.Context, o *CorrectionOrder) (CorrectionResult, error) {
	if s.options.Corrector == nil {
		return CorrectionResult{}, errNoCorrector
	}
	if done, err, merged := s.correctMerge(ctx, o); merged {
		return done, err
	}
	k, c, err := s.readCorrection(ctx, o)
	if k != nil {
		auditTarget(ctx, auditedCorrection(k, &c))
	}
	if err != nil {
		return CorrectionResult{}, err
	}
	done := CorrectionResult{Lead: k.lead.ID.String(), Correction: c.ID, Fact: k.refOf(&c)}
	if done.Changes, done.Waiting, err = s.rehearseCorrection(k, &c); err != nil || o.DryRun {
		return done, err
	}
	done.Kept = !k.said(c.ID)
	return done, s.sayCorrection(ctx, k, c)
}

func (s *Server) sayCorrection(ctx context.Context, k *knownLead, c engine.Correction) error {
	err := s.options.Corrector.Correct(ctx, k.lead.ID, c)
	if errors.Is(err, runner.ErrUnknownLead) {
		return errNoLead // it was forgotten meanwhile
	}
	return err
}

// refOf is the place of the fact that a correction names, "" where it has not come.
func (k *knownLead) refOf(c *engine.Correction) string {
	for i := range k.facts {
		if t := &k.facts[i]; t.Told.ID == c.Fact && (c.Source == "" || c.Source == t.Told.Source) {
			return refOf(t.Lead, t.Seq)
		}
	}
	return ""
}

// maxAudited bounds what the audit log says of a correction, in bytes.
const maxAudited = 400

// auditedCorrection is what the audit log tells: the fact by its place, what is said
// of it, and the reason as it was given.
func auditedCorrection(k *knownLead, c *engine.Correction) string {
	ref := cmp.Or(k.refOf(c), k.lead.ID.String())
	text := ref + " " + c.Words() + ": " + c.Why
	for len(text) > maxAudited {
		text = strings.ToValidUTF8(text[:maxAudited], "")
	}
	return text
}

// correctMerge takes back a merge that is named as a fact; merged is false where the
// order is about another.
func (s *Server) correctMerge(ctx context.Context, o *CorrectionOrder) (done CorrectionResult, err error, merged bool) {
	lead, _, ok := parseRef(o.Fact)
	if !ok {
		return done, nil, false
	}
	k, err := s.readKnownLead(lead)
	if err != nil {
		return done, nil, false // told by who looks for a fact
	}
	m := k.merge(o.Fact)
	if m == nil {
		return done, nil, false
	}
	done = CorrectionResult{Lead: k.lead.ID.String(), Fact: o.Fact}
	auditTarget(ctx, o.Fact+" unmerge "+m.Event.Other.String()+": "+o.Why[:min(len(o.Why), maxAudited/2)])
	switch {
	case !o.Never:
		return done, errOfMerge, true
	case strings.TrimSpace(o.Why) == "":
		return done, (&engine.Correction{ID: "m", Fact: o.Fact, Never: true}).Check(0), true
	case s.options.Identities == nil:
		return done, errNoIdentities, true
	case o.DryRun:
		return done, nil, true
	}
	if err := s.options.Identities.Unmerge(ctx, m.Event.Other); err != nil {
		return done, identityError(err), true
	}
	done.Kept = true
	return done, nil, true
}
