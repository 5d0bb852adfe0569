package email

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"os"
	"regexp"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

	"github.com/seed-456efde2/nurture/plugins/channel"
)

// phase is how far a conversation got: what an error means depends on it.
type phase uint8

const (
	connecting phase = iota // no connection yet, or not signed in
	envelope                // MAIL, RCPT, DATA: nothing is sent yet
	content                 // the mail is on its way, its final dot is not
	final                   // the final dot may be out: only the server's answer counts
)

// conn is one connection to the server, signed in.
type conn struct {
	client *smtp.Client
	raw    net.Conn
	used   int       // mails carried
	since  time.Time // when it became idle
}

// dial connects and signs in. go-mail's Client serves for this only: it makes
// one connection and is forgotten.
func dial(ctx context.Context, s *settings) (*conn, error) {
	var raw net.Conn
	client, err := gomail.NewClient(s.host, clientOptions(s, func(ctx context.Context, network, addr string) (net.Conn, error) {
		var err error
		raw, err = s.transport(ctx, network, addr)
		if err != nil || s.tls != tlsFull {
			return raw, err
		}
		secured := tls.Client(raw, s.tlsConfig())
		return secured, secured.HandshakeContext(ctx)
	})...)
	if err != nil {
		return nil, fmt.Errorf("mail client: %w", err)
	}
	session, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		if raw != nil {
			_ = raw.Close()
		}
		return nil, err
	}
	return &conn{client: session, raw: raw}, nil
}

func clientOptions(s *settings, dialer gomail.DialContextFunc) []gomail.Option {
	helo := s.helo
	if helo == "" {
		if helo, _ = os.Hostname(); helo == "" {
			helo = "localhost"
		}
	}
	opts := []gomail.Option{
		gomail.WithPort(s.port), gomail.WithTimeout(s.patience), gomail.WithHELO(helo),
		gomail.WithTLSConfig(s.tlsConfig()), gomail.WithDialContextFunc(dialer), gomail.WithoutSMTPUTF8(),
	}
	switch s.tls {
	case tlsFull:
		opts = append(opts, gomail.WithSSL())
	case tlsNone:
		opts = append(opts, gomail.WithTLSPolicy(gomail.NoTLS))
	default:
		opts = append(opts, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if s.user == "" {
		return opts
	}
	mechanisms := []gomail.SMTPAuthType{
		gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin, gomail.SMTPAuthCramMD5,
	}
	if s.tls == tlsNone && s.plain {
		mechanisms = []gomail.SMTPAuthType{gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthPlainNoEnc, gomail.SMTPAuthLoginNoEnc}
	}
	return append(opts, gomail.WithUsername(s.user), gomail.WithPassword(s.password),
		gomail.WithOpportunisticSMTPAuth(mechanisms...))
}

// deliver carries one mail. Up to the final dot early bounds it, from there ctx.
// commit is asked right before the dot.
func (c *conn) deliver(ctx, early context.Context, m *message, commit func(context.Context) error) (phase, error) {
	c.used++
	release := c.bound(early)
	err := c.envelope(m)
	if err != nil {
		release()
		return envelope, err
	}
	w, err := c.client.Data()
	if err != nil {
		release()
		return envelope, err
	}
	// The dot writer sends the final dot when it is closed, and never else: on an
	// error it is left open and the connection is dropped.
	_, err = w.Write(m.raw)
	if err == nil {
		if err = commit(early); err != nil {
			err = errNotGranted
		}
	}
	release()
	if err == nil {
		err = early.Err() // the deadline may just be passing: not now, then
	}
	if err != nil {
		return content, err
	}
	defer c.bound(ctx)()
	err = w.Close()
	if code := replyCode(err); code/100 == 2 {
		err = nil // another yes than 250 is a yes
	}
	return final, err
}

var errNotGranted = errors.New("the host gave no leave to send")

func (c *conn) envelope(m *message) error {
	if err := c.client.Mail("<" + m.from + ">"); err != nil {
		return err
	}
	return c.client.Rcpt("<" + m.to + ">")
}

// longAgo is a deadline that has passed, whatever the clocks say.
var longAgo = time.Unix(1, 0)

// bound makes reads and writes on the connection end with ctx, until the
// function it returns is called. The machine's clock rules here, as it rules
// the context, and not the channel's.
func (c *conn) bound(ctx context.Context) func() {
	deadline, _ := ctx.Deadline() // zero: none
	_ = c.raw.SetDeadline(deadline)
	stop := context.AfterFunc(ctx, func() { _ = c.raw.SetDeadline(longAgo) })
	return func() { stop() }
}

// reusable reports whether the connection can carry another mail, after asking
// the server to forget a half-made one.
func (c *conn) reusable(ctx context.Context, at phase, err error) bool {
	if err == nil {
		return true
	}
	code := replyCode(err)
	if code == 0 || code == 421 || at == content {
		return false
	}
	if at == final {
		return true
	}
	defer c.bound(ctx)()
	return c.client.Reset() == nil
}

// alive asks the server whether it is still there.
func (c *conn) alive(ctx context.Context) bool {
	defer c.bound(ctx)()
	return c.client.Noop() == nil
}

// quit says good-bye, but waits for no answer worth mentioning.
func (c *conn) quit() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	defer c.bound(ctx)()
	_ = c.client.Quit()
	_ = c.raw.Close()
}

func (c *conn) drop() { _ = c.raw.Close() }

// lostConnection reports whether the server went away rather than said no.
func lostConnection(err error) bool {
	if code := replyCode(err); code != 0 {
		return code == 421
	}
	return errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) || isNetError(err)
}

func isNetError(err error) bool {
	var e net.Error
	return errors.As(err, &e) && !e.Timeout()
}

// replyCode is the code of the server's refusal, 0 where it refused nothing.
func replyCode(err error) int {
	var e *textproto.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return 0
}

// verdict is what an error at that point of the conversation means.
func verdict(at phase, err error) channel.Reply {
	code := replyCode(err)
	name := fmt.Sprintf("smtp_%d", code)
	switch {
	case at == connecting && (code >= 530 && code <= 538 || errors.Is(err, smtp.ErrUnencrypted)):
		return channel.Again(5*time.Minute, "smtp_auth", said(err))
	case errors.Is(err, errNotGranted):
		return channel.Again(0, "not_granted", err.Error())
	case at == connecting:
		// Not about this mail: nothing is refused for good.
		return channel.Again(0, "smtp_connect", said(err))
	case code >= 500:
		return channel.Refuse(name, said(err))
	case code >= 400:
		return channel.Again(0, name, said(err))
	case at == final:
		return channel.Uncertain("smtp_no_answer", "the connection ended after the mail was sent and before the server answered: "+said(err))
	}
	return channel.Again(0, "smtp_connection", said(err))
}

var address = regexp.MustCompile(`\S*@\S+`)

// said is what the server or the network said, on one line and without
// anybody's address.
func said(err error) string {
	text := err.Error()
	var e *textproto.Error
	if errors.As(err, &e) {
		text = e.Error()
	}
	return address.ReplaceAllString(strings.Join(strings.Fields(text), " "), "<address>")
}
