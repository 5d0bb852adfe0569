package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/access"
	"github.com/seed-456efde2/nurture/engine/enginetest"
)

// Every call that the pages about the API show is answered well, in the order of the
// page: those of curl by curl, and the program by Go.
func TestDocumentedCallsWork(t *testing.T) {
	t.Parallel()
	curl := enginetest.Curl(t)
	for _, language := range []string{"en", "ja"} {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			env := append(os.Environ(), serverForDocs(t)...)
			page, err := os.ReadFile(filepath.Join("..", "..", "docs", language, "api.md"))
			if err != nil {
				t.Fatal(err)
			}
			calls := 0
			for _, block := range fenced.FindAllStringSubmatch(string(page), -1) {
				switch block[1] {
				case "sh":
					for _, line := range commandLines(block[2]) {
						if rest, ok := strings.CutPrefix(line, "curl "); ok {
							calls++
							out := runForDocs(t, env, "/bin/sh", "-c", curl+" "+rest)
							if !strings.HasPrefix(out, "{") {
								t.Errorf("%s\n%s", line, out)
							}
						}
					}
				case "go":
					file := filepath.Join(t.TempDir(), "main.go")
					if err := os.WriteFile(file, []byte(block[2]), 0o600); err != nil {
						t.Fatal(err)
					}
					out := runForDocs(t, env, "go", "run", file)
					if !strings.Contains(out, "\nlive {") || strings.Count(out, "lead ") != 1 {
						t.Errorf("the program printed\n%s", out)
					}
				}
			}
			if calls != 8 {
				t.Errorf("%d calls by curl, want 8", calls)
			}
		})
	}
}

// commandLines are the commands of a block; a backslash continues one.
func commandLines(block string) (lines []string) {
	for line := range strings.Lines(strings.ReplaceAll(block, "\\\n", " ")) {
		lines = append(lines, strings.TrimSpace(line))
	}
	return lines
}

func runForDocs(t *testing.T, env []string, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Env, cmd.Dir = env, t.TempDir()
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, &out)
	}
	return out.String()
}

// serverForDocs runs a server, and gives the environment that the pages ask for.
func serverForDocs(t *testing.T) []string {
	t.Helper()
	rules := t.TempDir()
	if err := os.WriteFile(filepath.Join(rules, "rules.hcl"), []byte(rulesForDocs), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := startServer(t.Context(), serverOptions{Workspace: rules, Data: t.TempDir(), Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	_, secret, err := s.book.Create(access.Key{Kind: access.API, Name: "docs", Scopes: []string{access.Operate, access.People}}, s.options.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.serve(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return []string{"NURTURE_SERVER=" + s.url(), "NURTURE_API_KEY=" + secret}
}

const rulesForDocs = `project "docs" { timezone = "Asia/Tokyo" }

lead {
  text "company" {}
}

event "inquired" {}
`

// A server that others can reach starts with a key in its book, and not without one;
// what the folder's verbs do stands in the audit log.
func TestAServerForOthersNeedsAKey(t *testing.T) {
	t.Parallel()
	rules, data := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(rules, "rules.hcl"), []byte(rulesForDocs), 0o600); err != nil {
		t.Fatal(err)
	}
	start := func() (*server, error) {
		return startServer(t.Context(), serverOptions{Workspace: rules, Data: data, Listen: "127.0.0.1:0", NeedsKey: true})
	}
	if s, err := start(); err == nil || !strings.Contains(err.Error(), "nurture key create") {
		if err == nil {
			_ = s.close(t.Context())
		}
		t.Fatalf("without a key: %v", err)
	}
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"key", "create", "--data", data, "--name", "ops", "--scope", "admin"}, strings.NewReader(""), &out, &errs); code != exitFine {
		t.Fatal(errs.String())
	}
	secret := strings.TrimSpace(out.String())
	s, err := start()
	if err != nil {
		t.Fatal(err)
	}
	defer s.close(context.Background())
	for header, want := range map[string]int{"": http.StatusUnauthorized, "Bearer " + secret: http.StatusOK} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/v1/audit", nil)
		r.Header.Set("Authorization", header)
		w := httptest.NewRecorder()
		s.http.Handler().ServeHTTP(w, r)
		if w.Code != want || want == http.StatusOK && !strings.Contains(w.Body.String(), `"via":"folder","action":"create-key","target":"api ops"`) {
			t.Errorf("%q: %d %s", header, w.Code, w.Body)
		}
	}
}
