// Package channeltest is the conformance suite for channel plugins: a plugin is
// done when it passes. It starts the real program, in whatever language, and
// talks the real protocol to it, without a host in between:
//
//	func TestConformance(t *testing.T) {
//		channeltest.Run(t, channeltest.Plan{
//			Command: []string{"./sms"},
//			Config:  map[string]any{"url": fake.URL},
//			Parts:   func(n int) []channel.Part { … },
//		})
//	}
package channeltest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/seed-456efde2/nurture/plugins/channel"
	channelv1 "github.com/seed-456efde2/nurture/plugins/internal/wire/channel/v1"
)

// Plan says how to try a plugin.
type Plan struct {
	// Command is the program that serves the plugin, with its arguments. Required.
	Command []string
	// Describe is the command that prints the description. Default: the program
	// with `describe`.
	Describe []string
	// Env are more environment variables for it. Default: none.
	Env []string
	// Config is a config block that the plugin accepts. Default: empty.
	Config map[string]any
	// Kind is the step kind to try. Default: the first of the description.
	Kind string
	// Parts are the parts of the nth action, one that succeeds. Required.
	Parts func(n int) []channel.Part
	// Times tells how often the service performed the action of a key. Required
	// where the description says that keys are honoured.
	Times func(key string) int
	// Hold are the parts of an action that the service does not answer while the
	// test runs. Default: what needs it is left out.
	Hold []channel.Part
	// Large are the parts of an action that holds a text of 5 MiB. Default: what
	// needs it is left out.
	Large func(text string) []channel.Part
}

// patience is how long anything may take.
const patience = 30 * time.Second

// Self is the test's own program, for plugins that are served by it (see
// TestMain in the built-in channels).
func Self() string { return os.Args[0] }

// Run tries the plugin, each trial in a process of its own.
func Run(t *testing.T, p Plan) {
	if p.Describe == nil {
		p.Describe = []string{p.Command[0], "describe"}
	}
	d := p.described(t)
	if p.Kind == "" {
		p.Kind = d.Steps[0].Kind
	}
	trials := []struct {
		name string
		run  func(*testing.T, *Plan, channel.Description)
	}{
		{"describes itself the same way twice", describesTheSame},
		{"names each missing attribute", namesMissing},
		{"names an unknown attribute", namesUnknown},
		{"takes nothing before it is configured", wantsConfig},
		{"is configured once", configuredOnce},
		{"answers each action of a batch", answersEach},
		{"does a key once", doesKeyOnce},
		{"takes 5 MiB", takesLarge},
		{"ends with the stream when cancelled", endsWhenCancelled},
		{"answers pings while it works", answersWhileWorking},
		{"leaves when drained", leavesWhenDrained},
		{"leaves when its parent does", leavesWithParent},
		{"finishes what it has on SIGTERM", ignoresTerm},
		{"writes sound lines on standard error", writesSoundLines},
	}
	for _, trial := range trials {
		t.Run(trial.name, func(t *testing.T) {
			t.Parallel()
			trial.run(t, &p, d)
		})
	}
}

func (p *Plan) described(t *testing.T) channel.Description {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	out, err := exec.CommandContext(ctx, p.Describe[0], p.Describe[1:]...).Output()
	if err != nil {
		t.Fatalf("%v: %v", p.Describe, err)
	}
	d, err := channel.DecodeDescription(out)
	if err != nil {
		t.Fatalf("%v printed: %v", p.Describe, err)
	}
	return d
}

func describesTheSame(t *testing.T, p *Plan, d channel.Description) {
	x := start(t, p)
	printed, err := channel.EncodeDescription(d)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		answer, err := x.client.Describe(x.ctx, &channelv1.DescribeRequest{})
		if err != nil {
			t.Fatal(err)
		}
		told, err := channel.DecodeDescription(answer.DescriptionJson)
		if err != nil {
			t.Fatal(err)
		}
		again, err := channel.EncodeDescription(told)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(printed, again) {
			t.Fatalf("the sub-command prints\n%s\nthe process tells\n%s", printed, again)
		}
		commits := answer.Capabilities&(1<<channelv1.Capability_CAPABILITY_COMMIT) != 0
		if commits != d.Commits {
			t.Fatalf("the description says commits = %v, the capabilities %v", d.Commits, commits)
		}
	}
}

func namesMissing(t *testing.T, p *Plan, d channel.Description) {
	x := start(t, p)
	for _, a := range d.Config {
		if !a.Required {
			continue
		}
		values := maps.Clone(p.Config)
		delete(values, a.Name)
		x.wantRefused(values, a.Name)
	}
	x.configure(p.Config) // a refusal is no end
}

func namesUnknown(t *testing.T, p *Plan, _ channel.Description) {
	x := start(t, p)
	values := maps.Clone(p.Config)
	if values == nil {
		values = map[string]any{}
	}
	values["no_such_attribute"] = "x"
	x.wantRefused(values, "no_such_attribute")
}

func wantsConfig(t *testing.T, p *Plan, _ channel.Description) {
	x := start(t, p)
	stream, err := x.client.Deliver(x.ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.Send(&channelv1.DeliverRequest{Actions: []*channelv1.Action{x.action(1, 1, 1)}}); err != nil {
		t.Logf("send: %v", err)
	}
	if _, err := stream.Recv(); status.Code(err) != codes.FailedPrecondition {
		t.Fatalf("Deliver before Configure: %v, want %s", err, codes.FailedPrecondition)
	}
}

func configuredOnce(t *testing.T, p *Plan, _ channel.Description) {
	x := start(t, p)
	x.configure(p.Config)
	_, err := x.client.Configure(x.ctx, x.configRequest(p.Config))
	if status.Code(err) != codes.FailedPrecondition {
		t.Fatalf("second Configure: %v, want %s", err, codes.FailedPrecondition)
	}
}

func answersEach(t *testing.T, p *Plan, d channel.Description) {
	x := start(t, p)
	x.configure(p.Config)
	stream := x.deliver()
	n := uint64(3 * d.BatchMax)
	var actions []*channelv1.Action
	for id := uint64(1); id <= n; id++ {
		actions = append(actions, x.action(id, int(id), 1))
	}
	for batch := range slices.Chunk(actions, d.BatchMax) {
		stream.send(batch...)
	}
	results := stream.results(int(n))
	for id := uint64(1); id <= n; id++ {
		if results[id].GetDone() == nil {
			t.Fatalf("action %d: %v, want done", id, results[id])
		}
	}
	if err := stream.CloseSend(); err != nil {
		t.Fatal(err)
	}
	if msg, err := stream.Recv(); err == nil {
		t.Fatalf("more results than actions: %v", msg)
	}
}

func doesKeyOnce(t *testing.T, p *Plan, d channel.Description) {
	if !d.Keyed {
		return // nothing is promised
	}
	if p.Times == nil {
		t.Fatal("the description says that keys are honoured: Plan.Times must tell")
	}
	x := start(t, p)
	x.configure(p.Config)
	stream := x.deliver()
	first, second := x.action(1, 1, 1), x.action(2, 1, 2)
	first.Key, second.Key = "0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef"
	for i, a := range []*channelv1.Action{first, second} {
		stream.send(a)
		if results := stream.results(1); results[a.Id].GetDone() == nil {
			t.Fatalf("attempt %d: %v, want done", i+1, results[a.Id])
		}
	}
	if n := p.Times(first.Key); n != 1 {
		t.Fatalf("the service did the key %d times", n)
	}
}

func takesLarge(t *testing.T, p *Plan, _ channel.Description) {
	if p.Large == nil {
		return
	}
	x := start(t, p)
	x.configure(p.Config)
	stream := x.deliver()
	const line = "<p>料金</p>\r\n"
	stream.send(x.withParts(1, p.Large(strings.Repeat(line, 5<<20/len(line)))))
	if results := stream.results(1); results[1].GetDone() == nil {
		t.Fatalf("%v, want done", results[1])
	}
}

func endsWhenCancelled(t *testing.T, p *Plan, _ channel.Description) {
	if p.Hold == nil {
		return
	}
	x := start(t, p)
	x.configure(p.Config)
	ctx, cancel := context.WithCancel(x.ctx)
	held := x.deliverIn(ctx)
	held.send(x.withParts(1, p.Hold))
	x.ping()
	cancel()
	if _, err := held.Recv(); status.Code(err) != codes.Canceled {
		t.Fatalf("cancelled stream: %v", err)
	}
	stream := x.deliver()
	stream.send(x.action(1, 1, 1))
	if results := stream.results(1); results[1].GetDone() == nil {
		t.Fatalf("after a cancelled stream: %v, want done", results[1])
	}
}

func answersWhileWorking(t *testing.T, p *Plan, d channel.Description) {
	if p.Hold == nil {
		return
	}
	x := start(t, p)
	x.configure(p.Config)
	stream := x.deliver()
	for id := range uint64(d.Concurrency + 2) {
		stream.send(x.withParts(id+1, p.Hold))
	}
	for range 3 {
		x.ping()
	}
}

func leavesWhenDrained(t *testing.T, p *Plan, _ channel.Description) {
	x := start(t, p)
	x.configure(p.Config)
	stream := x.deliver()
	stream.send(x.action(1, 1, 1))
	stream.results(1)
	if err := stream.CloseSend(); err != nil {
		t.Fatal(err)
	}
	if _, err := x.client.Drain(x.ctx, &channelv1.DrainRequest{}); err != nil {
		t.Fatal(err)
	}
	x.shutdown()
	x.wantEnd()
}

func leavesWithParent(t *testing.T, p *Plan, _ channel.Description) {
	x := start(t, p)
	x.configure(p.Config)
	if err := x.lifeline.Close(); err != nil {
		t.Fatal(err)
	}
	x.wantEnd()
}

func ignoresTerm(t *testing.T, p *Plan, _ channel.Description) {
	x := start(t, p)
	x.configure(p.Config)
	x.terminate()
	stream := x.deliver()
	stream.send(x.action(1, 1, 1))
	if results := stream.results(1); results[1].GetDone() == nil {
		t.Fatalf("after SIGTERM: %v, want done", results[1])
	}
}

// writesSoundLines looks for what would end a host that reads standard error the
// customary way: JSON whose "@message", "@level" or "@timestamp" is no text.
func writesSoundLines(t *testing.T, p *Plan, _ channel.Description) {
	x := start(t, p)
	x.configure(p.Config)
	stream := x.deliver()
	stream.send(x.action(1, 1, 1))
	stream.results(1)
	x.shutdown()
	x.wantEnd()
	for line := range strings.Lines(x.stderr.String()) {
		var object map[string]any
		if json.Unmarshal([]byte(line), &object) != nil {
			continue
		}
		for _, name := range []string{"@message", "@level", "@timestamp"} {
			if v, ok := object[name]; ok {
				if _, isText := v.(string); !isText {
					t.Errorf("%s is %s", name, fmt.Sprintf("%T", v))
				}
			}
		}
	}
}
