package host

import (
	"log/slog"
	"time"

	"github.com/seed-456efde2/nurture/plugins/channel"
)

// Options configure a Host. The zero Options work.
type Options struct {
	// Builtin gives the command line that serves a plugin of this program.
	// Default: this program with `plugin serve NAME`.
	Builtin func(plugin string) []string
	// Binaries are external plugin programs, by plugin name. Default: none.
	Binaries map[string]Binary
	// Catalog describes the plugins. What a process says of itself must agree
	// with it. Default: Catalog().
	Catalog []channel.Description
	// Dir is a private folder for sockets and verified programs, of one host at a
	// time; its path must be short. Default: a new one in the system's folder for
	// temporary files, removed by Close, or by the next host after a crash.
	Dir string
	// Env are environment variables ("NAME=value") that plugins get besides the
	// few that every program needs. Default: none.
	Env []string
	// Clock is the time. Default: the system's.
	Clock Clock
	// Intake takes what services tell. Default: none; then nothing listens, and
	// nothing is received.
	Intake Intake
	// Log takes the host's and the plugins' words. Default: discarded.
	Log *slog.Logger

	// Queue is how many requests of one lane wait for a channel. Default: 1024.
	Queue int
	// Hold is how long requests wait for a plugin that is down before they are
	// told to come again. Default: 5 s.
	Hold time.Duration
	// StartTimeout bounds a start, configuration included. Default: 30 s.
	StartTimeout time.Duration
	// StopTimeout bounds the wait for actions under way when a plugin is stopped.
	// Default: 10 s.
	StopTimeout time.Duration
	// PingEvery is how often a plugin is asked whether it lives. Default: 5 s.
	PingEvery time.Duration
	// PingTimeout bounds the wait for the answer. Default: 5 s.
	PingTimeout time.Duration
	// Memory is how many bytes a plugin process may use before it is ended and
	// started anew. Default: 1 GiB; negative: as many as it likes.
	Memory int64
	// Restarts bounds the restarts.
	Restarts RestartPolicy

	graces graces
}

// graces are how long the host waits for what is over in a moment, unless somebody
// holds it up. What comes later is lost, or told less well, and harms nobody.
type graces struct {
	pipe time.Duration // for the rest of a dead process's output: a grandchild may hold it. Default 250 ms
	exit time.Duration // for the end of a process whose stream has ended. Default 1 s
	kill time.Duration // for a process to leave when asked, and again when killed. Default 3 s
}

func (o Options) complete() Options {
	if o.Builtin == nil {
		o.Builtin = ownCommand
	}
	if o.Catalog == nil {
		o.Catalog = Catalog()
	}
	if o.Clock == nil {
		o.Clock = systemClock{}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Queue <= 0 {
		o.Queue = 1024
	}
	if o.Memory == 0 {
		o.Memory = 1 << 30
	}
	set := func(d *time.Duration, to time.Duration) {
		if *d <= 0 {
			*d = to
		}
	}
	set(&o.Hold, 5*time.Second)
	set(&o.StartTimeout, 30*time.Second)
	set(&o.StopTimeout, 10*time.Second)
	set(&o.PingEvery, 5*time.Second)
	set(&o.PingTimeout, 5*time.Second)
	set(&o.graces.pipe, 250*time.Millisecond)
	set(&o.graces.exit, time.Second)
	set(&o.graces.kill, 3*time.Second)
	o.Restarts = o.Restarts.complete()
	return o
}

func ownCommand(plugin string) []string {
	exe, err := selfExe()
	if err != nil {
		return nil
	}
	return []string{exe, "plugin", "serve", plugin}
}
