package main

import (
	"github.com/rogpeppe/go-internal/testscript"
)

// machineZones are zones in which a machine may stand that verbs run on: the project's
// of the scripts, and one on another day.
var machineZones = []string{"Asia/Tokyo", "America/New_York"}

// everywhere runs a command on machines of several zones, and wants the same answer of
// all of them, which stays there for stdout and stderr to look at: everywhere COMMAND
// [ARGUMENT...]. With ! before it, the command is to fail, in the same words.
func everywhere(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) == 0 {
		ts.Fatalf("usage: [!] everywhere COMMAND [ARGUMENT...]")
	}
	before := ts.Getenv("TZ")
	defer ts.Setenv("TZ", before)
	said := ""
	for i, zone := range machineZones {
		ts.Setenv("TZ", zone)
		if err := ts.Exec(args[0], args[1:]...); (err != nil) != neg {
			ts.Fatalf("in %s: %v", zone, err)
		}
		out := ts.ReadFile("stdout") + ts.ReadFile("stderr")
		if i > 0 && out != said {
			ts.Fatalf("in %s it says otherwise than in %s:\n%s", zone, machineZones[0], said)
		}
		said = out
	}
}
