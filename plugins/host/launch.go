package host

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os/exec"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"github.com/hashicorp/go-plugin/runner"

	"github.com/seed-456efde2/nurture/plugins/channel"
	"github.com/seed-456efde2/nurture/plugins/internal/wire"
	channelv1 "github.com/seed-456efde2/nurture/plugins/internal/wire/channel/v1"
)

// hostCapabilities are the optional parts of the protocol that this host knows.
const hostCapabilities = 1<<channelv1.Capability_CAPABILITY_COMMIT |
	1<<channelv1.Capability_CAPABILITY_LISTEN | 1<<channelv1.Capability_CAPABILITY_RECEIVE

// life is one life of a plugin process, from its start to its end.
type life struct {
	proc   *process
	client *plugin.Client
	conn   *wire.Conn
	desc   channel.Description
	bits   uint64 // capabilities
	sess   *session
	cut    context.CancelFunc // ends the session's stream
}

// launch starts a process, describes it, configures it and opens its stream. It
// ends with ctx and leaves nothing behind when it fails.
func (s *supervisor) launch(ctx context.Context) (*life, error) {
	command, err := s.command()
	if err != nil {
		return nil, err
	}
	l := &life{proc: s.newProcess(ctx, command)}
	if err := l.connect(ctx, s); err != nil {
		return nil, errors.Join(err, l.end(s.host))
	}
	if err := l.prepare(ctx, s); err != nil {
		return nil, errors.Join(err, l.end(s.host))
	}
	return l, nil
}

func (s *supervisor) newProcess(ctx context.Context, command []string) *process {
	return &process{
		start: ctx, name: s.config.Plugin, command: command, env: s.host.env,
		clock: s.host.clock, grace: s.host.options.graces.pipe, spawn: s.host.spawner,
		lines: &lines{log: s.log, clock: s.host.clock, redact: s.redact},
	}
}

// connect runs go-plugin's side of the start. go-plugin cannot be told to stop
// waiting, so on the end of ctx the process is killed under its hands.
func (l *life) connect(ctx context.Context, s *supervisor) error {
	l.client = plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig:  wire.Handshake(),
		VersionedPlugins: wire.Sets(nil),
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		SkipHostEnv:      true,
		AutoMTLS:         s.encrypted(),
		StartTimeout:     10 * s.host.options.StartTimeout, // ctx ends before it
		Logger:           wire.NewLogger(s.log, slog.LevelDebug),
		GRPCDialOptions:  wire.DialOptions(),
		UnixSocketConfig: &plugin.UnixSocketConfig{TempDir: s.host.dir.path},
		SyncStdout:       &printed{lines: l.proc.lines},
		SyncStderr:       &printed{lines: l.proc.lines},
		RunnerFunc: func(_ hclog.Logger, spec *exec.Cmd, dir string) (runner.Runner, error) {
			l.proc.adopt(spec, dir)
			return l.proc, nil
		},
	})
	type result struct {
		conn any
		err  error
	}
	done := make(chan result, 1)
	go func() {
		protocol, err := l.client.Client()
		if err != nil {
			done <- result{nil, err}
			return
		}
		conn, err := protocol.Dispense(wire.Kind)
		done <- result{conn, err}
	}()
	select {
	case r := <-done:
		l.conn, _ = r.conn.(*wire.Conn)
		return r.err
	case <-ctx.Done():
	}
	l.proc.kill()
	fired, stop := s.host.clock.After(s.host.options.graces.kill)
	defer stop()
	select {
	case r := <-done:
		if r.err != nil {
			return r.err
		}
	case <-fired:
	}
	return context.Cause(ctx)
}

// prepare describes and configures the process and opens its stream.
func (l *life) prepare(ctx context.Context, s *supervisor) error {
	described, err := l.conn.Channel.Describe(ctx, &channelv1.DescribeRequest{Capabilities: hostCapabilities})
	if err != nil {
		return fmt.Errorf("describe: %w", explain(ctx, err))
	}
	if l.desc, err = channel.DecodeDescription(described.DescriptionJson); err != nil {
		return fmt.Errorf("describe: %w", err)
	}
	l.bits = described.Capabilities
	if err := s.plugins.agrees(s.config.Plugin, l.desc); err != nil {
		return err
	}
	if err := l.configure(ctx, s); err != nil {
		return err
	}
	// The stream lives as long as the process, not as long as the start.
	var streaming context.Context
	streaming, l.cut = context.WithCancel(context.WithoutCancel(ctx))
	stream, err := l.conn.Channel.Deliver(streaming)
	if err != nil {
		return fmt.Errorf("open stream: %w", explain(ctx, err))
	}
	l.sess = newSession(stream, terms{
		queue: s.queue, desc: l.desc, clock: s.host.clock, redact: s.redact, log: s.log,
		window:  window(l.desc),
		commits: l.desc.Commits && l.can(channelv1.Capability_CAPABILITY_COMMIT),
	})
	go l.sess.run()
	return nil
}

// can reports whether the process has a capability.
func (l *life) can(c channelv1.Capability) bool { return l.bits&(1<<c) != 0 }

// window is how many actions may be in a plugin's hands: enough that it never
// waits for the host, few enough that an urgent one soon gets its turn.
func window(d channel.Description) int {
	return max(2*d.Concurrency, 4*d.BatchMax)
}

func (l *life) configure(ctx context.Context, s *supervisor) error {
	values, err := json.Marshal(s.config.Values)
	if err != nil {
		return fmt.Errorf("configure: %w", err)
	}
	if s.config.Values == nil {
		values = []byte("{}")
	}
	answer, err := l.conn.Channel.Configure(ctx, &channelv1.ConfigureRequest{
		Channel: s.config.Name, ConfigJson: values, Capabilities: hostCapabilities,
	})
	if err != nil {
		return fmt.Errorf("configure: %w", explain(ctx, err))
	}
	ds := s.diagnostics(answer.Diagnostics)
	if ds.Failed() {
		return &ConfigError{Channel: s.config.Name, Diagnostics: ds}
	}
	for _, d := range ds {
		s.log.Warn("channel config: "+d.String(), "path", d.Path)
	}
	return nil
}

// diagnostics are a plugin's, without secrets.
func (s *supervisor) diagnostics(in []*channelv1.Diagnostic) channel.Diagnostics {
	text := func(t *channelv1.Text) channel.Text {
		return channel.Text{En: s.redact.text(t.GetEn(), maxDetail), Ja: s.redact.text(t.GetJa(), maxDetail)}
	}
	out := make(channel.Diagnostics, len(in))
	for i, d := range in {
		severity := channel.SeverityError
		if d.Severity == channelv1.Diagnostic_SEVERITY_WARNING {
			severity = channel.SeverityWarning
		}
		out[i] = channel.Diagnostic{Severity: severity, Path: cut(d.Path, 100), Summary: text(d.Summary), Detail: text(d.Detail)}
	}
	return out
}

// retire ends a healthy process in an orderly way: what is under way is waited
// for, the channel lets go of its connections, the process leaves by itself. All
// of it within the stop time-out, after which it is killed.
func (l *life) retire(h *Host) error {
	ctx, cancel := within(context.Background(), h.clock, h.options.StopTimeout)
	defer cancel()
	err := l.sess.drain(ctx)
	if err == nil {
		err = l.sess.stream.CloseSend()
		_, drainErr := l.conn.Channel.Drain(ctx, &channelv1.DrainRequest{})
		err = errors.Join(err, explain(ctx, drainErr))
	}
	if err != nil {
		l.proc.kill() // its time is over
	}
	return errors.Join(err, l.end(h))
}

// end makes sure that the process and all that belonged to it are gone, and says
// so when they are not. Asking go-plugin to stop it may block for ever, so it is
// asked aside, and the group is killed when its time is over. It is called once
// for every life, in the end.
func (l *life) end(h *Host) error {
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		l.client.Kill()
	}()
	err := h.await(gone, h.options.graces.kill)
	if err != nil {
		l.proc.kill()
		err = h.await(gone, h.options.graces.kill)
	}
	if l.cut != nil {
		l.cut()
	}
	if l.sess != nil {
		<-l.sess.ended
	}
	if err != nil {
		return fmt.Errorf("process %s does not die: %w", l.proc.ID(), err)
	}
	return nil
}

// await waits for done, but not longer than limit.
func (h *Host) await(done <-chan struct{}, limit time.Duration) error {
	fired, stop := h.clock.After(limit)
	defer stop()
	select {
	case <-done:
		return nil
	case <-fired:
		return tooLate{limit}
	}
}

// printed takes what a Go plugin prints with fmt, which go-plugin carries over
// its own stream in pieces.
type printed struct {
	lines *lines
	rest  []byte
}

func (w *printed) Write(b []byte) (int, error) {
	w.rest = append(w.rest, b...)
	for {
		line, rest, ok := bytes.Cut(w.rest, []byte{'\n'})
		if !ok && len(w.rest) < maxLine {
			return len(b), nil
		}
		w.lines.write(line, slog.LevelDebug)
		w.rest = rest
	}
}
