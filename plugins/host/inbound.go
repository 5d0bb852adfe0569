package host

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/seed-456efde2/nurture/plugins/channel"
	channelv1 "github.com/seed-456efde2/nurture/plugins/internal/wire/channel/v1"
)

// Intake is where what services tell goes in. It knows whom a fact is about; the
// host does not.
type Intake interface {
	// Accept returns when the facts are durable, those that are about nobody known
	// among them, which it keeps aside with their reason. The same facts may come
	// again. An error means that they are not, or not all.
	Accept(ctx context.Context, from Source, facts []channel.Fact) error
	// Cursor is what KeepCursor kept last for a channel, "" for nothing.
	Cursor(channel string) (string, error)
	// KeepCursor returns when the cursor is durable.
	KeepCursor(channel, cursor string) error
}

// Source is the channel that facts come from.
type Source struct {
	Channel string
	Plugin  string
	Events  []string // names that its description declares; others are not to be believed
}

func sourceOf(c Config, d channel.Description) Source {
	from := Source{Channel: c.Name, Plugin: c.Plugin}
	for _, e := range d.Events {
		from.Events = append(from.Events, e.Name)
	}
	return from
}

// Bounds of listening.
const (
	maxFacts      = 10_000          // in one message
	maxCursor     = 64 << 10        // bytes
	listenForgive = 2 * time.Minute // listening for so long forgives earlier failures
	listenRest    = time.Second     // first pause after a failure; it doubles
	listenRestMax = 2 * time.Minute
)

// listen keeps a process listening until ctx ends. Only who holds the channel's
// ear listens: while a new process takes over, there are two.
func (s *supervisor) listen(ctx context.Context, l *life) {
	select {
	case s.ear <- struct{}{}:
		defer func() { <-s.ear }()
	case <-ctx.Done():
		return
	}
	for failures := 0; ; failures++ {
		began := s.host.clock.Now()
		err := s.hear(ctx, l)
		if ctx.Err() != nil {
			return
		}
		if s.host.clock.Now().Sub(began) >= listenForgive {
			failures = 0
		}
		wait := min(listenRestMax, listenRest<<min(failures, 10))
		s.deaf(err)
		s.log.Warn("plugin stopped listening", "error", s.redact.text(err.Error(), maxDetail), "next_start_in", wait.String())
		fired, stop := s.host.clock.After(wait)
		select {
		case <-fired:
		case <-ctx.Done():
			stop()
			return
		}
	}
}

// deaf notes in the status why the plugin does not listen; nil: it does.
func (s *supervisor) deaf(err error) {
	s.set(func(st *Status) {
		st.Deaf = ""
		if err != nil {
			st.Deaf = s.redact.text(err.Error(), maxDetail)
		}
	})
}

// hear is one Listen stream, from the cursor that was kept last. It ends with ctx,
// orderly if the plugin is quick, or says why the plugin ended it.
func (s *supervisor) hear(ctx context.Context, l *life) error {
	cursor, err := s.host.options.Intake.Cursor(s.config.Name)
	if err != nil {
		return fmt.Errorf("read the cursor: %w", err)
	}
	streaming, cut := context.WithCancel(context.Background())
	defer cut()
	stream, err := l.conn.Channel.Listen(streaming)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	e := &ear{stream: stream}
	// The plugin gets a moment to end by itself, so that nobody reads on for it.
	ended := make(chan struct{})
	defer close(ended)
	go func() {
		select {
		case <-ctx.Done():
			e.hangUp()
			_ = s.host.await(ended, s.host.options.graces.kill)
			cut()
		case <-ended:
		}
	}()
	if err := e.send(&channelv1.ListenRequest{What: &channelv1.ListenRequest_Start{Start: &channelv1.ListenStart{Cursor: cursor}}}); err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	s.deaf(nil)
	for {
		msg, err := stream.Recv()
		switch {
		case errors.Is(err, io.EOF):
			return errors.New("the plugin ended its listening")
		case err != nil:
			return errors.New(status.Convert(err).Message())
		}
		if err := e.answer(msg.Batch, s.keep(ctx, l, msg)); err != nil {
			return err
		}
	}
}

// keep makes a batch durable, then its cursor.
func (s *supervisor) keep(ctx context.Context, l *life, msg *channelv1.ListenResponse) error {
	if len(msg.Facts) > maxFacts || len(msg.Cursor) > maxCursor {
		return fmt.Errorf("a batch has at most %d facts and a cursor %d bytes", maxFacts, maxCursor)
	}
	intake := s.host.options.Intake
	if len(msg.Facts) > 0 {
		if err := intake.Accept(ctx, sourceOf(s.config, l.desc), factsOf(msg.Facts)); err != nil {
			return err
		}
		s.heard(len(msg.Facts))
	}
	return intake.KeepCursor(s.config.Name, msg.Cursor)
}

func (s *supervisor) heard(n int) {
	s.set(func(st *Status) { st.Heard += uint64(n) })
}

// ear is the host's end of a Listen stream.
type ear struct {
	stream channelv1.ChannelService_ListenClient

	mu     sync.Mutex // of what is sent
	closed bool
}

func (e *ear) send(msg *channelv1.ListenRequest) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil
	}
	return e.stream.Send(msg)
}

func (e *ear) hangUp() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = true
	_ = e.stream.CloseSend()
}

func (e *ear) answer(batch uint64, err error) error {
	a := &channelv1.ListenAnswer{Batch: batch, Accepted: err == nil}
	if err != nil {
		a.Detail = cut(err.Error(), maxDetail)
	}
	return e.send(&channelv1.ListenRequest{What: &channelv1.ListenRequest_Answer{Answer: a}})
}

// Errors of Receive.
var (
	// ErrNoReceiver: there is no such channel, or its plugin receives nothing.
	ErrNoReceiver = errors.New("no such channel receives requests")
	// ErrAway: the plugin cannot take the request now; it may come again.
	ErrAway = errors.New("the channel's plugin cannot take the request now")
)

// Receive hands a request that a service made to the channel's plugin, makes the
// facts of its answer durable, and gives the answer.
func (h *Host) Receive(ctx context.Context, name string, r channel.HTTPRequest) (channel.HTTPReply, error) {
	l := (*h.lines.Load())[name]
	if l == nil || h.options.Intake == nil {
		return channel.HTTPReply{}, ErrNoReceiver
	}
	life := l.super.alive()
	if life == nil {
		if d, known := l.super.plugins.catalog[l.config.Plugin]; known && !d.Receives {
			return channel.HTTPReply{}, ErrNoReceiver
		}
		return channel.HTTPReply{}, ErrAway
	}
	if !life.can(channelv1.Capability_CAPABILITY_RECEIVE) {
		return channel.HTTPReply{}, ErrNoReceiver
	}
	ctx, cancel := within(ctx, h.clock, time.Duration(life.desc.Timeout))
	defer cancel()
	answer, err := life.conn.Channel.Receive(ctx, wireRequest(r))
	if err != nil {
		l.super.log.Warn("plugin did not answer a request of its service", "error", l.super.redact.text(reason(ctx, err), maxDetail))
		return channel.HTTPReply{}, ErrAway
	}
	if len(answer.Facts) > 0 {
		if err := h.options.Intake.Accept(ctx, sourceOf(l.config, life.desc), factsOf(answer.Facts)); err != nil {
			return channel.HTTPReply{}, fmt.Errorf("keep what channel %s received: %w", name, err)
		}
		l.super.heard(len(answer.Facts))
	}
	return replyOf(answer), nil
}

// reason is why a call failed, without gRPC's own words around it.
func reason(ctx context.Context, err error) string {
	if explained := explain(ctx, err); explained != err {
		return explained.Error()
	}
	if st := status.Convert(err); st.Code() != codes.Unknown {
		return st.Message()
	}
	return err.Error()
}

func wireRequest(r channel.HTTPRequest) *channelv1.ReceiveRequest {
	out := &channelv1.ReceiveRequest{Method: valid(r.Method), Path: valid(r.Path), Url: valid(r.URL), Body: r.Body}
	for name, lines := range r.Header {
		if name == "Cookie" {
			continue // of our own pages, which are nobody else's affair
		}
		for _, value := range lines {
			out.Headers = append(out.Headers, &channelv1.Header{Name: valid(name), Value: valid(value)})
		}
	}
	return out
}

// replyOf is the plugin's answer, with a status that is one.
func replyOf(a *channelv1.ReceiveResponse) channel.HTTPReply {
	reply := channel.HTTPReply{Status: int(a.Status), Header: http.Header{}, Body: a.Body}
	if reply.Status < 200 || reply.Status > 599 {
		reply.Status = http.StatusOK
		if a.Status != 0 {
			reply.Status = http.StatusBadGateway
		}
	}
	for _, line := range a.Headers {
		reply.Header.Add(line.Name, line.Value)
	}
	return reply
}

func factsOf(facts []*channelv1.Fact) []channel.Fact {
	out := make([]channel.Fact, len(facts))
	for i, f := range facts {
		out[i] = channel.Fact{
			ID: f.Id, Event: f.Event, Token: f.Token, Action: f.Action, Lead: f.Lead, User: f.User, Email: f.Email,
			Attribute: f.Attribute, Value: f.Value,
		}
		if f.AtMs != 0 {
			out[i].At = time.UnixMilli(f.AtMs).UTC()
		}
		if len(f.Fields) > 0 {
			out[i].Fields = make(map[string]any, len(f.Fields))
		}
		for _, p := range f.Fields {
			out[i].Fields[p.Name] = fieldOf(p)
		}
	}
	return out
}

func fieldOf(p *channelv1.Part) any {
	switch v := p.Value.(type) {
	case *channelv1.Part_Text:
		return v.Text
	case *channelv1.Part_Number:
		return v.Number
	case *channelv1.Part_Flag:
		return v.Flag
	case *channelv1.Part_TimeMs:
		return time.UnixMilli(v.TimeMs).UTC()
	case *channelv1.Part_Json:
		return json.RawMessage(v.Json)
	}
	return nil
}
