package httpd

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/sse"

	"github.com/seed-456efde2/nurture/dsl"
	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/history"
)

// Planner loads rules that are not in force, and puts them in force.
type Planner interface {
	// Propose loads rules from their texts and changes nothing. The Workspace is nil
	// where they do not load.
	Propose(sources map[string][]byte) (*dsl.Workspace, dsl.Diagnostics)
	// Running is the running revision's sources, nil where they are not known.
	Running() map[string][]byte
	// Apply lets proposed rules go live, if the running ones and what the proposed ones
	// mean are still those of the proposal.
	Apply(ctx context.Context, p Proposal) (Applied, error)
	// Begins tells how proposed rules would go live; nil: at once.
	Begins(w *dsl.Workspace) *PlanRollout
}

// Proposal is rules that are to go live.
type Proposal struct {
	Sources map[string][]byte
	Base    string // digest of the rules that ran when it was made
	Digest  string // of the proposed rules
	Author  string // is told with the revision
	Now     bool   // at once, though the rules say step by step
	Why     string // with Now: why; it is kept
}

// Applied is what became of a proposal.
type Applied struct {
	Revision uint32 // in force for everybody
	Rollout  bool   // the proposed rules go live step by step
}

// errNoPlanner is the answer of a server that has no Planner.
var errNoPlanner = newProblem(http.StatusNotImplemented, "no_plan", "this server does not load rules")

// SourceFiles are the files of a workspace by their names.
type SourceFiles struct {
	Sources map[string][]byte `json:"sources" doc:"Files of the workspace, by path, in base64."`
}

// PlanProgress tells how far a plan or a replay has come.
type PlanProgress struct {
	Step string `json:"step" enum:"leads,replay"`
	Done int    `json:"done"`
	Of   int    `json:"of"`
}

// maxSources bounds the sources of one call.
const maxSources = 32 << 20

func (s *Server) planOperations(api huma.API) {
	tags := []string{"rules"}
	sse.Register(api, huma.Operation{
		OperationID: "plan", Method: http.MethodPost, Path: "/api/v1/plan", Tags: tags, MaxBodyBytes: maxSources,
		Summary:     "What other rules would do, before they are live",
		Description: "Nothing is changed. Every lead is looked at, at low priority, beside the server's work; with replay, recorded events are run under both rules. The answer is a stream: progress, and at the end plan or problem.",
		Errors:      []int{http.StatusUnauthorized},
	}, map[string]any{"progress": PlanProgress{}, "plan": PlanDoc{}, "problem": Problem{}},
		func(ctx context.Context, in *struct {
			Body struct {
				SourceFiles
				Replay string `json:"replay,omitempty" maxLength:"16" doc:"Run the recorded events of this time before now under both rules, as in 30d."`
				Lang   string `json:"lang,omitempty" enum:"en,ja"`
			}
		}, send sse.Sender,
		) {
			s.atLength(ctx, send, func(ctx context.Context, say func(any)) (any, error) {
				return s.plan(ctx, in.Body.Sources, in.Body.Replay, in.Body.Lang, say)
			})
		})
	sse.Register(api, huma.Operation{
		OperationID: "replay", Method: http.MethodPost, Path: "/api/v1/replay", Tags: tags, MaxBodyBytes: maxSources,
		Summary:     "What was recorded, run under other rules and judged by what came of it",
		Description: "Nothing is changed. The answer is a stream: progress, and at the end replay or problem.",
		Errors:      []int{http.StatusUnauthorized},
	}, map[string]any{"progress": PlanProgress{}, "replay": ReplayDoc{}, "problem": Problem{}},
		func(ctx context.Context, in *struct{ Body ReplayAsk }, send sse.Sender) {
			s.atLength(ctx, send, func(ctx context.Context, say func(any)) (any, error) { return s.replay(ctx, &in.Body, say) })
		})
	huma.Register(api, huma.Operation{
		OperationID: "apply-plan", Method: http.MethodPost, Path: "/api/v1/apply", Tags: tags, MaxBodyBytes: maxSources,
		Summary:     "Put planned rules in force",
		Description: "Refused with 409 and stale_plan when the running rules, or what the proposed ones mean here, are not those of the plan any more. Where the rules have a rollout they go live step by step (rollout is then true, and revision the one that still runs). The rules stay until the files that the server watches change.",
		Errors:      []int{http.StatusUnauthorized, http.StatusConflict, http.StatusUnprocessableEntity},
	}, func(ctx context.Context, in *struct {
		Body struct {
			SourceFiles
			Base   string `json:"base" minLength:"1" maxLength:"256" doc:"Digest of the rules that ran when the plan was made."`
			Digest string `json:"digest" minLength:"1" maxLength:"256" doc:"Digest of the proposed rules, as the plan says."`
			Now    bool   `json:"now,omitempty" doc:"At once, though the rules have a rollout. Needs why."`
			Why    string `json:"why,omitempty" maxLength:"500" doc:"With now: why. It is kept with the rollouts."`
		}
	},
	) (*answer[AppliedDoc], error) {
		return answerOf(s.applyPlan(ctx, Proposal{
			Sources: in.Body.Sources, Base: in.Body.Base, Digest: in.Body.Digest, Now: in.Body.Now, Why: strings.TrimSpace(in.Body.Why),
		}))
	})
}

// ReplayAsk is what a replay is asked for.
type ReplayAsk struct {
	SourceFiles
	Against map[string][]byte `json:"against,omitempty" doc:"Other rules to compare with, file by file; absent with running: the rules in force."`
	Running bool              `json:"running,omitempty" doc:"Compare with the rules in force."`
	Names   []string          `json:"names,omitempty" maxItems:"2" doc:"What the rules are called in the answer: the proposed ones, then those compared with."`
	Outcome string            `json:"outcome,omitempty" maxLength:"256" doc:"Event by which toss-ups are judged; absent: each one's own success."`
	Within  string            `json:"within,omitempty" maxLength:"16"`
	Last    string            `json:"last,omitempty" maxLength:"16" doc:"Count what was done in this time before now only."`
	Leads   int               `json:"leads,omitempty" minimum:"0" doc:"How many leads of each difference to list; 0: all."`
}

// AppliedDoc is the revision in force.
type AppliedDoc struct {
	Revision uint32 `json:"revision"`
	Digest   string `json:"digest" doc:"Of the proposed rules."`
	Rollout  bool   `json:"rollout" doc:"The proposed rules go live step by step: GET /api/v1/rollout tells how they stand."`
}

// atLength carries out what takes long: it tells the progress, and the result or the
// problem at the end. One at a time is carried out; it gives way to everything else.
func (s *Server) atLength(ctx context.Context, send sse.Sender, do func(ctx context.Context, say func(any)) (any, error)) {
	ctx, cancel := s.untilStop(ctx)
	defer cancel()
	var mu sync.Mutex // one message at a time
	say := func(message any) {
		mu.Lock()
		defer mu.Unlock()
		if ctx.Err() == nil && send.Data(message) != nil {
			cancel() // the reader has left
		}
	}
	if !s.planning.TryLock() {
		say(*newProblem(http.StatusTooManyRequests, "busy", "another plan or replay is being made; try again when it is done"))
		return
	}
	defer s.planning.Unlock()
	defer s.besideCallers()()
	result, err := do(ctx, say)
	if err != nil {
		say(*s.told(problemOf(err), "plan or replay"))
		return
	}
	say(result)
}

// teller gives progress on to a reader, at most ten times a second and at the end.
func (s *Server) teller(say func(any)) func(step string, done, of int) {
	var mu sync.Mutex
	var last time.Time
	return func(step string, done, of int) {
		mu.Lock()
		defer mu.Unlock()
		if now := time.Now(); done >= of || now.Sub(last) >= 100*time.Millisecond {
			last = now
			say(PlanProgress{step, done, of})
		}
	}
}

func (s *Server) plan(ctx context.Context, sources map[string][]byte, replay, lang string, say func(any)) (any, error) {
	w, err := s.propose(sources)
	if err != nil {
		return nil, err
	}
	span, err := planSpan("replay", replay)
	if err != nil {
		return nil, err
	}
	if lang == "" {
		lang = w.Language
	}
	begin := time.Now()
	running := s.options.Desk.Program()
	doc, err := MakePlan(PlanAsk{
		Rows: s.options.People, Running: running, Since: s.runningSince(running), Sources: s.options.Planner.Running(), Proposed: w,
		Now: engine.TimeOf(s.now()), Language: lang, Replay: span,
		Workers: s.workers, Between: s.pace.between, Stopped: func() bool { return ctx.Err() != nil }, Progress: s.teller(say),
	})
	if err != nil {
		return nil, fmt.Errorf("make the plan: %w", err)
	}
	doc.Seconds = time.Since(begin).Seconds()
	doc.Rollout = s.options.Planner.Begins(w)
	return *doc, nil
}

// runningSince is when the running revision took effect.
func (s *Server) runningSince(p *engine.Program) engine.Time {
	list, err := s.options.Ledger.Revisions()
	if err != nil {
		return 0
	}
	for i := range list {
		if list[i].Number == p.Revision() {
			return list[i].At
		}
	}
	return 0
}

// propose loads rules that were sent.
func (s *Server) propose(sources map[string][]byte) (*dsl.Workspace, error) {
	if s.options.Planner == nil {
		return nil, errNoPlanner
	}
	w, problems := s.options.Planner.Propose(sources)
	if w == nil {
		return nil, newProblem(http.StatusUnprocessableEntity, "rules_have_problems", problems.Render())
	}
	return w, nil
}

func planSpan(name, text string) (engine.Span, error) {
	if text == "" {
		return 0, nil
	}
	span, ok := Length(text)
	if !ok {
		return 0, newProblem(http.StatusBadRequest, "bad_length", name+" is a length of time as in 30d, 12h or 1y")
	}
	return span, nil
}

func (s *Server) replay(ctx context.Context, ask *ReplayAsk, say func(any)) (any, error) {
	o := history.ReplayOptions{
		Source: history.FromRows(s.options.People, 0), To: engine.TimeOf(s.now()), Outcome: ask.Outcome,
		Workers: s.workers, Between: s.pace.between, Stopped: func() bool { return ctx.Err() != nil },
	}
	tell := s.teller(say)
	o.Progress = func(done, of int) { tell("replay", done, of) }
	name := func(i int, otherwise string) string {
		if i < len(ask.Names) && ask.Names[i] != "" {
			return ask.Names[i]
		}
		return otherwise
	}
	if ask.Running {
		running := s.options.Desk.Program()
		o.Rules = append(o.Rules, history.Ruleset{Name: name(1, fmt.Sprintf("r%d", running.Revision())), Spec: cloneSpec(running.Spec())})
	} else if len(ask.Against) > 0 {
		w, err := s.propose(ask.Against)
		if err != nil {
			return nil, err
		}
		o.Rules = append(o.Rules, history.Ruleset{Name: name(1, "against"), Spec: cloneSpec(w.Spec)})
	}
	w, err := s.propose(ask.Sources)
	if err != nil {
		return nil, err
	}
	o.Rules = append(o.Rules, history.Ruleset{Name: name(0, "proposed"), Spec: cloneSpec(w.Spec)})
	if o.Within, err = planSpan("within", ask.Within); err != nil {
		return nil, err
	}
	last, err := planSpan("last", ask.Last)
	if err != nil {
		return nil, err
	}
	if last > 0 {
		o.From = o.To.Add(-last)
	}
	begin := time.Now()
	done, err := history.Replay(o)
	if err != nil {
		return nil, newProblem(http.StatusUnprocessableEntity, "cannot_replay", err.Error())
	}
	doc := NewReplayDoc(done, w.Spec.Zone)
	doc.Seconds = time.Since(begin).Seconds()
	doc.Cut(ask.Leads)
	return *doc, nil
}

// ErrStale is the error of Planner.Apply when the rules are not those of the plan.
var ErrStale = errors.New("the plan is stale")

// ErrRefused is the error of Planner.Apply when leads stand where the rules have
// nothing, and do not say where they go.
var ErrRefused = errors.New("leads would be lost")

// errNoWhy is the answer to who skips a rollout and does not say why.
var errNoWhy = newProblem(http.StatusUnprocessableEntity, "no_why", "who lets rules go live at once, though they have a rollout, says why")

func (s *Server) applyPlan(ctx context.Context, p Proposal) (AppliedDoc, error) {
	if _, err := s.propose(p.Sources); err != nil {
		return AppliedDoc{}, err
	}
	if p.Now && p.Why == "" {
		return AppliedDoc{}, errNoWhy
	}
	p.Author = callerIn(ctx).name
	done, err := s.options.Planner.Apply(ctx, p)
	switch {
	case errors.Is(err, ErrStale):
		return AppliedDoc{}, newProblem(http.StatusConflict, "stale_plan", err.Error()+"; make a new plan")
	case errors.Is(err, ErrRefused):
		return AppliedDoc{}, newProblem(http.StatusConflict, "leads_would_be_lost", err.Error())
	case err != nil:
		return AppliedDoc{}, err
	}
	return AppliedDoc{done.Revision, p.Digest, done.Rollout}, nil
}
