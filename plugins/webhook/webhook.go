// Package webhook is the channel that tells another system by HTTP: one action
// is one POST of a JSON document, signed in the Standard Webhooks form, under the
// action's key. A receiver that honours the key (webhook-id, Idempotency-Key)
// sees each action once, whatever happens on the way.
package webhook

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/seed-456efde2/nurture/plugins/channel"
)

// Channel posts to one address.
type Channel struct {
	now    func() time.Time
	url    string
	header http.Header
	keys   [][]byte // the newest first
	client *http.Client
}

// New makes a webhook channel; now is the clock that stamps signatures, nil the
// system's.
func New(now func() time.Time) *Channel {
	if now == nil {
		now = time.Now
	}
	return &Channel{now: now}
}

var _ channel.Closer = (*Channel)(nil)

// concurrency is how many requests run at the same time.
const concurrency = 16

// Describe tells what the channel is.
func (c *Channel) Describe() channel.Description {
	return channel.Description{
		Name: "webhook", Version: "1.0.0",
		Summary: channel.Text{
			En: "Posts signed JSON to another system (Standard Webhooks)", Ja: "署名つき JSON を他のシステムに送ります（Standard Webhooks）",
		},
		Reach: channel.ReachesSystem, Keyed: true,
		Concurrency: concurrency, BatchMax: 4 * concurrency,
		Timeout: channel.Seconds(30 * time.Second),
		Config: []channel.Attribute{
			{Name: "url", Type: channel.TypeText, Required: true, Summary: channel.Text{En: "address to post to", Ja: "送り先の URL"}},
			{Name: "secret", Type: channel.TypeText, Sensitive: true, Summary: channel.Text{
				En: `signing secret, "whsec_…"; without it requests are not signed`, Ja: "署名の秘密鍵「whsec_…」。なければ署名しません",
			}},
			{Name: "previous_secret", Type: channel.TypeText, Sensitive: true, Summary: channel.Text{
				En: "the secret before, while receivers change over: both sign", Ja: "切り替え中の前の秘密鍵（両方で署名）",
			}},
			{Name: "headers", Type: channel.TypeMap, Sensitive: true, Summary: channel.Text{
				En: "headers of every request, Authorization for instance", Ja: "毎回つけるヘッダー（Authorization など）",
			}},
			{Name: "timeout", Type: channel.TypeDuration, Default: "10s", Summary: channel.Text{
				En: "patience with one request", Ja: "1 回の要求を待つ時間",
			}},
			{Name: "allow_private", Type: channel.TypeFlag, Summary: channel.Text{
				En: "allow addresses of this machine and of private networks", Ja: "このマシンや社内ネットワーク宛てを許す",
			}},
			{Name: "allow_cidrs", Type: channel.TypeList, Summary: channel.Text{
				En: `private networks that are allowed, "10.1.0.0/16"`, Ja: "許す社内ネットワーク「10.1.0.0/16」",
			}},
		},
		Steps: []channel.Step{{
			Kind:    "webhook",
			Summary: channel.Text{En: "tells another system about the lead", Ja: "リードのことを他のシステムに伝えます"},
			Attributes: []channel.Attribute{
				{Name: "payload", Type: channel.TypeObject, Required: true, Summary: channel.Text{En: "the JSON document", Ja: "送る JSON"}},
			},
			Parts: []string{partPayload},
		}},
	}
}

// partPayload is the part that holds the document.
const partPayload = "payload"

// Configure understands the settings. It connects to nobody.
func (c *Channel) Configure(_ context.Context, cfg channel.Config) error {
	var ds channel.Diagnostics
	target, bad := readURL(cfg.Text("url"))
	ds = append(ds, bad...)
	keys, bad := readSecrets(cfg)
	ds = append(ds, bad...)
	header, bad := readHeaders(cfg.Map("headers"))
	ds = append(ds, bad...)
	networks, bad := readNetworks(cfg.List("allow_cidrs"))
	ds = append(ds, bad...)
	if ds.Failed() {
		return ds
	}
	c.url, c.keys, c.header = target.String(), keys, header
	c.client = newClient(target, cfg.Duration("timeout"), cfg.Flag("allow_private"), networks)
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

func readURL(text string) (*url.URL, channel.Diagnostics) {
	u, err := url.Parse(text)
	if err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil {
		if u.Scheme == "https" || isLoopback(u.Hostname()) {
			return u, nil
		}
		return u, channel.Diagnostics{{
			Severity: channel.SeverityWarning, Path: "url",
			Summary: channel.Text{En: "Open line", Ja: "暗号化されていません"},
			Detail:  channel.Text{En: "what is posted can be read on the way; use https", Ja: "内容が途中で読まれます。https を使ってください"},
		}}
	}
	return nil, channel.Diagnostics{channel.Wrong("url",
		channel.Text{En: "Not an address to post to", Ja: "送り先の URL ではありません"},
		channel.Text{
			En: `write "https://example.com/hook", without user and password (those belong into headers)`,
			Ja: "「https://example.com/hook」の形で書きます。ユーザー名とパスワードは headers に書きます",
		})}
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

func readSecrets(cfg channel.Config) (keys [][]byte, ds channel.Diagnostics) {
	for _, path := range []string{"secret", "previous_secret"} {
		text := cfg.Text(path)
		if text == "" {
			continue
		}
		key, err := decodeSecret(text)
		if err != nil {
			ds = append(ds, channel.Wrong(path,
				channel.Text{En: "Not a signing secret", Ja: "署名の秘密鍵ではありません"},
				channel.Text{
					En: fmt.Sprintf("%s: %v; it is whsec_ and 24 to 64 bytes in base64", path, err),
					Ja: fmt.Sprintf("%s は whsec_ に続けて 24〜64 バイトを base64 で書きます", path),
				}))
			continue
		}
		keys = append(keys, key)
	}
	return keys, ds
}

// ours are the headers that a configuration may not set.
var ours = []string{"Content-Type", "Content-Length", "Host", "Idempotency-Key", "Webhook-Id", "Webhook-Timestamp", "Webhook-Signature"}

func readHeaders(given map[string]string) (http.Header, channel.Diagnostics) {
	var ds channel.Diagnostics
	header := http.Header{}
	for name, value := range given {
		switch {
		case strings.ContainsAny(value, "\r\n\x00") || !isHeaderName(name):
			ds = append(ds, channel.Wrong("headers."+name,
				channel.Text{En: "Not a header", Ja: "ヘッダーではありません"},
				channel.Text{En: "a header's name is of letters, digits and -, its value on one line", Ja: "名前は英数字と -、値は 1 行で書きます"}))
		case isOurs(name):
			ds = append(ds, channel.Wrong("headers."+name,
				channel.Text{En: "Header of the channel itself", Ja: "チャネル自身のヘッダーです"},
				channel.Text{En: "it is set for every request; leave it out", Ja: "自動でつくので書かないでください"}))
		default:
			header.Set(name, value)
		}
	}
	return header, ds
}

func isHeaderName(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == ""
}

func isOurs(name string) bool {
	for _, h := range ours {
		if strings.EqualFold(h, name) {
			return true
		}
	}
	return false
}

func readNetworks(list []string) ([]netip.Prefix, channel.Diagnostics) {
	var networks []netip.Prefix
	var ds channel.Diagnostics
	for i, text := range list {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			ds = append(ds, channel.Wrong(fmt.Sprintf("allow_cidrs[%d]", i),
				channel.Text{En: "Not a network", Ja: "ネットワークではありません"},
				channel.Text{En: `write "10.1.0.0/16"`, Ja: "「10.1.0.0/16」の形で書きます"}))
			continue
		}
		networks = append(networks, p.Masked())
	}
	return networks, ds
}
