package channel

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	channelv1 "github.com/seed-456efde2/nurture/plugins/internal/wire/channel/v1"
)

// Listen lets the channel listen until the host cancels, and carries what it
// accepts.
func (s *server) Listen(stream channelv1.ChannelService_ListenServer) error {
	listener, ok := s.channel.(Listener)
	if !ok {
		return status.Error(codes.Unimplemented, "the channel does not listen")
	}
	if !s.isConfigured() {
		return status.Error(codes.FailedPrecondition, "Listen before Configure")
	}
	first, err := stream.Recv()
	if err != nil {
		return err
	}
	start := first.GetStart()
	if start == nil {
		return status.Error(codes.InvalidArgument, "Listen without a start")
	}
	in := &inbox{stream: stream, cursor: start.Cursor, waiting: map[uint64]chan *channelv1.ListenAnswer{}, gone: make(chan struct{})}
	// The host leaves by closing its side, which the reader learns. It ends with the
	// stream at the latest, which ends when this returns.
	ctx, leave := context.WithCancel(stream.Context())
	defer leave()
	go func() {
		defer leave()
		in.read()
	}()
	err = s.guard("Listen", func() error { return listener.Listen(ctx, in) })
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// inbox is the Inbox of one Listen stream.
type inbox struct {
	stream channelv1.ChannelService_ListenServer
	gone   chan struct{} // closed when the host has left

	sending sync.Mutex // one Send at a time

	mu      sync.Mutex
	cursor  string
	next    uint64
	waiting map[uint64]chan *channelv1.ListenAnswer
}

// read takes the host's answers until it leaves.
func (in *inbox) read() {
	defer close(in.gone)
	for {
		msg, err := in.stream.Recv()
		if err != nil {
			return
		}
		answer := msg.GetAnswer()
		in.mu.Lock()
		waiting := in.waiting[answer.GetBatch()]
		delete(in.waiting, answer.GetBatch())
		in.mu.Unlock()
		if waiting != nil {
			waiting <- answer
		}
	}
}

// Cursor is that of the last batch that was accepted.
func (in *inbox) Cursor() string {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.cursor
}

// maxBatch is how many facts go in one message; Accept cuts what is longer.
const maxBatch = 500

// Accept hands the facts over and waits until they are durable.
func (in *inbox) Accept(ctx context.Context, facts []Fact, cursor string) error {
	for len(facts) > maxBatch {
		if err := in.accept(ctx, facts[:maxBatch], in.Cursor()); err != nil {
			return err
		}
		facts = facts[maxBatch:]
	}
	return in.accept(ctx, facts, cursor)
}

func (in *inbox) accept(ctx context.Context, facts []Fact, cursor string) error {
	wired, err := wireFacts(facts)
	if err != nil {
		return err
	}
	answer := make(chan *channelv1.ListenAnswer, 1)
	in.mu.Lock()
	in.next++
	batch := in.next
	in.waiting[batch] = answer
	in.mu.Unlock()

	in.sending.Lock()
	err = in.stream.Send(&channelv1.ListenResponse{Batch: batch, Facts: wired, Cursor: cursor})
	in.sending.Unlock()
	if err != nil {
		return fmt.Errorf("hand facts to the host: %w", err)
	}
	select {
	case a := <-answer:
		if !a.Accepted {
			return fmt.Errorf("the host did not keep the facts: %s", a.Detail)
		}
		in.mu.Lock()
		in.cursor = cursor
		in.mu.Unlock()
		return nil
	case <-in.gone:
		return errors.New("the host is gone; whether the facts were kept is not known")
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Receive hands a request of the service to the channel.
func (s *server) Receive(ctx context.Context, req *channelv1.ReceiveRequest) (*channelv1.ReceiveResponse, error) {
	receiver, ok := s.channel.(Receiver)
	if !ok {
		return nil, status.Error(codes.Unimplemented, "the channel receives nothing")
	}
	if !s.isConfigured() {
		return nil, status.Error(codes.FailedPrecondition, "Receive before Configure")
	}
	h := HTTPRequest{Method: req.Method, Path: req.Path, URL: req.Url, Header: http.Header{}, Body: req.Body}
	for _, line := range req.Headers {
		h.Header.Add(line.Name, line.Value)
	}
	if u, err := url.Parse(req.Url); err == nil {
		h.Query = u.Query()
	}
	var reply HTTPReply
	err := s.guard("Receive", func() (err error) {
		reply, err = receiver.Receive(ctx, h)
		return err
	})
	if err != nil {
		return nil, status.Error(codes.Unavailable, clean(err.Error()))
	}
	facts, err := wireFacts(reply.Facts)
	if err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	out := &channelv1.ReceiveResponse{Status: int32(reply.Status), Body: reply.Body, Facts: facts}
	for name, lines := range reply.Header {
		for _, value := range lines {
			out.Headers = append(out.Headers, &channelv1.Header{Name: valid(name), Value: valid(value)})
		}
	}
	return out, nil
}

func wireFacts(facts []Fact) ([]*channelv1.Fact, error) {
	out := make([]*channelv1.Fact, len(facts))
	for i := range facts {
		f := &facts[i]
		out[i] = &channelv1.Fact{
			Id: valid(f.ID), Event: valid(f.Event), Token: valid(f.Token), Action: valid(f.Action),
			Lead: valid(f.Lead), User: valid(f.User), Email: valid(f.Email),
			Attribute: valid(f.Attribute), Value: valid(f.Value),
		}
		if !f.At.IsZero() {
			out[i].AtMs = f.At.UnixMilli()
		}
		for name, v := range f.Fields {
			part, err := wireField(name, v)
			if err != nil {
				return nil, fmt.Errorf("fact of event %s: %w", f.Event, err)
			}
			if part != nil {
				out[i].Fields = append(out[i].Fields, part)
			}
		}
	}
	return out, nil
}

// wireField is a field's value on the wire, nil where there is none.
func wireField(name string, v any) (*channelv1.Part, error) {
	p := &channelv1.Part{Name: valid(name)}
	switch v := v.(type) {
	case nil:
		return nil, nil
	case string:
		p.Value = &channelv1.Part_Text{Text: valid(v)}
	case bool:
		p.Value = &channelv1.Part_Flag{Flag: v}
	case float64:
		p.Value = &channelv1.Part_Number{Number: v}
	case int:
		p.Value = &channelv1.Part_Number{Number: float64(v)}
	case int64:
		p.Value = &channelv1.Part_Number{Number: float64(v)}
	case time.Time:
		p.Value = &channelv1.Part_TimeMs{TimeMs: v.UnixMilli()}
	default:
		b, err := json.Marshal(v)
		if err != nil {
			return nil, fmt.Errorf("field %s is nothing that JSON can say", name)
		}
		p.Value = &channelv1.Part_Json{Json: string(b)}
	}
	return p, nil
}

// valid makes a text fit for the wire, which carries valid UTF-8 only.
func valid(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }
