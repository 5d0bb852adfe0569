// The plugin of TestInboundFacts: it asks its service for what is new, and takes
// the same by HTTP.
package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/seed-456efde2/nurture/plugins/channel"
)

func main() { channel.Serve(&heard{}) }

type heard struct{ service, secret string }

// news is what the service says.
type news struct {
	Facts  []channel.Fact `json:"facts"`
	Cursor string         `json:"cursor"`
}

func (*heard) Describe() channel.Description {
	return channel.Description{
		Name: "heard", Version: "1.0.0", Reach: channel.ReachesSystem, Keyed: true,
		Config: []channel.Attribute{
			{Name: "service", Type: channel.TypeText, Required: true},
			{Name: "secret", Type: channel.TypeText, Required: true, Sensitive: true},
		},
		Steps:  []channel.Step{{Kind: "heard"}},
		Events: []channel.Event{{Name: "heard"}},
	}
}

func (h *heard) Configure(_ context.Context, c channel.Config) error {
	h.service, h.secret = c.Text("service"), c.Text("secret")
	return nil
}

func (*heard) Do(context.Context, channel.Request) (channel.Reply, error) {
	return channel.Accepted("1"), nil
}

func (h *heard) Listen(ctx context.Context, in channel.Inbox) error {
	for {
		var n news
		if err := h.next(ctx, in.Cursor(), &n); err != nil {
			return err
		}
		if err := in.Accept(ctx, n.Facts, n.Cursor); err != nil {
			return err
		}
	}
}

func (h *heard) next(ctx context.Context, cursor string, n *news) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, h.service+"?cursor="+url.QueryEscape(cursor), nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return json.NewDecoder(resp.Body).Decode(n)
}

func (h *heard) Receive(_ context.Context, r channel.HTTPRequest) (channel.HTTPReply, error) {
	if r.Header.Get("X-Secret") != h.secret {
		return channel.HTTPReply{Status: http.StatusForbidden}, nil
	}
	var n news
	if err := json.Unmarshal(r.Body, &n); err != nil {
		return channel.HTTPReply{Status: http.StatusBadRequest}, nil
	}
	return channel.HTTPReply{Body: []byte("thanks"), Facts: n.Facts}, nil
}
