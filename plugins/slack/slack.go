// Package slack is the channel that tells staff on Slack, by an incoming webhook
// or by chat.postMessage, and that takes back what they answer to a toss-up.
package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/seed-456efde2/nurture/plugins/channel"
	"github.com/seed-456efde2/nurture/plugins/internal/outgoing"
)

// Channel speaks to one workspace of Slack.
type Channel struct {
	now      func() time.Time
	hook     string // address of the incoming webhook, "" where there is a token
	api      string
	token    string
	to       string
	secret   string // "" where answers are not taken
	reasons  []string
	language string
	dryRun   bool
	client   *http.Client
	courtesy time.Duration // that a word in the channel may take
}

// New makes a Slack channel; now is the clock that judges the age of answers, nil
// the system's.
func New(now func() time.Time) *Channel {
	if now == nil {
		now = time.Now
	}
	return &Channel{now: now, courtesy: 2 * time.Second}
}

var (
	_ channel.Receiver = (*Channel)(nil)
	_ channel.Checker  = (*Channel)(nil)
	_ channel.Closer   = (*Channel)(nil)
)

// usualReasons stand to choose from where the workspace names none.
var usualReasons = map[string][]string{
	"en": {"not a fit", "no budget", "not now", "wrong contact", "already in talks"},
	"ja": {"対象外", "予算なし", "時期が合わない", "担当者が違う", "すでに商談中"},
}

// Configure understands the settings. It connects to nobody.
func (c *Channel) Configure(_ context.Context, cfg channel.Config) error {
	ds := checkWay(cfg)
	c.hook, c.token, c.to = cfg.Text("url"), cfg.Text("token"), cfg.Text("to")
	c.secret, c.language, c.dryRun = cfg.Text("signing_secret"), cfg.Text("language"), cfg.Flag("dry_run")
	if c.reasons = cfg.List("reasons"); len(c.reasons) == 0 {
		c.reasons = usualReasons[c.language]
	}
	ds = append(ds, checkReasons(c.reasons)...)
	path, text := "url", c.hook
	if c.hook == "" {
		path, text = "api", cfg.Text("api")
	}
	target, bad := outgoing.ReadURL(path, text)
	if ds = append(ds, bad...); ds.Failed() {
		return ds
	}
	c.api = strings.TrimSuffix(cfg.Text("api"), "/")
	c.client = outgoing.NewClient(outgoing.Options{
		Target: target, Timeout: cfg.Duration("timeout"), Private: cfg.Flag("allow_private"),
	})
	if len(ds) > 0 {
		return ds
	}
	return nil
}

func checkWay(cfg channel.Config) channel.Diagnostics {
	url, token := cfg.Text("url") != "", cfg.Text("token") != ""
	switch {
	case url == token:
		return channel.Diagnostics{channel.Wrong("url",
			channel.Text{En: "Not one way to Slack", Ja: "Slack への送り方が決まりません"},
			channel.Text{En: "give either url or token", Ja: "url か token のどちらか一方を書いてください"})}
	case token && cfg.Text("to") == "":
		return channel.Diagnostics{channel.Wrong("to",
			channel.Text{En: "No place to post", Ja: "投稿先がありません"},
			channel.Text{En: `with a token, say where: to = "#sales"`, Ja: "token を使うときは、to = \"#sales\" のように投稿先を書きます"})}
	}
	return nil
}

// Bounds of Slack's own, for a menu.
const (
	mostReasons   = 100
	longestReason = 75
)

func checkReasons(reasons []string) channel.Diagnostics {
	var ds channel.Diagnostics
	for i, r := range reasons {
		if r == "" || utf8.RuneCountInString(r) > longestReason || i >= mostReasons {
			ds = append(ds, channel.Wrong(fmt.Sprintf("reasons[%d]", i),
				channel.Text{En: "Not a reason for a menu", Ja: "選択肢にできない理由です"},
				channel.Text{En: "up to 100 reasons of 1 to 75 characters", Ja: "1〜75 文字の理由を 100 個まで書けます"}))
		}
	}
	return ds
}

// Close lets go of idle connections.
func (c *Channel) Close() error {
	if c.client != nil {
		c.client.CloseIdleConnections()
	}
	return nil
}

// Check asks Slack whether the token is good. An incoming webhook cannot be asked
// without a message to people.
func (c *Channel) Check(ctx context.Context) error {
	if c.token == "" {
		return nil
	}
	reply := c.post(ctx, c.api+"/auth.test", []byte("{}"))
	if reply.Outcome != channel.Done {
		return fmt.Errorf("auth.test: %s", reply.Detail)
	}
	return nil
}

// Do posts one message.
func (c *Channel) Do(ctx context.Context, r channel.Request) (channel.Reply, error) {
	msg, err := c.message(r)
	if err != nil {
		return channel.Refuse("bad_message", err.Error()), nil
	}
	body, err := json.Marshal(msg)
	if err != nil {
		return channel.Refuse("bad_message", "the message is nothing that JSON can say"), nil
	}
	if c.dryRun {
		return channel.Accepted("dry run"), nil
	}
	if err := r.Commit(ctx); err != nil {
		return channel.Again(0, "given_up", err.Error()), nil
	}
	address := c.hook
	if address == "" {
		address = c.api + "/chat.postMessage"
	}
	return c.post(ctx, address, body), nil
}

func (c *Channel) post(ctx context.Context, address string, body []byte) channel.Reply {
	var sent outgoing.Sent
	req, err := http.NewRequestWithContext(sent.Watch(ctx), http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return channel.Refuse("bad_request", "the request cannot be made")
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("User-Agent", "nurture-slack/1")
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	answer, err := c.client.Do(req)
	if err != nil {
		return sent.Lost(err)
	}
	said := outgoing.Drain(answer)
	if c.token != "" && answer.StatusCode == http.StatusOK {
		return c.apiVerdict(answer, said)
	}
	return c.verdict(answer, said)
}

// codeForm is what Slack calls its errors.
var codeForm = regexp.MustCompile(`^[a-z][a-z_]{1,40}$`)

func codeOf(word string, status int) string {
	if codeForm.MatchString(word) {
		return "slack_" + word
	}
	return fmt.Sprintf("http_%d", status)
}

// verdict is what an answer by its status means: "ok", or a word that says why not.
func (c *Channel) verdict(answer *http.Response, said []byte) channel.Reply {
	status := answer.StatusCode
	code := codeOf(strings.TrimSpace(string(said)), status)
	detail := fmt.Sprintf("Slack answered %d (%s)", status, code)
	switch {
	case status >= 200 && status < 300:
		return channel.Accepted("")
	case outgoing.Passing(status):
		return channel.Again(outgoing.RetryAfter(answer.Header, c.now()), code, detail)
	}
	return channel.Refuse(code, detail)
}

// What Slack's API says when the request may succeed later, and when it does not
// know itself what became of it.
var (
	passing   = []string{"ratelimited", "rate_limited", "service_unavailable", "request_timeout", "team_added_to_org", "accesslimited"}
	uncertain = []string{"fatal_error", "internal_error"}
)

// apiVerdict is what an answer of the API means: it says so in its body.
func (c *Channel) apiVerdict(answer *http.Response, said []byte) channel.Reply {
	var body struct {
		OK    bool   `json:"ok"`
		Error string `json:"error"`
		TS    string `json:"ts"`
	}
	if err := json.Unmarshal(said, &body); err != nil {
		return channel.Uncertain("bad_answer", "Slack answered 200, but no JSON")
	}
	code := codeOf(body.Error, answer.StatusCode)
	detail := "Slack answered " + code
	switch {
	case body.OK:
		return channel.Accepted(body.TS)
	case slices.Contains(passing, body.Error):
		return channel.Again(outgoing.RetryAfter(answer.Header, c.now()), code, detail)
	case slices.Contains(uncertain, body.Error):
		return channel.Uncertain(code, detail)
	}
	return channel.Refuse(code, detail)
}

// isSlack reports whether an address is where Slack takes what is said in return:
// the host of the configured way in, or Slack's own.
func (c *Channel) isSlack(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.User != nil {
		return false
	}
	if u.Scheme == "https" && u.Host == "hooks.slack.com" {
		return true
	}
	for _, own := range []string{c.hook, c.api} {
		if o, err := url.Parse(own); err == nil && own != "" && u.Scheme == o.Scheme && u.Host == o.Host {
			return true
		}
	}
	return false
}
