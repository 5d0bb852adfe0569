package channeltest

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"sync/atomic"

	"github.com/seed-456efde2/nurture/plugins/channel"
)

// The trial plugin hears its service too.
var (
	_ channel.Listener = (*post)(nil)
	_ channel.Receiver = (*post)(nil)
)

// heard counts what "forgetful" has heard, to name it differently each time.
var heard atomic.Int64

// Listen asks the service once for what is new, and then rests.
func (p *post) Listen(ctx context.Context, in channel.Inbox) error {
	cursor := in.Cursor()
	if p.mode == "restless" {
		cursor = ""
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url+"?after="+url.QueryEscape(cursor), http.NoBody)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("ask the service: %w", ctx.Err())
	}
	defer resp.Body.Close()
	var news struct {
		Facts  []channel.Fact
		Cursor string
	}
	if err := json.NewDecoder(resp.Body).Decode(&news); err != nil {
		return err
	}
	for i := range news.Facts {
		switch p.mode {
		case "forgetful":
			news.Facts[i].ID = fmt.Sprint("no ", p.seed, heard.Add(1))
		case "whispering":
			news.Facts[i].User = ""
		case "inventive":
			news.Facts[i].Event = "made_up"
		}
	}
	if len(news.Facts) > 0 {
		if err := in.Accept(ctx, news.Facts, news.Cursor); err != nil {
			return err
		}
	}
	if p.mode == "sleepless" {
		select {}
	}
	<-ctx.Done()
	return nil
}

const callSecret = "s3cret-token"

func signature(body []byte) string {
	h := hmac.New(sha256.New, []byte(callSecret))
	h.Write(body)
	return hex.EncodeToString(h.Sum(nil))
}

// Receive takes what the service tells by itself, if the service has signed it.
func (p *post) Receive(_ context.Context, h channel.HTTPRequest) (channel.HTTPReply, error) {
	if p.mode != "gullible" && !hmac.Equal([]byte(h.Header.Get("X-Signature")), []byte(signature(h.Body))) {
		return channel.HTTPReply{Status: http.StatusUnauthorized}, nil
	}
	var f channel.Fact
	if err := json.Unmarshal(h.Body, &f); err != nil {
		return channel.HTTPReply{Status: http.StatusBadRequest}, nil
	}
	return channel.HTTPReply{Facts: []channel.Fact{f}}, nil
}

const callBody = `{"ID": "r1", "Event": "posted", "User": "u1"}`

// heardPlan is the part of the plan that is about what the service tells.
func heardPlan() string {
	return fmt.Sprintf(`
  "listen": {"news": {"facts": [{"ID": "n1", "Event": "posted", "User": "u1"}, {"ID": "n2", "Event": "posted", "User": "u2"}], "cursor": "c-17"},
    "cursor": "c-17", "nothing": {"facts": [], "cursor": "c-17"}},
  "receive": {"path": "/told", "headers": {"X-Signature": %q}, "body": %q}`, signature([]byte(callBody)), callBody)
}
