package main_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/seed-456efde2/nurture/engine/enginetest"
)

// aPlugin is a plugin that `nurture plugin new` began in a language, ready to run.
type aPlugin struct{ language, name, folder string }

// rulesOf are rules that send a message by each of the plugins.
func rulesOf(plugins []aPlugin, service string) string {
	rules := `project "acme" { timezone = "Asia/Tokyo" }

lead {
  key = "email"

  text "email" { required = true }
}

event "inquired" {}

consent "service" {
  granted = event.consent_given
  when    = "event.purpose == 'service'"
  revoked = event.unsubscribed
}

contact_policy "default" { requires = consent.service }
`
	for _, p := range plugins {
		rules += fmt.Sprintf(`
channel %[1]q {
  plugin = %[1]q

  config {
    url   = "%[2]s/%[1]s"
    token = "a-token"
  }
}

workflow "thanks_by_%[1]s" {
  enter { on = event.inquired }

  steps {
    %[1]s "hello" {
      to   = "{{ lead.email }}"
      text = "Thank you by %[1]s"
    }
  }
}
`, p.name, service)
	}
	return rules
}

// onPath runs a program with Debian's Python first.
func onPath(t *testing.T, dir, program string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), debianFirst(), "LANG=C", "GOFLAGS=-mod=mod", "GOPROXY=off")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func debianFirst() string { return "PATH=/usr/bin:" + os.Getenv("PATH") }

// begin makes a plugin in a language and builds it.
func begin(t *testing.T, bin, language, name string, flags ...string) aPlugin {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	p := aPlugin{language, name, filepath.Join(t.TempDir(), name)}
	must := func(dir, program string, args ...string) {
		t.Helper()
		if out, err := onPath(t, dir, program, args...); err != nil {
			t.Fatalf("%s %v: %v\n%s", program, args, err, out)
		}
	}
	must(root, bin, append([]string{"plugin", "new", name, "--lang", language, "--out", p.folder, "--sdk", root}, flags...)...)
	switch language {
	case "go":
		sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(p.folder, "go.sum"), string(sums))
		must(p.folder, "go", "build", "-o", "nurture-plugin-"+name, ".")
		must(p.folder, "go", "vet", ".")
	case "node":
		enginetest.Node(t)
		if err := os.CopyFS(filepath.Join(p.folder, "node_modules"), os.DirFS(filepath.Join(enginetest.PluginPackages(t), "node_modules"))); err != nil {
			t.Fatal(err)
		}
	case "python":
		enginetest.PythonGRPC(t)
	}
	return p
}

// A plugin in each language passes the suite as it begins; a server runs all of
// them side by side from a lock, and delivers again after each was killed.
func TestPluginsInEveryLanguage(t *testing.T) {
	t.Parallel()
	bin := buildProgram(t)
	workspace := t.TempDir()
	var plugins []aPlugin
	for i, language := range []string{"go", "python", "node"} {
		p := begin(t, bin, language, []string{"alpha", "beta", "gamma"}[i])
		out, err := onPath(t, p.folder, bin, "plugin", "test", "./nurture-plugin-"+p.name, "--patience", "10m")
		if err != nil || !strings.Contains(out, p.name+" 0.1.0: 22 passed, 0 failed, 4 left out") {
			t.Fatalf("%s: %v\n%s", language, err, out)
		}
		heard := begin(t, bin, language, "heard", "--inbound")
		out, err = onPath(t, heard.folder, bin, "plugin", "test", "./nurture-plugin-heard", "--patience", "10m")
		if err != nil || !strings.Contains(out, "heard 0.1.0: 26 passed, 0 failed, 0 left out") {
			t.Fatalf("%s that hears its service: %v\n%s", language, err, out)
		}
		if err := os.CopyFS(filepath.Join(workspace, "plugins", p.name), os.DirFS(p.folder)); err != nil {
			t.Fatal(err)
		}
		plugins = append(plugins, p)
	}
	posts := make(chan string, 100)
	service := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var message struct{ To, Text string }
		body, _ := io.ReadAll(r.Body)
		if err := json.Unmarshal(body, &message); err != nil || r.Header.Get("Authorization") != "Bearer a-token" {
			t.Errorf("%s: %s %v", r.URL.Path, body, err)
		}
		posts <- r.URL.Path + " " + message.To + " " + message.Text
	}))
	t.Cleanup(service.Close)
	write(t, filepath.Join(workspace, "rules.hcl"), rulesOf(plugins, service.URL))

	if out, err := onPath(t, workspace, bin, "check"); err == nil || !strings.Contains(out, "nurture plugin lock") {
		t.Fatalf("what is not locked is known: %v\n%s", err, out)
	}
	for _, verb := range [][]string{{"plugin", "lock"}, {"check"}, {"plugin", "lock", "--check"}} {
		if out, err := onPath(t, workspace, bin, verb...); err != nil {
			t.Fatalf("%v: %v\n%s", verb, err, out)
		}
	}
	wrapped := filepath.Join(t.TempDir(), "nurture")
	write(t, wrapped, "#!/bin/sh\n"+debianFirst()+" exec "+bin+" \"$@\"\n")
	if err := os.Chmod(wrapped, 0o700); err != nil {
		t.Fatal(err)
	}
	s := startServer(t, wrapped, workspace, filepath.Join(t.TempDir(), "data"), "127.0.0.1:0", "")
	wantPosts(t, s, posts, plugins, "tanaka@example.co.jp")
	s.untilIdle(t) // else what a killed plugin did would be unknown, and asked for again
	for _, pid := range childrenOf(t, s.cmd.Process.Pid) {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
	}
	s.until(t, "the plugins' return", func(st liveStatus) bool {
		for _, p := range st.Plugins {
			if p.Restarts < 1 || p.State != "running" {
				return false
			}
		}
		return len(st.Plugins) == len(plugins)
	})
	wantPosts(t, s, posts, plugins, "sato@example.co.jp")
	children := s.children(t)
	s.stop(t)
	for _, fd := range children {
		if n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 0); n != 1 {
			t.Errorf("a process of a plugin outlives the server (%v)", err)
		}
	}
}

// wantPosts lets a lead inquire and waits for a message by each plugin.
func wantPosts(t *testing.T, s *served, posts <-chan string, plugins []aPlugin, lead string) {
	t.Helper()
	var answer struct{ Success bool }
	for _, event := range []map[string]any{
		{"type": "identify", "userId": lead, "traits": map[string]any{"email": lead}},
		{"type": "track", "userId": lead, "event": "consent_given", "properties": map[string]any{"purpose": "service", "wording": "yes", "source": "form"}},
		{"type": "track", "userId": lead, "event": "inquired"},
	} {
		s.ask(t, http.MethodPost, "/v1/batch", map[string]any{"batch": []any{event}}, &answer)
	}
	want := map[string]bool{}
	for _, p := range plugins {
		want["/"+p.name+" "+lead+" Thank you by "+p.name] = true
	}
	patience := enginetest.Patience(t)
	for len(want) > 0 {
		select {
		case got := <-posts:
			if !want[got] {
				t.Fatalf("the service got %q, want one of %v", got, want)
			}
			delete(want, got)
		case <-patience.Done():
			t.Fatalf("no message came: %v\n%s", want, lastLines(s.stderr.String(), 20))
		}
	}
}

// childrenOf are the processes that a process has started.
func childrenOf(t *testing.T, pid int) []int {
	t.Helper()
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	if err != nil {
		t.Fatal(err)
	}
	var children []int
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			continue // a thread that has ended
		}
		for _, word := range strings.Fields(string(b)) {
			child, err := strconv.Atoi(word)
			if err != nil {
				t.Fatal(err)
			}
			children = append(children, child)
		}
	}
	if len(children) == 0 {
		t.Fatalf("process %d has no children", pid)
	}
	return children
}
