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
//
// `nurture plugin test` runs the same by Examine, without Go on the machine.
package channeltest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/seed-456efde2/nurture/plugins/channel"
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
	// where the description says that keys are honoured, unless Uncounted.
	Times func(key string) int
	// Uncounted says that nobody can tell how often the service did something:
	// what needs Times is left out.
	Uncounted bool
	// Hold are the parts of an action that the service does not answer while the
	// test runs. Default: what needs it is left out.
	Hold []channel.Part
	// Large are the parts of an action that holds a text of 5 MiB. Default: what
	// needs it is left out.
	Large func(text string) []channel.Part
	// News says that the service has something to tell a Listener that begins without
	// a cursor. Default: what needs it is left out.
	News bool
	// Call makes a request of the service to a Receiver, signed as the service does,
	// that tells something. Default: what needs it is left out.
	Call func() channel.HTTPRequest
	// Patience is how long anything may take. Default: 30 s, and 2 min for Run, whose
	// machine is busy with other tests.
	Patience time.Duration

	limits
	// adjust changes the limits of a trial, for tests of the suite itself.
	adjust func(trial string, l *limits)
}

// limits are the times that a trial measures by, where it must. A good plugin passes
// whatever they are.
type limits struct {
	ending  time.Duration // until a process, a listening or an action that was told to end has ended
	watched time.Duration // a listener that should have nothing to tell
	held    time.Duration // the time of an action that its service does not answer
}

// pipeGrace is how long the rest of an ended process's output is waited for: a
// grandchild may hold the pipes.
const pipeGrace = 10 * time.Second

// T is what the suite needs of a test. A *testing.T has it.
type T interface {
	Helper()
	Parallel()
	Context() context.Context
	Cleanup(f func())
	Logf(format string, args ...any)
	Errorf(format string, args ...any)
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// Self is the test's own program, for plugins that are served by it (see
// TestMain in the built-in channels).
func Self() string { return os.Args[0] }

// Run tries the plugin, each trial in a process of its own. t is a *testing.T.
func Run[X T](t interface {
	T
	Run(name string, f func(X)) bool
}, p Plan,
) {
	t.Helper()
	if p.Patience <= 0 {
		p.Patience = 2 * time.Minute
	}
	p, d, err := p.complete(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, trial := range trials {
		t.Run(trial.name.En, func(t X) {
			t.Parallel()
			if why := trial.run(t, &p, d); why.En != "" {
				t.Logf("left out: %s", why.En)
			}
		})
	}
}

// complete asks the plugin what it is and fills in the defaults.
func (p Plan) complete(ctx context.Context) (Plan, channel.Description, error) {
	if p.Describe == nil {
		p.Describe = []string{p.Command[0], "describe"}
	}
	if p.Patience <= 0 {
		p.Patience = 30 * time.Second
	}
	p.limits = limits{ending: p.Patience, watched: min(p.Patience/10, 3*time.Second), held: 500 * time.Millisecond}
	d, err := p.described(ctx)
	if err == nil && p.Kind == "" {
		p.Kind = d.Steps[0].Kind
	}
	return p, d, err
}

func (p *Plan) described(ctx context.Context) (channel.Description, error) {
	ctx, cancel := context.WithTimeout(ctx, p.Patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, p.Describe[0], p.Describe[1:]...)
	cmd.Env = p.environment()
	cmd.WaitDelay = pipeGrace
	errs := &buffer{}
	cmd.Stderr = errs
	out, err := cmd.Output()
	command := strings.Join(p.Describe, " ")
	if ctx.Err() != nil {
		return channel.Description{}, fmt.Errorf("%s: no answer within %s", command, p.Patience)
	}
	if err != nil {
		return channel.Description{}, fmt.Errorf("%s: %w%s", command, err, wrote(errs.String()))
	}
	d, err := channel.DecodeDescription(out)
	if err != nil {
		return d, fmt.Errorf("%s does not print a description: %w", command, err)
	}
	return d, nil
}

// environment is what a plugin gets of ours, as the host gives it.
func (p *Plan) environment() []string {
	var env []string
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "LANG", "SYSTEMROOT"} {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	return append(env, p.Env...)
}

// wrote is what a process wrote, for the end of a message.
func wrote(stderr string) string {
	stderr = strings.TrimSpace(stderr)
	if stderr == "" {
		return ""
	}
	if len(stderr) > 2000 {
		stderr = "…" + strings.ToValidUTF8(stderr[len(stderr)-2000:], "")
	}
	return "; it wrote:\n" + stderr
}
