package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/seed-456efde2/nurture/engine/enginetest"
)

// patience is how long a script waits for what a server does in its own time. Only a
// failure takes so long.
const patience = 10 * time.Minute

// Every verb, as a person calls it.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("LANG", "C")
			env.Setenv("NURTURE_SERVER", "")
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"ready":      ready,
			"until":      until,
			"send":       send,
			"everywhere": everywhere,
			"program":    program,
			"put":        put,
			"zone":       zone,
		},
		RequireExplicitExec: false,
	})
}

// ready waits for the server that the script started in the background and puts
// its address into $NURTURE_SERVER: ready FILE, where FILE is its standard output.
func ready(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: ready FILE")
	}
	deadline := time.Now().Add(patience)
	for tick := time.Tick(20 * time.Millisecond); time.Now().Before(deadline); <-tick {
		b, err := os.ReadFile(ts.MkAbs(args[0]))
		if err != nil {
			continue
		}
		_, url, ok := strings.Cut(strings.TrimSpace(string(b)), "nurture ")
		if !ok {
			continue
		}
		if resp, err := http.Get(url + "/readyz"); err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				ts.Setenv("NURTURE_SERVER", url)
				return
			}
		}
	}
	ts.Fatalf("%v", fmt.Errorf("no server became ready"))
}

// send hands a file of events, one a line, to the server as one batch: send FILE.
func send(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: send FILE")
	}
	lines := strings.Split(strings.TrimSpace(ts.ReadFile(args[0])), "\n")
	body := strings.NewReader(`{"batch":[` + strings.Join(lines, ",") + `]}`)
	resp, err := http.Post(ts.Getenv("NURTURE_SERVER")+"/v1/batch", "application/json", body)
	ts.Check(err)
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		ts.Fatalf("the server answers %s", resp.Status)
	}
}

// put puts a copy of a file in the place of another at one blow, as a server that
// watches the folder has to see it: put FILE PLACE.
func put(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: put FILE PLACE")
	}
	ts.Check(os.WriteFile(ts.MkAbs("put.new"), []byte(ts.ReadFile(args[0])), 0o600))
	ts.Check(os.Rename(ts.MkAbs("put.new"), ts.MkAbs(args[1])))
}

// program makes a program of a file, which can be run at once: no process is started
// that would hold it open for writing meanwhile. program FILE PLACE.
func program(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: program FILE PLACE")
	}
	text := ts.ReadFile(args[0])
	syscall.ForkLock.RLock()
	err := os.WriteFile(ts.MkAbs("program.new"), []byte(text), 0o755)
	syscall.ForkLock.RUnlock()
	ts.Check(err)
	ts.Check(os.MkdirAll(filepath.Dir(ts.MkAbs(args[1])), 0o755))
	ts.Check(os.Rename(ts.MkAbs("program.new"), ts.MkAbs(args[1])))
}

// zone lets a workspace's project be where no day ends soon: zone FILE.
func zone(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: zone FILE")
	}
	text := strings.ReplaceAll(ts.ReadFile(args[0]), `"Asia/Tokyo"`, strconv.Quote(enginetest.Zone()))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}

// until runs a command again and again until what it prints matches: until PATTERN
// COMMAND [ARGUMENT...]. It is for what a server does in its own time.
func until(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: until PATTERN COMMAND [ARGUMENT...]")
	}
	pattern, err := regexp.Compile(args[0])
	ts.Check(err)
	deadline := time.Now().Add(patience)
	for tick := time.Tick(20 * time.Millisecond); time.Now().Before(deadline); <-tick {
		ts.Check(ts.Exec(args[1], args[2:]...))
		if pattern.MatchString(ts.ReadFile("stdout")) {
			return
		}
	}
	ts.Fatalf("%v", fmt.Errorf("%s was not printed in time", args[0]))
}
