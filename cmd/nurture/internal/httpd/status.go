package httpd

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/runner"
)

// StatusDoc is how the server stands.
type StatusDoc struct {
	Version string    `json:"version"`
	State   string    `json:"state" enum:"starting,ready,stopping,failed"`
	Since   time.Time `json:"since" doc:"When the server started."`
	Failure string    `json:"failure,omitempty" doc:"Why it stopped by itself."`

	Revision   uint32      `json:"revision" doc:"Of the rules in force."`
	Digest     string      `json:"digest"`
	InForce    *time.Time  `json:"inForceSince,omitempty"`
	Rules      Rules       `json:"rules" doc:"How the last loading of the rules went."`
	Rollout    *RolloutDoc `json:"rollout,omitempty" doc:"The change of rules that goes live step by step, or the last one that did."`
	Events     EventsDoc   `json:"events"`
	Queue      QueueDoc    `json:"queue"`
	Commits    CommitDoc   `json:"commits"`
	Timers     TimersDoc   `json:"timers"`
	Deliveries []LaneDoc   `json:"deliveries"`
	DeadSince  uint64      `json:"deadSinceStart" doc:"Actions given up since the start."`
	DeadEvents int         `json:"deadEvents" doc:"Events that could not be taken and are kept."`
	Plugins    []Plugin    `json:"plugins"`
	DiskFree   uint64      `json:"diskFreeBytes,omitempty"`
	Pauses     []PauseDoc  `json:"pauses" doc:"What is paused or drained."`
	Sweep      SweepDoc    `json:"sweep" doc:"How far the news of the last change of rules has come."`
}

// EventsDoc counts since the start.
type EventsDoc struct {
	Decided    uint64  `json:"decided"`
	Duplicates uint64  `json:"duplicates"`
	Malformed  uint64  `json:"malformed"`
	Overload   uint64  `json:"refusedForOverload"`
	NewLeads   uint64  `json:"newLeads"`
	PerSecond  float64 `json:"perSecond" doc:"Over the last ten seconds."`
}

// QueueDoc is what is under way.
type QueueDoc struct {
	Events int64 `json:"events"`
	Bytes  int64 `json:"bytes"`
	Facts  int   `json:"facts" doc:"Facts of the server's own: timers, receipts."`
}

// CommitDoc is how long durability takes, in milliseconds.
type CommitDoc struct {
	Count      uint64  `json:"count"`
	P50        float64 `json:"p50Ms"`
	P99        float64 `json:"p99Ms"`
	DurableP99 float64 `json:"durableP99Ms" doc:"From taking an event in until it is durable."`
	MeanBatch  float64 `json:"meanBatch"`
}

// TimersDoc is how the timers stand.
type TimersDoc struct {
	NextDue *time.Time `json:"nextDue,omitempty"`
	LagMs   float64    `json:"lagMs" doc:"By how much the latest one was late."`
}

// LaneDoc is how a channel stands.
type LaneDoc struct {
	Channel  string           `json:"channel"`
	Waiting  map[string]int64 `json:"waiting" doc:"Actions ready or under way, by lane."`
	Under    int64            `json:"underWay"`
	Sent     uint64           `json:"handedOver"`
	Outcomes map[string]int64 `json:"outcomes" doc:"The channel's answers."`
	Failures uint64           `json:"failures" doc:"Hand-overs that the plugin did not take."`
	Away     *time.Time       `json:"serviceAwaySince,omitempty" doc:"Since when the service behind the channel has not answered. Until it does it is asked now and then, and what waits is kept."`
	Rests    uint64           `json:"rests" doc:"How often the channel rested because its service did not answer."`
}

func (s *Server) stateName(st *runner.Status) string {
	switch {
	case st.Failure != nil:
		return "failed"
	case s.state.Load() == stateReady:
		return "ready"
	case s.state.Load() == stateStopping:
		return "stopping"
	}
	return "starting"
}

func (s *Server) status() StatusDoc {
	desk := s.options.Desk
	st := desk.Status()
	doc := StatusDoc{
		Version: s.options.Version, State: s.stateName(&st), Since: s.started,
		Revision: st.Revision, Digest: st.Digest, InForce: instant(st.Swapped), Rules: s.options.Workshop.Rules(),
		Events: EventsDoc{st.Decided, st.Duplicates, st.Malformed, st.Refused, st.NewLeads, s.recent.rate()},
		Queue:  QueueDoc{st.Queued, st.QueuedBytes, st.Inner},
		Commits: CommitDoc{
			Count: st.Commits, MeanBatch: st.MeanBatch,
			P50: s.millis(desk.CommitTime().Quantile(0.5)), P99: s.millis(desk.CommitTime().Quantile(0.99)),
			DurableP99: s.millis(desk.ToDurable().Quantile(0.99)),
		},
		Timers:     TimersDoc{instant(st.NextDue), s.millis(st.Lag)},
		Sweep:      SweepDoc{Done: st.Sweep.Done, Share: st.Sweep.Share, Looked: st.Sweep.Looked, Told: st.Sweep.Told},
		Deliveries: []LaneDoc{}, DeadSince: st.GivenUp, Plugins: s.options.Workshop.Plugins(), DiskFree: st.Space.Free,
	}
	doc.Rollout = s.rolloutInShort()
	if s.options.Dead != nil {
		var err error
		if doc.DeadEvents, err = s.options.Dead.CountRefused(); err != nil {
			s.log.Warn("the dead events could not be counted", "error", err)
		}
	}
	list, err := s.pauseList(desk.Program())
	if err != nil {
		s.log.Warn("what is paused could not be counted", "error", err)
	}
	doc.Pauses = list.Pauses
	if st.Failure != nil {
		doc.Failure = st.Failure.Error()
	}
	if doc.Plugins == nil {
		doc.Plugins = []Plugin{}
	}
	for i := range st.Channels {
		doc.Deliveries = append(doc.Deliveries, laneDoc(&st.Channels[i]))
	}
	return doc
}

func laneDoc(c *runner.ChannelStatus) LaneDoc {
	doc := LaneDoc{Channel: c.Channel, Waiting: map[string]int64{}, Under: c.Outstanding, Sent: c.Sent, Outcomes: map[string]int64{}, Failures: c.Failures, Rests: c.Rests}
	if c.Away != 0 {
		doc.Away = instant(c.Away)
	}
	for lane, n := range c.Outbox {
		doc.Waiting[laneNames[lane]] = n
	}
	for outcome := engine.Done; outcome <= engine.Unknown; outcome++ {
		doc.Outcomes[outcome.String()] = int64(c.Answers[outcome])
	}
	return doc
}

// millis is a length of time that was measured on Now, in the machine's
// milliseconds.
func (s *Server) millis(d time.Duration) float64 {
	return float64(d.Microseconds()) / 1000 / float64(s.options.Pace)
}

// RevisionDoc is a revision of the rules.
type RevisionDoc struct {
	Number uint32     `json:"number"`
	Digest string     `json:"digest"`
	At     *time.Time `json:"at"`
	Author string     `json:"author,omitempty"`
	Base   uint32     `json:"base,omitempty" doc:"The revision that runs, beside which this one was tried by a part of the leads. Absent: it ran for everybody."`
	Canary float64    `json:"canary,omitempty" doc:"Percent of the leads that tried it."`
}

func (s *Server) ruleOperations(api huma.API) {
	huma.Register(api, huma.Operation{
		OperationID: "status", Method: http.MethodGet, Path: "/api/v1/status", Tags: []string{"server"},
		Summary: "How the server stands", Errors: []int{http.StatusUnauthorized},
	}, func(context.Context, *struct{}) (*answer[StatusDoc], error) {
		return &answer[StatusDoc]{s.status()}, nil
	})
	huma.Register(api, huma.Operation{
		OperationID: "list-revisions", Method: http.MethodGet, Path: "/api/v1/revisions", Tags: []string{"rules"},
		Summary: "Revisions of the rules, newest first", Errors: []int{http.StatusUnauthorized},
	}, func(context.Context, *struct{}) (*answer[[]RevisionDoc], error) {
		return answerOf(s.revisions())
	})
	huma.Register(api, huma.Operation{
		OperationID: "reload", Method: http.MethodPost, Path: "/api/v1/reload", Tags: []string{"rules"},
		Summary:     "Load the rules from their files now",
		Description: "Rules with problems change nothing: ok is then false, and problems tells what is wrong.",
		Errors:      []int{http.StatusUnauthorized, http.StatusNotImplemented, http.StatusServiceUnavailable},
	}, func(ctx context.Context, _ *struct{}) (*answer[Rules], error) {
		err := s.options.Workshop.Reload(ctx)
		return answerOf(s.options.Workshop.Rules(), err)
	})
	s.kpiOperations(api)
}

func (s *Server) revisions() ([]RevisionDoc, error) {
	all, err := s.options.Ledger.Revisions()
	if err != nil {
		return nil, err
	}
	docs := make([]RevisionDoc, len(all))
	for i, r := range all {
		docs[len(all)-1-i] = NewRevision(r)
	}
	return docs, nil
}
