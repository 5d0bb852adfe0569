package channel

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/hashicorp/go-plugin"

	"github.com/seed-456efde2/nurture/plugins/internal/wire"
)

// Serve is the whole main of a plugin. With the argument `describe` it prints
// the description and ends; else it serves c to the host that started the
// process, and returns when the host has shut it down. It ends the process when
// the host is gone.
func Serve(c Channel) {
	if len(os.Args) > 1 && os.Args[1] == "describe" {
		if err := WriteDescription(os.Stdout, c); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	// go-plugin puts pipes of its own in the place of os.Stdout and os.Stderr, so
	// the log is tied to the real one before.
	log := slog.New(wire.NewHandler(os.Stderr, slog.LevelInfo))
	slog.SetDefault(log)
	if os.Getenv(wire.EnvLifeline) == "stdin" {
		followHost(os.Stdin)
	}
	s := newServer(c, log)
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig:  wire.Handshake(),
		VersionedPlugins: wire.Sets(s),
		GRPCServer:       wire.NewServer,
		Logger:           wire.NewLogger(log, slog.LevelWarn),
	})
	s.close()
}

// followHost ties this process to the host: it ends when the host does, and only
// then. A service manager that sends SIGTERM to every process of a unit must not
// cut the actions that the host is still waiting for; the host ends its plugins
// itself. The goroutine lives as long as the process.
func followHost(lifeline io.Reader) {
	signal.Ignore(syscall.SIGTERM)
	go func() {
		_, _ = io.Copy(io.Discard, lifeline)
		os.Exit(0)
	}()
}
