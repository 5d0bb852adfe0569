package httpd

import (
	"bytes"
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/sse"

	"github.com/seed-456efde2/nurture/engine/runner"
)

// UpdateDoc is a fact of the live feed: what happened to a lead and what was
// decided. Its reasons are in the lead's journal.
type UpdateDoc struct {
	Lead      string     `json:"lead" doc:"Internal id."`
	At        *time.Time `json:"at"`
	Kind      string     `json:"type"`
	Event     string     `json:"event,omitempty"`
	Revision  uint32     `json:"revision"`
	Decisions []BriefDoc `json:"decisions,omitempty"`
}

// BriefDoc is a decision without its reasons.
type BriefDoc struct {
	Kind    string `json:"kind"`
	Subject string `json:"subject,omitempty"`
	Detail  string `json:"detail,omitempty"`
}

// LostDoc tells a reader that is too slow how many updates it missed.
type LostDoc struct {
	Lost uint64 `json:"lost"`
}

func updateDoc(u *runner.Update) UpdateDoc {
	doc := UpdateDoc{Lead: u.Lead.String(), At: instant(u.At), Kind: u.Kind.String(), Event: u.Event, Revision: u.Revision}
	for _, d := range u.Decisions {
		doc.Decisions = append(doc.Decisions, BriefDoc{d.Kind.String(), d.Subject, d.Detail})
	}
	return doc
}

// BeatDoc tells a reader that the feed lives: first of all and from time to time.
type BeatDoc struct {
	At       time.Time `json:"at"`
	Revision uint32    `json:"revision" doc:"Of the rules in force."`
}

func (s *Server) liveOperation(api huma.API) {
	sse.Register(api, huma.Operation{
		OperationID: "live", Method: http.MethodGet, Path: "/api/v1/live", Tags: []string{"server"},
		Summary: "What becomes durable, as it does", Errors: []int{http.StatusUnauthorized},
	}, map[string]any{"update": UpdateDoc{}, "lost": LostDoc{}, "beat": BeatDoc{}, "rollout": RolloutNews{}},
		func(ctx context.Context, _ *struct{}, send sse.Sender) { s.streamUpdates(ctx, send) })
}

// streamUpdates sends the feed until the reader leaves or the server stops.
func (s *Server) streamUpdates(ctx context.Context, send sse.Sender) {
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
	var watching sync.WaitGroup
	watching.Go(func() {
		defer cancel()
		_ = s.options.Desk.Watch(ctx, func(updates []runner.Update, lost uint64) { // ends with ctx or the runner
			if lost > 0 {
				say(LostDoc{lost})
			}
			for i := range updates {
				say(updateDoc(&updates[i]))
			}
		})
	})
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for ctx.Err() == nil {
		changed := s.options.Rollouts.Changed()
		say(BeatDoc{s.now(), s.options.Desk.Status().Revision})
		if news, ok := s.rolloutNews(); ok {
			say(news)
		}
		select {
		case <-beat.C:
		case <-changed:
		case <-ctx.Done():
		}
	}
	watching.Wait()
}

// untilStop is a context that also ends when the server begins to stop.
func (s *Server) untilStop(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	detach := context.AfterFunc(s.life, cancel)
	return ctx, func() {
		detach()
		cancel()
	}
}

// heartbeat is how often something is sent though nothing happened: what a page
// says about times ago grows old, and a reader that has left is noticed.
const heartbeat = 10 * time.Second

// streamTimeout is how long a reader may take for one message. It is the
// network's time, not the injected clock's.
const streamTimeout = 30 * time.Second

// streamOverview keeps a page up to date that is being watched: the changing part
// of the overview, whole, each time something happened, at most once in Refresh.
func (s *Server) streamOverview(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := s.untilStop(r.Context())
	defer cancel()
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no")
	control := http.NewResponseController(w)
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for ctx.Err() == nil {
		changed := s.recent.changed()
		var html bytes.Buffer
		if err := s.renderLive(&html, r); err != nil {
			s.log.Error("render the live overview", "error", err)
			return
		}
		_ = control.SetWriteDeadline(time.Now().Add(streamTimeout)) // where it cannot be set, the server's holds
		if writeEvent(w, html.Bytes()) != nil || control.Flush() != nil {
			return
		}
		rest(ctx, s.options.Refresh)
		select {
		case <-changed:
		case <-beat.C:
		case <-ctx.Done():
		}
	}
}

// rest waits for d or for the end of ctx.
func rest(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// writeEvent sends an unnamed server-sent event.
func writeEvent(w http.ResponseWriter, data []byte) error {
	for line := range bytes.Lines(data) {
		if _, err := w.Write(append([]byte("data: "), bytes.TrimRight(line, "\r\n")...)); err != nil {
			return err
		}
		if _, err := w.Write([]byte("\n")); err != nil {
			return err
		}
	}
	_, err := w.Write([]byte("\n"))
	return err
}
