// Package email is the channel that sends mail over SMTP and reads what comes back.
// One action is one mail to one lead, from finished parts: to, subject, text, html,
// and where they are given reply_to, unsubscribe_url and token, the sealed text by
// which the mail is known when it comes back.
//
// What comes back is taken from a Maildir, over IMAP, or as it is posted over HTTP;
// package inbound says what it is, and it becomes a fact about the lead: email_bounced,
// email_complained, email_auto_replied, email_replied, email_delivered.
//
// What it promises: a mail is never sent twice. Until the final dot of the SMTP
// conversation a failure is certain and may be retried; from then on only the
// server's answer counts, and where it is missing the outcome is unknown.
package email

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"strconv"
	"strings"
	"sync"
	"time"

	gomail "github.com/wneessen/go-mail"

	"github.com/seed-456efde2/nurture/plugins/channel"
)

// Channel sends mail.
type Channel struct {
	now      func() time.Time
	settings settings
	pool     *pool
	close    sync.Once
}

// New makes an email channel; now is the clock that dates mails, nil the
// system's.
func New(now func() time.Time) *Channel {
	if now == nil {
		now = time.Now
	}
	return &Channel{now: now}
}

var (
	_ channel.Checker  = (*Channel)(nil)
	_ channel.Closer   = (*Channel)(nil)
	_ channel.Listener = (*Channel)(nil)
	_ channel.Receiver = (*Channel)(nil)
)

// settings are the config block, understood.
type settings struct {
	host      string
	port      int
	tls       string // tlsStart, tlsFull or tlsNone
	plain     bool   // the password may go over an open line
	roots     *x509.CertPool
	helo      string
	user      string
	password  string
	from      *mail.Address
	replyTo   *mail.Address
	bounces   *returnAddress // nil: bounces go to from
	replies   *returnAddress // nil: no token in the address for answers
	pictures  pictures
	intake    intake
	patience  time.Duration // for a conversation up to the final dot
	dkim      *signer
	provider  provider
	pool      poolLimits
	transport func(ctx context.Context, network, addr string) (net.Conn, error)
}

// How the line to the server is secured.
const (
	tlsStart = "starttls"
	tlsFull  = "tls"
	tlsNone  = "none"
)

// maxConnections bounds the connections to the server, and so the mails under
// way at the same time.
const maxConnections = 8

// Configure understands the settings. It connects to nobody.
func (c *Channel) Configure(_ context.Context, cfg channel.Config) error {
	s, ds := read(cfg)
	if ds.Failed() {
		return ds
	}
	c.settings = s
	c.pool = newPool(s.pool, c.now, func(ctx context.Context) (*conn, error) { return dial(ctx, &s) })
	if len(ds) > 0 {
		return ds
	}
	return nil
}

// Check connects, signs in and leaves.
func (c *Channel) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, c.settings.patience)
	defer cancel()
	conn, err := c.pool.get(ctx)
	if err != nil {
		reply := verdict(connecting, err)
		return channel.Diagnostics{channel.Wrong("host",
			channel.Text{En: "Mail server not usable", Ja: "メールサーバーを使えません"},
			channel.Text{En: reply.Code + ": " + reply.Detail})}
	}
	c.pool.put(conn, true)
	return nil
}

// Close lets go of all connections.
func (c *Channel) Close() error {
	if c.pool != nil {
		c.close.Do(c.pool.close)
	}
	return nil
}

// Do sends one mail.
func (c *Channel) Do(ctx context.Context, r channel.Request) (channel.Reply, error) {
	m, refused := c.compose(r)
	if refused != nil {
		return *refused, nil
	}
	phase, err := c.send(ctx, r, m)
	if err != nil {
		return verdict(phase, err), nil
	}
	return channel.Accepted(m.id), nil
}

// send carries the mail over a connection of the pool. A connection that has
// been used before may have been closed by the server meanwhile: then, and only
// before anything was said that counts, a new one is tried at once.
func (c *Channel) send(ctx context.Context, r channel.Request, m *message) (phase, error) {
	early, cancel := context.WithTimeout(ctx, c.settings.patience)
	defer cancel()
	for {
		conn, err := c.pool.get(early)
		if err != nil {
			return connecting, err
		}
		stale := conn.used > 0
		phase, err := conn.deliver(ctx, early, m, r.Commit)
		c.pool.put(conn, conn.reusable(early, phase, err))
		if err == nil || !stale || phase != envelope || !lostConnection(err) {
			return phase, err
		}
	}
}

func read(cfg channel.Config) (settings, channel.Diagnostics) {
	var ds channel.Diagnostics
	s := settings{
		helo: cfg.Text("helo"), user: cfg.Text("user"), password: cfg.Text("password"),
		patience: cfg.Duration("timeout"), plain: cfg.Flag("allow_plain"),
		pool: poolLimits{
			connections: int(cfg.Number("connections")),
			messages:    int(cfg.Number("messages_per_connection")),
			idle:        cfg.Duration("idle_timeout"),
		},
		transport: (&net.Dialer{}).DialContext,
	}
	ds = append(ds, s.readAddresses(cfg)...)
	ds = append(ds, s.readServer(cfg)...)
	ds = append(ds, s.readProvider(cfg)...)
	ds = append(ds, s.readDKIM(cfg)...)
	ds = append(ds, s.readReturns(cfg)...)
	ds = append(ds, s.readPictures(cfg)...)
	ds = append(ds, s.intake.read(cfg)...)
	if n := s.pool.connections; n < 1 || n > maxConnections {
		ds = append(ds, channel.Wrong("connections",
			channel.Text{En: "Out of range", Ja: "範囲外です"},
			channel.Text{
				En: fmt.Sprintf("connections must be 1 to %d", maxConnections),
				Ja: fmt.Sprintf("connections は 1 から %d までです", maxConnections),
			}))
	}
	if s.user == "" && s.password != "" && s.from != nil {
		s.user = s.from.Address
	}
	return s, ds
}

func (s *settings) readAddresses(cfg channel.Config) channel.Diagnostics {
	var ds channel.Diagnostics
	var err error
	if s.from, err = parseAddress(cfg.Text("from")); err != nil {
		ds = append(ds, badAddress("from", err))
	}
	if cfg.Has("reply_to") {
		if s.replyTo, err = parseAddress(cfg.Text("reply_to")); err != nil {
			ds = append(ds, badAddress("reply_to", err))
		}
	}
	return ds
}

func badAddress(path string, err error) channel.Diagnostic {
	return channel.Wrong(path,
		channel.Text{En: "Not a mail address", Ja: "メールアドレスではありません"},
		channel.Text{
			En: fmt.Sprintf(`%s: %v; write "name@example.com" or "Name <name@example.com>"`, path, err),
			Ja: fmt.Sprintf("%s には「name@example.com」か「名前 <name@example.com>」の形で書きます", path),
		})
}

func (s *settings) readServer(cfg channel.Config) channel.Diagnostics {
	var ds channel.Diagnostics
	host, port, err := net.SplitHostPort(cfg.Text("host"))
	if err != nil {
		host, port = cfg.Text("host"), "587"
	}
	s.host = host
	s.port, err = strconv.Atoi(port)
	if err != nil || s.port < 1 || s.port > 65535 || host == "" || strings.ContainsAny(host, " /@\r\n") {
		ds = append(ds, channel.Wrong("host",
			channel.Text{En: "Not a server", Ja: "サーバー名ではありません"},
			channel.Text{En: `write "smtp.example.com:587"`, Ja: "「smtp.example.com:587」の形で書きます"}))
	}
	s.tls = cfg.Text("tls")
	if s.tls == "" {
		s.tls = tlsStart
		if s.port == 465 {
			s.tls = tlsFull
		}
	}
	if s.tls == tlsNone && !s.plain && !isLoopback(host) {
		ds = append(ds, channel.Wrong("tls",
			channel.Text{En: "Open line to another machine", Ja: "暗号化なしで他のマシンにつなぐ設定です"},
			channel.Text{
				En: `tls = "none" is for this machine only; use "starttls" or "tls", or say allow_plain = true if the line is safe`,
				Ja: `tls = "none" はこのマシン宛てだけに使えます。"starttls" か "tls" にするか、安全な回線なら allow_plain = true と書きます`,
			}))
	}
	if pem := cfg.Text("ca"); pem != "" {
		s.roots = x509.NewCertPool()
		if !s.roots.AppendCertsFromPEM([]byte(pem)) {
			ds = append(ds, channel.Wrong("ca",
				channel.Text{En: "Not a certificate", Ja: "証明書ではありません"},
				channel.Text{En: "ca must hold certificates in PEM form", Ja: "ca には PEM 形式の証明書を書きます"}))
		}
	}
	return ds
}

// isLoopback judges by the name alone: what a name resolves to may change.
func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (s *settings) readDKIM(cfg channel.Config) channel.Diagnostics {
	if !cfg.Has("dkim") {
		return nil
	}
	key, err := gomail.PrivKeyFromPEM([]byte(cfg.Text("dkim.key")))
	if err != nil {
		return channel.Diagnostics{channel.Wrong("dkim.key",
			channel.Text{En: "Not a private key", Ja: "秘密鍵ではありません"},
			channel.Text{
				En: "dkim.key must hold an RSA or Ed25519 private key in PEM form",
				Ja: "dkim.key には PEM 形式の RSA か Ed25519 の秘密鍵を書きます",
			})}
	}
	s.dkim = &signer{domain: cfg.Text("dkim.domain"), selector: cfg.Text("dkim.selector"), key: key}
	if s.from == nil {
		return nil
	}
	if d := domainOf(s.from.Address); d != s.dkim.domain && !strings.HasSuffix(d, "."+s.dkim.domain) {
		return channel.Diagnostics{{
			Severity: channel.SeverityWarning, Path: "dkim.domain",
			Summary: channel.Text{En: "Signature of another domain", Ja: "差出人と別のドメインの署名です"},
			Detail: channel.Text{
				En: fmt.Sprintf("mails come from %s but are signed by %s: DMARC will not count the signature", d, s.dkim.domain),
				Ja: fmt.Sprintf("差出人は %s ですが署名は %s です。DMARC ではこの署名は数えられません", d, s.dkim.domain),
			},
		}}
	}
	return nil
}

func domainOf(address string) string {
	_, domain, _ := strings.Cut(address, "@")
	return strings.ToLower(domain)
}

// tlsConfig is the client's side of TLS.
func (s *settings) tlsConfig() *tls.Config {
	return &tls.Config{ServerName: s.host, RootCAs: s.roots, MinVersion: tls.VersionTLS12}
}

// parseAddress reads one address, with or without a name, whose domain may be
// written in any script. Its errors never quote it.
func parseAddress(text string) (*mail.Address, error) {
	if strings.ContainsAny(text, "\r\n\x00") {
		return nil, errors.New("it holds a line break")
	}
	a, err := mail.ParseAddress(text)
	if err != nil {
		a, err = plainNamed(text)
	}
	if err != nil {
		return nil, errors.New("it cannot be read as one mail address")
	}
	local, domain, _ := cutLast(a.Address, "@")
	if !isASCII(local) {
		return nil, errors.New("its part before the @ is not ASCII")
	}
	if domain, err = asciiDomain(domain); err != nil {
		return nil, errors.New("its domain cannot exist")
	}
	a.Address = local + "@" + domain
	return a, nil
}

// plainNamed reads `Emma Reyes, Harbor Ledger <emma@example.com>`: a name as people
// write it, which the standard wants in quotes. A name with an @ in it would be a
// list of addresses.
func plainNamed(text string) (*mail.Address, error) {
	name, rest, named := strings.Cut(text, "<")
	address, behind, closed := strings.Cut(rest, ">")
	if name = strings.TrimSpace(name); !named || !closed || name == "" || strings.TrimSpace(behind) != "" || strings.ContainsAny(name, `@"\`) {
		return nil, errors.New("no name before one address")
	}
	a, err := mail.ParseAddress(strings.TrimSpace(address))
	if err != nil || a.Name != "" {
		return nil, errors.New("no address behind the name")
	}
	a.Name = name
	return a, nil
}
