// The plugin of TestPluginUpgradedUnderLoad: it posts messages, and says which
// version it is.
package main

import (
	"bytes"
	"context"
	"net/http"

	"github.com/seed-456efde2/nurture/plugins/channel"
)

// release is set by the linker.
var release = "1.0.0"

func main() { channel.Serve(&poster{}) }

type poster struct{ url string }

func (*poster) Describe() channel.Description {
	return channel.Description{
		Name: "poster", Version: release, Reach: channel.ReachesSystem, Keyed: true, Concurrency: 4,
		Config: []channel.Attribute{{Name: "url", Type: channel.TypeText, Required: true}},
		Steps: []channel.Step{{Kind: "poster", Attributes: []channel.Attribute{
			{Name: "text", Type: channel.TypeText, Required: true},
		}}},
	}
}

func (p *poster) Configure(_ context.Context, c channel.Config) error {
	p.url = c.Text("url")
	return nil
}

func (p *poster) Do(ctx context.Context, r channel.Request) (channel.Reply, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url, bytes.NewBufferString(r.Text("text")))
	if err != nil {
		return channel.Reply{}, err
	}
	req.Header.Set("Idempotency-Key", r.Key)
	req.Header.Set("X-Release", release)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return channel.Uncertain("network", "no answer"), nil
	}
	return channel.Accepted(""), resp.Body.Close()
}
