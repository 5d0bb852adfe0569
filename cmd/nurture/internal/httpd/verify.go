package httpd

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/seed-456efde2/nurture/engine"
)

// VerifyDoc is what a recomputation of the counters from the journals has found.
type VerifyDoc struct {
	Leads       int64       `json:"leads" doc:"Leads whose journals were read, those that were merged into others included."`
	Counters    int         `json:"counters" doc:"Counters that were held against them."`
	Sums        int64       `json:"sums" doc:"Sums by hour and label."`
	Moving      int64       `json:"moving" doc:"Sums that changed while they were read, and were not compared."`
	Merged      int64       `json:"merged" doc:"Leads that were merged into others."`
	Forgotten   int64       `json:"forgotten" doc:"Leads whose journals are gone; what they counted is kept."`
	Differences []Deviation `json:"differences" doc:"Sums that the journals tell otherwise; at most 200."`
	Explained   int64       `json:"explained" doc:"Sums that differ in a way that merged or forgotten leads explain: figures of a merged lead are told by each part alone."`
}

// Deviation is a sum that the journals tell otherwise.
type Deviation struct {
	Counter string    `json:"counter"`
	Hour    time.Time `json:"hour"`
	Part    uint8     `json:"part" doc:"0 the numerator or who came, 1 the denominator or who has gone."`
	Labels  string    `json:"labels,omitempty"`
	Counted int64     `json:"counted"`
	Told    int64     `json:"told" doc:"By the journals."`
}

// maxDeviations bounds the list of differences.
const maxDeviations = 200

// ProgramAt gives the rules of a revision, nil where they are not at hand any more.
type ProgramAt func(revision uint32) *engine.Program

// ReadVerify counts anew what the counters of a store say, from its journals. Where a
// server runs meanwhile, what changes is left out.
func ReadVerify(p *engine.Program, at ProgramAt, people People, counts Counts) (VerifyDoc, error) {
	v := verifier{p: p, at: at, people: people, counts: counts, told: map[engine.Delta]int64{}, frame: engine.NewFrame()}
	v.doc.Differences = []Deviation{}
	names := v.names()
	before, err := v.read(names)
	if err != nil {
		return v.doc, err
	}
	for part := range people.Partitions() {
		if err := people.Leads(part, engine.LeadID{}, 0, v.lead); err != nil {
			return v.doc, fmt.Errorf("count the journals: %w", err)
		}
	}
	for d := range v.told {
		names[d.Name] = true
	}
	after, err := v.read(names)
	if err != nil {
		return v.doc, err
	}
	v.compare(before, after)
	v.doc.Counters = len(names)
	return v.doc, nil
}

type verifier struct {
	doc    VerifyDoc
	p      *engine.Program
	at     ProgramAt
	people People
	counts Counts
	told   map[engine.Delta]int64
	frame  *engine.Frame
}

// names are the counters that the rules know.
func (v *verifier) names() map[string]bool {
	names := map[string]bool{}
	for _, name := range v.p.ActCounters() {
		names[name] = true
	}
	for i := range v.p.Spec().KPIs {
		if k := &v.p.Spec().KPIs[i]; k.Value == nil {
			names["kpi:"+k.Name] = true
		}
	}
	for i := range v.p.Spec().Events {
		if name := v.p.Spec().Events[i].Name; !engine.OfFigures(name) {
			names["event:"+name] = true
		}
	}
	return names
}

// read takes the sums of some counters.
func (v *verifier) read(names map[string]bool) (map[engine.Delta]int64, error) {
	sums := map[engine.Delta]int64{}
	for name := range names {
		err := v.counts(name, 0, maxHour, func(d engine.Delta) error {
			n := d.N
			d.N = 0
			sums[d] = n
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("read counter %s: %w", name, err)
		}
	}
	return sums, nil
}

// program is what decided a revision; where that is not at hand, today's.
func (v *verifier) program(revision uint32) *engine.Program {
	if v.at != nil && revision != v.p.Revision() {
		if p := v.at(revision); p != nil {
			return p
		}
	}
	return v.p
}

// lead adds what one journal tells.
func (v *verifier) lead(id engine.LeadID, row []byte) error {
	if engine.RowEntity(row) != engine.NoEntity {
		return nil
	}
	var l engine.Lead
	l.Reset(id)
	if err := engine.DecodeLead(row, &l); err != nil {
		return err
	}
	switch {
	case !l.Into.IsZero() && l.FirstSeen != 0:
		v.doc.Merged++
		v.doc.Leads++
	case l.FirstSeen != 0 || l.Forgotten != 0: // else the row only says whose a name is
		v.doc.Leads++
	}
	if l.Forgotten != 0 {
		v.doc.Forgotten++
		return nil
	}
	add := func(d engine.Delta) error {
		n := d.N
		d.N = 0
		v.told[d] += n
		return nil
	}
	p, h := v.program(l.Revision), journal{v.people}
	if err := p.Recount(v.frame, &l, h, v.program, add); err != nil {
		return err
	}
	return p.RecountActs(v.frame, &l, h, v.program, add)
}

// compare lists what stood still and differs.
func (v *verifier) compare(before, after map[engine.Delta]int64) {
	all := map[engine.Delta]bool{}
	for d := range v.told {
		all[d] = true
	}
	for d := range after {
		all[d] = true
	}
	for d := range all {
		v.doc.Sums++
		switch {
		case before[d] != after[d]:
			v.doc.Moving++
		case after[d] == v.told[d]:
		case v.doc.Forgotten > 0 && after[d] > v.told[d], v.doc.Merged > 0 && strings.HasPrefix(d.Name, "kpi:"):
			v.doc.Explained++
		default:
			v.doc.Differences = append(v.doc.Differences, Deviation{
				Counter: d.Name, Hour: *instant(engine.Time(d.Hour * int64(engine.Hour))), Part: d.Part,
				Labels: strings.ReplaceAll(d.Labels, "\x1f", " "), Counted: after[d], Told: v.told[d],
			})
		}
	}
	slices.SortFunc(v.doc.Differences, func(a, b Deviation) int {
		return cmp.Or(cmp.Compare(a.Counter, b.Counter), a.Hour.Compare(b.Hour), cmp.Compare(a.Labels, b.Labels), cmp.Compare(a.Part, b.Part))
	})
	v.doc.Differences = v.doc.Differences[:min(len(v.doc.Differences), maxDeviations)]
}

func (s *Server) verifyOperation(api huma.API) {
	huma.Register(api, huma.Operation{
		OperationID: "verify-figures", Method: http.MethodGet, Path: "/api/v1/verify", Tags: []string{"figures"},
		Summary:     "Count every figure anew from the journals, and compare",
		Description: "Reads every journal, so it takes a while; what changes meanwhile is left out.",
		Errors:      []int{http.StatusUnauthorized, http.StatusServiceUnavailable},
	}, func(context.Context, *struct{}) (*answer[VerifyDoc], error) {
		p := s.options.Desk.Program()
		if p == nil {
			return nil, newProblem(http.StatusServiceUnavailable, "no_rules", "no rules are loaded")
		}
		return answerOf(ReadVerify(p, s.options.ProgramAt, s.options.People, s.options.Ledger.Counts))
	})
}
