package main_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/seed-456efde2/nurture/engine/enginetest"
)

// githubFile is a workflow of GitHub Actions, as far as ours goes.
type githubFile struct {
	Name        string
	On          map[string]any
	Permissions map[string]string
	Concurrency string
	Env         map[string]string
	Jobs        map[string]struct {
		If, Needs   string
		RunsOn      string `yaml:"runs-on"`
		Environment string
		Permissions map[string]string
		Steps       []struct {
			Uses, Run, If string
			With, Env     map[string]string
		}
	}
}

// gitlabJob is a job of GitLab's, as far as ours go.
type gitlabJob struct {
	Image         string
	Script        []string
	BeforeScript  []string `yaml:"before_script"`
	Needs         []string
	Rules         []struct{ If string }
	Environment   string
	ResourceGroup string `yaml:"resource_group"`
	Artifacts     struct {
		When    string
		Reports struct{ JUnit string }
	}
}

// The pipelines that are handed out do what they say, with the commands that stand in
// them, against a running server and a key that may change the rules and nothing else:
// a proposal is planned and told as a comment, what is merged is applied, under the
// key's name.
func TestPipelinesWork(t *testing.T) {
	t.Parallel()
	bin := buildProgram(t)
	for _, name := range []string{"github", "gitlab"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := startPipeline(t, bin)
			defer p.served.stop(t)
			text := nurture(t, bin, "generate", name, "--workspace", "proposed")
			jobs, comment := p.github, p.githubComment
			if name == "gitlab" {
				jobs, comment = p.gitlab, p.gitlabComment
			}
			commands := jobs(t, text)
			p.run(t, commands["rules"])
			p.run(t, commands["plan"])
			if text := comment(); !strings.HasPrefix(text, "### nurture plan: 0 to add, 1 to change, 0 to remove") ||
				!strings.Contains(text, "! toss_up.warm") || !strings.Contains(text, "Replay of 30 days") {
				t.Errorf("the comment says\n%s", text)
			}
			if st := p.status(t); st.Revision != 1 {
				t.Errorf("r%d runs before anything was merged", st.Revision)
			}
			p.run(t, commands["apply"])
			if st := p.status(t); st.Revision != 2 {
				t.Errorf("r%d runs after the merge", st.Revision)
			}
			p.told(t, bin)
			p.run(t, commands["apply"]) // nothing is left to do, and that is well
			if st := p.status(t); st.Revision != 2 {
				t.Errorf("r%d runs after nothing was changed", st.Revision)
			}
			p.refused(t, bin, commands)
		})
	}
}

// pipeline is a repository's folder, a server, and what stands around a CI.
type pipeline struct {
	served     *served
	folder     string // with the workspace "proposed"
	tools      string // first in $PATH
	admin, key string
	gitlabAPI  *httptest.Server

	mu    sync.Mutex
	notes []string
}

func startPipeline(t *testing.T, bin string) *pipeline {
	t.Helper()
	p := &pipeline{folder: t.TempDir(), tools: t.TempDir()}
	live := filepath.Join(t.TempDir(), "rules")
	for dir, rules := range map[string]string{live: rulesPaying(1), filepath.Join(p.folder, "proposed"): strings.Replace(rulesPaying(1), ">= 1", ">= 2", 1)} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, "rules.hcl"), rules)
	}
	p.served = startServer(t, bin, live, filepath.Join(t.TempDir(), "data"), "127.0.0.1:0", "")
	p.admin = strings.TrimSpace(string(nurture(t, bin, "key", "create", "--name", "ops", "--scope", "admin", "--server", p.served.url)))
	p.key = p.newKey(t, bin, "ci", "rules")
	if err := os.Symlink(bin, filepath.Join(p.tools, "nurture")); err != nil {
		t.Fatal(err)
	}
	// GitHub's own tool, as far as it matters: what it was asked, and the comment.
	write(t, filepath.Join(p.tools, "gh"), "#!/bin/sh\necho \"$@\" >gh.asked\ntest -n \"$GH_TOKEN\" && cp plan.md gh.comment\n")
	if err := os.Chmod(filepath.Join(p.tools, "gh"), 0o700); err != nil {
		t.Fatal(err)
	}
	p.gitlabAPI = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.URL.Path != "/projects/17/merge_requests/4/notes" || r.Header.Get("Private-Token") != "gitlab-token" {
			http.Error(w, "wrong", http.StatusNotFound)
			return
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.notes = append(p.notes, r.FormValue("body"))
	}))
	t.Cleanup(p.gitlabAPI.Close)
	return p
}

func (p *pipeline) newKey(t *testing.T, bin, name, scope string) string {
	t.Helper()
	return strings.TrimSpace(string(nurture(t, bin, "key", "create", "--name", name, "--scope", scope, "--server", p.served.url, "--key", p.admin)))
}

// github gives the commands of each job; installing the program is left out, because
// it is here already.
func (p *pipeline) github(t *testing.T, text []byte) map[string][]string {
	t.Helper()
	var file githubFile
	decoder := yaml.NewDecoder(strings.NewReader(string(text)))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil {
		t.Fatalf("the workflow is no YAML of the form that GitHub reads: %v", err)
	}
	if _, ok := file.On["pull_request"]; !ok || file.Permissions["contents"] != "read" || file.Jobs["plan"].Permissions["pull-requests"] != "write" {
		t.Errorf("it runs on %v and may %v", file.On, file.Permissions)
	}
	for name, secret := range map[string]string{"NURTURE_SERVER": "${{ secrets.NURTURE_SERVER }}", "NURTURE_API_KEY": "${{ secrets.NURTURE_API_KEY }}"} {
		if file.Env[name] != secret {
			t.Errorf("%s is %q", name, file.Env[name])
		}
	}
	if file.Jobs["plan"].If != "github.event_name == 'pull_request'" || file.Jobs["apply"].If != "github.event_name == 'push'" || file.Jobs["apply"].Environment != "production" {
		t.Errorf("plan runs if %q, apply if %q", file.Jobs["plan"].If, file.Jobs["apply"].If)
	}
	commands := map[string][]string{}
	for name, job := range file.Jobs {
		if job.RunsOn == "" || (name != "rules" && job.Needs != "rules") {
			t.Errorf("job %s runs on %q and needs %q", name, job.RunsOn, job.Needs)
		}
		for _, s := range job.Steps {
			if (s.Uses == "") == (s.Run == "") {
				t.Errorf("a step of %s uses %q and runs %q", name, s.Uses, s.Run)
			}
			if s.Run != "" && !strings.HasPrefix(s.Run, "go install github.com/") {
				commands[name] = append(commands[name], s.Run)
			}
			if strings.Contains(s.Run, "${{") {
				t.Errorf("a command of %s takes a text of others into the shell: %s", name, s.Run)
			}
		}
	}
	return commands
}

func (p *pipeline) githubComment() string {
	asked, _ := os.ReadFile(filepath.Join(p.folder, "gh.asked"))
	if strings.TrimSpace(string(asked)) != "pr comment 4 --edit-last --create-if-none --body-file plan.md" {
		return "gh " + string(asked)
	}
	text, _ := os.ReadFile(filepath.Join(p.folder, "gh.comment"))
	return string(text)
}

func (p *pipeline) gitlab(t *testing.T, text []byte) map[string][]string {
	t.Helper()
	enginetest.Curl(t) // the comment is sent by it
	var jobs map[string]gitlabJob
	decoder := yaml.NewDecoder(strings.NewReader(string(text)))
	decoder.KnownFields(true)
	if err := decoder.Decode(&jobs); err != nil {
		t.Fatalf("the pipeline is no YAML of the form that GitLab reads: %v", err)
	}
	if install := jobs["default"].BeforeScript; len(install) != 1 || !strings.HasPrefix(install[0], "go install github.com/") {
		t.Errorf("before each job it runs %q", install)
	}
	if r := jobs["plan"].Rules; len(r) != 1 || !strings.Contains(r[0].If, `$CI_PIPELINE_SOURCE == "merge_request_event"`) {
		t.Errorf("plan runs by the rules %v", r)
	}
	if r := jobs["apply"].Rules; len(r) != 1 || !strings.Contains(r[0].If, "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH") || jobs["apply"].ResourceGroup == "" {
		t.Errorf("apply runs by the rules %v", r)
	}
	commands := map[string][]string{}
	for name, job := range jobs {
		if name != "default" {
			commands[name] = []string{strings.Join(job.Script, "\n")} // one shell a job
		}
	}
	return commands
}

func (p *pipeline) gitlabComment() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.notes, "\n\n")
}

// try runs commands as a CI does: each by a shell that stops at the first error.
func (p *pipeline) try(t *testing.T, commands []string) (said string, err error) {
	t.Helper()
	if len(commands) == 0 {
		t.Fatal("the job has no commands")
	}
	for _, command := range commands {
		cmd := exec.CommandContext(t.Context(), "bash", "-e", "-o", "pipefail", "-c", command)
		cmd.Dir = p.folder
		cmd.Env = append(
			slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "NURTURE_") }),
			"PATH="+p.tools+":"+os.Getenv("PATH"), "NURTURE_SERVER="+p.served.url, "NURTURE_API_KEY="+p.key, "LANG=C",
			"GH_TOKEN=github-token", "PULL_REQUEST=4",
			"GITLAB_TOKEN=gitlab-token", "CI_API_V4_URL="+p.gitlabAPI.URL, "CI_PROJECT_ID=17", "CI_MERGE_REQUEST_IID=4",
		)
		out, err := cmd.CombinedOutput()
		said += string(out)
		if err != nil {
			return said, err
		}
	}
	return said, nil
}

func (p *pipeline) run(t *testing.T, commands []string) {
	t.Helper()
	if said, err := p.try(t, commands); err != nil {
		t.Fatalf("%s\n%v\n%s", strings.Join(commands, "\n"), err, said)
	}
}

func (p *pipeline) status(t *testing.T) (st liveStatus) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.served.url+"/api/v1/status", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+p.admin)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&st); err != nil {
		t.Fatal(err)
	}
	return st
}

// told looks at who stands for the change: in the list of revisions and in the audit
// log, by the key's name.
func (p *pipeline) told(t *testing.T, bin string) {
	t.Helper()
	server := []string{"--server", p.served.url, "--key", p.admin}
	revisions := string(nurture(t, bin, append([]string{"revisions"}, server...)...))
	if !regexp.MustCompile(`(?m)^ *r2 .*\bci\b`).MatchString(revisions) {
		t.Errorf("the revisions do not say who applied r2:\n%s", revisions)
	}
	log := string(nurture(t, bin, append([]string{"audit", "--action", "apply-plan"}, server...)...))
	if !regexp.MustCompile(`\bci\b.* apply-plan`).MatchString(log) {
		t.Errorf("the audit log does not say who applied the plan:\n%s", log)
	}
}

// refused shows what may not be: a key that may read only plans and applies nothing, a
// plan that loses leads ends the job, and rules that do not load are not planned.
func (p *pipeline) refused(t *testing.T, bin string, commands map[string][]string) {
	t.Helper()
	write(t, filepath.Join(p.folder, "proposed", "rules.hcl"), rulesPaying(3))
	p.key = p.newKey(t, bin, "viewer", "read")
	for _, job := range []string{"plan", "apply"} {
		said, err := p.try(t, commands[job])
		if err == nil || !strings.Contains(said, "rules") {
			t.Errorf("%s with a key that may read only: %v\n%s", job, err, said)
		}
	}
	write(t, filepath.Join(p.folder, "proposed", "rules.hcl"), "toss_up {")
	if said, err := p.try(t, commands["rules"]); err == nil || !strings.Contains(said, "rules.hcl:1") {
		t.Errorf("rules that do not load: %v\n%s", err, said)
	}
	if st := p.status(t); st.Revision != 2 {
		t.Errorf("r%d runs after what was refused", st.Revision)
	}
}
