// Package webhook is the channel that tells another system by HTTP: one action
// is one request with a JSON document, signed in the Standard Webhooks form, under
// the action's key. A receiver that honours the key (webhook-id, Idempotency-Key)
// sees each action once, whatever happens on the way.
package webhook

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/seed-456efde2/nurture/plugins/channel"
	"github.com/seed-456efde2/nurture/plugins/internal/outgoing"
)

// Channel speaks to one address.
type Channel struct {
	now       func() time.Time
	url       string // may hold placeholders in its path
	method    string
	header    http.Header
	keyHeader string
	keys      [][]byte // the newest first
	template  any      // nil: the payload itself
	answer    expected
	dryRun    bool
	client    *http.Client
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

// Configure understands the settings. It connects to nobody.
func (c *Channel) Configure(_ context.Context, cfg channel.Config) error {
	var ds channel.Diagnostics
	options, bad := readWay(cfg)
	ds = append(ds, bad...)
	c.keys, bad = readSecrets(cfg)
	ds = append(ds, bad...)
	c.keyHeader, bad = readKeyHeader(cfg.Text("idempotency_header"))
	ds = append(ds, bad...)
	c.header, bad = readHeaders(cfg.Map("headers"), c.keyHeader)
	ds = append(ds, bad...)
	c.template, bad = readTemplate(cfg.Object("body"))
	ds = append(ds, bad...)
	c.answer, bad = readAnswer(cfg)
	ds = append(ds, bad...)
	if ds.Failed() {
		return ds
	}
	c.url, c.method, c.dryRun = cfg.Text("url"), cfg.Text("method"), cfg.Flag("dry_run")
	c.client = outgoing.NewClient(options)
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

func readWay(cfg channel.Config) (outgoing.Options, channel.Diagnostics) {
	o := outgoing.Options{
		Timeout: cfg.Duration("timeout"), Concurrency: concurrency,
		Private: cfg.Flag("allow_private"), Redirects: int(cfg.Number("redirects")),
	}
	var ds, bad channel.Diagnostics
	if err := checkAddress(cfg.Text("url")); err != nil {
		return o, channel.Diagnostics{wrongTemplate("url", err)}
	}
	// Without its placeholders it is an address like any other, on the same host.
	o.Target, ds = outgoing.ReadURL("url", placeholder.ReplaceAllString(cfg.Text("url"), "x"))
	if o.Target != nil && strings.Contains(cfg.Text("url")[:hostEnd(cfg.Text("url"))], "{{") {
		ds = append(ds, wrongTemplate("url", fmt.Errorf("a placeholder may stand in the path only")))
	}
	o.Networks, bad = outgoing.ReadNetworks("allow_cidrs", cfg.List("allow_cidrs"))
	ds = append(ds, bad...)
	o.Ports, bad = outgoing.ReadPorts("allow_ports", cfg.List("allow_ports"))
	ds = append(ds, bad...)
	if n := cfg.Number("redirects"); n < 0 || n > 5 || n != float64(int(n)) {
		ds = append(ds, channel.Wrong("redirects",
			channel.Text{En: "Too many redirects", Ja: "リダイレクトの回数が範囲外です"},
			channel.Text{En: "write a whole number from 0 to 5", Ja: "0〜5 の整数を書きます"}))
	}
	return o, ds
}

// hostEnd is where the host of an address ends.
func hostEnd(address string) int {
	_, rest, _ := strings.Cut(address, "://")
	begin := len(address) - len(rest)
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		return begin + i
	}
	return len(address)
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
var ours = []string{"Content-Length", "Host", "Webhook-Id", "Webhook-Timestamp", "Webhook-Signature", "User-Agent", "Transfer-Encoding"}

func readKeyHeader(name string) (string, channel.Diagnostics) {
	if isHeaderName(name) && !isOurs(name) && !strings.EqualFold(name, "Content-Type") {
		return http.CanonicalHeaderKey(name), nil
	}
	return "", channel.Diagnostics{channel.Wrong("idempotency_header",
		channel.Text{En: "Not the name of a header", Ja: "ヘッダーの名前ではありません"},
		channel.Text{
			En: `write the name that the API documents, "Idempotency-Key" for instance`,
			Ja: "API の説明にある名前を「Idempotency-Key」のように書きます",
		})}
}

func readHeaders(given map[string]string, keyHeader string) (http.Header, channel.Diagnostics) {
	var ds channel.Diagnostics
	header := http.Header{}
	for name, value := range given {
		path := "headers." + name
		switch {
		case strings.ContainsAny(value, "\r\n\x00") || !isHeaderName(name):
			ds = append(ds, channel.Wrong(path,
				channel.Text{En: "Not a header", Ja: "ヘッダーではありません"},
				channel.Text{
					En: "a name has letters, digits, - and _; a value has no line break",
					Ja: "名前は英数字と - と _、値は改行なしで書きます",
				}))
		case isOurs(name) || strings.EqualFold(name, keyHeader):
			ds = append(ds, channel.Wrong(path,
				channel.Text{En: "Header of the channel itself", Ja: "チャネル自身のヘッダーです"},
				channel.Text{En: "it is set for every request; leave it out", Ja: "自動でつくので書かないでください"}))
		case checkAddress(value) != nil:
			ds = append(ds, wrongTemplate(path, checkAddress(value)))
		default:
			header.Set(name, value)
		}
	}
	slices.SortFunc(ds, func(a, b channel.Diagnostic) int { return strings.Compare(a.Path, b.Path) })
	return header, ds
}

var headerForm = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

func isHeaderName(s string) bool { return headerForm.MatchString(s) }

func isOurs(name string) bool {
	return slices.ContainsFunc(ours, func(h string) bool { return strings.EqualFold(h, name) })
}

func readTemplate(body any) (any, channel.Diagnostics) {
	if body == nil {
		return nil, nil
	}
	if err := checkTemplate(body, "body"); err != nil {
		return nil, channel.Diagnostics{wrongTemplate("body", err)}
	}
	return body, nil
}

func wrongTemplate(path string, err error) channel.Diagnostic {
	return channel.Wrong(path,
		channel.Text{En: "Not a placeholder", Ja: "差し込みの書き方が違います"},
		channel.Text{
			En: err.Error(),
			Ja: "body には {{ payload.名前 }}、{{ key }}、{{ lead }}、{{ kind }}、url のパスと headers には {{ key }}、{{ lead }}、{{ kind }} を書けます",
		})
}

func readAnswer(cfg channel.Config) (expected, channel.Diagnostics) {
	e := expected{
		path: cfg.Text("answer.path"), equals: cfg.Text("answer.equals"),
		reason: cfg.Text("answer.reason"), retry: cfg.List("answer.retry"), id: cfg.Text("answer.id"),
	}
	var ds channel.Diagnostics
	for i, status := range cfg.List("answer.done") {
		if !statusForm.MatchString(status) {
			ds = append(ds, channel.Wrong(fmt.Sprintf("answer.done[%d]", i),
				channel.Text{En: "Not a status", Ja: "ステータスではありません"},
				channel.Text{En: `write "200" or "2xx"`, Ja: "「200」か「2xx」の形で書きます"}))
		}
		e.done = append(e.done, status)
	}
	for name, path := range map[string]string{"answer.path": e.path, "answer.reason": e.reason, "answer.id": e.id} {
		if path != "" && !pathForm.MatchString(path) {
			ds = append(ds, channel.Wrong(name,
				channel.Text{En: "Not a place in JSON", Ja: "JSON の中の場所ではありません"},
				channel.Text{En: `write names joined by dots, "data.id"`, Ja: "名前を点でつないで「data.id」の形で書きます"}))
		}
	}
	if len(e.retry) > 0 && e.reason == "" {
		ds = append(ds, channel.Wrong("answer.retry",
			channel.Text{En: "Nothing to compare with", Ja: "比べる場所がありません"},
			channel.Text{En: "say with reason where the answer gives its reason", Ja: "理由が書かれている場所を reason で指定してください"}))
	}
	return e, ds
}
