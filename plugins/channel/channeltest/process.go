package channeltest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/seed-456efde2/nurture/plugins/channel"
	"github.com/seed-456efde2/nurture/plugins/internal/wire"
	channelv1 "github.com/seed-456efde2/nurture/plugins/internal/wire/channel/v1"
)

// process is a plugin process under test, talked to directly.
type process struct {
	t        T
	number   uint64
	plan     *Plan
	ctx      context.Context
	conn     *grpc.ClientConn
	client   channelv1.ChannelServiceClient
	lifeline io.Closer
	line     chan string // the handshake; capacity 1
	stdout   *buffer     // after the handshake
	stderr   *buffer
	cmd      *exec.Cmd
	ended    chan error
}

// start starts the plugin and shakes hands.
func start(t T, p *Plan) *process {
	t.Helper()
	x := launch(t, p, true, fmt.Sprint(wire.Protocol))
	x.dial(x.handshake())
	return x
}

// launch starts the plugin as a host does that speaks these versions, or as a
// person does, without the cookie.
func launch(t T, p *Plan, cookie bool, versions string) *process {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), p.Patience)
	t.Cleanup(cancel)
	dir, err := os.MkdirTemp("", "ct-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	x := &process{
		t: t, number: processes.Add(1), plan: p, ctx: ctx, stdout: &buffer{}, stderr: &buffer{},
		line: make(chan string, 1), ended: make(chan error, 1),
	}
	x.cmd = exec.Command(p.Command[0], p.Command[1:]...)
	x.cmd.Env = append(p.environment(), "PLUGIN_PROTOCOL_VERSIONS="+versions,
		plugin.EnvUnixSocketDir+"="+dir, wire.EnvLifeline+"=stdin")
	if h := wire.Handshake(); cookie {
		x.cmd.Env = append(x.cmd.Env, h.MagicCookieKey+"="+h.MagicCookieValue)
	}
	x.cmd.Stderr = x.stderr
	x.cmd.WaitDelay = pipeGrace
	if x.lifeline, err = x.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	stdout, err := x.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := x.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go x.read(stdout)
	t.Cleanup(x.stop)
	return x
}

// read takes the handshake line and waits for the end of the process.
func (x *process) read(stdout io.Reader) {
	r := bufio.NewReader(stdout)
	first, _ := r.ReadString('\n')
	x.line <- strings.TrimSpace(first)
	_, _ = io.Copy(x.stdout, r)
	x.ended <- x.cmd.Wait()
	close(x.ended)
}

// handshake is the first line on standard output, "" where there is none before
// the end.
func (x *process) handshake() string {
	x.t.Helper()
	select {
	case line := <-x.line:
		return line
	case <-x.ctx.Done():
		x.t.Fatalf("no handshake within %s%s", x.plan.Patience, wrote(x.stderr.String()))
		return ""
	}
}

func (x *process) dial(line string) {
	x.t.Helper()
	fields := strings.Split(line, "|")
	if len(fields) < 5 || fields[0] != "1" || fields[1] != fmt.Sprint(wire.Protocol) || fields[4] != "grpc" {
		x.t.Fatalf("handshake %q, want 1|%d|NETWORK|ADDRESS|grpc%s", cutTo(line, 200), wire.Protocol, wrote(x.stderr.String()))
	}
	target := fields[3]
	if fields[2] == "unix" {
		target = "unix://" + target
	}
	var err error
	x.conn, err = grpc.NewClient(target, append(wire.DialOptions(),
		grpc.WithTransportCredentials(insecure.NewCredentials()))...)
	if err != nil {
		x.t.Fatal(err)
	}
	x.client = channelv1.NewChannelServiceClient(x.conn)
}

func (x *process) stop() {
	x.kill()
	if x.conn != nil {
		_ = x.conn.Close()
	}
}

// kill ends the process at once and waits for its end.
func (x *process) kill() {
	_ = x.cmd.Process.Kill()
	<-x.ended
}

func (x *process) configRequest(values map[string]any) *channelv1.ConfigureRequest {
	x.t.Helper()
	b, err := json.Marshal(values)
	if err != nil {
		x.t.Fatal(err)
	}
	return &channelv1.ConfigureRequest{Channel: "under_test", ConfigJson: b}
}

func (x *process) configure(values map[string]any) {
	x.t.Helper()
	answer, err := x.client.Configure(x.ctx, x.configRequest(values))
	if err != nil {
		x.t.Fatal(err)
	}
	for _, d := range answer.Diagnostics {
		if d.Severity != channelv1.Diagnostic_SEVERITY_WARNING {
			x.t.Fatalf("the config of the plan is refused: %s: %s %s", d.Path, d.Summary.GetEn(), d.Detail.GetEn())
		}
	}
}

func (x *process) wantRefused(values map[string]any, path string) {
	x.t.Helper()
	answer, err := x.client.Configure(x.ctx, x.configRequest(values))
	if err != nil {
		x.t.Fatalf("a refused configuration is an answer, not a status: %v", err)
	}
	for _, d := range answer.Diagnostics {
		if d.Path == path && d.Severity != channelv1.Diagnostic_SEVERITY_WARNING && d.Summary.GetEn() != "" {
			return
		}
	}
	x.t.Fatalf("no diagnostic with a summary names %s: %v", path, answer.Diagnostics)
}

// action is the nth action of the plan.
func (x *process) action(id uint64, n, attempt int) *channelv1.Action {
	a := x.withParts(id, x.plan.Parts(n))
	a.Key, a.Attempt = x.key(uint64(n)), int32(attempt)
	return a
}

// processes counts the processes under test, so that each has keys of its own.
var processes atomic.Uint64

// key is the nth key of this process.
func (x *process) key(n uint64) string { return fmt.Sprintf("%016x%016x", x.number, n) }

// withParts is an action of these parts.
func (x *process) withParts(id uint64, parts []channel.Part) *channelv1.Action {
	a := &channelv1.Action{
		Id: id, Key: x.key(id), Kind: x.plan.Kind, Attempt: 1, Lane: 2,
		Lead: strings.Repeat("ab", 16), TimeoutMs: x.plan.Patience.Milliseconds(),
	}
	for _, p := range parts {
		a.Parts = append(a.Parts, wirePart(p))
	}
	return a
}

func wirePart(p channel.Part) *channelv1.Part {
	out := &channelv1.Part{Name: p.Name}
	switch v := p.Value.(type) {
	case string:
		out.Value = &channelv1.Part_Text{Text: v}
	case float64:
		out.Value = &channelv1.Part_Number{Number: v}
	case bool:
		out.Value = &channelv1.Part_Flag{Flag: v}
	case time.Time:
		out.Value = &channelv1.Part_TimeMs{TimeMs: v.UnixMilli()}
	case json.RawMessage:
		out.Value = &channelv1.Part_Json{Json: string(v)}
	}
	return out
}

func (x *process) ping() {
	x.t.Helper()
	_, err := grpc_health_v1.NewHealthClient(x.conn).Check(x.ctx, &grpc_health_v1.HealthCheckRequest{Service: plugin.GRPCServiceName})
	if err != nil {
		x.t.Fatalf("ping: %v", err)
	}
}

// shutdown is go-plugin's own last call. The connection may end before its
// answer.
func (x *process) shutdown() {
	_ = x.conn.Invoke(x.ctx, "/plugin.GRPCController/Shutdown", &emptypb.Empty{}, &emptypb.Empty{})
}

func (x *process) terminate() {
	x.t.Helper()
	if err := x.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		x.t.Fatal(err)
	}
}

func (x *process) wantEnd() {
	x.t.Helper()
	ctx, cancel := context.WithTimeout(x.ctx, x.plan.ending)
	defer cancel()
	select {
	case <-x.ended:
	case <-ctx.Done():
		x.t.Fatal("the process lives on")
	}
}

// doOne does the first action of the plan.
func (x *process) doOne() {
	x.t.Helper()
	stream := x.deliver()
	stream.send(x.action(1, 1, 1))
	stream.wantDone(1)
	stream.end()
}

// leave drains the process and waits for its end.
func (x *process) leave() {
	x.t.Helper()
	if _, err := x.client.Drain(x.ctx, &channelv1.DrainRequest{}); err != nil {
		x.t.Fatalf("Drain: %v", err)
	}
	x.shutdown()
	x.wantEnd()
}

// stream is a Deliver stream that grants every leave.
type stream struct {
	channelv1.ChannelService_DeliverClient
	t T
}

func (x *process) deliver() *stream { return x.deliverIn(x.ctx) }

func (x *process) deliverIn(ctx context.Context) *stream {
	x.t.Helper()
	s, err := x.client.Deliver(ctx)
	if err != nil {
		x.t.Fatal(err)
	}
	return &stream{s, x.t}
}

func (s *stream) send(actions ...*channelv1.Action) {
	s.t.Helper()
	if err := s.Send(&channelv1.DeliverRequest{Actions: actions}); err != nil {
		s.t.Fatal(err)
	}
}

// results reads n results, by the actions' ids.
func (s *stream) results(n int) map[uint64]*channelv1.Result {
	s.t.Helper()
	results := map[uint64]*channelv1.Result{}
	for len(results) < n {
		msg, err := s.Recv()
		if err != nil {
			s.t.Fatalf("%d of %d results, then: %v", len(results), n, err)
		}
		for _, q := range msg.CommitQuestions {
			answer := &channelv1.CommitAnswer{Id: q.Id, Granted: true}
			if err := s.Send(&channelv1.DeliverRequest{CommitAnswers: []*channelv1.CommitAnswer{answer}}); err != nil {
				s.t.Fatal(err)
			}
		}
		for _, r := range msg.Results {
			if results[r.Id] != nil {
				s.t.Fatalf("two results of action %d", r.Id)
			}
			results[r.Id] = r
		}
	}
	return results
}

// wantDone reads the result of one action, which must be done.
func (s *stream) wantDone(id uint64) {
	s.t.Helper()
	if r := s.results(1)[id]; r.GetDone() == nil {
		s.t.Fatalf("action %d: %v, want done", id, r)
	}
}

// end closes our side; the plugin closes its own, without another word.
func (s *stream) end() {
	s.t.Helper()
	if err := s.CloseSend(); err != nil {
		s.t.Fatal(err)
	}
	if msg, err := s.Recv(); err == nil {
		s.t.Fatalf("more results than actions: %v", msg)
	}
}

// buffer is a bytes.Buffer for two goroutines.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// maxWritten bounds what is kept of a process's words.
const maxWritten = 4 << 20

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.b.Len() < maxWritten {
		b.b.Write(p)
	}
	return len(p), nil
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
