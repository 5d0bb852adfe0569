package channeltest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/plugins/channel"
)

// TestMain lets the test's own program be every plugin: `MODE` serves it,
// `describe MODE` describes it.
func TestMain(m *testing.M) {
	if mode := os.Getenv("TEST_PLUGIN"); mode != "" {
		play(mode)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// play is a plugin that is good but for what its mode says.
func play(mode string) {
	describing := len(os.Args) > 1 && os.Args[1] == "describe"
	out, errs := os.NewFile(1, "stdout"), os.NewFile(2, "stderr")
	switch {
	case mode == "wordless" && describing:
		fmt.Fprintln(errs, "no toner")
		os.Exit(3)
	case mode == "unlike" && describing:
		_ = channel.WriteDescription(out, &post{mode: "unlike itself"})
		return
	case mode == "noisy start" && !describing:
		fmt.Fprintln(out, "Welcome!")
	case mode == "by hand" && !describing && os.Getenv("NURTURE_CHANNEL_PLUGIN") == "":
		fmt.Fprintln(out, "1|1|unix|/tmp/x|grpc")
		_, _ = io.Copy(io.Discard, os.Stdin)
	case mode == "orphan":
		os.Unsetenv("NURTURE_PLUGIN_LIFELINE")
		signal.Ignore(syscall.SIGTERM)
	case mode == "chatty":
		fmt.Fprintln(errs, `{"@message": 5}`)
	}
	channel.Serve(&post{mode: mode})
}

// post posts a text to a service.
type post struct {
	mode, url string
	seed      int
}

func (p *post) Describe() channel.Description {
	d := channel.Description{
		Name: "post", Version: "1.0.0", Reach: channel.ReachesSystem, Keyed: true, Concurrency: 2, BatchMax: 4,
		Config: []channel.Attribute{{Name: "url", Type: channel.TypeText, Required: true}, {Name: "token", Type: channel.TypeText, Sensitive: true}},
		Steps:  []channel.Step{{Kind: "post"}},
		Events: []channel.Event{{Name: "posted"}},
	}
	if p.mode == "unlike itself" {
		d.Version = "2.0.0"
	}
	return d
}

func (p *post) Configure(_ context.Context, c channel.Config) error {
	p.url, p.seed = c.Text("url"), os.Getpid()
	if p.mode == "leaks" {
		fmt.Fprintln(os.NewFile(2, "stderr"), "my token is", c.Text("token"))
	}
	return nil
}

func (p *post) Do(ctx context.Context, r channel.Request) (channel.Reply, error) {
	switch p.mode {
	case "prints":
		fmt.Fprintln(os.NewFile(1, "stdout"), "sending")
	case "gossips":
		fmt.Fprintln(os.NewFile(2, "stderr"), "sending", r.Text("text"))
	case "fragile":
		if r.Text("text") == "" {
			os.Exit(4)
		}
	case "stubborn":
		ctx = context.WithoutCancel(ctx)
	case "hasty":
		if strings.Contains(r.Text("text"), HoldWord) {
			return channel.Accepted(""), nil // before the service has answered
		}
	case "picky":
		if strings.Contains(r.Text("text"), "number 3") {
			return channel.Refuse("odd", "I do not like threes"), nil
		}
	}
	return p.call(ctx, r)
}

func (p *post) call(ctx context.Context, r channel.Request) (channel.Reply, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url, strings.NewReader(r.Text("text")))
	if err != nil {
		return channel.Reply{}, err
	}
	if p.mode != "keyless" {
		req.Header.Set("Idempotency-Key", r.Key)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return channel.Reply{}, errors.New("no answer")
	}
	return channel.Accepted("id"), resp.Body.Close()
}

var goodPlan = `{
  "config": {"url": "$SERVICE/post", "token": "s3cret-token"},
  "parts": {"text": "Good morning, number {n}"},
  "hold": {"text": "$HOLD"},
  "large": "text",` + heardPlan() + `
}`

// examine tries a plugin. The trial that it fails gets times by which it fails for
// certain: what never ends is waited for a moment, and what does something at once
// has time for it.
func examine(t *testing.T, mode, fail string) (Report, error) {
	t.Helper()
	s, err := StartService()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	p, err := ReadPlan(strings.NewReader(goodPlan), []string{os.Args[0]}, s)
	if err != nil {
		t.Fatal(err)
	}
	p.Env, p.Patience = []string{"TEST_PLUGIN=" + mode}, 4*time.Minute
	p.adjust = func(trial string, l *limits) {
		if mode != "good" {
			l.watched = 100 * time.Millisecond
		}
		switch {
		case mode == "sleepless" && (trial == fail || strings.HasPrefix(trial, "brings again")),
			(mode == "orphan" || mode == "stubborn") && trial == fail:
			l.ending = 100 * time.Millisecond
		case mode == "restless" && trial == fail:
			l.watched = p.Patience
		case mode == "hasty" && trial == fail:
			l.held = p.Patience
		}
	}
	var told []Result
	report, err := Examine(t.Context(), p, func(r Result) { told = append(told, r) })
	if err == nil && !slices.EqualFunc(told, report.Results, func(a, b Result) bool { return a.Name == b.Name && a.Verdict == b.Verdict }) {
		t.Errorf("told %d results, reported %d", len(told), len(report.Results))
	}
	return report, err
}

// A good plugin passes everything, and each bad one fails where it is bad, and
// nowhere else.
func TestExamine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		mode string
		fail string // the trial, "" for none
		why  string
	}{
		{"good", "", ""},
		{"noisy start", "shakes hands and is configured", `handshake "Welcome!"`},
		{"unlike", "describes itself the same way twice", "the process tells"},
		{"by hand", "talks to a plugin host only", "started by hand it shook hands"},
		{"picky", "answers each action of a batch", "want done"},
		{"fragile", "answers an action without parts", "0 of 1 results, then: rpc error: code = Unavailable"},
		{"keyless", "does a key once", "the service did the key"},
		{"stubborn", "answers when an action's time is over", "0 of 1 results, then"},
		{"hasty", "answers when an action's time is over", "want unknown or retry"},
		{"orphan", "leaves when its parent does", "the process lives on"},
		{"forgetful", "brings again what was not kept, and goes on from the cursor", "a fact has one id for ever"},
		{"restless", "brings again what was not kept, and goes on from the cursor", `brought n1 n2, which had been kept`},
		{"whispering", "brings again what was not kept, and goes on from the cursor", "is about nobody"},
		{"inventive", "brings again what was not kept, and goes on from the cursor", `declares no event "made_up"`},
		{"sleepless", "stops listening when asked, and listens again", "it listens on"},
		{"gullible", "believes requests of its service only", "only the service may be believed"},
		{"prints", "writes only its handshake on standard output", `after its handshake: "sending\n"`},
		{"chatty", "writes sound lines on standard error", "@message = 5 (float64)"},
		{"gossips", "writes sound lines on standard error", `what the part "text" holds`},
		{"leaks", "writes sound lines on standard error", "a sensitive value of its config"},
	} {
		t.Run(c.mode, func(t *testing.T) {
			t.Parallel()
			report, err := examine(t, c.mode, c.fail)
			if err != nil {
				t.Fatal(err)
			}
			if len(report.Results) != len(trials) || report.Plugin != "post" || report.Version != "1.0.0" && c.mode != "unlike" {
				t.Fatalf("%+v", report)
			}
			found := c.fail == ""
			for _, r := range report.Results {
				// What sends no key is found twice: in one life, and over a killed one. What
				// answers before its service cannot be cancelled.
				// What does not end its listening is seen wherever it is asked to.
				again := c.mode == "keyless" && strings.HasSuffix(r.Name.En, c.fail) ||
					c.mode == "sleepless" && strings.HasPrefix(r.Name.En, "brings again") ||
					(c.mode == "whispering" || c.mode == "inventive") && strings.HasPrefix(r.Name.En, "stops listening") ||
					c.mode == "hasty" && strings.HasPrefix(r.Name.En, "ends with the stream")
				switch {
				case r.Verdict == Failed && r.Name.En == c.fail:
					found = strings.Contains(r.Why.En, c.why)
					if !found {
						t.Errorf("%s: %s\nwant %s", r.Name.En, r.Why.En, c.why)
					}
				case r.Verdict == Failed && !again:
					t.Errorf("%s fails too: %s", r.Name.En, r.Why.En)
				case r.Verdict == LeftOut && c.fail != trials[0].name.En:
					t.Errorf("%s is left out: %s", r.Name.En, r.Why.En)
				}
			}
			if !found {
				t.Errorf("%q passed", c.fail)
			}
		})
	}
}

func TestExamineWhatDoesNotDescribeItself(t *testing.T) {
	t.Parallel()
	if _, err := examine(t, "wordless", ""); err == nil || !strings.Contains(err.Error(), "exit status 3; it wrote:\nno toner") {
		t.Errorf("error %v", err)
	}
}

func TestBadPlans(t *testing.T) {
	t.Parallel()
	s, err := StartService()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for src, want := range map[string]string{
		`[]`:                        "it is not a plan",
		`{}`:                        `it has no "parts"`,
		`{"part": {"text": "x"}}`:   `unknown field "part"`,
		`{"parts": {"text": null}}`: `part "text" is null`,
		`{"parts": {"text": "x"}, "listen": {"news": []}}`: `"listen" needs "news"`,
	} {
		if _, err := ReadPlan(strings.NewReader(src), []string{"x"}, s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", src, err)
		}
	}
}
