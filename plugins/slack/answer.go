package slack

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/seed-456efde2/nurture/plugins/channel"
	"github.com/seed-456efde2/nurture/plugins/internal/outgoing"
)

// What the controls of a toss-up are called.
const (
	answerBlock  = "nurture " // and the action's key, and the toss-up's name
	noteBlock    = "nurture note "
	actionAccept = "nurture_accept"
	actionReject = "nurture_reject"
	actionNote   = "nurture_note"
)

// tolerance is how old a signed request may be, and how far ahead of our clock.
const tolerance = 5 * time.Minute

// interaction is what Slack tells when somebody uses a control of a message.
type interaction struct {
	Type string `json:"type"`
	User struct {
		ID string `json:"id"`
	} `json:"user"`
	ResponseURL string   `json:"response_url"`
	Actions     []action `json:"actions"`
	State       struct {
		Values map[string]map[string]struct {
			Value string `json:"value"`
		} `json:"values"`
	} `json:"state"`
}

type action struct {
	ActionID string `json:"action_id"`
	BlockID  string `json:"block_id"`
	ActionTS string `json:"action_ts"`
	Selected struct {
		Value string `json:"value"`
		Text  struct {
			Text string `json:"text"`
		} `json:"text"`
	} `json:"selected_option"`
}

// Receive takes an answer to a toss-up. Slack shows the one who gave it a mark of
// trouble unless the answer is 200, which goes out only when the fact is durable.
func (c *Channel) Receive(ctx context.Context, h channel.HTTPRequest) (channel.HTTPReply, error) {
	switch {
	case c.secret == "":
		return refused(http.StatusNotFound, "this channel has no signing_secret and takes no answers"), nil
	case !c.isSigned(h):
		return refused(http.StatusUnauthorized, "the signature is not Slack's, or older than five minutes"), nil
	}
	form, err := url.ParseQuery(string(h.Body))
	if err != nil || form.Get("payload") == "" {
		return refused(http.StatusBadRequest, "this is no interaction of Slack's"), nil
	}
	var in interaction
	if err := json.Unmarshal([]byte(form.Get("payload")), &in); err != nil {
		return refused(http.StatusBadRequest, "this is no interaction of Slack's"), nil
	}
	facts := c.facts(&in)
	if len(facts) > 0 {
		c.confirm(ctx, &in, facts[len(facts)-1])
	}
	return channel.HTTPReply{Status: http.StatusOK, Facts: facts}, nil
}

func refused(status int, why string) channel.HTTPReply {
	return channel.HTTPReply{
		Status: status, Header: http.Header{"Content-Type": {"text/plain; charset=utf-8"}}, Body: []byte(why + "\n"),
	}
}

// isSigned checks the form v0: HMAC-SHA256 over version, time and body.
func (c *Channel) isSigned(h channel.HTTPRequest) bool {
	stamp := h.Header.Get("X-Slack-Request-Timestamp")
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || c.now().Sub(time.Unix(seconds, 0)).Abs() > tolerance {
		return false
	}
	mac := hmac.New(sha256.New, []byte(c.secret))
	mac.Write([]byte("v0:" + stamp + ":"))
	mac.Write(h.Body)
	given, err := hex.DecodeString(strings.TrimPrefix(h.Header.Get("X-Slack-Signature"), "v0="))
	return err == nil && hmac.Equal(given, mac.Sum(nil))
}

// facts are the answers among what somebody did. Other controls of other messages
// of the same app are none of ours.
func (c *Channel) facts(in *interaction) []channel.Fact {
	var facts []channel.Fact
	for _, a := range in.Actions {
		rest, ours := strings.CutPrefix(a.BlockID, answerBlock)
		key, tossUp, whole := strings.Cut(rest, " ")
		if in.Type != "block_actions" || !ours || !whole {
			continue
		}
		f := channel.Fact{
			ID: key + " " + a.ActionID + " " + a.ActionTS + " " + in.User.ID, Action: key, At: timeOf(a.ActionTS),
			Fields: map[string]any{"toss_up": tossUp, "by": "slack:" + in.User.ID},
		}
		if note := in.State.Values[noteBlock+key][actionNote].Value; note != "" {
			f.Fields["note"] = note
		}
		switch a.ActionID {
		case actionAccept:
			f.Event = eventAccepted
		case actionReject:
			f.Event = eventRejected
			f.Fields["reason"] = c.reason(a)
		default:
			continue
		}
		facts = append(facts, f)
	}
	return facts
}

// reason is what was chosen, in the words that were shown: the list may have
// changed since the message was sent.
func (c *Channel) reason(a action) string {
	if a.Selected.Text.Text != "" {
		return a.Selected.Text.Text
	}
	if i, err := strconv.Atoi(a.Selected.Value); err == nil && i >= 0 && i < len(c.reasons) {
		return c.reasons[i]
	}
	return ""
}

// timeOf reads Slack's "1760000000.123456"; zero, which is now, where it is none.
func timeOf(ts string) time.Time {
	seconds, micros, _ := strings.Cut(ts, ".")
	s, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil || s <= 0 {
		return time.Time{}
	}
	us, _ := strconv.ParseInt((micros + "000000")[:6], 10, 64)
	return time.Unix(s, us*1000).UTC()
}

// confirm says in the channel that an answer came, so that nobody answers twice.
// The controls stay: were the answer not kept, Slack tells the one who gave it, who
// then gives it again. It is a courtesy, and its failure changes nothing.
func (c *Channel) confirm(ctx context.Context, in *interaction, f channel.Fact) {
	if c.dryRun || !c.isSlack(in.ResponseURL) {
		return
	}
	who := "<@" + escape(in.User.ID) + ">"
	text := c.say("Accepted by "+who, who+" が受け入れました")
	if f.Event == eventRejected {
		reason, _ := f.Fields["reason"].(string)
		text = c.say("Rejected by "+who+": ", who+" が差し戻しました: ") + escape(reason)
	}
	body, _ := json.Marshal(object{"text": text, "response_type": "in_channel", "replace_original": false}) // texts and flags
	ctx, cancel := context.WithTimeout(ctx, c.courtesy)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, in.ResponseURL, bytes.NewReader(body))
	if err != nil {
		return
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	answer, err := c.client.Do(req)
	if err != nil {
		slog.Warn("the confirmation of an answer did not reach Slack")
		return
	}
	outgoing.Drain(answer)
}
