package line

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"github.com/line/line-bot-sdk-go/v8/linebot/webhook"

	"github.com/seed-456efde2/nurture/plugins/channel"
)

// happening is an event of LINE's webhook, as far as it matters here. It is read by
// itself and not by the SDK's types, so that one event of a kind that is new to
// them does not take the others along.
type happening struct {
	Type      string `json:"type"`
	ID        string `json:"webhookEventId"`
	Timestamp int64  `json:"timestamp"`
	Source    struct {
		Type   string `json:"type"`
		UserID string `json:"userId"`
	} `json:"source"`
	Message struct {
		Type string `json:"type"`
		Text string `json:"text"`
	} `json:"message"`
	Postback struct {
		Data string `json:"data"`
	} `json:"postback"`
}

// Receive hears LINE's webhook. What LINE delivers again has the same id, and
// counts once.
func (c *Channel) Receive(_ context.Context, h channel.HTTPRequest) (channel.HTTPReply, error) {
	switch {
	case c.secret == "":
		return refused(http.StatusNotFound, "this channel has no secret and hears nothing"), nil
	case !webhook.ValidateSignature(c.secret, h.Header.Get("X-Line-Signature"), h.Body):
		return refused(http.StatusUnauthorized, "the signature is not LINE's"), nil
	}
	var body struct {
		Events []happening `json:"events"`
	}
	if err := json.Unmarshal(h.Body, &body); err != nil {
		return refused(http.StatusBadRequest, "this is no webhook of LINE's"), nil
	}
	var facts []channel.Fact
	for i := range body.Events {
		if f, ok := c.fact(&body.Events[i]); ok {
			facts = append(facts, f)
		}
	}
	return channel.HTTPReply{Status: http.StatusOK, Facts: facts}, nil
}

func refused(status int, why string) channel.HTTPReply {
	return channel.HTTPReply{
		Status: status, Header: http.Header{"Content-Type": {"text/plain; charset=utf-8"}}, Body: []byte(why + "\n"),
	}
}

// fact is what an event means to us. What happens in groups and rooms, and of other
// kinds, is about no lead.
func (c *Channel) fact(e *happening) (channel.Fact, bool) {
	if e.Source.Type != "user" || e.Source.UserID == "" || e.ID == "" {
		return channel.Fact{}, false
	}
	f := channel.Fact{
		ID: e.ID, At: time.UnixMilli(e.Timestamp).UTC(), User: e.Source.UserID,
		Attribute: c.identifier, Value: e.Source.UserID,
		Fields: map[string]any{"line_id": e.Source.UserID},
	}
	switch e.Type {
	case "follow":
		f.Event = eventFollowed
	case "unfollow":
		f.Event = eventBlocked
	case "message":
		f.Event = eventReplied
		f.Fields["kind"] = e.Message.Type
		if c.replies && e.Message.Text != "" {
			f.Fields["text"] = e.Message.Text
		}
	case "postback":
		data, _ := url.ParseQuery(e.Postback.Data) // what is not ours has no form
		f.Event, f.Action = eventClicked, data.Get("nurture")
		if f.Fields["button"] = data.Get("button"); f.Action == "" {
			f.Fields["button"] = e.Postback.Data // of a rich menu, say
		}
	default:
		return f, false
	}
	return f, true
}
