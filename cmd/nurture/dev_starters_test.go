package main

import (
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/workflows"
)

// Every starter runs: its channels' configs are what the real plugins take, which
// no check of the rules alone can tell.
func TestDevRunsEveryStarter(t *testing.T) {
	t.Parallel()
	for _, name := range workflows.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := devCLI(t)
			_, stop := runDev(t, c, devOptions{Home: t.TempDir(), Starter: name, Listen: "127.0.0.1:0", Speed: time.Hour, Seed: 1})
			if err := stop(); err != nil {
				t.Error(err)
			}
		})
	}
}
