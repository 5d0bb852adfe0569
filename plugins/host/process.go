package host

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/go-plugin/runner"

	"github.com/seed-456efde2/nurture/plugins/internal/wire"
)

// maxHandshake bounds the first line of a plugin's standard output.
const maxHandshake = 4096

// process is one life of a plugin process, run so that nothing it does can hurt
// the host. go-plugin gets it as its runner and sees one handshake line, an empty
// standard error, and an end.
//
//  1. It is the leader of a process group of its own, and the group dies with it.
//  2. It dies with the host: by the parent-death signal where there is one, by
//     its lifeline (standard input) everywhere.
//  3. It inherits no environment but what is listed, and no file but three pipes.
//  4. Its end is known from the process, never from the end of a pipe, which a
//     grandchild may hold open.
type process struct {
	start   context.Context // bounds the start
	name    string
	command []string
	env     []string
	socket  string // private directory its socket must lie in
	clock   Clock
	grace   time.Duration // for the rest of its output
	spawn   *spawner
	lines   *lines

	cmd       *exec.Cmd
	lifeline  *os.File
	outputs   []*os.File     // our ends of its standard output and error
	reading   sync.WaitGroup // readers of outputs
	handshake chan string    // capacity 1
	line      string         // the handshake that was accepted
	exited    chan struct{}

	mu     sync.Mutex
	pid    int
	reaped bool
	status string // how it ended
}

var _ runner.Runner = (*process)(nil)

// adopt takes what go-plugin prepared: its environment variables and the private
// directory for the socket.
func (p *process) adopt(spec *exec.Cmd, dir string) {
	p.socket = dir
	p.cmd = exec.Command(p.command[0], p.command[1:]...)
	if self, err := selfExe(); err == nil && self == p.command[0] {
		p.cmd.Args[0] = os.Args[0] // what people look for in a list of processes
	}
	p.cmd.Env = slices.Concat(p.env, spec.Env, []string{wire.EnvLifeline + "=stdin"})
	p.handshake = make(chan string, 1)
	p.exited = make(chan struct{})
}

// Start starts the process and waits for a handshake that this host can talk to.
// Whatever else happens is an error that says what the plugin did. The context
// that go-plugin gives knows only its own time-out; p.start rules.
func (p *process) Start(context.Context) error {
	if err := p.launch(); err != nil {
		_ = os.RemoveAll(p.socket)
		return fmt.Errorf("start %s: %w", p.command[0], err)
	}
	err := p.awaitHandshake(p.start)
	if err != nil {
		p.kill()
		_ = os.RemoveAll(p.socket)
	}
	return err
}

func (p *process) launch() error {
	pipes, err := newPipes()
	if err != nil {
		return err
	}
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = pipes.theirs[0], pipes.theirs[1], pipes.theirs[2]
	isolate(p.cmd)
	err = p.spawn.start(p.cmd)
	closeAll(pipes.theirs[:])
	if err != nil {
		closeAll(pipes.ours[:])
		return err
	}
	p.lifeline, p.outputs = pipes.ours[0], pipes.ours[1:]
	p.mu.Lock()
	p.pid = p.cmd.Process.Pid
	p.mu.Unlock()
	p.reading.Go(func() { p.readOutput(pipes.ours[1]) })
	p.reading.Go(func() { p.lines.read(pipes.ours[2], slog.LevelDebug) })
	go p.reap()
	return nil
}

// pipes are standard input, output and error of a process, both ends.
type pipes struct{ ours, theirs [3]*os.File }

func newPipes() (*pipes, error) {
	var p pipes
	for i := range p.ours {
		r, w, err := os.Pipe()
		if err != nil {
			closeAll(p.ours[:])
			closeAll(p.theirs[:])
			return nil, err
		}
		p.ours[i], p.theirs[i] = r, w
		if i == 0 {
			p.ours[i], p.theirs[i] = w, r
		}
	}
	return &p, nil
}

func closeAll(files []*os.File) {
	for _, f := range files {
		if f != nil {
			_ = f.Close()
		}
	}
}

// readOutput takes the handshake off the standard output and logs whatever
// follows, so that a plugin that prints is never blocked by a full pipe.
func (p *process) readOutput(r io.Reader) {
	br := bufio.NewReaderSize(r, maxHandshake)
	line, err := br.ReadSlice('\n')
	switch {
	case err == nil, errors.Is(err, io.EOF) && len(line) > 0:
		p.handshake <- string(bytes.TrimSpace(line))
	case errors.Is(err, bufio.ErrBufferFull):
		p.handshake <- string(line[:80]) + "…"
	}
	p.lines.read(br, slog.LevelDebug)
}

// reap waits for the process to end, takes its group with it, and collects it.
// The group is killed while the process is a zombie: until it is collected, its
// number belongs to nobody else.
func (p *process) reap() {
	awaitEnd(p.cmd)
	p.mu.Lock()
	killGroup(p.pid)
	p.reaped = true
	p.mu.Unlock()
	_ = p.cmd.Wait()

	p.mu.Lock()
	p.status = p.cmd.ProcessState.String()
	p.mu.Unlock()
	_ = p.lifeline.Close()
	p.finishReading()
	close(p.exited)
}

// finishReading lets the readers take what is left in the pipes. They wait no
// longer than a moment: a grandchild that left the group may hold the other end.
func (p *process) finishReading() {
	done := make(chan struct{})
	go func() { p.reading.Wait(); close(done) }()
	fired, stop := p.clock.After(p.grace)
	defer stop()
	select {
	case <-done:
	case <-fired:
	}
	closeAll(p.outputs)
	<-done
}

func (p *process) awaitHandshake(ctx context.Context) error {
	select {
	case line := <-p.handshake:
		return p.judgeHandshake(line)
	case <-p.exited:
		if ctx.Err() != nil { // it was killed because its time was over
			return p.noHandshake(ctx)
		}
		select {
		case line := <-p.handshake:
			return fmt.Errorf("ended after its handshake %q: %s%s", cut(line, 80), p.ending(), p.lastWords())
		default:
			return fmt.Errorf("ended before its handshake: %s%s", p.ending(), p.lastWords())
		}
	case <-ctx.Done():
		return p.noHandshake(ctx)
	}
}

func (p *process) noHandshake(ctx context.Context) error {
	return fmt.Errorf("no handshake: %w%s", context.Cause(ctx), p.lastWords())
}

// judgeHandshake accepts "CORE|PROTOCOL|network|address|grpc[|…]".
func (p *process) judgeHandshake(line string) error {
	fields := strings.Split(line, "|")
	if len(fields) < 5 {
		return fmt.Errorf("printed %s where its handshake should be; a plugin must print nothing else on standard output",
			strconv.Quote(cut(p.lines.redact.text(line, 200), 80)))
	}
	if fields[0] != "1" {
		return fmt.Errorf("speaks version %q of the plugin handshake, this host speaks 1; rebuild the plugin", cut(fields[0], 20))
	}
	if fields[1] != strconv.Itoa(wire.Protocol) {
		return fmt.Errorf("speaks protocol %q, this host speaks %d; rebuild the plugin or the host", cut(fields[1], 20), wire.Protocol)
	}
	if fields[4] != "grpc" {
		return fmt.Errorf("speaks %q, this host speaks grpc", cut(fields[4], 20))
	}
	p.line = line
	return nil
}

func (p *process) lastWords() string {
	if last := p.lines.last(); last != "" {
		return "; it wrote: " + last
	}
	return ""
}

// spent is the processor time that the process took, once it has ended.
func (p *process) spent() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.status == "" {
		return 0
	}
	return p.cmd.ProcessState.UserTime() + p.cmd.ProcessState.SystemTime()
}

// ending is how the process ended, "exit status 3".
func (p *process) ending() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.status
}

// kill ends the whole group at once. It never blocks.
func (p *process) kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pid != 0 && !p.reaped {
		killGroup(p.pid)
	}
}

// Stdout is the handshake and then the end: the rest is read by readOutput.
func (p *process) Stdout() io.ReadCloser {
	return io.NopCloser(strings.NewReader(p.line + "\n"))
}

// Stderr is empty: lines has it.
func (p *process) Stderr() io.ReadCloser { return io.NopCloser(strings.NewReader("")) }

// Name is the plugin's.
func (p *process) Name() string { return p.name }

// Diagnose has nothing to add: Start's errors say it all.
func (p *process) Diagnose(context.Context) string { return "" }

// Wait waits for the end of the process.
func (p *process) Wait(ctx context.Context) error {
	select {
	case <-p.exited:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Kill ends the process.
func (p *process) Kill(context.Context) error {
	p.kill()
	return nil
}

// ID is the process id.
func (p *process) ID() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pid == 0 {
		return ""
	}
	return strconv.Itoa(p.pid)
}

// PluginToHost refuses to talk to anything but the private socket, or a port of
// this machine: the handshake must not lead the host elsewhere.
func (p *process) PluginToHost(network, address string) (string, string, error) {
	switch network {
	case "unix":
		if filepath.Dir(filepath.Clean(address)) != filepath.Clean(p.socket) {
			return "", "", errors.New("listens on a socket outside its private directory")
		}
		return network, address, nil
	case "tcp":
		ap, err := net.ResolveTCPAddr("tcp", address)
		if err != nil || !ap.IP.IsLoopback() {
			return "", "", errors.New("listens on an address that is not this machine's loopback")
		}
		return network, address, nil
	}
	return "", "", fmt.Errorf("listens on %q; unix and tcp are known", cut(network, 20))
}

// HostToPlugin is never needed: nothing is brokered.
func (p *process) HostToPlugin(network, address string) (string, string, error) {
	return network, address, nil
}
