// Package line is the channel that sends LINE messages by the Messaging API, and
// that hears of LINE who follows, blocks, answers and taps.
package line

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/line/line-bot-sdk-go/v8/linebot/messaging_api"

	"github.com/seed-456efde2/nurture/plugins/channel"
	"github.com/seed-456efde2/nurture/plugins/internal/outgoing"
)

// Channel speaks for one official account.
type Channel struct {
	now     func() time.Time
	api     string
	token   string
	secret  string // "" where the webhook is not heard
	silent  bool
	replies bool
	// identifier is the attribute of leads that holds their LINE user id.
	identifier string
	dryRun     bool
	client     *http.Client
}

// New makes a LINE channel; now is the clock that tells when a quota begins anew,
// nil the system's.
func New(now func() time.Time) *Channel {
	if now == nil {
		now = time.Now
	}
	return &Channel{now: now}
}

var (
	_ channel.Receiver = (*Channel)(nil)
	_ channel.Checker  = (*Channel)(nil)
	_ channel.Closer   = (*Channel)(nil)
)

// Configure understands the settings. It connects to nobody.
func (c *Channel) Configure(_ context.Context, cfg channel.Config) error {
	target, ds := outgoing.ReadURL("api", cfg.Text("api"))
	if strings.ContainsAny(cfg.Text("token"), " \r\n\t") || cfg.Text("token") == "" {
		ds = append(ds, channel.Wrong("token",
			channel.Text{En: "Not an access token", Ja: "アクセストークンではありません"},
			channel.Text{En: "copy the channel access token without spaces", Ja: "チャネルアクセストークンを空白なしで写してください"}))
	}
	if ds.Failed() {
		return ds
	}
	c.api, c.token, c.secret = strings.TrimSuffix(target.String(), "/"), cfg.Text("token"), cfg.Text("secret")
	c.identifier = cfg.Text("identifier")
	c.silent, c.replies, c.dryRun = cfg.Flag("silent"), cfg.Flag("keep_replies"), cfg.Flag("dry_run")
	c.client = outgoing.NewClient(outgoing.Options{
		Target: target, Timeout: cfg.Duration("timeout"), Concurrency: concurrency, Private: cfg.Flag("allow_private"),
	})
	if len(ds) > 0 {
		return ds
	}
	return nil
}

// Close lets go of idle connections.
func (c *Channel) Close() error {
	if c.client != nil {
		c.client.CloseIdleConnections()
	}
	return nil
}

// bot is the SDK for one request: the context belongs to it.
func (c *Channel) bot(ctx context.Context) (*messaging_api.MessagingApiAPI, error) {
	bot, err := messaging_api.NewMessagingApiAPI(c.token, messaging_api.WithHTTPClient(c.client), messaging_api.WithEndpoint(c.api))
	if err != nil {
		return nil, errors.New("the address or the token of the Messaging API cannot be used")
	}
	return bot.WithContext(ctx), nil
}

// Check asks LINE whether the token is good and something of the month's quota is
// left.
func (c *Channel) Check(ctx context.Context) error {
	bot, err := c.bot(ctx)
	if err != nil {
		return err
	}
	answer, quota, err := bot.GetMessageQuotaWithHttpInfo()
	if err != nil {
		return fmt.Errorf("ask for the quota: %s", c.verdict(answer).Detail)
	}
	if quota.Type == messaging_api.QuotaType_NONE {
		return nil
	}
	answer, used, err := bot.GetMessageQuotaConsumptionWithHttpInfo()
	if err != nil {
		return fmt.Errorf("ask for the quota: %s", c.verdict(answer).Detail)
	}
	if used.TotalUsage >= int64(quota.Value) {
		return fmt.Errorf("the %d messages of this month are used up", quota.Value)
	}
	return nil
}

// Do sends one message: push to one id, multicast to several. Different leads never
// share a request, because its key has to be the same on every attempt and the
// company that a lead is in is not.
func (c *Channel) Do(ctx context.Context, r channel.Request) (channel.Reply, error) {
	to, err := recipients(r.Text(partTo))
	if err != nil {
		return channel.Refuse("bad_recipient", err.Error()), nil
	}
	messages, err := messagesOf(r)
	if err != nil {
		return channel.Refuse("bad_message", err.Error()), nil
	}
	var sent outgoing.Sent
	bot, err := c.bot(sent.Watch(ctx))
	if err != nil {
		return channel.Refuse("bad_request", err.Error()), nil
	}
	key, err := retryKey(r.Key)
	if err != nil {
		return channel.Refuse("bad_key", err.Error()), nil
	}
	var answer *http.Response
	switch {
	case c.dryRun:
		answer, _, err = bot.ValidatePushWithHttpInfo(&messaging_api.ValidateMessageRequest{Messages: messages})
	case len(to) == 1:
		answer, _, err = bot.PushMessageWithHttpInfo(&messaging_api.PushMessageRequest{
			To: to[0], Messages: messages, NotificationDisabled: c.silent,
		}, key)
	default:
		answer, _, err = bot.MulticastWithHttpInfo(&messaging_api.MulticastRequest{
			To: to, Messages: messages, NotificationDisabled: c.silent,
		}, key)
	}
	if answer == nil {
		return sent.Lost(err), nil
	}
	return c.verdict(answer), nil
}

// retryKey is the action's key in the form that LINE takes.
func retryKey(key string) (string, error) {
	if len(key) != 32 {
		return "", errors.New("the action's key has not 32 digits")
	}
	return key[:8] + "-" + key[8:12] + "-" + key[12:16] + "-" + key[16:20] + "-" + key[20:], nil
}

var idForm = regexp.MustCompile(`^[UCR][0-9a-f]{32}$`)

// mostRecipients is LINE's own bound for a multicast.
const mostRecipients = 500

// recipients reads one id or several.
func recipients(text string) ([]string, error) {
	var ids []string
	for id := range strings.SplitSeq(text, ",") {
		id = strings.TrimSpace(id)
		switch {
		case id == "" || slices.Contains(ids, id):
		case !idForm.MatchString(id):
			return nil, errors.New("to holds what is no LINE user id (U and 32 hexadecimal digits)")
		default:
			ids = append(ids, id)
		}
	}
	switch {
	case len(ids) == 0:
		return nil, errors.New("to is empty: the lead has no LINE user id")
	case len(ids) > mostRecipients:
		return nil, errors.New("to holds more than 500 ids")
	case len(ids) > 1 && slices.ContainsFunc(ids, func(id string) bool { return id[0] != 'U' }):
		return nil, errors.New("several ids must be those of users")
	}
	return ids, nil
}

// Bounds of LINE's own.
const (
	longestText   = 5000 // UTF-16 code units
	mostButtons   = 13
	longestButton = 20
	mostMessages  = 5
)

// messagesOf are the message objects of a request.
func messagesOf(r channel.Request) ([]messaging_api.MessageInterface, error) {
	if raw := r.Text(partMessages); raw != "" {
		return rawMessages(raw)
	}
	text := strings.TrimSpace(r.Text(partMessage))
	switch {
	case text == "":
		return nil, errors.New("message is empty")
	case len(utf16.Encode([]rune(text))) > longestText:
		return nil, errors.New("message has more than 5,000 characters")
	}
	buttons, err := buttonsOf(r)
	if err != nil {
		return nil, err
	}
	m := &messaging_api.TextMessage{Text: text}
	if len(buttons) > 0 {
		m.QuickReply = &messaging_api.QuickReply{Items: buttons}
	}
	return []messaging_api.MessageInterface{m}, nil
}

func rawMessages(raw string) ([]messaging_api.MessageInterface, error) {
	var given struct{ Messages []json.RawMessage }
	if json.Unmarshal([]byte(raw), &given) != nil && json.Unmarshal([]byte(raw), &given.Messages) != nil {
		return nil, errors.New("messages is not a list of message objects")
	}
	if n := len(given.Messages); n == 0 || n > mostMessages {
		return nil, errors.New("messages holds none or more than 5")
	}
	var out []messaging_api.MessageInterface
	for i, one := range given.Messages {
		m, err := messaging_api.UnmarshalMessage(one)
		if err != nil {
			return nil, fmt.Errorf("messages[%d] is not a message object", i)
		}
		out = append(out, m)
	}
	return out, nil
}

// buttonsOf are the answers to tap. Each carries the action's key, by which the tap
// finds its way back.
func buttonsOf(r channel.Request) ([]messaging_api.QuickReplyItem, error) {
	raw := r.Text(partButtons)
	if raw == "" {
		return nil, nil
	}
	var labels []string
	if err := json.Unmarshal([]byte(raw), &labels); err != nil || len(labels) > mostButtons {
		return nil, errors.New("buttons is not a list of up to 13 texts")
	}
	var items []messaging_api.QuickReplyItem
	for i, label := range labels {
		if label == "" || utf8.RuneCountInString(label) > longestButton {
			return nil, fmt.Errorf("buttons[%d] has not 1 to 20 characters", i)
		}
		items = append(items, messaging_api.QuickReplyItem{
			Type: "action",
			Action: &messaging_api.PostbackAction{
				Label: label, DisplayText: label, Data: url.Values{"nurture": {r.Key}, "button": {label}}.Encode(),
			},
		})
	}
	return items, nil
}

// verdict is what an answer means. What it says in words may quote what we sent, so
// that only its status and what LINE documents are told.
func (c *Channel) verdict(answer *http.Response) channel.Reply {
	if answer == nil {
		return channel.Again(0, "network", "LINE was not reached")
	}
	said := string(outgoing.Drain(answer))
	status := answer.StatusCode
	code := fmt.Sprintf("http_%d", status)
	id := answer.Header.Get("X-Line-Request-Id")
	detail := fmt.Sprintf("LINE answered %d %s (request %s)", status, http.StatusText(status), id)
	switch {
	case status >= 200 && status < 300:
		return channel.Accepted(id)
	case status == http.StatusConflict:
		// It took this key before: then it is done.
		return channel.Accepted(answer.Header.Get("X-Line-Accepted-Request-Id"))
	case status == http.StatusTooManyRequests && strings.Contains(said, "monthly limit"):
		return channel.Again(c.untilNextMonth(), "line_quota", "the messages of this month are used up")
	case outgoing.Passing(status):
		return channel.Again(outgoing.RetryAfter(answer.Header, c.now()), code, detail)
	}
	return channel.Refuse(code, detail)
}

// untilNextMonth is how long the quota stays used up, or a day where that is
// longer: it can be raised. LINE's month is that of Japan.
func (c *Channel) untilNextMonth() time.Duration {
	now := c.now().In(time.FixedZone("JST", 9*60*60))
	next := time.Date(now.Year(), now.Month()+1, 1, 0, 0, 0, 0, now.Location())
	return min(next.Sub(now), 24*time.Hour)
}
