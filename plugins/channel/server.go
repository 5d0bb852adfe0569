package channel

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
	"sync"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	channelv1 "github.com/seed-456efde2/nurture/plugins/internal/wire/channel/v1"
)

// server is the plugin's side of the protocol.
type server struct {
	channelv1.UnimplementedChannelServiceServer
	channel Channel
	desc    Description
	log     *slog.Logger

	mu         sync.Mutex
	configured bool
	closed     bool
}

func newServer(c Channel, log *slog.Logger) *server {
	return &server{channel: c, desc: Describe(c), log: log}
}

// Describe answers with the document of the `describe` sub-command.
func (s *server) Describe(context.Context, *channelv1.DescribeRequest) (*channelv1.DescribeResponse, error) {
	b, err := EncodeDescription(s.desc)
	if err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	return &channelv1.DescribeResponse{DescriptionJson: b, Capabilities: s.capabilities()}, nil
}

func (s *server) capabilities() (bits uint64) {
	for capability, has := range map[channelv1.Capability]bool{
		channelv1.Capability_CAPABILITY_COMMIT:  s.desc.Commits,
		channelv1.Capability_CAPABILITY_LISTEN:  s.desc.Listens,
		channelv1.Capability_CAPABILITY_RECEIVE: s.desc.Receives,
	} {
		if has {
			bits |= 1 << capability
		}
	}
	return bits
}

// Configure checks the settings against the schema, then lets the channel look.
func (s *server) Configure(ctx context.Context, req *channelv1.ConfigureRequest) (*channelv1.ConfigureResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.configured {
		return nil, status.Error(codes.FailedPrecondition, "this process is configured already; start another for another configuration")
	}
	var values map[string]any
	if err := json.Unmarshal(req.ConfigJson, &values); err != nil {
		return nil, status.Error(codes.InvalidArgument, "config_json is not a JSON object")
	}
	config, ds := NewConfig(s.desc, req.Channel, values)
	if !ds.Failed() {
		err := s.guard("Configure", func() error { return s.channel.Configure(ctx, config) })
		ds = append(ds, diagnosticsOf(err)...)
	}
	s.configured = !ds.Failed()
	return &channelv1.ConfigureResponse{Diagnostics: wireDiagnostics(ds)}, nil
}

// Check asks the channel, where it can tell.
func (s *server) Check(ctx context.Context, _ *channelv1.CheckRequest) (*channelv1.CheckResponse, error) {
	checker, ok := s.channel.(Checker)
	if !ok {
		return &channelv1.CheckResponse{}, nil
	}
	if !s.isConfigured() {
		return nil, status.Error(codes.FailedPrecondition, "Check before Configure")
	}
	err := s.guard("Check", func() error { return checker.Check(ctx) })
	return &channelv1.CheckResponse{Diagnostics: wireDiagnostics(diagnosticsOf(err))}, nil
}

// Deliver runs until the host closes its side or cancels.
func (s *server) Deliver(stream channelv1.ChannelService_DeliverServer) error {
	if !s.isConfigured() {
		return status.Error(codes.FailedPrecondition, "Deliver before Configure")
	}
	return newDelivery(s, stream).run()
}

// Drain lets go of what the channel holds.
func (s *server) Drain(context.Context, *channelv1.DrainRequest) (*channelv1.DrainResponse, error) {
	s.close()
	return &channelv1.DrainResponse{}, nil
}

func (s *server) isConfigured() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.configured
}

// close closes the channel once.
func (s *server) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	closer, ok := s.channel.(Closer)
	if s.closed || !ok {
		return
	}
	s.closed = true
	if err := s.guard("Close", closer.Close); err != nil {
		s.log.Warn("close channel", "error", err.Error())
	}
}

// guard turns a panic of the author's code into an error: one bad action must
// not take the others with it. Only what the runtime says of a panic is logged;
// another panic's value may hold personal data.
func (s *server) guard(call string, f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			what := fmt.Sprintf("%T", v)
			if r, ok := v.(runtime.Error); ok {
				what = r.Error()
			}
			s.log.Error("panic in "+call, "panic", what, "stack", string(debug.Stack()))
			err = &panicError{call}
		}
	}()
	return f()
}

type panicError struct{ call string }

func (e *panicError) Error() string { return "panic in " + e.call }

func wireDiagnostics(ds Diagnostics) []*channelv1.Diagnostic {
	out := make([]*channelv1.Diagnostic, len(ds))
	for i, d := range ds {
		severity := channelv1.Diagnostic_SEVERITY_ERROR
		if d.Severity == SeverityWarning {
			severity = channelv1.Diagnostic_SEVERITY_WARNING
		}
		out[i] = &channelv1.Diagnostic{
			Severity: severity, Path: d.Path,
			Summary: &channelv1.Text{En: d.Summary.En, Ja: d.Summary.Ja},
			Detail:  &channelv1.Text{En: d.Detail.En, Ja: d.Detail.Ja},
		}
	}
	return out
}
