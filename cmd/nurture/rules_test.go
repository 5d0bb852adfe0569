package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/seed-456efde2/nurture/engine/enginetest"
)

// firstRules is a workspace that asks for an environment variable while it loads.
const firstRules = `project "early" { timezone = "Asia/Tokyo" }

lead {
  text "company" {}
}

channel "desk" {
  plugin = "webhook"
  config {
    url    = env("DESK_URL")
    secret = secret("DESK_SECRET")
  }
}

event "inquired" {}

score "interest" {
  rule "inquiry" {
    on     = event.inquired
    points = 1
  }
}
`

// TestEditDuringTheFirstLoad: a file that is saved right after it was read for the
// first time, long before the server serves, is not missed.
func TestEditDuringTheFirstLoad(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "rules.hcl")
	put := func(text string) error { return os.WriteFile(file, []byte(text), 0o600) }
	if err := put(firstRules); err != nil {
		t.Fatal(err)
	}
	edit := sync.OnceValue(func() error { return put(strings.Replace(firstRules, "points = 1", "points = 2", 1)) })
	log := newSaid()
	s, err := startServer(t.Context(), serverOptions{
		Workspace: dir, Data: filepath.Join(t.TempDir(), "data"), Listen: "127.0.0.1:0", Loopback: true, Ballast: -1,
		Lookup: func(name string) (string, bool) {
			if err := edit(); err != nil {
				t.Error(err)
			}
			return map[string]string{"DESK_URL": "https://desk.example/", "DESK_SECRET": "whsec_c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"}[name], true
		},
		Log: slog.New(slog.NewTextHandler(log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- s.serve(ctx) }()
	defer func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the server ended with %v", err)
		}
	}()
	if err := log.wait(enginetest.Patience(t), "rules reloaded"); err != nil {
		t.Fatal(err)
	}
	if revision := s.runner.Program().Revision(); revision != 2 {
		t.Errorf("revision %d is in force, want 2", revision)
	}
}
