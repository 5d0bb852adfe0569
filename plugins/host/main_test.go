package host

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"github.com/seed-456efde2/nurture/engine/enginetest/leaks"
	"github.com/seed-456efde2/nurture/plugins/channel"
)

// TestMain lets the test binary play every part: `plugin serve MODE` is a plugin
// process, `hosting` a host process of its own.
func TestMain(m *testing.M) {
	switch {
	case len(os.Args) == 4 && os.Args[1] == "plugin":
		playPlugin(os.Args[3])
		os.Exit(0)
	case len(os.Args) == 2 && os.Args[1] == "hosting":
		playHost()
		os.Exit(0)
	case len(os.Args) == 2 && os.Args[1] == "linger":
		linger()
		os.Exit(0)
	}
	leaks.Main(m)
}

// playPlugin is a plugin that behaves as its name says.
func playPlugin(mode string) {
	switch mode {
	case "exits":
		fmt.Fprintln(os.Stderr, "cannot find my configuration file")
		os.Exit(3)
	case "noisy":
		fmt.Println("Welcome to the plugin!")
	case "endless":
		fmt.Print(strings.Repeat("x", 100_000))
	case "newer":
		fmt.Println("1|9|unix|/tmp/x|grpc")
	case "older":
		fmt.Println("0|1|unix|/tmp/x|grpc")
	case "elsewhere":
		fmt.Println("1|1|unix|/run/other.sock|grpc")
	case "remote":
		fmt.Println("1|1|tcp|192.0.2.1:80|grpc")
	case "silent":
	case "stays":
		channel.Serve(&relay{mode: mode})
		signal.Ignore(syscall.SIGTERM)
		select {} // it was told to leave
	default:
		if listening[mode] {
			channel.Serve(&hearer{relay: relay{mode: mode}})
			return
		}
		if rawModes[mode] {
			playRaw(mode)
			return
		}
		channel.Serve(&relay{mode: mode})
		return
	}
	// Stay until the host ends it.
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
}

// relay is a channel whose service is a receiver in the test: it says
// "hello KEY", waits for "go", says "final KEY" and waits for "ok".
type relay struct {
	mode     string
	receiver string
}

func describeRelay(mode string) channel.Description {
	return channel.Description{
		Name: mode, Version: "1.2.3", Reach: channel.ReachesSystem,
		Keyed: mode != "commits", Commits: mode == "commits", Concurrency: 8, MTLS: true,
		Config: []channel.Attribute{
			{Name: "receiver", Type: channel.TypeText, Required: true},
			{Name: "token", Type: channel.TypeText, Sensitive: true},
		},
		Steps:   []channel.Step{{Kind: "relay"}},
		Events:  []channel.Event{{Name: "heard"}},
		Listens: listening[mode], Receives: listening[mode],
	}.Complete()
}

func (r *relay) Describe() channel.Description { return describeRelay(r.mode) }

func (r *relay) Configure(_ context.Context, c channel.Config) error {
	r.receiver = c.Text("receiver")
	switch r.mode {
	case "odd_json":
		for _, line := range []string{
			`{"@message": 5}`, `{"@level": 3, "@message": "numbers"}`, `{"@timestamp": []}`, `{"@message"`, `{}`, `[1]`,
			`{"@level":"info","@message":"fine","token":"` + c.Text("token") + `","who":"tanaka@example.co.jp"}`,
		} {
			fmt.Fprintln(os.NewFile(2, "stderr"), line)
		}
	case "floods":
		out, errs := os.NewFile(1, "stdout"), os.NewFile(2, "stderr")
		fmt.Fprint(out, strings.Repeat("o", 1<<20))
		for i := range 3000 {
			fmt.Fprintln(errs, "line", i, strings.Repeat("e", 5000))
		}
	case "leaks":
		hoard = bytes.Repeat([]byte{1}, 200<<20)
	case "nanny":
		return playNanny(r.receiver)
	case "picky":
		return channel.Diagnostics{channel.Wrong("token", channel.Text{En: "Not a token"},
			channel.Text{En: "the token " + c.Text("token") + " is not known"})}
	}
	return nil
}

func (r *relay) Do(ctx context.Context, q channel.Request) (channel.Reply, error) {
	switch r.mode {
	case "stops":
		_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
		select {} // the signal is for the process: this thread may run on for a moment
	case "crashes":
		panicHard()
	case "panics":
		panic("a mail to " + q.Text("to"))
	case "grandchild":
		if err := startChild(r.receiver, &syscall.SysProcAttr{Setsid: true}); err != nil {
			return channel.Reply{}, err
		}
		os.Exit(7)
	}
	return r.converse(ctx, q)
}

// hoard is what a plugin that leaks never lets go of.
var hoard []byte

// panicHard ends the process as a Go program ends that panics where nobody
// recovers.
func panicHard() {
	done := make(chan struct{})
	go func() { panic("out of cheese") }()
	<-done
}

func (r *relay) converse(ctx context.Context, q channel.Request) (channel.Reply, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", r.receiver)
	if err != nil {
		return channel.Again(0, "network", err.Error()), nil
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	answers := bufio.NewScanner(conn)
	fmt.Fprintf(conn, "hello %s %d\n", q.Key, q.Attempt)
	if !answers.Scan() {
		return channel.Again(0, "gone", "no go from "+q.Text("to")), nil
	}
	if err := q.Commit(ctx); err != nil {
		return channel.Again(0, "not_granted", err.Error()), nil
	}
	fmt.Fprintf(conn, "final %s %d\n", q.Key, q.Attempt)
	if !answers.Scan() {
		return channel.Uncertain("no_answer", "no ok from "+q.Text("to")), nil
	}
	switch words := strings.SplitN(answers.Text(), " ", 2); words[0] {
	case "refuse":
		return channel.Refuse("refused", words[1]), nil
	case "retry":
		return channel.Again(90e9, "later", words[1]), nil
	}
	return channel.Accepted("id-" + q.Key), nil
}

// startChild starts a process that has our pipes, and a line to the receiver. The line
// is made here: by the time the child runs the receiver may be gone, and its address
// somebody else's.
func startChild(receiver string, attr *syscall.SysProcAttr) error {
	conn, err := net.Dial("tcp", receiver)
	if err != nil {
		return err
	}
	defer conn.Close()
	line, err := conn.(*net.TCPConn).File()
	if err != nil {
		return err
	}
	defer line.Close()
	child := exec.Command(os.Args[0], "linger")
	child.Stdout, child.Stderr = os.NewFile(1, "stdout"), os.NewFile(2, "stderr")
	child.ExtraFiles, child.SysProcAttr = []*os.File{line}, attr
	return child.Start()
}

// linger holds on to whatever it inherited until the receiver goes away.
func linger() {
	line := os.NewFile(3, "line") // the first of the extra files
	fmt.Fprintf(line, "linger %d\n", os.Getpid())
	_, _ = bufio.NewReader(line).ReadString('\n')
}

// playHost runs a host with one plugin, tells the plugin's process id, and waits
// to be killed.
func playHost() {
	h, err := New(testOptions("relay"))
	if err == nil {
		err = h.Apply(context.Background(), []Config{{Name: "a", Plugin: "relay", Values: map[string]any{"receiver": "x"}}})
	}
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	fmt.Println("plugin", h.Status()[0].PID)
	select {}
}
